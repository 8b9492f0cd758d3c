"""Setting where calls go: the rules, beside the database."""

import pytest
from django.db import IntegrityError, transaction

from numbers.models import CallRoute
from numbers.routing.queries import route_for
from numbers.routing.services import clear_route, set_pstn
from numbers.routing.targets import describe, parse_target
from portal.core.errors import DomainError
from projects.models import AuditEntry
from tests.support.leases import DID, NOW, make_lease
from tests.support.people import actor
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db
TARGET, OTHER = "+442079460018", "+442079460019"


def set_to(lease, target):
    return set_pstn(lease=lease, target=target, by=actor(lease.project.created_by), now=NOW)


def refused_route(code, lease, target=TARGET):
    error = refused(code, set_to, lease, target)
    assert not AuditEntry.objects.filter(action__startswith="route.").exists()
    return error


def entries():
    rows = AuditEntry.objects.filter(action__startswith="route.").order_by("id")
    return [(row.action, row.subject, row.data) for row in rows]


def test_set_change_and_clear_count_versions_and_are_audited(lease):
    assert set_to(lease, "+44 20 7946 0018").pstn_target == TARGET
    changed = set_to(lease, OTHER)
    assert (changed.kind, changed.pstn_target, changed.version, changed.updated_at) == ("pstn", OTHER, 2, NOW)
    clear_route(lease=lease, by=actor(lease.project.created_by), now=NOW)
    assert CallRoute.objects.get(lease=lease).kind == CallRoute.Kind.NONE
    assert route_for(DID) is None
    assert set_to(lease, TARGET).version == 4
    assert route_for(DID).pstn_target == TARGET
    assert entries() == [
        ("route.set", DID, {"kind": "pstn", "target": TARGET, "before": ""}),
        ("route.set", DID, {"kind": "pstn", "target": OTHER, "before": TARGET}),
        ("route.cleared", DID, {"kind": "pstn", "before": OTHER}),
        ("route.set", DID, {"kind": "pstn", "target": TARGET, "before": ""}),
    ]
    assert AuditEntry.objects.filter(action="route.set").first().actor_user == lease.project.created_by


def test_the_same_again_changes_nothing(lease):
    set_to(lease, TARGET)
    assert set_to(lease, "0044 20 7946 0018".replace("00", "+", 1)).version == 1
    clear_route(lease=lease, by=actor(lease.project.created_by), now=NOW)
    clear_route(lease=lease, by=actor(lease.project.created_by), now=NOW)
    assert [action for action, *_ in entries()] == ["route.set", "route.cleared"]


def test_replacing_another_kind_keeps_what_was_set_for_it(lease):
    CallRoute.objects.create(lease=lease, kind="sip", sip_host="203.0.113.9", sip_port=5060)
    route = set_to(lease, TARGET)
    assert (route.kind, route.sip_host, route.version) == ("pstn", "203.0.113.9", 2)
    assert entries()[0][2]["before"] == "203.0.113.9:5060"


@pytest.mark.parametrize(
    "target",
    [
        "",
        "   ",
        "hello",
        "123",
        "911",
        "+1911",
        "112",
        "+44",
        "+999123456789",
        "2125550100",
        "+1212555010",
        "+121255501000",
        "+12125550100 ext 5",
        "\x00",
        "+" * 30,
        "9" * 500,
        "sip:a@b",
        "+12125550100\r\nX: y;<>" + "1" * 30,
        "+1 212 555 O1OO",
        "+4072d3800439",
        "+49 6691 12345 67890",
        "+43 1234",
        "+12125550100;ext=5",
        "+12125550100,5",
        "+12125550100#5",
        "*67 212 555 0100",
        "+12125550100 +12125550101",
        "\ud800",
        "\u202e",
    ],
)
def test_nonsense_short_and_emergency_numbers_are_refused(lease, target):
    error = refused_route("invalid_phone_number", lease, target)
    assert (error.field, error.status) == ("pstn_number", 400)


@pytest.mark.parametrize("target", ["+19005550100", "+449098790000", "+448431234567"])
def test_premium_and_shared_cost_numbers_are_barred(lease, target):
    error = refused_route("route_target_barred", lease, target)
    assert (error.field, error.status) == ("pstn_number", 400)


def test_ranges_barred_by_the_operator(lease, settings):
    settings.ROUTE_BARRED_PREFIXES = ["+881", "+4420"]
    refused_route("route_target_barred", lease, TARGET)


def test_no_loops_neither_direct_nor_through_other_numbers(lease):
    assert refused_route("route_target_loop", lease, DID).field == "pstn_number"
    second, third = make_lease("+12125550102", lease.project), make_lease("+12125550103", lease.project)
    CallRoute.objects.create(lease=second, kind="pstn", pstn_target="+12125550103")
    CallRoute.objects.create(lease=third, kind="pstn", pstn_target=DID)
    refused_route("route_target_loop", lease, "+12125550102")
    CallRoute.objects.filter(lease=third).update(pstn_target=TARGET)
    assert set_to(lease, "+12125550102").pstn_target == "+12125550102"


def test_released_numbers_voiceless_numbers_and_archived_projects(lease):
    refused_route("number_without_voice", make_lease("+12125550104", voice=False))
    refused_route("lease_ended", make_lease("+12125550105", status="released"))
    lease.project.status = "archived"
    lease.project.save()
    refused_route("project_archived", lease)
    with pytest.raises(DomainError):
        clear_route(lease=lease, by=actor(lease.project.created_by), now=NOW)


@pytest.mark.parametrize("status", ["past_due", "suspended"])
def test_a_number_that_is_not_paid_can_still_be_configured(status):
    assert set_to(make_lease(status=status), TARGET).pstn_target == TARGET


def test_the_database_keeps_the_kinds_and_targets(lease):
    for values in (
        {"kind": "fax"},
        {"kind": "pstn", "pstn_target": "12"},
        {"kind": "pstn", "pstn_target": ""},
        {"kind": "sip", "sip_host": "h"},
        {"kind": "pstn", "pstn_target": "+12125550100\r\n"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CallRoute.objects.create(lease=lease, **values)


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("020 7946 0018", "GB", TARGET),
        ("+44 20 7946 0018", "US", TARGET),
        ("(212) 555-0100", "US", "+12125550100"),
        ("2079460018", "GB", TARGET),
        ("٢٠٧٩٤٦٠٠١٨", "GB", TARGET),
    ],
)
def test_targets_with_a_country(text, region, e164):
    assert parse_target(text, region).e164 == e164


def test_a_target_knows_its_country():
    assert (parse_target(TARGET).country, parse_target(TARGET).international) == ("United Kingdom", "+44 20 7946 0018")
    assert parse_target("+12042345678").country == "Canada"
    assert describe("+882161234567").country == "International"
