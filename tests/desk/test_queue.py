"""The queue: which orders, in which order, what stands in a row, and what it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.desk.presenters import ReviewDeadline
from numbers.desk.review import assignment, decision, messages, verdicts
from numbers.models import Order
from numbers.orders.closing import cancel_order
from numbers.orders.conversation import answer
from portal.jobs.models import Job
from tests.desk.conftest import NOW
from tests.support.people import actor, make_user, staff_actor
from tests.support.projects import add_member, fund, make_project
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db
QUEUE = "/admin/numbers/order/"


@pytest.fixture
def ready(order_of, submit, project):
    """Makes an order that waits for review since some hours; the numbers count up."""
    made = []

    def make(hours=1.0, of=None):
        since = timezone.now() - timedelta(hours=hours)
        order = order_of(of or project, f"+4930555{len(made):02d}100", now=since)
        made.append(order)
        for title in ("Proof of address", "Company register"):
            submit(order, title, now=since)
        return order

    return make


def shown(client, **query):
    answer = client.get(QUEUE, query)
    assert answer.status_code == 200
    return [row.order.pk for row in answer.context["rows"]]


def tabs(client):
    return {tab["name"]: tab["count"] for tab in client.get(QUEUE).context["tabs"]}


def test_oldest_first_with_age_and_colour(desk, ready):
    new, old, late = ready(1), ready(20), ready(30)
    answer = desk.get(QUEUE)
    assert [row.order.pk for row in answer.context["rows"]] == [late.pk, old.pk, new.pk]
    page = answer.content.decode()
    for words in ("desk-tag-late", "Late by 6 h", "desk-tag-soon", "Due in 3 h", "desk-tag-good", "On time, 22 h"):
        assert words in page
    for words in ("+49 30 55500100", "Germany", "DID", "Harbour Voice", "Harbour Lights Ltd", "2 documents to check"):
        assert words in page


@pytest.mark.parametrize(
    ("hours", "level"), [(0, "good"), (11.99, "good"), (12, "soon"), (23.99, "soon"), (24, "late")]
)
def test_colours_follow_the_setting(hours, level, settings):
    settings.REVIEW_SLA_HOURS = 24
    assert ReviewDeadline(NOW, NOW + timedelta(hours=hours)).level == level
    settings.REVIEW_SLA_HOURS = 240
    assert ReviewDeadline(NOW, NOW + timedelta(hours=hours)).level == "good"


def test_each_order_is_under_one_heading(desk, ready, order_of, submit, project, owner, by):
    checked, asked, answered, approved, failed, cancelled = (ready() for _ in range(6))
    waiting = order_of(project, "+493055599100")
    messages.add_note(order=checked, text="A note opens no question.", by=by, now=timezone.now())
    for order in (asked, answered):
        messages.ask_customer(order=order, text="Who?", by=by, now=timezone.now())
    answer(order=answered, text="We.", by=actor(owner), now=timezone.now())
    for order in (approved, failed):
        for requirement in order.requirements.all():
            verdicts.accept(unopened=True, submission=requirement.submissions.get(), by=by, now=timezone.now())
        decision.approve(order=order, by=by, now=timezone.now())
    Job.objects.filter(payload__order=failed.pk, kind="numbers.provision").update(
        state="failed", last_error="OSError: gone"
    )
    cancel_order(order=cancelled, by=actor(owner), now=timezone.now())
    assert tabs(desk) == {"review": 2, "waiting": 2, "approved": 1, "failed": 1, "closed": None}
    assert set(shown(desk)) == {checked.pk, answered.pk}
    assert set(shown(desk, tab="waiting")) == {waiting.pk, asked.pk}
    assert shown(desk, tab="approved") == [approved.pk]
    assert shown(desk, tab="failed") == [failed.pk]
    assert shown(desk, tab="closed") == [cancelled.pk]
    page = desk.get(QUEUE, {"tab": "failed"}).content.decode()
    assert "Activation failed: needs you" in page
    assert "Question not yet answered" in desk.get(QUEUE, {"tab": "waiting"}).content.decode()


def test_the_headings_count_while_no_activation_has_failed(desk, ready):
    ready(1), ready(2)
    assert tabs(desk) == {"review": 2, "waiting": 0, "approved": 0, "failed": 0, "closed": None}


def test_documents_submitted_again_close_a_question(desk, ready, submit, by):
    order = ready()
    kind = order.requirements.first().document_types.first()
    now = timezone.now()
    messages.ask_customer(order=order, text="Lease?", title="Lease", document_types=[kind], by=by, now=now)
    assert shown(desk, tab="waiting") == [order.pk]
    submit(order, "Lease", now=now + timedelta(minutes=1))
    assert shown(desk) == [order.pk]


def test_filters(desk, ready, provisioner, bob, by, project):
    mine, his, free = ready(3), ready(2), ready(1)
    assignment.assign(order=mine, to=provisioner, by=by, now=NOW)
    assignment.assign(order=his, to=bob, by=by, now=NOW)
    type(his.number).objects.filter(pk=his.number_id).update(type="tollfree", country="FR")
    assert shown(desk, who="me") == [mine.pk]
    assert shown(desk, who="nobody") == [free.pk]
    assert shown(desk, who=bob.pk) == [his.pk]
    assert shown(desk, country="FR") == shown(desk, type="tollfree") == [his.pk]
    assert shown(desk, country="FR", who="me") == []
    assert b"No order matches" in desk.get(QUEUE, {"country": "FR", "who": "me"}).content


def test_search(desk, ready, order_of, project, owner):
    other = make_project(make_user(email="nina@other.example"), name="Quiet Valley", credit="20")
    member = add_member(other, user=make_user(email="mo@members.example"))
    first, second = ready(), ready(of=other)
    for q in (
        "+49305550",
        "49 30 555 00 100",
        "030 555 00 100",
        "0049 30 55500100",
        "+49 (0)30 555 00 100",
        "\u202a+49\u00a030\u200b55500100\u202c",
        "tel:+49-30-555-00-100",
        project.pid,
        owner.email.upper(),
        "harbour",
    ):
        assert first.pk in shown(desk, q=q), q
    for q in (other.pid, "nina@other.example", member.email, "Quiet Va", "+493055501"):
        assert shown(desk, q=q) == [second.pk], q
    cancel_order(order=second, by=actor(other.created_by), now=NOW)
    assert shown(desk, q=other.pid) == [second.pk]  # a search looks everywhere
    assert shown(desk, q=other.pid, tab="review") == []


@pytest.mark.parametrize(
    "query",
    [
        {"q": "%' OR 1=1 --"},
        {"q": "x" * 5000},
        {"q": "@"},
        {"q": "+"},
        {"q": "9" * 40},
        {"page": "0"},
        {"page": "9" * 30},
        {"tab": "nothing"},
        {"who": "9" * 30},
        {"who": "-1"},
        {"country": "<b>"},
        {"type": "x"},
        {"page": "200"},
    ],
)
def test_odd_queries_do_no_harm(desk, ready, query):
    ready()
    answer = desk.get(QUEUE, query)
    assert answer.status_code == (422 if answer.context["form"].errors else 200)
    assert b"<b>" not in answer.content


def test_a_nul_is_refused(desk):
    assert desk.get(QUEUE + "?q=%00").status_code == 400


def test_a_long_queue_has_pages(desk, ready, monkeypatch):
    monkeypatch.setattr("numbers.desk.queue.PER_PAGE", 2)
    orders = [ready(hours) for hours in (5, 4, 3)]
    first = desk.get(QUEUE)
    assert [row.order.pk for row in first.context["rows"]] == [orders[0].pk, orders[1].pk]
    assert shown(desk, page=2) == [orders[2].pk]
    assert first.context["older"] == "?page=2"
    assert desk.get(QUEUE, {"page": 2}).context["newer"] == "?page=1"


def test_the_queue_costs_the_same_however_long_it_is(desk, ready, project):
    fund(project, "500")
    ready()
    desk.get(QUEUE)

    def cost():
        return query_count(desk, QUEUE)

    one = cost()
    for _ in range(9):
        ready()
    assert cost() == one
    assert one <= 20


def test_assigning_rows(desk, ready, provisioner, bob, by, project):
    one, two, his = ready(3), ready(2), ready(1)
    assignment.assign(order=his, to=bob, by=staff_actor(bob), now=NOW)
    take = reverse("admin:desk_take_selected")
    answer = desk.post(take + "?country=DE", {"one": one.pk})
    assert answer.url == QUEUE + "?country=DE"
    assert Order.objects.get(pk=one.pk).assigned_to == provisioner
    page = desk.post(take, {"order": [one.pk, two.pk, his.pk, "x", "9" * 30]}, follow=True).content.decode()
    assert "2 orders are assigned to you." in page
    assert "Bob Brown has been assigned this order since" in page
    assert set(Order.objects.filter(assigned_to=provisioner)) == {one, two}
    assert Order.objects.get(pk=his.pk).assigned_to == bob
    assert "Choose at least one order." in desk.post(take, {}, follow=True).content.decode()


def test_empty_headings_say_what_it_means(desk):
    assert b"Nothing is waiting for review" in desk.get(QUEUE).content
    assert b"Every activation succeeded" in desk.get(QUEUE, {"tab": "failed"}).content
