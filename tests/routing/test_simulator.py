"""The route simulator: what a customer reads is what a switch would be answered at that moment."""

from decimal import Decimal

import pytest
from django.utils import timezone

from billing.models import CallPrice
from numbers.models import ProjectCallSettings
from numbers.routing import services, spend
from numbers.routing.route_settings import SecondStep, SipServer
from projects.actor import SYSTEM
from projects.app_users.services import deactivate
from tests.carrier.switch import ask
from tests.support.app_users import add_app_user
from tests.support.leases import DID, NOW, leave_unpaid, make_lease
from tests.support.pages import text
from tests.support.people import sign_in
from tests.support.prices import set_price
from tests.support.projects import charge_usage, make_project
from tests.support.routes import set_fallback
from tests.support.switches import switch_secret

pytestmark = pytest.mark.django_db
TARGET = "+442079460018"
SERVER = SipServer("203.0.113.9", 5060)
WHO = {"by": SYSTEM, "now": NOW}


@pytest.fixture
def lease():
    """To a British phone, of a project with 10 USD."""
    set_price()
    made = make_lease(project=make_project(credit="10"))
    services.set_pstn(lease=made, target=TARGET, **WHO)
    return made


@pytest.fixture
def shown(client, lease):
    sign_in(client, lease.project.created_by)

    def look(caller="+442079460001"):
        page = client.get(f"/projects/{lease.project.pid}/numbers/purchased/{lease.pk}/simulator/", {"caller": caller})
        return text(page)

    return look


def limit(lease, **values):
    ProjectCallSettings.objects.update_or_create(project=lease.project, defaults=values)


def test_a_phone_step_by_step(shown):
    page = shown()
    for sentence in (
        "It rings: +44 20 7946 0018.",
        "+1 212-555-0101 is a number of this project, and paid.",
        "+44 20 7946 0001 is not on a block list.",
        "The number has its own setting: PSTN (version 1).",
        "The call goes to +44 20 7946 0018 (the United Kingdom). That costs 0.02 USD a minute, charged by the minute.",
        "The called phone shows +1 212-555-0101 as the caller.",
        "It can last 4 hours. At most 10 calls of the project at the same time.",
    ):
        assert sentence in page


def test_how_long_the_credit_lasts(shown, lease):
    CallPrice.objects.update(price_per_minute=1, connection_fee="0.5", first_interval=30, next_interval=6)
    page = shown("")
    assert "It is not known who calls, so the block lists were not asked." in page
    assert "1.00 USD a minute and 0.50 USD when it is answered" in page
    assert "charged for at least 30 seconds, then in steps of 6 seconds" in page
    assert "It can last 9 minutes 30 seconds: so long the credit and the spending cap pay for it." in page


def test_users_second_step_and_default(shown, lease):
    for name in ("anna", "ben"):
        add_app_user(lease.project, name)
        services.add_user(lease=lease, username=name, **WHO)
    set_fallback(lease=lease, step=SecondStep(sip=SERVER), **WHO)
    page = shown("anonymous")
    assert "A caller who hides the number is not on a block list." in page
    assert "It rings: anna and ben." in page
    assert "anna and ben ring together for 25 seconds." in page
    assert "If nobody answers within 25 seconds, it goes to the SIP server 203.0.113.9:5060." in page
    set_fallback(lease=lease, step=SecondStep(pstn=TARGET), **WHO)
    charge_usage(lease.project, "10")
    refused = "If nobody answers, +44 20 7946 0018 is not called. The credit (0.00 USD) does not pay for the beginning"
    assert refused in shown()
    limit(lease, trunk_host="trunk.example.com", trunk_port=5061, trunk_transport="tls")
    services.clear_route(lease=lease, **WHO)
    page = shown()
    assert "so the SIP trunk of Number Settings takes the call (version 1)." in page
    assert "It rings: the SIP trunk trunk.example.com:5061 (TLS)." in page


def spend_up_to_the_cap(lease):
    limit(lease, spend_cap=5)
    spend.add([(lease.project_id, timezone.now(), Decimal(5))])


def leave_no_user(lease):
    user = add_app_user(lease.project, "anna").app_user
    services.add_user(lease=lease, username="anna", **WHO)
    deactivate(app_user=user, **WHO)


CAUSES = {
    "insufficient_credit": (
        lambda lease: charge_usage(lease.project, "9.99"),
        "The credit (0.01 USD) does not pay for the beginning of the call (0.02 USD).",
    ),
    "spend_cap": (
        spend_up_to_the_cap,
        "Calls have cost 5.00 USD in the last 24 hours; the spending cap of the project is 5.00 USD.",
    ),
    "no_price": (
        lambda _: CallPrice.objects.all().delete(),
        "Calls to the United Kingdom have no price yet.",
    ),
    "country_not_allowed": (
        lambda lease: limit(lease, allowed_countries=["US"]),
        "Number Settings do not allow calls to the United Kingdom.",
    ),
    "price_limit": (
        lambda lease: limit(lease, dearest_price="0.01"),
        "A minute costs 0.02 USD, more than Number Settings allow (0.01 USD).",
    ),
    "blocked_caller": (
        lambda lease: services.block_caller(lease=lease, entry="+4420*", by=SYSTEM, now=NOW),
        "The caller is on the block list of this number: numbers that begin with +4420.",
    ),
    "suspended": (
        lambda lease: leave_unpaid(lease, "suspended"),
        "The number is suspended because its renewal is not paid.",
    ),
    "not_configured": (
        lambda lease: services.clear_route(lease=lease, by=SYSTEM, now=NOW),
        "Nothing is set for this number, and Number Settings have no SIP trunk.",
    ),
    "no users": (leave_no_user, "None of the Call Forward Users is active. Nobody is left who could be rung."),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_why_it_would_not_ring(shown, lease, cause):
    secret = switch_secret()
    assert ask(f"{DID}?from=+442079460001", secret).status_code == 200
    spoil, sentence = CAUSES[cause]
    spoil(lease)
    page = shown()
    assert "It does not ring." in page
    assert sentence in page.replace("Note: ", "").replace("Stops here: ", "")
    code = "not_configured" if cause == "no users" else cause
    assert ask(f"{DID}?from=+442079460001", secret).json() == {"error": code}


def test_ranges_and_projects_that_are_barred(shown, lease, settings):
    settings.ROUTE_BARRED_PREFIXES = ["+4420"]
    assert "Calls cannot be sent to numbers that begin with +4420." in shown()
    settings.ROUTE_BARRED_PREFIXES = []
    lease.project.status = "archived"
    lease.project.save()
    assert "The project is archived: its numbers do not ring." in shown()


@pytest.mark.parametrize("caller", ["hello", "12", "<b>", "+1" * 60, "sip:anna@example.com"])
def test_a_caller_that_nobody_can_be(client, lease, caller):
    sign_in(client, lease.project.created_by)
    page = client.get(f"/projects/{lease.project.pid}/numbers/purchased/{lease.pk}/simulator/", {"caller": caller})
    assert page.status_code == 422
    assert "It rings" not in text(page)


def test_it_costs_few_queries_and_htmx_gets_the_card(client, lease, django_assert_max_num_queries):
    sign_in(client, lease.project.created_by)
    address = f"/projects/{lease.project.pid}/numbers/purchased/{lease.pk}/simulator/"
    client.get(address)
    with django_assert_max_num_queries(8):
        page = client.get(address, {"caller": "+442079460001"}, headers={"HX-Request": "true"})
    assert page.content.decode().strip().startswith('<section class="card" id="simulator"')
