"""A file of app users becomes app users, a part at a time, each row once."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs
from projects.actor import SYSTEM
from projects.app_users import importing, imports, services
from projects.app_users.models import AppUser, AppUserImport, AppUserImportRow
from projects.app_users.passwords import decrypted
from projects.app_users.tasks import follow_imports, forget_imports
from projects.models import AuditEntry, Project
from tests.support.app_users import NOW, add_app_user, many_app_users, start_import
from tests.support.crowd import at_once, tally
from tests.support.refusals import refused, violates

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]


def imported(project, text):
    record = start_import(project, text)
    run_due_jobs()
    record.refresh_from_db()
    return record


def outcome(record):
    return {row.line: (row.result, row.words) for row in record.rows.all()}


def usernames(project):
    return list(AppUser.objects.filter(project=project).values_list("username", flat=True))


def test_each_row_is_added_or_told_why_not(project):
    services.deactivate(app_user=add_app_user(project, "gone").app_user, by=SYSTEM, now=NOW)
    add_app_user(project, "bob", display_name="Bob")
    record = imported(
        project,
        "username,display_name,password\n"
        "Alice,Alice  Winter,\n"
        "bob,Robert,\n"
        "gone,,\n"
        "alice,Another,\n"
        "carol@customer.example,,\n"
        ",No name,\n"
        "dave,,short\n"
        "erin,,erins-own-password\n"
        f"frank,{'x' * 81},\n"
        "o'hara,,\n"
        "4.42079E+11,,\n",
    )
    assert outcome(record) == {
        2: ("added", ""),
        3: ("existing", "Nothing was changed."),
        4: ("existing", "It is deactivated. Nothing was changed."),
        5: ("error", "Line 2 has the same username; only that line counts."),
        6: ("error", "This is an e-mail address or a SIP address. A username is only the part before the @: carol"),
        7: ("error", "Enter the App Username/Login ID."),
        8: ("error", "A password has 12 to 64 characters; this one has 5."),
        9: ("added", ""),
        10: ("error", "A display name has at most 80 characters; this one has 81."),
        11: ("error", "A username contains no apostrophe. Leave it out."),
        12: ("error", "A spreadsheet has shortened this number. Format the column as text, and export it again."),
    }
    assert (record.status, record.added, record.existing, record.failed) == ("done", 2, 2, 7)
    assert usernames(project) == ["alice", "bob", "erin", "gone"]
    assert AppUser.objects.get(username="alice").display_name == "Alice Winter"
    assert AppUser.objects.get(username="bob").display_name == "Bob"
    assert decrypted(AppUser.objects.get(username="erin").sip_password) == "erins-own-password"
    entry = AuditEntry.objects.get(action="app_user.imported")
    assert (entry.subject, entry.data) == ("staff.csv", {"count": 2, "existing": 2, "failed": 7})


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short-short", "12 to 64 characters; this one has 11"),
        ("x" * 65, "12 to 64 characters; this one has 65"),
        ("with a space", "no spaces"),
        ("pässwörter-sind", "without accents"),
        ("aaaabbbbcccc", "too easy to guess"),
        ("alice-password", "contains the username"),
    ],
)
def test_passwords_that_customers_bring(project, password, words):
    record = imported(project, f"alice,,{password}\n")
    ((result, explanation),) = outcome(record).values()
    assert (result, words in explanation) == ("error", True), explanation
    assert password not in explanation


def test_files_passwords_are_encrypted_until_they_are_processed_and_gone_then(project):
    record = start_import(project, "alice,,alices-own-secret\n")
    assert "own-secret" not in record.source
    assert "own-secret" not in str(Job.objects.get().payload)
    run_due_jobs()
    record.refresh_from_db()
    assert record.source == ""


def test_ten_thousand_rows_in_parts(project):
    text = "username;display_name\n" + "".join(f"user{n};Person {n}\n" for n in range(10_000))
    record = start_import(project, text)
    began, seen = time.monotonic(), []
    while run_due_jobs(limit=1):
        record.refresh_from_db()
        seen.append(record.processed)
    assert seen == [1000 * n for n in range(1, 11)]
    assert time.monotonic() - began < 60, "seconds on an idle machine; this bound only catches a row-by-row import"
    assert (record.status, record.added, AppUser.objects.count()) == ("done", 10_000, 10_000)
    assert record.rows.filter(result="added").count() == 10_000
    assert AuditEntry.objects.filter(action__startswith="app_user").count() == 1


def test_a_part_costs_few_statements(project, django_assert_max_num_queries):
    record = start_import(project, "".join(f"user{n}\n" for n in range(1000)))
    with django_assert_max_num_queries(16):
        importing.import_part(import_id=record.pk, now=NOW)
    record.refresh_from_db()
    assert record.added == 1000


def test_a_worker_that_dies_in_a_part_has_not_begun_it(project):
    """What a killed worker leaves is a transaction that never ends: all of its part is undone."""
    record = start_import(project, "".join(f"user{n}\n" for n in range(2500)))
    run_due_jobs(limit=1)
    with transaction.atomic():
        importing.import_part(import_id=record.pk, now=NOW)
        assert AppUser.objects.count() == 2000
        transaction.set_rollback(True)
    assert AppUser.objects.count() == 1000
    for _ in range(5):  # again and again
        run_due_jobs()
    record.refresh_from_db()
    assert (record.status, record.added, AppUser.objects.count()) == ("done", 2500, 2500)
    importing.import_part(import_id=record.pk, now=NOW)
    assert (AppUser.objects.count(), AppUserImportRow.objects.count()) == (2500, 2500)


def test_no_more_than_the_limit(project, settings):
    settings.APP_USERS_PER_PROJECT = 5
    many_app_users(project, 2)
    AppUser.objects.update(is_active=False, deactivated_at=NOW)
    record = imported(project, "a\nb\nc\nd\ne\nf\ng\n")
    assert (record.added, record.failed) == (5, 2)
    assert "at most 5 active app users" in outcome(record)[6][1]


def test_one_import_at_a_time_which_can_be_given_up(project, other_project):
    record = start_import(project, "".join(f"user{n}\n" for n in range(1500)))
    refused("app_user_import_running", start_import, project, "bob\n")
    start_import(other_project, "bob\n")
    run_due_jobs(limit=1)
    imports.delete(record=record)
    assert AuditEntry.objects.get(action="app_user.imported", project=project).data["count"] == 1000
    run_due_jobs()
    assert AppUser.objects.filter(project=project).count() == 1000
    assert imported(project, "bob\n").added == 1


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once(project):
    results = at_once([lambda: start_import(project, "alice\n")] * 3)
    assert tally(results) == {"AppUserImport": 1, "app_user_import_running": 2}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_and_somebody_who_adds_the_same(project):
    record = start_import(project, "alice\nbob\n")
    part = lambda: importing.import_part(import_id=record.pk, now=NOW)  # noqa: E731
    at_once([part, part, lambda: add_app_user(project, "alice"), lambda: add_app_user(project, "bob")])
    record.refresh_from_db()
    assert record.status == "done"
    assert Counter(usernames(project)) == {"alice": 1, "bob": 1}
    assert record.added + record.existing == 2


def test_a_project_that_is_stopped_meanwhile(project):
    record = start_import(project, "".join(f"user{n}\n" for n in range(1500)))
    run_due_jobs(limit=1)
    Project.objects.update(status="archived")
    run_due_jobs()
    record.refresh_from_db()
    assert (record.status, record.processed, record.source) == ("stopped", 1000, "")
    assert "archived" in record.stopped_because
    refused("project_archived", start_import, project, "alice\n")


def test_an_import_whose_job_failed_for_good_ends_and_the_file_can_be_sent_again(project):
    text = "".join(f"user{n}\n" for n in range(1500))
    record = start_import(project, text)
    run_due_jobs(limit=1)
    Job.objects.filter(state="queued").update(last_error="out of memory")
    follow_imports()
    record.refresh_from_db()
    assert record.is_running  # it is tried again
    Job.objects.filter(state="queued").update(state="failed")
    follow_imports()
    record.refresh_from_db()
    assert (record.status, record.processed, record.source) == ("stopped", 1000, "")
    assert "Import the file again" in record.stopped_because
    assert AuditEntry.objects.get(action="app_user.imported").data["count"] == 1000
    follow_imports()
    assert AuditEntry.objects.filter(action="app_user.imported").count() == 1
    again = imported(project, text)
    assert (again.status, again.added, again.existing) == ("done", 500, 1000)


class TestNewPasswords:
    def taken(self, record, now=NOW):
        return list(imports.take_passwords(record=record, by=SYSTEM, now=now))

    def test_once_and_for_ten_minutes_again(self, project, settings):
        settings.SIP_DOMAIN = "sip.example.test"
        record = imported(project, "alice,Alice Winter\nbob,,bobs-very-own-word\ncarol\n")
        services.reset_password(app_user=AppUser.objects.get(username="carol"), by=SYSTEM, now=NOW + timedelta(hours=1))
        head, *rows = self.taken(record)
        password = decrypted(AppUser.objects.get(username="alice").sip_password)
        assert rows == [["alice", "Alice Winter", password, f"{project.pid}.sip.example.test"]]
        assert head[2] == "SIP password"
        assert self.taken(record, NOW + timedelta(minutes=9))[1:] == rows
        refused("app_user_passwords_gone", self.taken, record, NOW + timedelta(minutes=10))
        entry = AuditEntry.objects.filter(action="app_user.passwords_taken").first()
        assert (entry.subject, entry.data["count"]) == ("staff.csv", 1)

    def test_the_report_has_none(self, project):
        record = imported(project, "alice\n")
        password = decrypted(AppUser.objects.get().sip_password)
        assert password not in str(list(imports.report(record)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT r::text || i::text FROM projects_appuserimportrow r, projects_appuserimport i")
            assert password not in cursor.fetchone()[0]


def test_reports_are_forgotten_after_a_day(project):
    record = imported(project, "alice\n")
    assert imports.recent(project, NOW + timedelta(hours=23)) == [record]
    assert imports.recent(project, NOW + timedelta(days=1)) == []
    assert imports.forget(now=NOW + timedelta(hours=23)) == 0
    forget_imports()  # NOW is long ago
    assert not AppUserImport.objects.exists()
    assert not AppUserImportRow.objects.exists()
    assert usernames(project) == ["alice"]


class TestTables:
    def test_counts_and_end_belong_together(self, project):
        record = imported(project, "alice\nbob\n")
        table = "UPDATE projects_appuserimport SET "
        violates("app_user_import_counts", table + "added = 3")
        violates("app_user_import_counts", table + "processed = 3, added = 3")
        violates("app_user_import_finished", table + "finished_at = NULL")
        violates("app_user_import_finished", table + "source = 'x'")
        violates("app_user_import_status", table + "status = 'lost', source = ''")
        violates("app_user_import_added", "UPDATE projects_appuserimportrow SET app_user_id = NULL")
        violates(
            "app_user_import_result_known",
            "UPDATE projects_appuserimportrow SET result = '?', app_user_id = NULL, has_new_password = false",
        )
        violates("one_result_per_import_line", "UPDATE projects_appuserimportrow SET line = 1")
        start_import(project, "carol\n")
        running = table + "status = 'running', finished_at = NULL WHERE id = %s"
        violates("one_running_app_user_import", running, [record.pk])
