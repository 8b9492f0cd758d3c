"""From the approval to the active number."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.ledger import queries as ledger
from billing.ledger import services as money
from billing.ledger.models import Transfer
from numbers.compliance import approval, tasks
from numbers.console.overview.spend import month_spend
from numbers.models import Lease, LeaseCharge, Number, Order
from numbers.orders import activation
from portal.jobs import outbox
from portal.jobs.models import Job
from portal.shell import activity
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project
from tests.orders.conftest import NOW
from tests.orders.reviewed import add_requirement, in_review
from tests.support.inventory import make_number
from tests.support.people import make_staff, staff_actor
from tests.support.projects import fund
from tests.support.purchases import purchase_number
from tests.support.refusals import refusal, refused

LATER = datetime(2027, 8, 31, 23, 59, tzinfo=UTC)


@pytest.fixture
def reviewer(db):
    return staff_actor(make_staff())


@pytest.fixture
def order(project, by, regulated_number):
    return in_review(project, regulated_number.e164, by=by, now=NOW)


def approve(order, reviewer, now=LATER):
    return approval.approve(order=order, by=reviewer, now=now)


def run():
    """Like a worker that comes when the back-off is over."""
    Job.objects.filter(state="queued").update(run_at=datetime.now(UTC))
    outbox.run_due_jobs()


def break_number(order, status="withdrawn"):
    Number.objects.filter(pk=order.number_id).update(status=status)


def fail(order):
    """Lets the activation fail until no attempt is left."""
    break_number(order)
    for _ in range(Job.objects.get(kind=approval.KIND).max_attempts):
        run()
    return approval.activation_of(order)


class TestApprove:
    def test_commits_the_decision_and_charges_nothing_yet(self, order, reviewer, project):
        approved = approve(order, reviewer)
        assert (approved.status, approved.decided_by_id, approved.decided_at) == ("approved", reviewer.user_id, LATER)
        assert ledger.held(project.pk) == Decimal("7")
        assert not Lease.objects.exists()
        assert Job.objects.get(kind="numbers.provision").payload == {"order": order.pk}
        entry = AuditEntry.objects.get(action="order.approved")
        assert activity.line(entry).words == "approved the order of +44 20 7946 0100"
        assert activity.line(entry).who == "Provisioning team"

    def test_twice_is_once(self, order, reviewer):
        first = approve(order, reviewer)
        again = approve(order, reviewer, LATER + timedelta(seconds=1))
        assert again.decided_at == first.decided_at
        assert Job.objects.filter(kind=approval.KIND).count() == 1
        run()
        assert approve(order, reviewer).status == "active"
        assert AuditEntry.objects.filter(action="order.approved").count() == Lease.objects.count() == 1

    def test_names_the_requirements_that_are_not_accepted(self, order, reviewer):
        add_requirement(order, "Proof of address", verdict="accepted")
        add_requirement(order, "Passport")
        add_requirement(order, "Registration", verdict="rejected", reason="Unreadable")
        error = refusal(approve, order, reviewer)
        assert (error.code, error.extra["lines"]) == ("order_incomplete", ["Passport", "Registration"])
        assert "Passport, Registration" in error.message
        order.refresh_from_db()
        assert (order.status, Job.objects.filter(kind=approval.KIND).count()) == ("in_review", 0)

    def test_an_accepted_document_that_has_expired_since_is_not_enough(self, order, reviewer):
        document = add_requirement(order, "Passport", verdict="accepted").document
        document.expires_on = LATER.date() - timedelta(days=1)
        document.save()
        refused("order_incomplete", approve, order, reviewer)
        document.expires_on = LATER.date()
        document.save()
        assert approve(order, reviewer).status == "approved"

    @pytest.mark.parametrize("status", ["ordered", "documents_requested", "rejected", "cancelled", "expired"])
    def test_only_what_is_in_review(self, order, reviewer, status, spoiled):
        closed = NOW if status in ("rejected", "cancelled", "expired") else None
        Order.objects.filter(pk=order.pk).update(status=status, closed_at=closed)
        refused("order_status_changed", approve, order, reviewer)

    def test_not_in_an_archived_project(self, order, reviewer, project):
        Project.objects.filter(pk=project.pk).update(status="archived")
        refused("project_archived", approve, order, reviewer)


class TestActivation:
    def test_number_money_and_order_change_hands(self, order, reviewer, project, owner):
        approve(order, reviewer)
        lease = activation.activate(order_id=order.pk, now=LATER)
        order.refresh_from_db()
        assert (order.status, order.closed_at, order.number.status) == ("active", LATER, "leased")
        assert (lease.order, lease.number, lease.project) == (order, order.number, project)
        assert (lease.started_at, lease.anchor_day, str(lease.next_charge_on)) == (LATER, 31, "2027-09-30")
        assert (lease.setup_price, lease.monthly_price) == (Decimal("3"), Decimal("4"))
        assert (lease.next_period, lease.purchase_key, lease.bought_by) == (1, None, owner.email)
        charge = LeaseCharge.objects.get()
        assert (charge.lease_id, charge.period, charge.amount, str(charge.starts_on)) == (
            lease.pk,
            0,
            Decimal("4"),
            "2027-08-31",
        )
        assert (ledger.balance(project.pk), ledger.held(project.pk)) == (Decimal("3"), Decimal("0"))
        entry = AuditEntry.objects.get(action="order.activated")
        assert activity.line(entry).words == "activated +44 20 7946 0100"

    def test_a_purchase_books_the_same_but_from_the_wallet(self, order, reviewer, project, number, by):
        approve(order, reviewer)
        lease = activation.activate(order_id=order.pk, now=LATER)
        fund(project, "10")
        bought = purchase_number(project, number.e164, by=by, now=LATER)

        def booked(lease, e164):
            rows = Transfer.objects.filter(cause_kind="lease", cause_id=lease.pk).order_by("id")
            return [
                (row.key.replace(str(lease.pk), "…"), row.credit.kind, row.memo.replace(e164, "…"), row.occurred_at)
                for row in rows
            ]

        assert booked(lease, order.number.e164) == booked(bought, number.e164)
        assert {row.kind for row in Transfer.objects.filter(cause_id=lease.pk, cause_kind="lease")} == {"capture"}
        spent = month_spend(project, LATER.date())
        assert (spent.quantity, spent.setup, spent.monthly) == (2, Decimal("4"), Decimal("6.50"))

    @pytest.mark.parametrize(("setup", "monthly", "transfers"), [("0", "4", 1), ("3", "0", 1), ("0", "0", 0)])
    def test_what_costs_nothing_is_not_booked(self, project, by, reviewer, setup, monthly, transfers):
        free = make_number(
            "+442079460199",
            country="GB",
            docs_required=True,
            setup_price=Decimal(setup),
            monthly_price=Decimal(monthly),
        )
        approve(in_review(project, free.e164, by=by, now=NOW), reviewer)
        run()
        lease = Lease.objects.get()
        assert Transfer.objects.filter(cause_kind="lease", cause_id=lease.pk).count() == transfers
        assert (lease.order.status, ledger.held(project.pk)) == ("active", 0)

    def test_at_the_price_of_the_order(self, order, reviewer, regulated_number):
        approve(order, reviewer)
        Number.objects.filter(pk=regulated_number.pk).update(setup_price=90, monthly_price=90)
        run()
        assert Lease.objects.get().monthly_price == Decimal("4")

    def test_again_does_nothing(self, order, reviewer):
        approve(order, reviewer)
        assert activation.activate(order_id=order.pk, now=LATER) is not None
        assert activation.activate(order_id=order.pk, now=LATER) is None
        assert Lease.objects.count() == 1

    def test_an_archived_project_still_gets_what_was_approved(self, order, reviewer, project):
        approve(order, reviewer)
        Project.objects.filter(pk=project.pk).update(status="archived")
        run()
        assert Lease.objects.get().project == project

    @pytest.mark.parametrize("status", ["available", "withdrawn", "leased", "quarantined"])
    def test_a_number_that_is_not_reserved_changes_nothing(self, order, reviewer, status, spoiled, project):
        approve(order, reviewer)
        break_number(order, status)
        refused("handover_impossible", activation.activate, order_id=order.pk, now=LATER)
        order.refresh_from_db()
        assert (order.status, Lease.objects.count(), ledger.held(project.pk)) == ("approved", 0, Decimal("7"))

    def test_never_captures_what_is_held_for_another_order(self, order, reviewer, project, by, spoiled):
        """Enough is held in the project, but not for this order."""
        fund(project, "10")
        other = make_number("+442079460188", country="GB", docs_required=True, setup_price=5, monthly_price=5)
        in_review(project, other.e164, by=by, now=NOW)
        approve(order, reviewer)
        money.release(
            key=f"release:{order.pk}",
            project_id=project.pk,
            amount=order.total,
            occurred_at=NOW,
            memo="",
            cause=("order", order.pk),
        )
        refused("handover_impossible", activation.activate, order_id=order.pk, now=LATER)
        assert ledger.held(project.pk) == Decimal("10")


class TestMail:
    def test_tells_who_ordered_that_the_number_is_active(self, order, reviewer, project, owner, settings, mailoutbox):
        settings.SITE_URL = "https://portal.example"
        approve(order, reviewer)
        activation.activate(order_id=order.pk, now=LATER)
        outbox.run_due_jobs()
        mail = mailoutbox[-1]
        assert (mail.to, mail.subject) == ([owner.email], "+44 20 7946 0100 is active")
        lease = Lease.objects.get()
        for text in (mail.body, mail.alternatives[0].content):
            for words in (
                "3.00 USD",
                "4.00 USD",
                "7.00 USD",
                "30 September 2027",
                project.pid,
                f"https://portal.example/projects/{project.pid}/numbers/purchased/{lease.pk}/",
            ):
                assert words in text


class TestWhatStaffSee:
    def test_nothing_before_the_approval(self, order):
        assert approval.activation_of(order) == approval.Activation("none")

    def test_waiting_then_done(self, order, reviewer, django_assert_num_queries):
        order = approve(order, reviewer)
        with django_assert_num_queries(1):
            seen = approval.activation_of(order)
        assert (seen.waiting, seen.failed, seen.done, seen.attempts) == (True, False, False, 0)
        run()
        order.refresh_from_db()
        assert approval.activation_of(order).done

    def test_what_went_wrong_and_when_it_is_tried_again(self, order, reviewer):
        order = approve(order, reviewer)
        break_number(order)
        run()
        seen = approval.activation_of(order)
        assert (seen.stage, seen.attempts) == ("waiting", 1)
        assert "withdrawn, not held" in seen.last_error
        assert seen.next_try_at > datetime.now(UTC)
        break_number(order, "held")
        run()
        assert Lease.objects.count() == 1

    def test_failed_until_someone_tries_again(self, order, reviewer):
        order = approve(order, reviewer)
        seen = fail(order)
        assert (seen.failed, seen.attempts, seen.next_try_at) == (True, 12, None)
        assert Job.objects.get(kind=approval.KIND).state == "failed"
        break_number(order, "held")
        run()
        assert not Lease.objects.exists()
        approval.retry_activation(order=order, by=reviewer, now=NOW)
        assert approval.activation_of(order).waiting
        assert AuditEntry.objects.filter(action="order.handover_tried_again").count() == 1
        run()
        assert Lease.objects.count() == 1

    def test_try_again_is_harmless_while_it_waits_and_when_it_is_done(self, order, reviewer):
        order = approve(order, reviewer)
        for _ in range(2):
            approval.retry_activation(order=order, by=reviewer, now=NOW)
            assert Job.objects.filter(kind=approval.KIND).count() == 1
            run()
        assert Lease.objects.count() == 1
        assert not AuditEntry.objects.filter(action="order.handover_tried_again").exists()

    def test_try_again_needs_an_approval(self, order, reviewer):
        error = refusal(approval.retry_activation, order=order, by=reviewer, now=NOW)
        assert error.code == "order_status_changed"


class TestWithdrawApproval:
    def test_puts_it_back_where_it_stood_in_the_queue(self, order, reviewer):
        approve(order, reviewer)
        back = approval.withdraw_approval(order=order, by=reviewer, now=LATER)
        assert (back.status, back.decided_by_id, back.decided_at) == ("in_review", None, None)
        assert back.submitted_at == NOW
        run()
        assert not Lease.objects.exists()
        assert Job.objects.get(kind=approval.KIND).state == "done"

    @pytest.mark.parametrize("pause", [timedelta(0), timedelta(minutes=1)])
    @pytest.mark.parametrize("ran", [True, False], ids=["the first job ran", "the first job waits"])
    def test_then_it_can_be_approved_again(self, order, reviewer, pause, ran):
        approve(order, reviewer)
        approval.withdraw_approval(order=order, by=reviewer, now=LATER)
        if ran:
            run()
        approve(order, reviewer, LATER + pause)
        run()
        assert Lease.objects.get().order == order

    def test_not_what_was_activated(self, order, reviewer):
        approve(order, reviewer)
        run()
        error = refusal(approval.withdraw_approval, order=order, by=reviewer, now=LATER)
        assert (error.code, error.extra["now"]) == ("order_status_changed", "active")

    def test_twice_is_once(self, order, reviewer):
        approve(order, reviewer)
        for _ in range(2):
            assert approval.withdraw_approval(order=order, by=reviewer, now=LATER).status == "in_review"
        assert AuditEntry.objects.filter(action="order.approval_taken_back").count() == 1

    def test_a_failed_activation_no_longer_alarms(self, order, reviewer):
        order = approve(order, reviewer)
        fail(order)
        approval.withdraw_approval(order=order, by=reviewer, now=LATER)
        run()
        assert not Job.objects.filter(state="failed").exists()
        break_number(order, "held")


class TestNothingIsLost:
    def test_an_approved_order_without_its_job_gets_one(self, order, reviewer, caplog):
        approve(order, reviewer)
        Job.objects.filter(kind=approval.KIND).delete()
        tasks.resume_activations()
        assert "orders.handovers_resumed" in caplog.text
        run()
        assert Lease.objects.get().order == order

    def test_what_waits_or_failed_is_left_alone(self, order, reviewer):
        order = approve(order, reviewer)
        assert approval.resume_activations(now=LATER) == 0
        fail(order)
        assert approval.resume_activations(now=LATER) == 0
        assert approval.activation_of(order).failed
        break_number(order, "held")

    def test_active_orders_are_not_looked_at(self, order, reviewer, django_assert_num_queries):
        approve(order, reviewer)
        run()
        with django_assert_num_queries(1):
            assert approval.resume_activations(now=LATER) == 0

    def test_system_may_approve_too(self, order):
        """Whoever acts; rights are the desk's business."""
        assert approve(order, SYSTEM).decided_by_id is None
