"""Which paid legs are offered, for how long, and who is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.models import CallPrice
from numbers.models import ProjectCallSettings
from numbers.routing import services, spend
from numbers.routing.route_settings import SecondStep, SipServer
from projects.actor import SYSTEM
from tests.carrier.switch import TARGET, ask
from tests.support.app_users import add_app_user
from tests.support.leases import DID, NOW, make_lease
from tests.support.prices import set_price
from tests.support.projects import charge_usage, make_project
from tests.support.routes import set_fallback

pytestmark = pytest.mark.django_db
WHO = {"by": SYSTEM, "now": NOW}


def limit(lease, **values):
    ProjectCallSettings.objects.update_or_create(project=lease.project, defaults=values)


def answer(secret, query=""):
    response = ask(DID + query, secret)
    return response.status_code, response.json().get("error", "")


def longest(secret):
    return ask(DID, secret).json()["limits"]["max_seconds"]


def test_a_phone_without_a_price_is_never_offered(switch, lease, route):
    CallPrice.objects.all().delete()
    set_price("US")
    assert answer(switch[1]) == (403, "no_price")
    set_price("GB", valid_from=timezone.now() + timedelta(hours=1))
    assert answer(switch[1]) == (403, "no_price"), "a price of tomorrow is none today"


def test_the_first_interval_must_be_paid(switch, lease, route):
    charge_usage(lease.project, "9.99")
    assert answer(switch[1]) == (402, "insufficient_credit")
    CallPrice.objects.update(price_per_minute="0.01")
    assert answer(switch[1]) == (200, "")
    CallPrice.objects.update(connection_fee="0.000001")
    assert answer(switch[1]) == (402, "insufficient_credit")
    charge_usage(lease.project, "5")
    CallPrice.objects.update(connection_fee=0, price_per_minute=0)
    assert answer(switch[1]) == (200, ""), "what costs nothing needs no credit"


@pytest.mark.parametrize(
    ("price", "intervals", "fee", "seconds"),
    [
        ("1", (60, 60), "0", 600),
        ("3", (60, 60), "0", 180),  # 10 / 3 = 3.33 minutes
        ("3", (30, 6), "0", 198),  # 30 s cost 1.5; the other 8.5 pay for 28 times 6 s
        ("3", (1, 1), "0", 200),
        ("1", (60, 60), "0.5", 540),
        ("0.01", (60, 60), "0", 14_400),
    ],
)
def test_a_call_may_last_as_long_as_the_credit_pays_for(switch, lease, route, price, intervals, fee, seconds):
    first, following = intervals
    CallPrice.objects.update(price_per_minute=price, first_interval=first, next_interval=following, connection_fee=fee)
    limit(lease, dearest_price=5)
    assert longest(switch[1]) == seconds


def test_the_dearest_leg_decides(switch, lease, route):
    set_price("DE", "2")
    limit(lease, dearest_price=5)
    set_fallback(lease=lease, step=SecondStep(pstn="+493012345678"), **WHO)
    assert longest(switch[1]) == 300


def test_the_longest_call_and_the_channels_are_settings(switch, lease, route, settings):
    settings.CALL_MAX_SECONDS, settings.CALL_CHANNELS = 600, 3
    assert ask(DID, switch[1]).json()["limits"] == {"channels": 3, "max_seconds": 600}
    limit(lease, channels=7)
    assert ask(DID, switch[1]).json()["limits"]["channels"] == 7


def test_the_cap_of_24_hours_stops_paid_legs_and_shortens_the_last(switch, lease, route):
    CallPrice.objects.update(price_per_minute=1)
    limit(lease, spend_cap=5)
    now = datetime.now(UTC)
    spend.add([(lease.project_id, now, Decimal(2))])
    assert longest(switch[1]) == 180
    spend.add([(lease.project_id, now, Decimal(3))])
    assert answer(switch[1]) == (402, "spend_cap")
    limit(lease, spend_cap=6)
    assert longest(switch[1]) == 60
    spend.add([(make_project().pk, now, Decimal(100))])
    assert answer(switch[1]) == (200, ""), "what others spend does not count"


def test_spending_of_yesterday_is_forgotten(switch, lease, route):
    limit(lease, spend_cap=5)
    spend.add([(lease.project_id, datetime.now(UTC) - timedelta(hours=25), Decimal(50))])
    assert answer(switch[1]) == (200, "")


def test_countries_and_prices_that_the_customer_does_not_want(switch, lease, route):
    limit(lease, allowed_countries=["US", "DE"])
    assert answer(switch[1]) == (403, "country_not_allowed")
    limit(lease, allowed_countries=["GB"], dearest_price="0.019999")
    assert answer(switch[1]) == (403, "price_limit")
    limit(lease, dearest_price="0.02")
    assert answer(switch[1]) == (200, "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lease: CallPrice.objects.all().delete(),
        lambda lease: charge_usage(lease.project, "10"),
        lambda lease: limit(lease, spend_cap=0),
        lambda lease: limit(lease, allowed_countries=[]),
    ],
)
def test_legs_that_cost_nothing_ring_without_the_second_step_that_may_not(switch, lease, spoil):
    set_price()
    add_app_user(lease.project, "anna")
    services.add_user(lease=lease, username="anna", **WHO)
    set_fallback(lease=lease, step=SecondStep(pstn=TARGET), **WHO)
    assert "fallback" in ask(DID, switch[1]).json()
    spoil(lease)
    body = ask(DID, switch[1]).json()
    assert (body["kind"], "fallback" in body) == ("users", False)
    assert body["limits"]["max_seconds"] == 14_400


@pytest.mark.parametrize(
    ("entry", "refused", "connected"),
    [
        (
            "+442079460001",
            ["+442079460001", "%2B442079460001", "442079460001", "sip:+442079460001@x"],
            ["+44207946000"],
        ),
        ("+4420*", ["+442079460001", "442099999999"], ["+442179460001", "anonymous"]),
        ("anonymous", ["anonymous", "", "Anonymous", "unavailable", "sip:anonymous@anonymous.invalid"], ["+44207946"]),
    ],
)
@pytest.mark.parametrize("whose", ["number", "project"])
def test_blocked_callers(switch, lease, route, entry, refused, connected, whose):
    if whose == "number":
        services.block_caller(lease=lease, entry=entry, **WHO)
    else:
        limit(lease, blocked_callers=[entry])
    for caller in refused:
        assert answer(switch[1], f"?from={caller}") == (403, "blocked_caller"), caller
    for caller in connected:
        assert answer(switch[1], f"?from={caller}") == (200, ""), caller
    assert answer(switch[1]) == (200, ""), "a switch that does not say who calls"


def test_blocked_callers_of_one_number_may_call_another(switch, lease, route):
    services.block_caller(lease=lease, entry="+4420*", **WHO)
    make_lease("+12125550102", lease.project)
    services.set_sip(lease=make_lease("+12125550103", lease.project), server=SipServer("203.0.113.9", 5060), **WHO)
    assert ask("+12125550103?from=+442079460001", switch[1]).status_code == 200
