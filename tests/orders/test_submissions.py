"""Submitting a document that was uploaded before."""

from datetime import timedelta

import pytest

from numbers.compliance import checklist
from numbers.compliance.submissions import submit_document
from numbers.models import Order, Submission
from numbers.orders.lifecycle import transition
from portal.core.errors import DomainError
from projects.models import AuditEntry, Project
from tests.orders.conftest import NOW
from tests.support.documents import make_document
from tests.support.projects import make_project
from tests.support.refusals import refused
from tests.support.regulations import make_regulation


@pytest.fixture
def order(order_of, berlin):
    make_regulation("DE", lines=["passport", {"types": ["utility_bill", "bank_statement"], "title": "Address"}])
    return order_of(berlin())


@pytest.fixture
def submit(order, by):
    def submit(document, title="Address"):
        return submit_document(
            order=order, requirement=order.requirements.get(title=title), document=document, by=by, now=NOW
        )

    return submit


def test_the_last_one_sends_the_order_to_review(project, order, submit):
    bill, passport = make_document(project, "utility_bill"), make_document(project, "passport")
    assert submit(bill).status == "ordered"
    assert submit(passport, "Passport").status == "in_review"
    assert Order.objects.get().submitted_at == NOW
    assert {(each.document, each.verdict, each.carried_over) for each in Submission.objects.all()} == {
        (bill, "pending", False),
        (passport, "pending", False),
    }
    entry = AuditEntry.objects.filter(action="document.handed_in").first()
    assert (entry.subject, entry.data["order"], entry.data["line"]) == (bill.name, str(order.ref), "Address")


def test_twice_is_once(project, order, submit):
    bill = make_document(project, "utility_bill")
    submit(bill)
    submit(bill)
    assert (Submission.objects.count(), AuditEntry.objects.filter(action="document.handed_in").count()) == (1, 1)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ({"expires_on": NOW.date() - timedelta(days=1)}, "has expired"),
        ({"withdrawn_at": NOW}, "withdrawn"),
        ({"purged_at": NOW}, "has expired"),
        ({"inspection": "pending"}, "still being checked"),
    ],
)
def test_a_document_that_is_not_good(project, order, submit, spoil, words):
    with pytest.raises(DomainError, match=words) as caught:
        submit(make_document(project, "utility_bill", **spoil))
    assert caught.value.code == "document_not_accepted"
    assert not Submission.objects.exists()


def test_a_document_of_another_type(project, order, submit):
    refused("document_not_accepted", submit, make_document(project, "passport"))


def test_a_document_that_was_rejected_here(project, order, submit):
    bill = make_document(project, "utility_bill")
    submit(bill)
    Submission.objects.update(verdict="rejected", reason="It cannot be read.")
    with pytest.raises(DomainError, match="It cannot be read") as caught:
        submit(bill)
    assert caught.value.code == "document_not_accepted"
    submit(make_document(project, "bank_statement"))
    assert Submission.objects.filter(verdict="pending").count() == 1


def test_a_requirement_that_is_met(project, order, submit):
    submit(make_document(project, "utility_bill"))
    refused("document_not_needed", submit, make_document(project, "bank_statement"))


@pytest.mark.parametrize("end", ["cancelled", "rejected", "expired"])
def test_an_order_that_ended(spoiled, project, order, submit, end):
    transition(order, end, now=NOW)
    refused("order_closed", submit, make_document(project, "utility_bill"))


def test_an_archived_project(project, order, submit):
    bill = make_document(project, "utility_bill")
    Project.objects.update(status="archived")
    refused("project_archived", submit, bill)


def test_someone_elses_document_or_requirement(project, order, submit, by, order_of, berlin):
    with pytest.raises(ValueError, match="belong"):
        submit(make_document(make_project(), "utility_bill"))
    other = order_of(berlin())
    with pytest.raises(ValueError, match="belong"):
        submit_document(
            order=other,
            requirement=order.requirements.first(),
            document=make_document(project, "passport"),
            by=by,
            now=NOW,
        )
    assert checklist.items(order, NOW.date())[0].missing == 1
