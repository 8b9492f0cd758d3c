"""Users, servers, second steps, block lists, settings of a project: set, refused, versioned, gone back to."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from numbers.models import CallRoute, RoutingVersion
from numbers.routing import project_services, services, versions
from numbers.routing.route_settings import (
    ProjectSettings,
    RouteSettings,
    SecondStep,
    SipServer,
    of_route,
    project_from_json,
    route_from_json,
    to_json,
)
from portal.core.errors import NotFound
from projects.actor import SYSTEM
from projects.app_users.services import deactivate
from projects.models import AuditEntry
from tests.support.app_users import add_app_user
from tests.support.leases import DID, NOW, make_lease
from tests.support.refusals import refused
from tests.support.routes import set_fallback, set_ring_seconds

pytestmark = pytest.mark.django_db
TARGET = "+442079460018"
SERVER = SipServer("203.0.113.9", 5060)
WHO = {"by": SYSTEM, "now": NOW}


def route(lease):
    return of_route(CallRoute.objects.get(lease=lease))


def changes(lease):
    return [each for version in reversed(versions.of_lease(lease)) for each in version.changes]


def test_each_change_of_a_number_is_a_version_in_words(lease):
    for name in ("anna", "ben"):
        add_app_user(lease.project, name)
        services.add_user(lease=lease, username=name.upper(), **WHO)
    set_ring_seconds(lease=lease, seconds=40, **WHO)
    set_fallback(lease=lease, step=SecondStep(pstn=TARGET), **WHO)
    services.block_caller(lease=lease, entry="+4420*", **WHO)
    services.block_caller(lease=lease, entry="+4420*", **WHO)
    services.remove_user(lease=lease, user_id=route(lease).users[0], **WHO)
    services.set_sip(lease=lease, server=SERVER, **WHO)
    set_fallback(lease=lease, step=SecondStep(), **WHO)
    services.unblock_caller(lease=lease, entry="+4420*", **WHO)
    services.clear(lease=lease, kind="sip", **WHO)
    assert changes(lease) == [
        "Calls go to App users (anna) instead of the project default.",
        "Added to Call Forward Users: ben.",
        "Ring time: 40 instead of 25 seconds.",
        "If nobody answers: +44 20 7946 0018 instead of nothing.",
        "Blocked: numbers that begin with +4420.",
        "Removed from Call Forward Users: anna.",
        "Calls go to SIP (203.0.113.9:5060) instead of App users (ben).",
        "If nobody answers: nothing instead of +44 20 7946 0018.",
        "No longer blocked: numbers that begin with +4420.",
        "Calls go to the project default instead of SIP (203.0.113.9:5060).",
    ]
    assert CallRoute.objects.get(lease=lease).version == len(changes(lease))
    actions = AuditEntry.objects.filter(action__startswith="route.").order_by("id").values_list("action", flat=True)
    # Where calls go changes with the kind and with the users; the rest is a change of another sort.
    destinations = ("Calls", "Added", "Removed")
    expected = ["route.set" if each.startswith(destinations) else "route.changed" for each in changes(lease)]
    assert list(actions) == [*expected[:-1], "route.cleared"]


def test_what_was_set_for_another_kind_is_kept_and_used_again(lease):
    services.set_pstn(lease=lease, target=TARGET, **WHO)
    services.set_sip(lease=lease, server=SERVER, **WHO)
    assert (route(lease).kind, route(lease).pstn) == ("sip", TARGET)
    services.use(lease=lease, kind="pstn", **WHO)
    assert (route(lease).kind, route(lease).sip) == ("pstn", SERVER)
    services.use(lease=lease, kind="users", **WHO)
    assert route(lease).kind == "pstn", "nothing is kept for users"
    services.clear(lease=lease, kind="sip", **WHO)
    assert (route(lease).kind, route(lease).sip) == ("pstn", None)


def test_going_back_is_a_version_of_its_own_and_is_checked_anew(lease, settings):
    services.set_pstn(lease=lease, target=TARGET, **WHO)
    services.set_sip(lease=lease, server=SERVER, **WHO)
    services.restore(lease=lease, version=1, **WHO)
    assert (route(lease), CallRoute.objects.get().version) == (RouteSettings(kind="pstn", pstn=TARGET), 3)
    newest = versions.of_lease(lease).first()
    assert (newest.version, newest.restores, newest.made_by) == (3, 1, "system")
    services.restore(lease=lease, version=2, **WHO)
    settings.ROUTE_BARRED_PREFIXES = ["+4420"]
    refused("route_target_barred", services.restore, lease=lease, version=1, **WHO)
    assert route(lease).kind == "sip"
    with pytest.raises(NotFound):
        services.restore(lease=lease, version=9, **WHO)
    with pytest.raises(NotFound):
        services.restore(lease=make_lease("+12125550102", lease.project), version=1, **WHO)


def test_the_last_user_leaves_the_project_default(lease):
    user = add_app_user(lease.project, "anna").app_user
    services.add_user(lease=lease, username="anna", **WHO)
    services.remove_user(lease=lease, user_id=user.pk, **WHO)
    assert route(lease) == RouteSettings()
    with pytest.raises(IntegrityError), transaction.atomic():
        CallRoute.objects.update(kind="users")


def test_users_that_cannot_be_added(lease, other_project, settings):
    def add(name):
        services.add_user(lease=lease, username=name, **WHO)

    add_app_user(other_project, "eve")
    for name in ("eve", "nobody", "EVE"):
        assert refused("app_user_unknown", add, name).field == "username"
    refused("app_username_missing", add, " ")
    refused("app_username_too_long", add, "a" * 500)
    for name in ("\x00", "anna@example.com", "an na", "'", "<b>"):
        assert refused("app_username_invalid", add, name).field == "username"
    gone = add_app_user(lease.project, "gone").app_user
    deactivate(app_user=gone, **WHO)
    refused("app_user_inactive", add, "gone")
    settings.USERS_PER_NUMBER = 1
    for name in ("anna", "ben"):
        add_app_user(lease.project, name)
    add("anna")
    refused("app_user_listed", add, "anna")
    refused("too_many_users", add, "ben")
    assert len(route(lease).users) == 1


@pytest.mark.parametrize("seconds", [0, 4, 121, -1, 10**9])
def test_ring_times_nobody_can_mean(lease, seconds):
    assert refused("ring_time_invalid", set_ring_seconds, lease=lease, seconds=seconds, **WHO).field
    CallRoute.objects.create(lease=lease)
    with pytest.raises(IntegrityError), transaction.atomic():
        CallRoute.objects.update(ring_seconds=min(abs(seconds), 30_000) if seconds not in (-1,) else 1)


def test_the_original_caller_is_shown_only_where_gateways_allow_it(lease, settings):
    refused("caller_id_not_offered", services.set_caller_id, lease=lease, caller_id="caller", **WHO)
    settings.PSTN_ORIGINAL_CALLER = True
    services.set_caller_id(lease=lease, caller_id="caller", **WHO)
    assert route(lease).caller_id == "caller"
    settings.PSTN_ORIGINAL_CALLER = False
    services.set_pstn(lease=lease, target=TARGET, **WHO)
    assert route(lease).caller_id == "caller", "what stood before may stay"


def test_a_second_step_obeys_the_rules_of_a_first_one(lease, settings):
    def then(**step):
        set_fallback(lease=lease, step=SecondStep(**step), **WHO)

    refused("route_target_loop", then, pstn=DID)
    refused("route_target_barred", then, pstn="+19005550100")
    refused("sip_target_private", then, sip=SipServer("10.0.0.1", 5060))
    second = make_lease("+12125550102", lease.project)
    set_fallback(lease=second, step=SecondStep(pstn=DID), **WHO)
    refused("route_target_loop", then, pstn="+12125550102")
    refused("route_target_loop", services.set_pstn, lease=lease, target="+12125550102", **WHO)
    project_services.change_settings(project=lease.project, change=lambda set_: replace(set_, countries=("US",)), **WHO)
    refused("route_country_not_allowed", then, pstn=TARGET)
    assert not CallRoute.objects.filter(lease=lease).exists()


def test_an_archived_project_changes_nothing(lease):
    lease.project.status = "archived"
    lease.project.save()
    refused("project_archived", project_services.set_trunk, project=lease.project, server=SERVER, **WHO)
    refused("project_archived", services.set_sip, lease=lease, server=SERVER, **WHO)


def test_versions_are_kept_as_they_were_made(lease):
    services.set_sip(lease=lease, server=SERVER, **WHO)
    with pytest.raises(Exception, match=r"routing_version_no_update|permission denied"), transaction.atomic():
        RoutingVersion.objects.update(made_by="somebody else")
    assert not connection.needs_rollback


@pytest.mark.parametrize(
    "values",
    [
        RouteSettings(),
        RouteSettings("users", (3, 1), TARGET, SERVER, 40, "caller", SecondStep(pstn=TARGET), ("+44*", "anonymous")),
        RouteSettings("sip", sip=SipServer("2001:db8::1", 5061, "tls"), fallback=SecondStep(sip=SERVER)),
    ],
)
def test_a_version_gives_back_what_was_set(values):
    assert route_from_json(to_json(values)) == values


@pytest.mark.parametrize(
    "values",
    [
        ProjectSettings(),
        ProjectSettings(SERVER, ("+44*",), (), Decimal(0), Decimal("0.5"), 1),
        ProjectSettings(countries=("GB",)),
    ],
)
def test_a_version_of_a_project_gives_back_what_was_set(values):
    assert project_from_json(to_json(values)) == values
