"""Small rules about money that cost it when they are wrong."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import money
from billing.ledger import queries, services
from billing.ledger.models import Transfer
from billing.payments import gateway as module
from billing.payments import reconcile
from billing.payments.models import TopUp
from billing.payments.services import sync
from tests.billing.conftest import intent_of
from tests.support.projects import fund, make_project

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("exact", "kept"),
    [
        ("0.0000005", "0.000001"),
        ("0.0000025", "0.000003"),
        ("0.0000024", "0.000002"),
        ("-0.0000025", "-0.000003"),
    ],
)
def test_amounts_are_rounded_half_up_to_six_places(exact, kept):
    assert money.money(exact) == Decimal(kept)


@pytest.mark.parametrize(
    ("exact", "cents"), [("1.001", "1.01"), ("1.00", "1.00"), ("1.009999", "1.01"), ("0.001", "0.01")]
)
def test_what_is_missing_is_rounded_up(exact, cents):
    assert money.ceil_to_cents(Decimal(exact)) == Decimal(cents)


@pytest.mark.django_db
def test_money_of_the_other_mode_is_no_money(settings):
    """An installation that was tried with play money begins at nothing."""
    project = make_project()
    settings.STRIPE_SECRET_KEY = "sk_test_play"
    common = {"project_id": project.pk, "occurred_at": NOW, "memo": "", "cause": ("order", 1)}
    fund(project, "50")
    services.hold(key="hold:1", amount=Decimal(7), **common)
    services.post(key="u", kind="usage", debit="wallet", credit="revenue_usage", amount=Decimal(2), **common)
    day = NOW.date()
    looks = {
        "balance": lambda: queries.balance(project.pk), "held": lambda: queries.held(project.pk),
        "used": lambda: queries.used_since(project.pk, NOW - timedelta(days=1)),
        "spent": lambda: queries.spend_by_day(project.pk, day, day)[0][1],
        "movements": lambda: len(queries.history(project.pk)[0]),
    }  # fmt: skip
    assert {name: look() for name, look in looks.items()} == {
        "balance": 41,
        "held": 7,
        "used": 2,
        "spent": 2,
        "movements": 3,
    }
    settings.STRIPE_SECRET_KEY = "sk_live_real"
    assert set({name: look() for name, look in looks.items()}.values()) == {0}
    assert sum(queries.balances(project.pk).values()) == 0


@pytest.mark.django_db
def test_what_was_spent_counts_on_its_day(settings):
    project, first = make_project(), date(2026, 11, 1)
    fund(project, "50")
    moments = [
        datetime(2026, 10, 31, 23, 59, 59, 999999, UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 11, 2, 23, 59, 59, 999999, UTC),
        datetime(2026, 11, 3, tzinfo=UTC),
    ]
    for n, moment in enumerate(moments):
        services.post(
            key=f"m{n}",
            kind="number_monthly",
            project_id=project.pk,
            debit="wallet",
            credit="revenue_monthly",
            amount=Decimal(n + 1),
            occurred_at=moment,
            memo="",
            cause=("lease", 1),
        )
    assert queries.spend_by_day(project.pk, first, date(2026, 11, 2)) == [(first, 2), (date(2026, 11, 2), 3)]
    assert queries.used_since(project.pk, moments[0]) == 0, "a month is not usage"


@pytest.mark.django_db
def test_a_payment_that_was_refunded_and_disputed_takes_back_no_more_than_it_gave(gateway, project, open_top_up):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    sync(top_up_id=top_up.pk, now=timezone.now())
    gateway.gateway.dispute(intent_of(gateway, top_up))
    gateway.gateway.create_refund({"payment_intent": intent_of(gateway, top_up), "amount": "3000"})
    sync(top_up_id=top_up.pk, now=timezone.now())
    top_up.refresh_from_db()
    assert (top_up.booked, top_up.reversed_amount, queries.balance(project.pk)) == (0, 50, 0)
    assert Transfer.objects.latest("id").memo.startswith("Payment refunded and disputed · R-")


class TestReconciliation:
    fetch = staticmethod(module.fetch)

    @pytest.fixture
    def asked(self, monkeypatch):
        """Sessions that the gateway was asked about, which it refuses each time."""
        asked = []

        def refuse(session_id):
            asked.append(session_id)
            raise module.GatewayRefused("no")

        monkeypatch.setattr(module, "fetch", refuse)
        return asked

    @pytest.mark.django_db
    def test_it_gives_up_after_three_failures_and_begins_with_the_others(self, gateway, open_top_up, asked):
        sessions = [open_top_up("50.00").session_id for _ in range(5)]
        later = timezone.now() + timedelta(minutes=2)
        reconcile.run(now=later)
        assert asked == sessions[:3]
        reconcile.run(now=later + timedelta(minutes=1))
        assert asked[3:] == [*sessions[3:], sessions[0]]

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("status", "looked_at"),
        [("open", True), ("processing", True), ("paid", False), ("expired", False), ("failed", False)],
    )
    def test_it_looks_at_what_may_still_change(self, status, looked_at, gateway, open_top_up, asked):
        top_up = open_top_up("50.00")
        TopUp.objects.update(status=status)
        reconcile.run(now=timezone.now() + timedelta(minutes=2))
        assert asked == ([top_up.session_id] if looked_at else [])

    @pytest.mark.django_db
    def test_failures_count_that_follow_each_other(self, gateway, open_top_up, asked, monkeypatch):
        sessions, fetch, refuse = [open_top_up("50.00").session_id for _ in range(6)], self.fetch, module.fetch
        monkeypatch.setattr(module, "fetch", lambda name: (fetch if name == sessions[2] else refuse)(name))
        assert reconcile.run(now=timezone.now() + timedelta(minutes=2)).top_ups == 1
        assert asked == sessions[:2] + sessions[3:]

    @pytest.mark.django_db
    def test_an_event_of_the_day_before_yesterday_is_fetched_too(self, gateway, open_top_up):
        gateway.gateway.pay(open_top_up("50.00").session_id)
        for event in gateway.deliveries.undelivered():
            event["created"] -= 2 * 86400
        assert reconcile.run(now=timezone.now()).events == len(gateway.deliveries.undelivered()) > 0
