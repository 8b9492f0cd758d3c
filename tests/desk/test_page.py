"""The page of an order and what is done from it, by the front door."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.desk import order_version, review
from numbers.models import DocumentType, Order, Submission
from portal.jobs.models import Job
from tests.desk.conftest import LATER, look, staff
from tests.support.pages import html
from tests.support.people import browser_of
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db


def address_of(order):
    return reverse("admin:numbers_order_change", args=[order.pk])


@pytest.fixture
def do(desk, in_review):
    """``do("accept", submission=…)`` with the mark of the page as it is now."""
    order, *_ = in_review

    def send(deed, seen=None, client=desk, **fields):
        fields = {"seen": str(order_version.mark(order.pk)) if seen is None else seen} | fields
        return client.post(reverse("admin:desk_do", args=[order.pk, deed]), fields)

    return send


def test_all_that_a_reviewer_needs_is_there(desk, in_review, by, owner):
    order, *_ = in_review
    review.note(order=order, text="Looks fine so far.", by=by, now=timezone.now())
    review.ask_for_more(order=order, text="Who will <b>use</b> it?", by=by, now=LATER)
    page = html(desk.get(address_of(order)))
    for words in (
        "+49 30 55500100", "Germany, Berlin", "DID", "for a business", "In review",
        "Proof of address", "Bank statement, Utility bill", "An address in Berlin", "Company register",
        "My Proof of address", "2 pages", "Harbour Voice", order.project.pid, "Olga Owner", "Harbour Lights Ltd",
        owner.email, "43.00 USD", "7.00 USD held for orders", "0 orders, 0 documents",
        "Looks fine so far.", "Who will &lt;b&gt;use&lt;/b&gt; it?", "Not yet answered", "ordered the number",
        "Still to be accepted: Proof of address, Company register.",
    ):  # fmt: skip
        assert words in page, words
    assert 'disabled aria-describedby="why-not"' in page


def test_the_whole_review(do, desk, in_review, rita):
    order, address, register = in_review
    for each in (address, register):
        assert desk.get(reverse("admin:desk_download", args=[order.pk, each.pk])).status_code == 200
    answer = do("accept", submission=address.pk, view=address.pk, page=2)
    assert answer.url == f"{address_of(order)}?view={address.pk}&page=2#document-{register.pk}"
    assert do("accept", submission=register.pk).url == address_of(order) + "#decide"
    page = html(desk.get(address_of(order)))
    assert "disabled" not in page
    assert do("approve").status_code == 302
    order.refresh_from_db()
    assert (order.status, order.decided_by) == ("approved", rita)
    assert "The number is being activated" in html(desk.get(address_of(order)))


def accept_forms(page):
    """Of the first document: whether the plain form is shown, and whether the one that asks for the word is there."""
    article = page.partition('<article class="desk-document')[2].partition("</article>")[0]
    plain = re.search(r"data-accept( hidden)?>", article)
    return plain is not None and plain[1] is None, "data-accept-unopened" in article


def test_what_nobody_has_opened_is_accepted_by_two_steps(do, desk, in_review, by):
    order, address, _ = in_review
    assert accept_forms(html(desk.get(address_of(order)))) == (False, True)
    page = html(do("accept", submission=address.pk), 409)
    assert "Nobody has opened “My Proof of address” yet." in page
    assert "data-accept-unopened open" in page
    assert 'name="unopened"' in page
    assert Submission.objects.get(pk=address.pk).verdict == "pending"
    assert do("accept", submission=address.pk, unopened="on").status_code == 302
    page = html(desk.get(address_of(order)))
    assert "accepted “My Proof of address” for Proof of address without anyone having opened it" in page


def test_what_somebody_has_opened_is_accepted_at_once(do, desk, in_review, bob):
    order, address, _ = in_review
    look(address, staff(bob))
    assert accept_forms(html(desk.get(address_of(order)))) == (True, False)
    assert do("accept", submission=address.pk).status_code == 302


def test_what_is_being_opened_without_scripts_is_accepted_at_once(desk, in_review):
    order, address, _ = in_review
    assert accept_forms(html(desk.get(address_of(order), {"view": address.pk})))[0]


def test_approve_is_refused_with_the_reason_when_forced(do):
    page = html(do("approve"), 409)
    assert "Not accepted yet: Proof of address, Company register." in page


def test_a_common_reason_and_own_words_become_one(do, in_review):
    _, address, _ = in_review
    common = "The document cannot be read. Please upload a sharper scan or photo."
    assert do("refuse", submission=address.pk, common=common, reason="Page 2 is black.").status_code == 302
    address.refresh_from_db()
    assert (address.verdict, address.reason) == ("rejected", f"{common} Page 2 is black.")


def test_a_refused_form_keeps_what_was_typed(do, in_review):
    _, address, _ = in_review
    page = html(do("refuse", submission=address.pk, reason=""), 422)
    assert "Enter a reason: the customer reads it and has to act on it." in page
    page = html(do("reject", reason="r" * 501), 422)
    assert "r" * 501 in page
    page = html(do("ask", text="Please send the lease.", title="Lease"), 422)
    assert "Please send the lease." in page
    assert 'value="Lease"' in page
    assert "Choose which types are accepted." in page
    assert page.count(" open>") == 1


def test_an_outdated_page_changes_nothing_and_shows_what_happened(do, desk, in_review, bob):
    order, address, register = in_review
    seen = str(order_version.mark(order.pk))
    review.accept(unopened=True, submission=address, by=staff(bob), now=timezone.now())
    page = html(do("refuse", seen=seen, submission=register.pk, reason="It is blurred."), 409)
    assert "Nothing was changed because the page was out of date. Bob Brown accepted “My Proof of address”" in page
    assert "It is blurred." in page
    assert Submission.objects.get(pk=register.pk).verdict == "pending"
    fresh = str(order_version.mark(order.pk))
    assert f'name="seen" value="{fresh}"' in page  # the second try knows
    assert do("refuse", submission=register.pk, reason="It is blurred.").status_code == 302


@pytest.mark.parametrize("deed", ["accept", "refuse", "ask", "approve", "reject"])
def test_a_decision_without_a_mark_is_refused(do, in_review, deed):
    order, address, _ = in_review
    for seen in ("", "x"):
        page = html(do(deed, seen=seen, submission=address.pk, reason="x", text="x"), 409)
        assert "the page was out of date" in page
    assert Order.objects.get(pk=order.pk).status == "in_review"


def test_the_second_of_two_decisions_sees_what_happened_by_whom(do, in_review, bob):
    order, *_ = in_review
    seen = str(order_version.mark(order.pk))
    assert do("reject", seen=seen, reason="No.", client=browser_of(bob)).status_code == 302
    for deed in ("approve", "reject"):
        page = html(do(deed, seen=seen, reason="Also no."), 409)
        assert "Bob Brown rejected this order on" in page
    assert "Approve and activate" not in page


def test_questions_and_requests(do, in_review):
    order, *_ = in_review
    kind = DocumentType.objects.first()
    assert do("ask", text="Who will use it?").url == address_of(order) + "#conversation"
    order.refresh_from_db()
    assert order.status == "in_review"
    assert do("ask", text="The lease, please.", title="Lease", document_types=[kind.pk]).status_code == 302
    order.refresh_from_db()
    assert order.status == "documents_requested"


def test_orders_change_hands(do, desk, in_review, rita, bob):
    order, *_ = in_review
    assert do("take").status_code == 302
    assert "Assigned to" in html(desk.get(address_of(order)))
    assert do("assign", to=bob.pk, held_by=rita.pk).status_code == 302
    assert Order.objects.get(pk=order.pk).assigned_to == bob
    assert "Bob Brown has been assigned this order since" in html(do("take"), 409)
    assert do("take", held_by=bob.pk).status_code == 302
    assert do("put-back", held_by=rita.pk).status_code == 302
    assert Order.objects.get(pk=order.pk).assigned_to is None
    assert html(do("assign", to=order.project.created_by_id), 422)  # a customer is no choice


def test_a_failed_handover_can_be_tried_again_or_taken_back(do, desk, in_review, by):
    order, address, register = in_review
    for each in (address, register):
        review.accept(unopened=True, submission=each, by=by, now=timezone.now())
    review.approve(order=order, by=by, now=timezone.now())
    job = Job.objects.filter(kind="numbers.provision")
    job.update(state="failed", attempts=12, last_error="OSError: <the> disk")
    page = html(desk.get(address_of(order)))
    assert "could not be activated after 12 attempts" in page
    assert "OSError: &lt;the&gt; disk" in page
    assert do("try-again").status_code == 302
    assert job.get().state == "queued"
    assert do("take-back").status_code == 302
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


def test_documents_of_other_orders_cannot_be_touched(desk, do, in_review, order_of, hand_in, project):
    order, *_ = in_review
    other = order_of(project, "+493055500200")
    foreign = hand_in(other, "Proof of address")
    assert "This order has no such document." in html(do("accept", submission=foreign.pk), 404)
    assert "This order has no such document." in html(do("refuse", submission=foreign.pk, reason="x"), 404)
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
    for deed in ("accept", "refuse"):
        assert do(deed, reason="x", **fields).status_code == 422


@pytest.mark.parametrize("words", ["a\x00b", "x" * 200_000, "a\x1bb"])
def test_hostile_words(do, in_review, words):
    order, address, _ = in_review
    fields = ("refuse", "reason"), ("reject", "reason"), ("ask", "text"), ("note", "text"), ("ask", "title")
    for deed, field in fields:
        assert do(deed, **{"submission": address.pk, "text": "x", field: words}).status_code == 422, (deed, field)
    assert Order.objects.get(pk=order.pk).status == "in_review"


def test_hostile_rest(desk, do, in_review):
    order, address, _ = in_review
    assert do("ask", text="x", title="x", document_types=["x", HUGE, "\x00"]).status_code == 422
    assert do("assign", to=HUGE).status_code == 422
    assert do("assign", to="x").status_code == 422
    assert do("nothing").status_code == 404
    assert do("take", held_by=HUGE).status_code == 422
    assert do("refuse", submission=address.pk, common="Because.").status_code == 422
    for pk in ("x", "1'--", "1_0"):
        assert desk.get(f"/admin/numbers/order/{pk}/change/").status_code == 404
    for pk in (0, 999_999, HUGE):
        assert desk.get(f"/admin/numbers/order/{pk}/change/").status_code == 404
        assert desk.post(f"/admin/numbers/order/{pk}/do/accept/").status_code == 404
        assert desk.post(f"/admin/numbers/order/{pk}/here/").status_code == 404
    for query in ({"view": HUGE}, {"view": "x", "page": "-3"}, {"view": address.pk, "page": HUGE}):
        assert desk.get(address_of(order), query).status_code == 200


def test_the_page_costs_the_same_however_much_is_on_it(desk, in_review, hand_in, by):
    order, *_ = in_review
    desk.get(address_of(order))

    def cost():
        return query_count(desk, address_of(order))

    few = cost()
    for n in range(6):
        hand_in(order, "Proof of address", name=f"Bill {n}")
        review.note(order=order, text=f"Note {n}", by=by, now=timezone.now())
    for submission in Submission.objects.filter(verdict="pending")[:4]:
        review.refuse_document(submission=submission, reason="No.", by=by, now=timezone.now())
    assert cost() == few
    assert few <= 45


def test_an_archived_project_cannot_get_a_number(desk, in_review, by, project):
    order, address, register = in_review
    for each in (address, register):
        review.accept(unopened=True, submission=each, by=by, now=timezone.now())
    type(project).objects.filter(pk=project.pk).update(status="archived")
    page = html(desk.get(address_of(order)))
    assert "Not possible: the project is archived." in page
    assert "disabled" in page


def test_earlier_rejections_are_seen(desk, in_review, order_of, hand_in, project, by):
    order, *_ = in_review
    earlier = order_of(project, "+493055500300")
    review.reject(order=earlier, reason="No.", by=by, now=timezone.now())
    page = html(desk.get(address_of(order)))
    assert "1 order, 0 documents" in page
    assert "+49 30 55500300" in page
