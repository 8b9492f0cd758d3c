"""Importing app users: choosing the file, progress, report, passwords."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.jobs.outbox import run_due_jobs
from projects.app_users.models import AppUser, AppUserImport
from projects.app_users.passwords import decrypted
from projects.models import Project, Role
from tests.support.app_users import add_app_user
from tests.support.pages import html, text
from tests.support.people import browser_of
from tests.support.projects import add_member
from tests.support.queries import query_count

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]


def url(project, name="import_file", *args):
    return reverse(f"projects:app_user_{name}", args=[project.pid, *args])


def send(browser, project, data, **how):
    if isinstance(data, str):
        data = data.encode()
    return browser.post(url(project), {"file": SimpleUploadedFile("staff <1>.csv", data)}, **how)


@pytest.fixture
def done(customer, project):
    """An import that has ended, with something of each kind."""
    add_app_user(project, "bob")
    send(customer, project, "alice,Alice Winter\nbob\no'hara\n")
    run_due_jobs()
    return AppUserImport.objects.get()


def table(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_from_the_file_to_the_report(customer, project):
    assert url(project) in html(customer.get(reverse("projects:app_users", args=[project.pid])))
    page = send(customer, project, "alice,Alice Winter\nbob\n", follow=True)
    record = AppUserImport.objects.get()
    assert page.redirect_chain == [(url(project, "import", record.ref), 302)]
    assert "0 of 2 rows" in text(page)
    assert "Import of staff &lt;1&gt;.csv" in html(page)
    polled = url(project, "import_progress", record.ref)
    assert f'hx-get="{polled}?turn=1"' in html(page)
    assert f'hx-get="{polled}?turn=8"' in html(customer.get(polled, {"turn": "7"}))
    assert "hx-get" not in html(customer.get(polled, {"turn": "600"}))
    run_due_jobs()
    page = customer.get(polled, {"turn": "8"})
    assert "hx-get" not in html(page)
    assert "2 added, 0 already there, 0 not added" in text(page)
    assert "Running" not in text(customer.get(url(project)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file has no rows."),
        (b"PK\x03\x04", "This is an Excel workbook."),
        (b"a," * (600 * 1024), "The file is larger than 1 MB."),
        (b"a," * (3 * 1024 * 1024), "The file is larger than 1 MB."),
        (b"a\n" * 10_001, "more than 10,000 rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained_by_the_field(customer, project, data, words):
    page = send(customer, project, data)
    assert words in text(page)
    assert "invalid-feedback" in html(page, 422)
    assert not AppUserImport.objects.exists()
    assert "Choose the file." in html(customer.post(url(project)), 422)


def test_one_at_a_time(customer, project):
    send(customer, project, "alice\n")
    page = send(customer, project, "bob\n")
    assert "Another file is being imported" in html(page, 409)
    assert url(project, "import", AppUserImport.objects.get().ref) in html(page, 409)


def test_the_report_by_result_and_as_a_table(customer, project, done):
    here = url(project, "import", done.ref)
    page = text(customer.get(here))
    assert "All rows 3" in page
    assert "no apostrophe" in page
    assert "alice" not in html(customer.get(here, {"result": "error"})).partition('id="rows"')[2]
    assert customer.get(here, {"result": "x"}).status_code == 422
    answer = customer.get(url(project, "import_report", done.ref))
    assert table(answer) == [
        ["Line", "App Username/Login ID", "Result", "Explanation"],
        ["1", "alice", "Added", ""],
        ["2", "bob", "Already there", "Nothing was changed."],
        ["3", "o'hara", "Not added", "A username contains no apostrophe. Leave it out."],
    ]


def test_the_page_of_an_app_user_says_that_it_came_so(customer, project, done):
    pages = {}
    for app_user in AppUser.objects.all():
        page = customer.get(reverse("projects:app_user", args=[project.pid, app_user.pk]))
        pages[app_user.username] = "Added by an import" in text(page)
    assert pages == {"alice": True, "bob": False}


def test_a_long_report_is_paged_and_costs_the_same(customer, project, done):
    few = query_count(customer, url(project, "import", done.ref))
    send(customer, project, "".join(f"user{n}\n" for n in range(3000)))
    run_due_jobs()
    longer = url(project, "import", AppUserImport.objects.first().ref)
    assert query_count(customer, longer) <= few <= 10
    following = re.search(r'rel="next" href="([^"]*)"', html(customer.get(longer)))[1]
    assert following == f"{longer}?after=50#rows"
    assert "user50" in html(customer.get(following))


def test_the_new_passwords_once(customer, project, done):
    here = url(project, "import_passwords", done.ref)
    assert "We made SIP passwords for 1 app user." in text(customer.get(url(project, "import", done.ref)))
    answer = customer.post(here)
    assert "no-store" in answer.headers["Cache-Control"]
    rows = table(answer)
    assert rows[1][:3] == ["alice", "Alice Winter", decrypted(AppUser.objects.get(username="alice").sip_password)]
    dashboard = text(customer.get(reverse("dashboard", args=[project.pid])))
    assert "imported 1 app user from staff &lt;1&gt;.csv" in dashboard
    assert "downloaded the SIP passwords of 1 app user imported from" in dashboard
    AppUserImport.objects.update(passwords_taken_at=timezone.now() - timedelta(minutes=11))
    assert "cannot be shown again" in text(customer.get(url(project, "import", done.ref)))
    page = customer.post(here, follow=True)
    assert "The passwords were downloaded already" in text(page)


def test_deleted_it_is_gone_and_the_users_stay(customer, project, done):
    page = customer.post(url(project, "import_delete", done.ref), follow=True)
    assert "were deleted" in text(page)
    for name in ("import", "import_progress", "import_report"):
        assert customer.get(url(project, name, done.ref)).status_code == 404
    assert customer.post(url(project, "import_passwords", done.ref)).status_code == 404
    assert AppUser.objects.count() == 2


def test_a_day_later_it_is_gone(customer, project, done):
    AppUserImport.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert customer.get(url(project, "import", done.ref)).status_code == 404
    assert customer.post(url(project, "import_passwords", done.ref)).status_code == 404


def test_why_it_stopped(customer, project):
    send(customer, project, "alice\n")
    Project.objects.update(status="archived")
    run_due_jobs()
    page = text(customer.get(url(project, "import", AppUserImport.objects.get().ref)))
    assert "The import stopped after 0 of 1 rows. This project is archived" in page


def test_the_template_can_be_imported(customer, project):
    answer = customer.get(url(project, "import_template"))
    data = b"".join(answer.streaming_content)
    send(customer, project, data)
    run_due_jobs()
    record = AppUserImport.objects.get()
    assert (record.added, record.failed) == (2, 0)
    assert AppUser.objects.get(username="reception-2").display_name == "Reception, 2nd floor"


@pytest.mark.parametrize("role", [Role.BILLING, Role.READ_ONLY])
def test_who_may_only_look_imports_nothing(project, done, role):
    browser = browser_of(add_member(project, role))
    assert send(browser, project, "eve\n").status_code == 403
    assert browser.post(url(project, "import_passwords", done.ref)).status_code == 403
    assert browser.get(url(project, "import", done.ref)).status_code == 403
