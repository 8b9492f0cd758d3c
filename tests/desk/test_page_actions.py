"""What is done from the page of an order, and hostile forms."""

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.desk.review import decision, messages, verdicts
from numbers.models import DocumentType, Order, Submission
from portal.jobs.models import Job
from tests.desk.order_page import address_of
from tests.support.pages import html
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db


def test_questions_and_requests(do, in_review):
    order, *_ = in_review
    kind = DocumentType.objects.first()
    assert do("ask", text="Who will use it?").url == address_of(order) + "#conversation"
    order.refresh_from_db()
    assert order.status == "in_review"
    assert do("ask", text="The lease, please.", title="Lease", document_types=[kind.pk]).status_code == 302
    order.refresh_from_db()
    assert order.status == "documents_requested"


def test_orders_change_hands(do, desk, in_review, provisioner, bob):
    order, *_ = in_review
    assert do("take").status_code == 302
    assert "Assigned to" in html(desk.get(address_of(order)))
    assert do("assign", to=bob.pk, assignee=provisioner.pk).status_code == 302
    assert Order.objects.get(pk=order.pk).assigned_to == bob
    assert "Bob Brown has been assigned this order since" in html(do("take"), 409)
    assert do("take", assignee=bob.pk).status_code == 302
    assert do("unassign", assignee=provisioner.pk).status_code == 302
    assert Order.objects.get(pk=order.pk).assigned_to is None
    assert html(do("assign", to=order.project.created_by_id), 422)  # a customer is no choice


def test_a_failed_activation_can_be_tried_again_or_the_approval_withdrawn(do, desk, in_review, by):
    order, address, register = in_review
    for each in (address, register):
        verdicts.accept(unopened=True, submission=each, by=by, now=timezone.now())
    decision.approve(order=order, by=by, now=timezone.now())
    job = Job.objects.filter(kind="numbers.provision")
    job.update(state="failed", attempts=12, last_error="OSError: <the> disk")
    page = html(desk.get(address_of(order)))
    assert "could not be activated after 12 attempts" in page
    assert "OSError: &lt;the&gt; disk" in page
    assert do("retry-activation").status_code == 302
    assert job.get().state == "queued"
    assert do("withdraw-approval").status_code == 302
    order.refresh_from_db()
    assert order.status == "in_review"
    assert "withdrew the approval" in html(desk.get(address_of(order)))


def test_notes_stay_inside(do, in_review, client, owner):
    from tests.support.people import sign_in

    order, *_ = in_review
    do("note", text="A very private remark.")
    customer = sign_in(client, owner)
    for path in (reverse("numbers:order", args=[order.project.pid, order.ref]), f"/projects/{order.project.pid}/"):
        assert "private remark" not in html(customer.get(path))


def test_documents_of_other_orders_cannot_be_touched(desk, do, in_review, order_of, submit, project):
    order, *_ = in_review
    other = order_of(project, "+493055500200")
    foreign = submit(other, "Proof of address")
    assert "This order has no such document." in html(do("accept", submission=foreign.pk), 404)
    assert "This order has no such document." in html(do("reject-document", submission=foreign.pk, reason="x"), 404)
    for name, args in (("picture", [1]), ("download", []), ("viewer", [])):
        assert desk.get(reverse(f"admin:desk_{name}", args=[order.pk, foreign.pk, *args])).status_code == 404
    assert "data-opened" not in html(desk.get(address_of(order), {"view": foreign.pk}))
    foreign.refresh_from_db()
    assert foreign.verdict == "pending"


HUGE = 10**30


@pytest.mark.parametrize(
    "fields",
    [{"submission": "x"}, {"submission": ""}, {"submission": str(HUGE)}, {"submission": "-1"}, {"submission": "\x00"}],
)
def test_hostile_ids(do, fields):
    for action in ("accept", "reject-document"):
        assert do(action, reason="x", **fields).status_code == 422


@pytest.mark.parametrize("words", ["a\x00b", "x" * 200_000, "a\x1bb"])
def test_hostile_words(do, in_review, words):
    order, address, _ = in_review
    fields = ("reject-document", "reason"), ("reject", "reason"), ("ask", "text"), ("note", "text"), ("ask", "title")
    for action, field in fields:
        assert do(action, **{"submission": address.pk, "text": "x", field: words}).status_code == 422, (action, field)
    assert Order.objects.get(pk=order.pk).status == "in_review"


def test_hostile_rest(desk, do, in_review):
    order, address, _ = in_review
    assert do("ask", text="x", title="x", document_types=["x", HUGE, "\x00"]).status_code == 422
    assert do("assign", to=HUGE).status_code == 422
    assert do("assign", to="x").status_code == 422
    assert do("nothing").status_code == 404
    assert do("take", assignee=HUGE).status_code == 422
    assert do("reject-document", submission=address.pk, common="Because.").status_code == 422
    for pk in ("x", "1'--", "1_0"):
        assert desk.get(f"/admin/numbers/order/{pk}/change/").status_code == 404
    for pk in (0, 999_999, HUGE):
        assert desk.get(f"/admin/numbers/order/{pk}/change/").status_code == 404
        assert desk.post(f"/admin/numbers/order/{pk}/accept/").status_code == 404
        assert desk.post(f"/admin/numbers/order/{pk}/here/").status_code == 404
    for query in ({"view": HUGE}, {"view": "x", "page": "-3"}, {"view": address.pk, "page": HUGE}):
        assert desk.get(address_of(order), query).status_code == 200


def test_the_page_costs_the_same_however_much_is_on_it(desk, in_review, submit, by):
    order, *_ = in_review
    desk.get(address_of(order))

    def cost():
        return query_count(desk, address_of(order))

    few = cost()
    for n in range(6):
        submit(order, "Proof of address", name=f"Bill {n}")
        messages.add_note(order=order, text=f"Note {n}", by=by, now=timezone.now())
    for submission in Submission.objects.filter(verdict="pending")[:4]:
        verdicts.reject(submission=submission, reason="No.", by=by, now=timezone.now())
    assert cost() == few
    assert few <= 45


def test_an_archived_project_cannot_get_a_number(desk, in_review, by, project):
    order, address, register = in_review
    for each in (address, register):
        verdicts.accept(unopened=True, submission=each, by=by, now=timezone.now())
    type(project).objects.filter(pk=project.pk).update(status="archived")
    page = html(desk.get(address_of(order)))
    assert "Not possible: the project is archived." in page
    assert "disabled" in page


def test_earlier_rejections_are_seen(desk, in_review, order_of, submit, project, by):
    order, *_ = in_review
    earlier = order_of(project, "+493055500300")
    decision.reject(order=earlier, reason="No.", by=by, now=timezone.now())
    page = html(desk.get(address_of(order)))
    assert "1 order, 0 documents" in page
    assert "+49 30 55500300" in page
