"""Carry-over, review and activation: what counts for whom, on which day, and what is done again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from numbers.compliance import approval, carry_over
from numbers.desk import order_version
from numbers.desk.review import messages, verdicts
from numbers.models import Lease, Order, Submission
from numbers.orders.activation import activate
from portal.jobs.models import Job
from projects.actor import SYSTEM
from tests.orders.reviewed import add_requirement, in_review
from tests.support.documents import make_document
from tests.support.inventory import make_number
from tests.support.people import make_staff, staff_actor
from tests.support.purchases import order_number
from tests.support.refusals import refused
from tests.support.regulations import make_regulation

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 8, 31, 12, tzinfo=UTC)
FAR_EAST = timezone(timedelta(hours=14))


@pytest.fixture
def by():
    return staff_actor(make_staff())


@pytest.fixture
def reviewed(project):
    make_number("+12125550101", docs_required=True)
    return in_review(project, "+12125550101", by=SYSTEM, now=NOW)


def test_the_paid_month_begins_with_the_day_in_utc_wherever_the_clock_stands(reviewed, by):
    approval.approve(order=reviewed, by=by, now=NOW)
    # The 1st of September there is still the 31st of August.
    activate(order_id=reviewed.pk, now=datetime(2027, 9, 1, 3, tzinfo=FAR_EAST))
    lease = Lease.objects.get()
    assert (lease.anchor_day, str(lease.next_charge_on)) == (31, "2027-09-30")
    assert str(lease.charges.get().starts_on) == "2027-08-31"


def test_an_approval_whose_job_ended_without_activating_is_activated(reviewed, by):
    approval.approve(order=reviewed, by=by, now=NOW)
    Job.objects.filter(kind=approval.KIND).update(state="done", finished_at=NOW)
    assert approval.resume_activations(now=NOW) == 1
    assert Job.objects.get(kind=approval.KIND).state == "queued"
    assert approval.resume_activations(now=NOW) == 0


def test_a_hold_of_another_amount_is_not_the_orders(reviewed, by):
    approval.approve(order=reviewed, by=by, now=NOW)
    as_ordered = Order.objects.filter(pk=reviewed.pk)
    as_ordered.update(setup_price=reviewed.setup_price + 1)  # by hand
    refused("handover_impossible", activate, order_id=reviewed.pk, now=NOW)
    assert not Lease.objects.exists()
    as_ordered.update(setup_price=reviewed.setup_price)
    assert activate(order_id=reviewed.pk, now=NOW) == Lease.objects.get()


class TestWhatWasAccepted:
    """A document that was accepted once counts again, for its own project and as long as it is good."""

    @pytest.fixture
    def accepted(self, project):
        make_regulation("US", lines=["passport"])
        make_number("+12125550101", docs_required=True)
        order = order_number(project, "+12125550101", now=NOW, holder="business")
        document, requirement = make_document(project, "passport"), order.requirements.get()
        return Submission.objects.create(requirement=requirement, document=document, verdict="accepted", decided_at=NOW)

    def found(self, project, accepted):
        return carry_over.accepted_submissions(project.pk, [accepted.document.type_id], NOW.date())

    def test_of_this_project_only(self, project, accepted, other_project):
        assert self.found(project, accepted) == [accepted]
        assert self.found(other_project, accepted) == []

    @pytest.mark.parametrize(
        "spoiled", [{"withdrawn_at": NOW}, {"purged_at": NOW}, {"expires_on": NOW.date() - timedelta(days=1)}]
    )
    def test_while_it_is_good(self, project, accepted, spoiled):
        type(accepted.document).objects.update(**spoiled)
        assert self.found(project, accepted) == []

    @pytest.mark.parametrize("verdict", ["pending", "rejected"])
    def test_what_was_accepted_only(self, project, accepted, verdict):
        Submission.objects.update(verdict=verdict, reason="Not readable" if verdict == "rejected" else "")
        assert self.found(project, accepted) == []

    @pytest.mark.parametrize(("holder", "counts"), [("business", 1), ("individual", 0)])
    def test_of_the_same_kind_of_holder(self, project, accepted, holder, counts):
        number = accepted.requirement.order.number
        proven = carry_over.proofs(
            self.found(project, accepted),
            number=number,
            type_ids=[accepted.document.type_id],
            scope="none",
            holder=holder,
        )
        assert len(proven) == counts

    def test_another_projects_passport_does_not_complete_an_order(self, accepted, other_project):
        make_number("+12125550102", docs_required=True)
        order = order_number(other_project, "+12125550102", now=NOW, holder="business")
        assert (order.status, Submission.objects.filter(requirement__order=order).count()) == ("ordered", 0)


class TestReview:
    def test_a_decision_that_was_made_anew_makes_the_page_outdated_though_the_counts_are_the_same(self, reviewed, by):
        submission = add_requirement(reviewed, "Bill", verdict="accepted", decided_at=NOW)
        seen = order_version.current_version(reviewed.pk)
        Submission.objects.filter(pk=submission.pk).update(decided_at=NOW + timedelta(microseconds=1))
        assert order_version.current_version(reviewed.pk) != seen

    @pytest.mark.parametrize("status", ["ordered", "documents_requested", "in_review"])
    def test_who_has_to_send_another_document_gets_half_of_an_orders_time(self, reviewed, by, settings, status):
        settings.ORDER_EXPIRY_DAYS = 30
        submission = add_requirement(reviewed, "Bill")
        since = NOW if status == "in_review" else None
        Order.objects.filter(pk=reviewed.pk).update(
            expires_at=NOW + timedelta(hours=1), status=status, submitted_at=since
        )
        verdicts.reject(submission=submission, reason="Not readable", by=by, now=NOW)
        reviewed.refresh_from_db()
        assert (reviewed.status, reviewed.expires_at) == ("documents_requested", NOW + timedelta(days=15))
        assert reviewed.submitted_at is None
        Order.objects.filter(pk=reviewed.pk).update(expires_at=NOW + timedelta(days=20))
        messages.ask_customer(order=reviewed, text="And?", by=by, now=NOW)
        reviewed.refresh_from_db()
        assert reviewed.expires_at == NOW + timedelta(days=20), "it never becomes less"
