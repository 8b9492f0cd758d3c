"""What was decided on an outdated page is not done; notes, and who has an order."""

import pytest
from django.contrib.admin.models import LogEntry

from numbers.desk import order_version
from numbers.desk.review import assignment, decision, messages, verdicts
from numbers.models import Document, DocumentType, Order
from numbers.orders.conversation import answer
from portal.jobs.models import Job
from projects.models import AuditEntry
from tests.desk.conftest import LATER, reviewer
from tests.support.people import actor, make_staff, make_user, staff_actor
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db


# -- an outdated page -------------------------------------------------------------------------------------------------
def test_a_decision_on_an_outdated_page_is_refused_and_says_what_changed(in_review, by, bob):
    order, address, register = in_review
    seen = str(order_version.current_version(order.pk))
    verdicts.reject(submission=address, reason="No.", by=staff_actor(bob), now=LATER)
    messages.add_note(order=order, text="I called them.", by=staff_actor(bob), now=LATER)
    calls = [
        (verdicts.accept, {"submission": register}), (verdicts.reject, {"submission": register, "reason": "x"}),
        (messages.ask_customer, {"order": order, "text": "x"}), (decision.approve, {"order": order}),
        (decision.reject, {"order": order, "reason": "x"}),
    ]  # fmt: skip
    for act, what in calls:
        error = refused("page_outdated", act, by=by, now=LATER, seen=seen, **what)
        assert "The order is now “Documents requested”." in error.message
        assert "Bob Brown rejected “My Proof of address” at 10 Mar, 11:00 UTC." in error.message
        assert "Bob Brown noted: “I called them.”" in error.message
    verdicts.accept(
        unopened=True, submission=register, by=by, now=LATER, seen=str(order_version.current_version(order.pk))
    )


def test_each_kind_of_change_makes_a_page_outdated(in_review, by, bob, owner, submit):
    order, address, _ = in_review
    kind = DocumentType.objects.first()
    other = staff_actor(bob)
    acts = [
        (lambda: submit(order, "Proof of address", now=LATER, name="Second bill"), "“Second bill” was submitted"),
        (lambda: answer(order=order, text="Hello?", by=actor(owner), now=LATER), "The customer answered: “Hello?”"),
        (lambda: messages.ask_customer(order=order, text="Why?", by=other, now=LATER), "Bob Brown asked the customer"),
        (lambda: verdicts.accept(unopened=True, submission=address, by=other, now=LATER),
         "Bob Brown accepted “My Proof of address”"),
        (lambda: messages.ask_customer(order=order, text="More", title="Lease", document_types=[kind], by=other,
                                     now=LATER), "Bob Brown asked for “Lease”"),
        (lambda: Document.objects.filter(pk=address.document_id).update(withdrawn_at=LATER), "withdrew a document"),
    ]  # fmt: skip
    for act, words in acts:
        seen = order_version.current_version(order.pk)
        act()
        assert words in " ".join(order_version.changes_since(order, seen, order_version.current_version(order.pk)))
        refused("page_outdated", decision.reject, order=order, reason="x", by=by, now=LATER, seen=str(seen))


def test_what_one_did_oneself_does_not_make_a_page_outdated(in_review, by, bob, provisioner):
    """In another tab, for instance; what somebody else does besides still counts."""
    order, address, register = in_review
    seen = order_version.current_version(order.pk)
    verdicts.reject(submission=address, reason="No.", by=by, now=LATER)
    assert (
        order_version.changes_since(order, seen, order_version.current_version(order.pk), reviewer_id=provisioner.pk)
        == []
    )
    assert (
        len(order_version.changes_since(order, seen, order_version.current_version(order.pk), reviewer_id=bob.pk)) == 2
    )  # and the order's new status
    messages.add_note(order=order, text="Mine.", by=by, now=LATER, seen=str(seen))
    verdicts.accept(unopened=True, submission=register, by=by, now=LATER, seen=str(seen))
    error = refused("document_decided", verdicts.accept, submission=address, by=by, now=LATER, seen=str(seen))
    assert error.message.startswith("Rita Reviewer rejected this document")
    messages.add_note(order=order, text="His.", by=staff_actor(bob), now=LATER)
    refused("page_outdated", decision.reject, order=order, reason="x", by=by, now=LATER, seen=str(seen))


def test_ones_own_approval_is_no_news_when_the_number_is_activated(in_review, by, provisioner, bob):
    order, address, register = in_review
    for each in (address, register):
        verdicts.accept(unopened=True, submission=each, by=by, now=LATER)
    seen = order_version.current_version(order.pk)
    decision.approve(order=order, by=by, now=LATER)
    now = order_version.current_version(order.pk)
    assert order_version.changes_since(order, seen, now, reviewer_id=provisioner.pk) == []
    assert order_version.changes_since(order, seen, now, reviewer_id=bob.pk) == ["The order is now “Approved”."]


@pytest.mark.parametrize("seen", ["none", "x", "in_review", "in_review.1.2.3", "\x00", "in_review" + ".9" * 400])
def test_a_mark_that_makes_no_sense_is_an_outdated_page(in_review, by, seen):
    order, _, _ = in_review
    refused("page_outdated", decision.approve, order=order, by=by, now=LATER, seen=seen)


# -- notes and who has it ---------------------------------------------------------------------------------------------
def test_a_note_is_for_colleagues_only(in_review, by):
    order, _, _ = in_review
    before = AuditEntry.objects.count()
    for _ in range(2):
        messages.add_note(order=order, text="Suspicious.\r\nCheck twice.", by=by, now=LATER)
    assert [(each.kind, each.text) for each in order.messages.all()] == [("note", "Suspicious.\nCheck twice.")]
    assert AuditEntry.objects.count() == before
    assert not Job.objects.filter(kind__contains="asked").exists()


def test_assigning_and_unassigning(in_review, by, provisioner, bob):
    order, _, _ = in_review
    assignment.assign(order=order, to=bob, by=by, now=LATER)
    order.refresh_from_db()
    assert (order.assigned_to, order.assigned_at) == (bob, LATER)
    assignment.assign(order=order, to=None, by=by, now=LATER)
    order.refresh_from_db()
    assert (order.assigned_to, order.assigned_at) == (None, None)
    assert [each.change_message for each in LogEntry.objects.order_by("id")] == [
        "Assigned the order to Bob Brown.",
        "Put the order back to the queue.",
    ]
    assert not AuditEntry.objects.filter(action__contains="assign").exists()


def test_a_colleague_was_quicker(in_review, by, provisioner, bob):
    order, _, _ = in_review
    assignment.assign(order=order, to=bob, by=staff_actor(bob), now=LATER, expected_assignee=None)
    error = refused(
        "order_assigned", assignment.assign, order=order, to=provisioner, by=by, now=LATER, expected_assignee=None
    )
    assert error.message == "Bob Brown has been assigned this order since 10 Mar, 11:00 UTC."
    assignment.assign(
        order=order, to=provisioner, by=by, now=LATER, expected_assignee=bob.pk
    )  # taken over with open eyes
    assert Order.objects.get().assigned_to == provisioner


def test_only_reviewers_get_orders(in_review, by):
    order, _, _ = in_review
    gone = reviewer("Gone")
    gone.is_active = False
    for nobody in (make_user(), reviewer("Bill", team="Billing"), make_staff(), gone):
        refused("not_a_reviewer", assignment.assign, order=order, to=nobody, by=by, now=LATER)
