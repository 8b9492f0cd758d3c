"""A table of routing is checked, then applied: all of it or nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from numbers.models import CallRoute, RoutingImport, RoutingVersion
from numbers.routing import services
from numbers.routing.route_settings import SecondStep, SipServer
from numbers.routing_files import importing
from numbers.routing_files.tasks import follow_routing_imports, forget_routing_imports
from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs
from projects.actor import SYSTEM
from projects.app_users import services as app_users
from projects.models import AuditEntry, Project
from tests.routing_files.conftest import report, set_for
from tests.support.app_users import add_app_user
from tests.support.leases import make_lease
from tests.support.refusals import refused, violates
from tests.support.routing_files import start_routing_import

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]
NOW = timezone.now()
HEAD = "number,calls_to,target"


def applied(record):
    importing.apply(record=record, by=SYSTEM)
    run_due_jobs()
    record.refresh_from_db()
    return record


def test_from_the_dry_run_to_the_numbers(project, leases, checked):
    anna = add_app_user(project, "anna").app_user
    ben = add_app_user(project, "ben").app_user
    services.set_pstn(lease=leases[2], target="+442079460199", by=SYSTEM, now=NOW)
    record = checked(
        "number,calls_to,target,ring_seconds,caller_id,if_nobody_answers,second_target,blocked_callers",
        "+12125550100,users,ben anna,40,number,pstn,+44 20 7946 0018,+4420* anonymous",
        "12125550101,SIP,[2001:db8::7]:5061;transport=tls,,,sip,sip.example.com,",
        "+1 212-555-0102,default,,,,,,none",
    )
    assert (record.status, record.changed, record.same, record.failed) == ("checked", 3, 0, 0)
    assert report(record)[0] == (
        2,
        "+12125550100",
        "Calls go to App users (ben, anna) instead of the project default. "
        "Ring time: 40 instead of 25 seconds. "
        "If nobody answers: +44 20 7946 0018 instead of nothing. "
        "Blocked: numbers that begin with +4420, callers who hide their number.",
    )
    assert not CallRoute.objects.filter(lease=leases[0]).exists(), "a dry run changes nothing"
    assert applied(record).status == "applied"
    first, second, third = map(set_for, leases)
    assert (first.kind, first.users, first.ring_seconds) == ("users", (ben.pk, anna.pk), 40)
    assert first.fallback == SecondStep(pstn="+442079460018")
    assert first.blocked == ("+4420*", "anonymous")
    assert second.sip == SipServer("2001:db8::7", 5061, "tls")
    assert second.fallback == SecondStep(sip=SipServer("sip.example.com", 5060))
    assert (third.kind, third.pstn) == ("", "")
    assert CallRoute.objects.get(lease=leases[2]).version == 2
    version = RoutingVersion.objects.get(lease=leases[0])
    assert version.changes[0] == "Calls go to App users (ben, anna) instead of the project default."
    assert AuditEntry.objects.get(action="route.imported").data["count"] == 3
    assert AuditEntry.objects.filter(action="route.set", subject="+12125550100").exists()


def test_columns_that_are_missing_and_empty_cells_leave_what_is_set(leases, checked):
    services.set_sip(lease=leases[0], server=SipServer("203.0.113.9", 5060), by=SYSTEM, now=NOW)
    services.block_caller(lease=leases[0], entry="anonymous", by=SYSTEM, now=NOW)
    before = set_for(leases[0])
    record = checked("Number;Ring seconds;blocked_callers", "+12125550100;31;")
    applied(record)
    after = set_for(leases[0])
    assert (after.ring_seconds, after.sip, after.kind, after.blocked) == (31, before.sip, "sip", ("anonymous",))


def test_numbers_that_are_set_together_are_judged_together(leases, checked):
    one, two, _ = (lease.number.e164 for lease in leases)
    services.set_pstn(lease=leases[0], target=two, by=SYSTEM, now=NOW)
    loop = checked(HEAD, f"{two},pstn,{one}")
    assert "forward calls back" in report(loop)[0][2]
    turned = checked(HEAD, f"{two},pstn,{one}", f"{one},default,")
    assert applied(turned).status == "applied"
    assert set_for(leases[1]).pstn == one
    both = checked(HEAD, f"{one},pstn,{leases[2].number.e164}", f"{leases[2].number.e164},pstn,{one}")
    assert both.failed == 2, "each of them would call the other"


def test_what_changed_after_the_check_is_not_overwritten(leases, checked):
    record = checked(HEAD, "+12125550100,pstn,+442079460018", "+12125550101,pstn,+442079460018")
    services.set_pstn(lease=leases[1], target="+442079460199", by=SYSTEM, now=NOW)
    assert applied(record).status == "stopped"
    assert report(record)[0] == (
        3, "+12125550101", "Somebody changed the calls of this number after the file was checked."
    )  # fmt: skip
    assert not CallRoute.objects.filter(lease=leases[0]).exists()
    assert set_for(leases[1]).pstn == "+442079460199"


def test_a_user_who_was_deactivated_after_the_check_stops_all(project, leases, checked):
    anna = add_app_user(project, "anna").app_user
    record = checked(HEAD, "+12125550100,users,anna", "+12125550101,pstn,+442079460018")
    app_users.deactivate(app_user=anna, by=SYSTEM, now=NOW)
    assert applied(record).status == "stopped"
    assert not CallRoute.objects.exists()


def test_an_archived_project_is_not_changed(project, leases, checked):
    record = checked(HEAD, "+12125550100,pstn,+442079460018")
    importing.apply(record=record, by=SYSTEM)
    Project.objects.filter(pk=project.pk).update(status="archived")
    run_due_jobs()
    record.refresh_from_db()
    assert record.status == "stopped"
    assert record.stopped_because
    assert not CallRoute.objects.exists()


def test_applied_once_however_often_it_is_sent(leases, checked):
    record = checked(HEAD, "+12125550100,pstn,+442079460018")
    importing.apply(record=record, by=SYSTEM)
    refused("routing_import_not_applicable", importing.apply, record=record, by=SYSTEM)
    run_due_jobs()
    refused("routing_import_not_applicable", importing.apply, record=record, by=SYSTEM)
    importing.apply_now(import_id=record.pk, now=NOW)
    assert RoutingVersion.objects.count() == 1


@pytest.mark.parametrize("step", ["checking", "applying"])
def test_what_is_not_tried_any_more_ends_and_the_file_can_be_sent_again(project, leases, checked, step):
    rows = f"{HEAD}\n+12125550100,pstn,+442079460018"
    record = start_routing_import(project, rows)
    if step == "applying":
        run_due_jobs()
        importing.apply(record=record, by=SYSTEM)
    follow_routing_imports()
    record.refresh_from_db()
    assert record.status == step, "its job is still to come"
    Job.objects.filter(state="queued").update(state="failed")
    follow_routing_imports()
    record.refresh_from_db()
    assert (record.status, bytes(record.source)) == ("stopped", b"")
    assert "nothing was changed" in record.stopped_because
    assert applied(checked(*rows.split("\n"))).status == "applied"


def test_one_file_of_a_project_at_a_time(project, leases):
    start_routing_import(project, f"{HEAD}\n+12125550100,default,")
    refused("routing_import_running", start_routing_import, project, f"{HEAD}\n+12125550100,default,")


def test_nothing_to_change(leases, checked):
    record = checked(HEAD, "+12125550100,default,")
    assert (record.changed, record.same, record.can_be_applied) == (0, 1, False)


def test_looking_at_many_lines_asks_no_more_than_at_few(project, checked):
    for n in range(40):
        make_lease(f"+1212555{n:04}", project=project)
    lines = [f"+1212555{n:04},default," for n in range(40)]
    few, many = (queries_of(project, lines[:count]) for count in (5, 40))
    assert many == few


def queries_of(project, lines):
    run_due_jobs()
    record = start_routing_import(project, "\n".join([HEAD, *lines]))
    with CaptureQueriesContext(connection) as asked:
        run_due_jobs()
    record.refresh_from_db()
    assert record.same == len(lines)
    return len(asked)


def test_files_are_forgotten_after_a_day(project, leases):
    old = start_routing_import(project, f"{HEAD}\n+12125550100,default,", now=NOW - timedelta(days=1, minutes=1))
    run_due_jobs()
    new = start_routing_import(project, f"{HEAD}\n+12125550100,default,")
    forget_routing_imports()
    assert [each.pk for each in RoutingImport.objects.all()] == [new.pk]
    assert old.pk != new.pk


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("routing_import_status", "status = 'lost'"),
        ("routing_import_applied", "status = 'applied'"),
        ("routing_import_applied", "applied_at = now()"),
        ("routing_import_without_mistakes", "status = 'applying', failed = 1, changed = 1"),
        ("routing_import_without_mistakes", "status = 'applying'"),
    ],
)
def test_the_database_refuses(leases, checked, name, change):
    record = checked(HEAD, "+12125550100,default,")
    violates(name, f"UPDATE numbers_routingimport SET {change} WHERE id = %s", [record.pk])


def test_the_database_refuses_a_second_one_at_work(project, leases):
    start_routing_import(project, f"{HEAD}\n+12125550100,default,")
    violates(
        "one_running_routing_import",
        "INSERT INTO numbers_routingimport (file_name, project_id, ref, status, stopped_because, total, changed, same,"
        " failed, source, actor, created_at) SELECT file_name, project_id, gen_random_uuid(), 'checking', '', 1, 0, 0,"
        " 0, source, actor, created_at FROM numbers_routingimport",
    )
