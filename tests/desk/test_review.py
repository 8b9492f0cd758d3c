"""What reviewers do, by the services: each rule, its refusal, and what it writes down."""

from datetime import timedelta

import pytest

from numbers.desk import order_version
from numbers.desk.review import decision, messages, verdicts
from numbers.models import Document, DocumentType, OrderRequirement, Submission
from numbers.orders.conversation import answer
from portal.jobs.models import Job
from projects.models import AuditEntry
from tests.desk.conftest import LATER, NOW, look
from tests.support.people import actor, staff_actor
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db


def entries(action):
    return AuditEntry.objects.filter(action=action)


def mails(name):
    return Job.objects.filter(kind=f"numbers.{name}_mail")


# -- accept -----------------------------------------------------------------------------------------------------------
def test_accepting_records_who_and_when(in_review, by, provisioner):
    order, address, _ = in_review
    look(address, by)
    verdicts.accept(submission=address, by=by, now=LATER)
    address.refresh_from_db()
    assert (address.verdict, address.decided_by, address.decided_at) == ("accepted", provisioner, LATER)
    entry = entries("document.accepted").get()
    assert (entry.project, entry.actor_kind, entry.actor_label, entry.actor_user) == (
        order.project,
        "staff",
        "Provisioning team",
        provisioner,
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
        verdicts.accept(submission=address, by=by, now=LATER)
    assert entries("document.accepted").count() == 1


def test_the_second_reviewer_learns_who_was_first(in_review, by, bob):
    _, address, _ = in_review
    verdicts.accept(unopened=True, submission=address, by=by, now=LATER)
    for act, extra in ((verdicts.accept, {}), (verdicts.reject, {"reason": "No."})):
        error = refused("document_decided", act, submission=address, by=staff_actor(bob), now=LATER, **extra)
        assert error.message == "Rita Reviewer accepted this document on 10 Mar, 11:00 UTC."
    assert Submission.objects.get(pk=address.pk).verdict == "accepted"


@pytest.mark.parametrize(
    "spoil", [{"withdrawn_at": NOW}, {"purged_at": NOW}, {"expires_on": NOW.date() - timedelta(days=1)}]
)
def test_what_no_longer_counts_cannot_be_accepted(in_review, by, spoil):
    _, address, _ = in_review
    Document.objects.filter(pk=address.document_id).update(**spoil)
    refused("document_unusable", verdicts.accept, submission=address, by=by, now=LATER)


def test_one_may_change_ones_mind_with_the_page_in_view(in_review, by, bob):
    order, address, _ = in_review
    verdicts.accept(unopened=True, submission=address, by=by, now=LATER)
    seen = str(order_version.current_version(order.pk))
    verdicts.reject(submission=address, reason="Other name.", by=staff_actor(bob), now=LATER, seen=seen)
    seen = str(order_version.current_version(order.pk))
    verdicts.accept(unopened=True, submission=address, by=staff_actor(bob), now=LATER, seen=seen)
    address.refresh_from_db()
    assert (address.verdict, address.reason) == ("accepted", "")
    order.refresh_from_db()
    assert order.status == "in_review"  # complete again


# -- refuse -----------------------------------------------------------------------------------------------------------
def test_a_rejected_document_sends_the_order_back_to_the_customer(in_review, by):
    order, address, _ = in_review
    late = order.expires_at - timedelta(days=2)
    verdicts.reject(submission=address, reason="It cannot be read.", by=by, now=late)
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
    verdicts.reject(submission=address, reason="No.", by=by, now=NOW)
    order.refresh_from_db()
    assert order.expires_at == before


def test_with_another_document_for_the_requirement_it_stays_in_review(in_review, by, submit):
    order, address, _ = in_review
    submit(order, "Proof of address")
    verdicts.reject(submission=address, reason="No.", by=by, now=LATER)
    order.refresh_from_db()
    assert order.status == "in_review"


def test_rejecting_before_all_is_there_requests_documents(order, submit, by):
    address = submit(order, "Proof of address")
    assert order.status == "ordered"
    late = NOW + timedelta(days=29)
    verdicts.reject(submission=address, reason="No.", by=by, now=late)
    order.refresh_from_db()
    assert (order.status, order.expires_at) == ("documents_requested", late + timedelta(days=15))


def test_rejecting_twice_mails_once(in_review, by):
    _, address, _ = in_review
    for _ in range(2):
        verdicts.reject(submission=address, reason="No.", by=by, now=LATER)
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
    for act, what in ((verdicts.reject, {"submission": address}), (decision.reject, {"order": order})):
        error = refused(code, act, reason=text, by=by, now=LATER, **what)
        assert (error.field, error.status) == ("reason", 422)
    order.refresh_from_db()
    assert order.status == "in_review"


# -- ask --------------------------------------------------------------------------------------------------------------
def test_a_question_leaves_the_order_in_review_and_is_open_until_answered(in_review, by, owner):
    order, _, _ = in_review
    messages.ask_customer(order=order, text="Who will use it?", by=by, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.submitted_at) == ("in_review", NOW)
    assert order.messages.get().kind == "question"
    assert entries("order.question_asked").get().subject == order.number.e164
    assert mails("documents_asked").count() == 1
    answer(order=order, text="Our support team.", by=actor(owner), now=LATER)
    order.refresh_from_db()
    assert order.status == "in_review"


def test_requesting_one_more_document_sends_the_order_back_to_the_customer(in_review, by, provisioner, submit):
    order, _, _ = in_review
    types = [DocumentType.objects.get(code="utility_bill")]
    late = NOW + timedelta(days=29)
    messages.ask_customer(order=order, text="y" * 400, title="Lease contract", document_types=types, by=by, now=late)
    order.refresh_from_db()
    line = order.requirements.get(title="Lease contract")
    assert (order.status, order.submitted_at) == ("documents_requested", None)
    assert order.expires_at == late + timedelta(days=15)
    assert (line.requested_by, line.position, line.requirement, list(line.document_types.all())) == (
        provisioner,
        3,
        None,
        types,
    )
    assert len(line.explanation) == 300
    assert entries("order.documents_asked").get().data["line"] == "Lease contract"
    submit(order, "Lease contract", now=late + timedelta(days=1))
    assert order.status == "in_review"


def test_requesting_twice_requests_once(in_review, by):
    order, _, _ = in_review
    types = [DocumentType.objects.get(code="utility_bill")]
    for _ in range(2):
        messages.ask_customer(order=order, text="More.", title="Lease", document_types=types, by=by, now=LATER)
    assert order.messages.count() == OrderRequirement.objects.filter(title="Lease").count() == 1
    assert mails("documents_asked").count() == 1


def test_a_question_to_a_new_order_changes_no_status(order, by):
    messages.ask_customer(order=order, text="Who?", by=by, now=LATER)
    order.refresh_from_db()
    assert order.status == "ordered"


def test_half_a_request_is_refused(in_review, by):
    order, _, _ = in_review
    kind = DocumentType.objects.first()
    error = refused(
        "text_missing", messages.ask_customer, order=order, text="x", document_types=[kind], by=by, now=LATER
    )
    assert error.field == "title"
    error = refused("document_types_missing", messages.ask_customer, order=order, text="x", title="L", by=by, now=LATER)
    assert error.field == "document_types"
    error = refused("text_missing", messages.ask_customer, order=order, text="", by=by, now=LATER)
    assert error.field == "text"
    assert not order.messages.exists()
