"""Where calls may not be sent: what the portal comes with, and what staff make of it."""

from importlib import import_module

import phonenumbers
import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from phonenumbers import PhoneNumberType as Kind

from numbers.models import BarredRange, CallRoute
from numbers.routing.barred import barred_reason
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM
from tests.carrier.test_routes import ask
from tests.support.leases import DID, NOW, make_lease
from tests.support.pages import text
from tests.support.people import sign_in, staff_client
from tests.support.prices import set_price
from tests.support.projects import make_project
from tests.support.refusals import refusal
from tests.support.switches import switch_secret

pytestmark = pytest.mark.django_db
LIST = "/admin/numbers/barredrange/"
TARGET = "+442079460018"


@pytest.fixture(autouse=True)
def _as_migrated():
    """Transactional tests empty the table; this is what the migration wrote into it."""
    import_module("numbers.migrations.0011_barred_ranges").seed(apps, None)


@pytest.fixture
def switch():
    return switch_secret()


def barred(target):
    error = refusal(set_pstn, lease=make_lease(), target=target, by=SYSTEM, now=NOW)
    assert (error.code, error.field, error.status) == ("route_target_barred", "pstn_number", 400)
    assert not CallRoute.objects.exists()
    return error.message


@pytest.mark.parametrize(("target", "kind"), [
    ("+881612345678", "satellite phones"), ("+8821612345678", "international networks"),
    ("+883130012345", "international networks"),
    ("+870301234567", "satellite phones"), ("+447012345678", "personal numbers"),
    ("+44 (0)70 1234 5678", "personal numbers"),
    ("00 881 612345678", "satellite phones"), ("+15002345678", "personal numbers"),
    ("+4970012345678", "personal numbers"),
    ("+41878123456", "personal numbers"), ("+16002012345", "satellite phones"), ("+79541234567", "satellite phones"),
    ("+878101234567890", "personal numbers"), ("+80812345678", "shared-cost"), ("+979123456789", "premium-rate"),
    ("+19005550100", "premium-rate"), ("+448431234567", "premium-rate"), ("+447640123456", "pagers"),
])  # fmt: skip
def test_satellite_and_personal_numbers_are_refused_as_premium_rate_is(target, kind):
    assert kind in barred(target)


def test_the_ranges_hold_every_countrys_personal_numbers_and_none_of_its_ordinary_ones():
    for region in phonenumbers.SUPPORTED_REGIONS - {"JP"}:  # whose personal numbers begin as mobile ones do
        for kind in (Kind.PERSONAL_NUMBER, Kind.FIXED_LINE, Kind.MOBILE, Kind.TOLL_FREE):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            barred = BarredRange.objects.extra(where=["starts_with(%s, prefix)"], params=[e164]).exists()
            assert barred == (kind == Kind.PERSONAL_NUMBER), (region, kind, e164)


def callable_lease():
    """Of a project that can pay for a call to Britain."""
    set_price()
    return make_lease(project=make_project(credit="10"))


def test_a_range_that_staff_add_counts_for_the_next_call_on_routes_set_before(desk, client, switch):
    lease = callable_lease()
    set_pstn(lease=lease, target=TARGET, by=SYSTEM, now=NOW)
    assert ask(DID, switch).status_code == 200
    answer = desk.post(f"{LIST}add/", {"prefix": " 0044 (0)20 7946 ", "reason": "numbers of a film."}, follow=True)
    assert "Calls to 1 number are forwarded into this range" in text(answer)
    row = BarredRange.objects.get(prefix="+44207946")
    assert (row.reason, "@" in row.added_by) == ("numbers of a film", True)
    assert (ask(DID, switch).status_code, ask(DID, switch).json()) == (403, {"error": "barred"})
    assert "numbers of a film (+44207946…)" in refused_again(lease)
    shown = (
        sign_in(client, lease.project.created_by)
        .get(f"/projects/{lease.project.pid}/numbers/purchased/{lease.pk}/")
        .content.decode()
    )
    assert "Calls cannot be sent to numbers of a film (+44207946…)." in shown


def refused_again(lease):
    error = refusal(set_pstn, lease=lease, target="+442079460019", by=SYSTEM, now=NOW)
    return error.message


def test_a_range_that_staff_remove_or_change_counts_at_once_and_stays_in_the_history(desk, switch):
    lease = callable_lease()
    row = BarredRange.objects.get(prefix="+4470")
    assert barred_reason("+447012345678") == "personal numbers (+4470…)"
    desk.post(f"{LIST}{row.pk}/change/", {"prefix": "+447011", "reason": "personal numbers"})
    entry = LogEntry.objects.latest("id")
    assert ("+4470" in entry.change_message, "+447011" in entry.change_message) == (True, True)
    assert barred_reason("+447012345678") == ""
    set_pstn(lease=lease, target="+447012345678", by=SYSTEM, now=NOW)
    assert ask(DID, switch).status_code == 200
    BarredRange.objects.create(prefix="+44701", reason="personal numbers")
    assert ask(DID, switch).status_code == 403
    desk.post(f"{LIST}{BarredRange.objects.get(prefix='+44701').pk}/delete/", {"post": "yes"})
    assert ask(DID, switch).status_code == 200
    assert LogEntry.objects.latest("id").object_repr == "+44701: personal numbers"


@pytest.mark.parametrize(
    "prefix", ["", "+", "+1", "abc", "+0441", "+44x", "1234567890123456", "+44;ext=5", "🙂", "\x00"]
)
def test_what_is_no_range_stays_beside_the_field(desk, prefix):
    before = BarredRange.objects.count()
    answer = desk.post(f"{LIST}add/", {"prefix": prefix, "reason": "x"})
    assert answer.status_code == 422
    assert "errornote" in answer.content.decode()
    assert BarredRange.objects.count() == before


def test_the_database_takes_only_ranges():
    for prefix in ("+1", "44", "+0441", "+44\n", "+44%"):
        with pytest.raises(IntegrityError), transaction.atomic():
            BarredRange.objects.create(prefix=prefix, reason="x")


def test_who_may(client):
    row = BarredRange.objects.get(prefix="+881")
    billing = staff_client("Billing", client)
    assert billing.get(LIST).status_code == 200
    assert billing.post(f"{LIST}add/", {"prefix": "+247", "reason": "x"}).status_code == 403
    assert billing.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff_client().get(LIST).status_code == 403


def test_the_operators_own_prefixes_count_besides_and_nobody_lifts_them(desk, switch, settings):
    set_pstn(lease=make_lease(), target=TARGET, by=SYSTEM, now=NOW)
    settings.ROUTE_BARRED_PREFIXES = ["+4420"]
    assert barred_reason(TARGET) == "numbers that begin with +4420"
    assert ask(DID, switch).status_code == 403


def test_the_range_that_says_most_of_a_number_gives_the_reason():
    for prefix, reason in (("+4420", "London"), ("+44207946", "made-up numbers"), ("+442079", "a part of London")):
        BarredRange.objects.create(prefix=prefix, reason=reason)
    assert barred_reason(TARGET) == "made-up numbers (+44207946…)"
