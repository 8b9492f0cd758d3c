"""Why a call did not ring: each cause is named from its record and what was so at that time, whatever is so now."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.models import CallPrice
from billing.pricing.services import end_price, set_prices, tariff_of
from numbers.calls.why import explain
from numbers.models import BarredRange
from numbers.routing import project_services, services, spend
from numbers.routing.route_settings import ProjectSettings, RouteSettings, SecondStep, SipServer
from projects import audit, suspension
from projects.actor import SYSTEM
from projects.app_users.services import activate, deactivate
from projects.services import archive_project, restore_project
from tests.calls.records import make_record
from tests.support.app_users import add_app_user
from tests.support.leases import NOW, make_lease
from tests.support.people import actor
from tests.support.prices import set_price
from tests.support.projects import charge_usage, fund, make_project

pytestmark = pytest.mark.django_db
TARGET = "+442079460018"
SERVER = SipServer("203.0.113.9", 5060)
WHO = {"by": SYSTEM, "now": NOW}


def now():
    """For services: this moment."""
    return {"by": SYSTEM, "now": timezone.now()}


@pytest.fixture
def lease():
    """To a British phone, of a project with 10 USD."""
    set_price()
    made = make_lease(project=make_project(credit="10"))
    services.set_pstn(lease=made, target=TARGET, **WHO)
    return made


def call(lease, code=480, *, seconds=25, at=None, **values):
    """A call that begins now and that nobody answers."""
    start = at or timezone.now()
    usual = {"status": "failed", "sip_code": code, "kind": "pstn", "hangup_by": "callee", "route_source": "portal"}
    times = {"start_time": start, "end_time": start + timedelta(seconds=seconds), "duration": 0}
    return make_record(lease, **usual | times | values)


def settings_of_project(lease, **values):
    project_services.change_settings(project=lease.project, change=lambda _: ProjectSettings(**values), **now())


def set_route(lease, **values):
    services.change_route(lease=lease, change=lambda _: RouteSettings(**values), **now())


def with_user(lease):
    user = add_app_user(lease.project, "anna").app_user
    services.add_user(lease=lease, username="anna", **now())
    return user


def bar(lease):
    BarredRange.objects.create(prefix="+44207", reason="numbers of a film")


def suspend_number(lease):
    audit.record(project_id=lease.project_id, by=SYSTEM, action="number.suspended", subject=lease.number.e164)


def restore_number(lease):
    audit.record(project_id=lease.project_id, by=SYSTEM, action="number.restored", subject=lease.number.e164)


def no_users(lease):
    deactivate(app_user=with_user(lease), **now())


def spend_it(lease):
    settings_of_project(lease, spend_cap=Decimal(5))
    spend.add([(lease.project_id, timezone.now(), Decimal("5.5"))])


# cause: what happens before the call, what undoes it after, and a part of the sentence
REFUSED = {
    "spend_cap": (spend_it, lambda lease: settings_of_project(lease), "Calls have cost 5.50 USD in the last 24 hours"),
    "no_price": (
        lambda lease: end_price(price=CallPrice.objects.get(), now=timezone.now()),
        lambda lease: set_prices(tariffs=[tariff_of(CallPrice.objects.get())], by="", now=timezone.now()),
        "Calls to the United Kingdom have no price yet.",
    ),
    "price_limit": (
        lambda lease: settings_of_project(lease, dearest_price=Decimal("0.01")),
        lambda lease: settings_of_project(lease),
        "A minute costs 0.02 USD, more than Number Settings allow (0.01 USD).",
    ),
    "country_not_allowed": (
        lambda lease: settings_of_project(lease, countries=("US",)),
        lambda lease: settings_of_project(lease),
        "Number Settings do not allow calls to the United Kingdom.",
    ),
    "blocked_caller": (
        lambda lease: services.block_caller(lease=lease, entry="+4420*", **now()),
        lambda lease: services.unblock_caller(lease=lease, entry="+4420*", **now()),
        "The caller is on the block list of this number: numbers that begin with +4420.",
    ),
    "barred": (bar, lambda lease: None, "Calls cannot be sent to numbers of a film (+44207…)."),
    "suspended": (suspend_number, restore_number, "The number is suspended because its renewal is not paid."),
    "not_configured": (
        lambda lease: services.clear_route(lease=lease, **now()),
        lambda lease: services.set_pstn(lease=lease, target=TARGET, **now()),
        "Nothing is set for this number, and Number Settings have no SIP trunk.",
    ),
}


@pytest.mark.parametrize("cause", REFUSED)
def test_what_refused_the_call_then_is_named_also_when_it_is_undone(lease, cause):
    spoil, undo, sentence = REFUSED[cause]
    before = call(lease)
    spoil(lease)
    record = call(lease, 403)
    undo(lease)
    found = explain(record)
    assert found.cause == cause
    assert sentence in found.headline
    assert found.lines[-1].mark == "stop"
    assert found.advice is not None
    if cause != "barred":
        assert explain(call(lease)).cause == "no_answer"
    assert explain(before).cause == "no_answer"


def test_an_archived_and_a_suspended_project(lease):
    by = actor(lease.project.created_by)
    archive_project(project=lease.project, typed_name=lease.project.name, by=by)
    archived = call(lease, 403)
    restore_project(project=lease.project, by=by)
    suspension.suspend(project=lease.project, reason="Unpaid bills.", by=SYSTEM, now=timezone.now())
    suspended = call(lease, 403)
    suspension.lift(project=lease.project, by=SYSTEM)
    assert explain(archived).headline == "The project is archived: its numbers do not ring."
    assert explain(suspended).headline == "The project is suspended: its numbers do not ring."
    assert explain(call(lease)).cause == "no_answer"


@pytest.mark.django_db(transaction=True)
def test_no_credit_then_though_there_is_some_now(lease):
    charge_usage(lease.project, "9.99")
    record = call(lease, 402)
    fund(lease.project, "100")
    found = explain(record)
    assert found.cause == "insufficient_credit"
    assert "The credit (0.01 USD) does not pay for the beginning of the call (0.02 USD)." in found.headline
    assert found.advice.url_name == "billing:credits"
    assert explain(call(lease)).cause == "no_answer"


def test_users_who_were_inactive_then(lease):
    user = with_user(lease)
    rang = call(lease, kind="users")
    deactivate(app_user=user, **now())
    record = call(lease, 404, kind="users")
    activate(app_user=user, by=SYSTEM)
    assert explain(record).cause == "not_configured"
    assert "None of the Call Forward Users is active." in [line.text for line in explain(record).lines]
    assert explain(rang).cause == explain(call(lease)).cause == "no_answer"


@pytest.mark.parametrize(
    ("source", "words"), [("stale", "the portal did not answer it"), ("cache", "may keep a route")]
)
def test_a_switch_that_followed_an_older_setting(lease, source, words):
    set_route(lease, kind="sip", sip=SERVER)
    set_route(lease, kind="pstn", pstn="+442079460019")
    found = explain(call(lease, 503, route_source=source, route_etag=f"{lease.pk}.2.0.0a1b2c3d", kind="sip"))
    assert found.cause == "stale_route"
    assert words in found.headline
    assert "version 2 of the number’s setting instead of version 3" in found.headline
    assert "There was no answer from the SIP server 203.0.113.9:5060" in found.headline
    current = explain(call(lease, route_source=source, route_etag=f"{lease.pk}.3.0.0a1b2c3d"))
    assert current.cause == "no_answer"
    other = explain(call(lease, route_source=source, route_etag=f"{lease.pk + 1}.1.0.0a1b2c3d"))
    assert other.cause == "no_answer", "the tag of another lease"


def test_a_switch_that_followed_older_number_settings(lease):
    services.clear_route(lease=lease, **now())
    for host in ("old.example.com", "new.example.com"):
        project_services.set_trunk(project=lease.project, server=SipServer(host, 5060), **now())
    found = explain(call(lease, 503, route_source="stale", route_etag=f"{lease.pk}.2.1.0a1b2c3d", kind="sip"))
    assert found.cause == "stale_route"
    assert "version 1 of Number Settings instead of version 2" in found.headline
    assert "old.example.com" in found.headline


SIP = {"kind": "sip", "sip": SERVER}
RECORDED = [
    ("busy", SIP, {"code": 486}, "The line was busy: the SIP server 203.0.113.9:5060."),
    ("busy", SIP, {"code": 600}, "The line was busy"),
    ("too_many_calls", SIP, {"code": 486, "hangup_by": "switch"}, "10 calls of the project were up already"),
    ("no_answer", SIP, {"code": 408, "seconds": 40}, "It rang for 40 seconds and nobody answered"),
    ("no_answer", {}, {"code": None, "status": "no_answer"}, "It rang for 25 seconds and nobody answered"),
    ("caller_hung_up", SIP, {"code": 487, "status": "cancelled"}, "The caller hung up after 25 seconds, before"),
    ("server_down", SIP, {"code": 503, "seconds": 2}, "There was no answer from the SIP server 203.0.113.9:5060"),
    ("server_down", SIP, {"code": 408, "seconds": 2}, "There was no answer from the SIP server"),
    ("server_down", SIP, {"code": 502}, "it is down, or not reachable"),
    ("gateways_failed", {}, {"code": 503}, "None of our gateways could connect the call to +44 20 7946 0018"),
    ("declined", SIP, {"code": 603}, "The call was declined: the SIP server"),
    ("wrong_target", {}, {"code": 404}, "says that the number does not exist there (SIP response 404)"),
    ("target_refused", SIP, {"code": 403}, "refused the call (SIP response 403)"),
    ("password_wanted", SIP, {"code": 407}, "asks for a password"),
    ("no_common_codec", SIP, {"code": 488}, "have no audio format in common"),
    ("loop", SIP, {"code": 482}, "The call came back to our switch"),
    ("portal_away", SIP, {"code": 503, "kind": "", "route_source": "none"}, "could not reach the portal"),
    ("failed", SIP, {"code": 400}, "could not be connected (SIP response 400)"),
]


@pytest.mark.parametrize(("cause", "route", "record", "sentence"), RECORDED)
def test_what_the_record_says(lease, cause, route, record, sentence):
    if route:
        set_route(lease, **route)
    found = explain(call(lease, record.pop("code"), **record))
    assert (found.cause, sentence in found.headline) == (cause, True), found.headline
    assert found.lines[-1].text.startswith("It can last")


def test_nobody_signed_in_to_the_app(lease):
    with_user(lease)
    assert explain(call(lease, 480, kind="users", seconds=0)).cause == "not_registered"
    assert explain(call(lease, 480, kind="users")).cause == "no_answer"


def test_the_last_step_is_who_did_not_answer(lease):
    set_route(lease, kind="pstn", pstn=TARGET, fallback=SecondStep(sip=SERVER))
    assert "The line was busy: the SIP server 203.0.113.9:5060." in explain(call(lease, 486)).headline


def test_the_code_of_the_legs_counts_where_the_call_has_none(lease):
    record = call(lease, None)
    legs = [record, call(lease, 503, direction="out", target=TARGET)]
    assert explain(record, legs).cause == "gateways_failed"


def test_answered_calls_and_calls_to_nobody(lease):
    assert explain(call(lease, 200, status="answered")) is None
    assert explain(call(None, 404)).cause == "unknown_number"
