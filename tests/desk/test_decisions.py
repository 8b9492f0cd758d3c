"""Approving and rejecting an order, by the services."""

import pytest

from billing.ledger import queries as ledger
from numbers.compliance import approval
from numbers.desk.review import assignment, decision, messages, verdicts
from numbers.models import Number, Submission
from tests.desk.conftest import LATER, NOW
from tests.desk.test_review import entries, mails
from tests.support.people import staff_actor
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db


# -- the end ----------------------------------------------------------------------------------------------------------
def test_rejecting_releases_money_and_number_at_once(in_review, by, provisioner, project):
    order, _, _ = in_review
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (43, 7)
    decision.reject(order=order, reason="We could not verify you.", by=by, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.reason, order.closed_at) == ("rejected", "We could not verify you.", LATER)
    assert (order.decided_by, order.decided_at) == (provisioner, LATER)
    assert Number.objects.get(pk=order.number_id).status == "available"
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (50, 0)
    assert entries("order.rejected").get().actor_label == "Provisioning team"
    assert mails("order_rejected").count() == 1


def test_rejecting_twice_releases_once_and_the_other_learns_of_it(in_review, by, bob, project):
    order, _, _ = in_review
    for _ in range(2):
        decision.reject(order=order, reason="No.", by=by, now=LATER)
    error = refused("order_closed", decision.reject, order=order, reason="Never.", by=staff_actor(bob), now=LATER)
    assert error.message == "Rita Reviewer rejected this order on 10 Mar, 11:00 UTC: No."
    assert ledger.balance(project.pk) == 50
    assert mails("order_rejected").count() == 1


def test_approving_needs_every_requirement_accepted(in_review, by, bob, provisioner):
    order, address, register = in_review
    verdicts.accept(unopened=True, submission=address, by=by, now=LATER)
    error = refused("order_incomplete", decision.approve, order=order, by=by, now=LATER)
    assert error.extra["lines"] == ["Company register"]
    verdicts.accept(unopened=True, submission=register, by=by, now=LATER)
    for _ in range(2):
        decision.approve(order=order, by=by, now=LATER)
    order.refresh_from_db()
    assert (order.status, order.decided_by) == ("approved", provisioner)
    error = refused("order_closed", decision.reject, order=order, reason="No.", by=staff_actor(bob), now=LATER)
    assert error.message.startswith("Rita Reviewer approved this order on 10 Mar, 11:00 UTC")


@pytest.mark.parametrize("end", ["rejected", "cancelled", "expired", "approved"])
def test_nothing_is_decided_on_an_order_that_was_decided(in_review, by, bob, end):
    order, address, register = in_review
    if end == "approved":
        for each in (address, register):
            verdicts.accept(unopened=True, submission=each, by=by, now=NOW)
        approval.approve(order=order, by=by, now=NOW)
    else:
        from numbers.orders.closing import end as finish

        if end == "expired":
            verdicts.reject(submission=address, reason="No.", by=by, now=NOW)
        finish(order=order, to=end, by=by, now=NOW)
    other = {"by": staff_actor(bob), "now": LATER}
    third = Submission.objects.create(requirement=address.requirement, document=register.document)
    refused("order_closed", verdicts.accept, submission=third, **other)
    refused("order_closed", verdicts.reject, submission=third, reason="x", **other)
    refused("order_closed", messages.ask_customer, order=order, text="x", **other)
    refused("order_closed", decision.reject, order=order, reason="x", **other)
    if end != "approved":
        refused("order_closed", assignment.assign, order=order, to=bob, **other)
    messages.add_note(order=order, text="Told the customer.", **other)  # still possible
