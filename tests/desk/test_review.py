"""What reviewers do, by the services: each rule, its refusal, and what it writes down."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry

from billing.ledger import queries as ledger
from numbers.compliance import approval
from numbers.desk import order_version, review
from numbers.models import Document, DocumentType, Number, Order, OrderRequirement, Submission
from numbers.orders.conversation import answer
from portal.jobs.models import Job
from projects.models import AuditEntry
from tests.desk.conftest import LATER, NOW, look, reviewer, staff
from tests.support.people import actor, make_user
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db


def entries(action):
    return AuditEntry.objects.filter(action=action)


def mails(name):
    return Job.objects.filter(kind=f"numbers.{name}_mail")


# -- accept -----------------------------------------------------------------------------------------------------------
def test_accepting_says_who_and_when(in_review, by, rita):
    order, address, _ = in_review
    look(address, by)
    review.accept(submission=address, by=by, now=LATER)
    address.refresh_from_db()
    assert (address.verdict, address.decided_by, address.decided_at) == ("accepted", rita, LATER)
    entry = entries("document.accepted").get()
    assert (entry.project, entry.actor_kind, entry.actor_label, entry.actor_user) == (
        order.project,
        "staff",
        "Provisioning team",
        rita,
    )
    assert (entry.subject, entry.data["order"], entry.data["number"]) == (
        address.document.name,
        str(order.ref),
        order.number.e164,
    )


def test_a_double_click_accepts_once(in_review, by):
    _, address, _ = in_review
    look(address, by)
    for _ in range(2):
        review.accept(submission=address, by=by, now=LATER)
    assert entries("document.accepted").count() == 1


def test_the_second_reviewer_learns_who_was_first(in_review, by, bob):
    _, address, _ = in_review
    review.accept(unopened=True, submission=address, by=by, now=LATER)
    for act, extra in ((review.accept, {}), (review.refuse_document, {"reason": "No."})):
        error = refused("document_decided", act, submission=address, by=staff(bob), now=LATER, **extra)
        assert error.message == "Rita Reviewer accepted this document on 10 Mar, 11:00 UTC."
    assert Submission.objects.get(pk=address.pk).verdict == "accepted"


@pytest.mark.parametrize(
    "spoil", [{"withdrawn_at": NOW}, {"purged_at": NOW}, {"expires_on": NOW.date() - timedelta(days=1)}]
)
def test_what_no_longer_counts_cannot_be_accepted(in_review, by, spoil):
    _, address, _ = in_review
    Document.objects.filter(pk=address.document_id).update(**spoil)
    refused("document_unusable", review.accept, submission=address, by=by, now=LATER)


def test_one_may_change_ones_mind_with_the_page_in_view(in_review, by, bob):
    order, address, _ = in_review
    review.accept(unopened=True, submission=address, by=by, now=LATER)
    seen = str(order_version.mark(order.pk))
    review.refuse_document(submission=address, reason="Other name.", by=staff(bob), now=LATER, seen=seen)
    seen = str(order_version.mark(order.pk))
    review.accept(unopened=True, submission=address, by=staff(bob), now=LATER, seen=seen)
    address.refresh_from_db()
    assert (address.verdict, address.reason) == ("accepted", "")
    order.refresh_from_db()
    assert order.status == "in_review"  # complete again


# -- refuse -----------------------------------------------------------------------------------------------------------
def test_a_refused_document_sends_the_order_back_to_the_customer(in_review, by):
    order, address, _ = in_review
    late = order.expires_at - timedelta(days=2)
    review.refuse_document(submission=address, reason="It cannot be read.", by=by, now=late)
    order.refresh_from_db()
    address.refresh_from_db()
    assert (order.status, order.submitted_at) == ("documents_requested", None)
    assert (address.verdict, address.reason) == ("rejected", "It cannot be read.")
    assert order.expires_at == late + timedelta(days=15)  # half of ORDER_EXPIRY_DAYS
    assert entries("document.rejected").get().data["reason"] == "It cannot be read."
    assert mails("document_rejected").count() == 1


def test_time_for_the_customer_never_becomes_less(in_review, by):
    order, address, _ = in_review
    before = order.expires_at
    review.refuse_document(submission=address, reason="No.", by=by, now=NOW)
    order.refresh_from_db()
    assert order.expires_at == before


def test_with_another_document_for_the_line_it_stays_in_review(in_review, by, hand_in):
    order, address, _ = in_review
    hand_in(order, "Proof of address")
    review.refuse_document(submission=address, reason="No.", by=by, now=LATER)
    order.refresh_from_db()
    assert order.status == "in_review"


def test_refusing_before_all_is_there_asks_for_documents(order, hand_in, by):
    address = hand_in(order, "Proof of address")
    assert order.status == "ordered"
    late = NOW + timedelta(days=29)
    review.refuse_document(submission=address, reason="No.", by=by, now=late)
    order.refresh_from_db()
    assert (order.status, order.expires_at) == ("documents_requested", late + timedelta(days=15))


def test_refusing_twice_mails_once(in_review, by):
    _, address, _ = in_review
    for _ in range(2):
        review.refuse_document(submission=address, reason="No.", by=by, now=LATER)
    assert entries("document.rejected").count() == mails("document_rejected").count() == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_missing"),
        (" \n\t ", "text_missing"),
        ("x" * 501, "text_too_long"),
        ("a\x00b", "text_unreadable"),
        ("a\x1b[2Jb", "text_unreadable"),
        ("\ud800", "text_unreadable"),
    ],
)
def test_a_reason_is_needed_and_can_be_read(in_review, by, text, code):
    order, address, _ = in_review
    for act, what in ((review.refuse_document, {"submission": address}), (review.reject, {"order": order})):
        error = refused(code, act, reason=text, by=by, now=LATER, **what)
        assert (error.field, error.status) == ("reason", 422)
    order.refresh_from_db()
    assert order.status == "in_review"


# -- ask --------------------------------------------------------------------------------------------------------------
def test_a_question_leaves_the_order_in_review_and_is_open_until_answered(in_review, by, owner):
    order, _, _ = in_review
    review.ask_for_more(order=order, text="Who will use it?", by=by, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.submitted_at) == ("in_review", NOW)
    assert order.messages.get().kind == "question"
    assert entries("order.question_asked").get().subject == order.number.e164
    assert mails("documents_asked").count() == 1
    answer(order=order, text="Our support team.", by=actor(owner), now=LATER)
    order.refresh_from_db()
    assert order.status == "in_review"


def test_asking_for_one_more_document_gives_the_order_back(in_review, by, rita, hand_in):
    order, _, _ = in_review
    types = [DocumentType.objects.get(code="utility_bill")]
    late = NOW + timedelta(days=29)
    review.ask_for_more(order=order, text="y" * 400, title="Lease contract", document_types=types, by=by, now=late)
    order.refresh_from_db()
    line = order.requirements.get(title="Lease contract")
    assert (order.status, order.submitted_at) == ("documents_requested", None)
    assert order.expires_at == late + timedelta(days=15)
    assert (line.asked_by, line.position, line.requirement, list(line.document_types.all())) == (rita, 3, None, types)
    assert len(line.explanation) == 300
    assert entries("order.documents_asked").get().data["line"] == "Lease contract"
    hand_in(order, "Lease contract", now=late + timedelta(days=1))
    assert order.status == "in_review"


def test_asking_twice_asks_once(in_review, by):
    order, _, _ = in_review
    types = [DocumentType.objects.get(code="utility_bill")]
    for _ in range(2):
        review.ask_for_more(order=order, text="More.", title="Lease", document_types=types, by=by, now=LATER)
    assert order.messages.count() == OrderRequirement.objects.filter(title="Lease").count() == 1
    assert mails("documents_asked").count() == 1


def test_a_question_to_a_new_order_changes_no_status(order, by):
    review.ask_for_more(order=order, text="Who?", by=by, now=LATER)
    order.refresh_from_db()
    assert order.status == "ordered"


def test_half_a_request_is_refused(in_review, by):
    order, _, _ = in_review
    kind = DocumentType.objects.first()
    error = refused("text_missing", review.ask_for_more, order=order, text="x", document_types=[kind], by=by, now=LATER)
    assert error.field == "title"
    error = refused("document_types_missing", review.ask_for_more, order=order, text="x", title="L", by=by, now=LATER)
    assert error.field == "document_types"
    error = refused("text_missing", review.ask_for_more, order=order, text="", by=by, now=LATER)
    assert error.field == "text"
    assert not order.messages.exists()


# -- the end ----------------------------------------------------------------------------------------------------------
def test_rejecting_gives_money_and_number_back_at_once(in_review, by, rita, project):
    order, _, _ = in_review
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (43, 7)
    review.reject(order=order, reason="We could not verify you.", by=by, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.reason, order.closed_at) == ("rejected", "We could not verify you.", LATER)
    assert (order.decided_by, order.decided_at) == (rita, LATER)
    assert Number.objects.get(pk=order.number_id).status == "available"
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (50, 0)
    assert entries("order.rejected").get().actor_label == "Provisioning team"
    assert mails("order_rejected").count() == 1


def test_rejecting_twice_gives_back_once_and_the_other_learns_of_it(in_review, by, bob, project):
    order, _, _ = in_review
    for _ in range(2):
        review.reject(order=order, reason="No.", by=by, now=LATER)
    error = refused("order_closed", review.reject, order=order, reason="Never.", by=staff(bob), now=LATER)
    assert error.message == "Rita Reviewer rejected this order on 10 Mar, 11:00 UTC: No."
    assert ledger.balance(project.pk) == 50
    assert mails("order_rejected").count() == 1


def test_approving_needs_every_line_accepted(in_review, by, bob, rita):
    order, address, register = in_review
    review.accept(unopened=True, submission=address, by=by, now=LATER)
    error = refused("order_incomplete", review.approve, order=order, by=by, now=LATER)
    assert error.extra["lines"] == ["Company register"]
    review.accept(unopened=True, submission=register, by=by, now=LATER)
    for _ in range(2):
        review.approve(order=order, by=by, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.decided_by) == ("approved", rita)
    error = refused("order_closed", review.reject, order=order, reason="No.", by=staff(bob), now=LATER)
    assert error.message.startswith("Rita Reviewer approved this order on 10 Mar, 11:00 UTC")


@pytest.mark.parametrize("end", ["rejected", "cancelled", "expired", "approved"])
def test_nothing_is_decided_on_an_order_that_was_decided(in_review, by, bob, end):
    order, address, register = in_review
    if end == "approved":
        for each in (address, register):
            review.accept(unopened=True, submission=each, by=by, now=NOW)
        approval.approve(order=order, by=by, now=NOW)
    else:
        from numbers.orders.closing import end as finish

        if end == "expired":
            review.refuse_document(submission=address, reason="No.", by=by, now=NOW)
        finish(order=order, to=end, by=by, now=NOW)
    other = {"by": staff(bob), "now": LATER}
    third = Submission.objects.create(line=address.line, document=register.document)
    refused("order_closed", review.accept, submission=third, **other)
    refused("order_closed", review.refuse_document, submission=third, reason="x", **other)
    refused("order_closed", review.ask_for_more, order=order, text="x", **other)
    refused("order_closed", review.reject, order=order, reason="x", **other)
    if end != "approved":
        refused("order_closed", review.assign, order=order, to=bob, **other)
    review.note(order=order, text="Told the customer.", **other)  # still possible


# -- an outdated page -------------------------------------------------------------------------------------------------
def test_a_decision_on_an_outdated_page_is_refused_and_says_what_changed(in_review, by, bob):
    order, address, register = in_review
    seen = str(order_version.mark(order.pk))
    review.refuse_document(submission=address, reason="No.", by=staff(bob), now=LATER)
    review.note(order=order, text="I called them.", by=staff(bob), now=LATER)
    calls = [
        (review.accept, {"submission": register}), (review.refuse_document, {"submission": register, "reason": "x"}),
        (review.ask_for_more, {"order": order, "text": "x"}), (review.approve, {"order": order}),
        (review.reject, {"order": order, "reason": "x"}),
    ]  # fmt: skip
    for act, what in calls:
        error = refused("page_outdated", act, by=by, now=LATER, seen=seen, **what)
        assert "The order is now “Documents requested”." in error.message
        assert "Bob Brown rejected “My Proof of address” at 10 Mar, 11:00 UTC." in error.message
        assert "Bob Brown noted: “I called them.”" in error.message
    review.accept(unopened=True, submission=register, by=by, now=LATER, seen=str(order_version.mark(order.pk)))


def test_each_kind_of_change_makes_a_page_outdated(in_review, by, bob, owner, hand_in):
    order, address, _ = in_review
    kind = DocumentType.objects.first()
    other = staff(bob)
    acts = [
        (lambda: hand_in(order, "Proof of address", now=LATER, name="Second bill"), "“Second bill” was submitted"),
        (lambda: answer(order=order, text="Hello?", by=actor(owner), now=LATER), "The customer answered: “Hello?”"),
        (lambda: review.ask_for_more(order=order, text="Why?", by=other, now=LATER), "Bob Brown asked the customer"),
        (lambda: review.accept(unopened=True, submission=address, by=other, now=LATER),
         "Bob Brown accepted “My Proof of address”"),
        (lambda: review.ask_for_more(order=order, text="More", title="Lease", document_types=[kind], by=other,
                                     now=LATER), "Bob Brown asked for “Lease”"),
        (lambda: Document.objects.filter(pk=address.document_id).update(withdrawn_at=LATER), "withdrew a document"),
    ]  # fmt: skip
    for act, words in acts:
        seen = order_version.mark(order.pk)
        act()
        assert words in " ".join(order_version.since(order, seen, order_version.mark(order.pk)))
        refused("page_outdated", review.reject, order=order, reason="x", by=by, now=LATER, seen=str(seen))


def test_what_one_did_oneself_does_not_make_a_page_outdated(in_review, by, bob, rita):
    """In another tab, for instance; what somebody else does besides still counts."""
    order, address, register = in_review
    seen = order_version.mark(order.pk)
    review.refuse_document(submission=address, reason="No.", by=by, now=LATER)
    assert order_version.since(order, seen, order_version.mark(order.pk), besides=rita.pk) == []
    assert (
        len(order_version.since(order, seen, order_version.mark(order.pk), besides=bob.pk)) == 2
    )  # and the order's new status
    review.note(order=order, text="Mine.", by=by, now=LATER, seen=str(seen))
    review.accept(unopened=True, submission=register, by=by, now=LATER, seen=str(seen))
    error = refused("document_decided", review.accept, submission=address, by=by, now=LATER, seen=str(seen))
    assert error.message.startswith("Rita Reviewer rejected this document")
    review.note(order=order, text="His.", by=staff(bob), now=LATER)
    refused("page_outdated", review.reject, order=order, reason="x", by=by, now=LATER, seen=str(seen))


def test_ones_own_approval_is_no_news_when_the_number_is_handed_over(in_review, by, rita, bob):
    order, address, register = in_review
    for each in (address, register):
        review.accept(unopened=True, submission=each, by=by, now=LATER)
    seen = order_version.mark(order.pk)
    review.approve(order=order, by=by, now=LATER)
    now = order_version.mark(order.pk)
    assert order_version.since(order, seen, now, besides=rita.pk) == []
    assert order_version.since(order, seen, now, besides=bob.pk) == ["The order is now “Approved”."]


@pytest.mark.parametrize("seen", ["none", "x", "in_review", "in_review.1.2.3", "\x00", "in_review" + ".9" * 400])
def test_a_mark_that_makes_no_sense_is_an_outdated_page(in_review, by, seen):
    order, _, _ = in_review
    refused("page_outdated", review.approve, order=order, by=by, now=LATER, seen=seen)


# -- notes and who has it ---------------------------------------------------------------------------------------------
def test_a_note_is_for_colleagues_only(in_review, by):
    order, _, _ = in_review
    before = AuditEntry.objects.count()
    for _ in range(2):
        review.note(order=order, text="Suspicious.\r\nCheck twice.", by=by, now=LATER)
    assert [(each.kind, each.text) for each in order.messages.all()] == [("note", "Suspicious.\nCheck twice.")]
    assert AuditEntry.objects.count() == before
    assert not Job.objects.filter(kind__contains="asked").exists()


def test_assigning_and_putting_back(in_review, by, rita, bob):
    order, _, _ = in_review
    review.assign(order=order, to=bob, by=by, now=LATER)
    order.refresh_from_db()
    assert (order.assigned_to, order.assigned_at) == (bob, LATER)
    review.unassign(order=order, by=by, now=LATER)
    order.refresh_from_db()
    assert (order.assigned_to, order.assigned_at) == (None, None)
    assert [each.change_message for each in LogEntry.objects.order_by("id")] == [
        "Assigned the order to Bob Brown.",
        "Put the order back to the queue.",
    ]
    assert not AuditEntry.objects.filter(action__contains="assign").exists()


def test_a_colleague_was_quicker(in_review, by, rita, bob):
    order, _, _ = in_review
    review.assign(order=order, to=bob, by=staff(bob), now=LATER, held_by=None)
    error = refused("order_assigned", review.assign, order=order, to=rita, by=by, now=LATER, held_by=None)
    assert error.message == "Bob Brown has been assigned this order since 10 Mar, 11:00 UTC."
    review.assign(order=order, to=rita, by=by, now=LATER, held_by=bob.pk)  # taken over with open eyes
    assert Order.objects.get().assigned_to == rita


def test_only_reviewers_get_orders(in_review, by):
    order, _, _ = in_review
    gone = reviewer("Gone")
    gone.is_active = False
    for nobody in (make_user(), reviewer("Bill", team="Billing"), make_user(is_staff=True), gone):
        refused("not_a_reviewer", review.assign, order=order, to=nobody, by=by, now=LATER)
