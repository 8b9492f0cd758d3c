"""Routing as CSV: export, choosing a file, what would change, applying it."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from numbers.models import CallRoute, RoutingImport
from numbers.routing import services
from portal.jobs.outbox import run_due_jobs
from projects.actor import SYSTEM
from projects.models import Project
from tests.routing_files.conftest import set_for
from tests.support.app_users import add_app_user
from tests.support.leases import make_lease
from tests.support.pages import html, text
from tests.support.queries import query_count

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]
NOW = timezone.now()


def url(project, name="routing_file", *args):
    return reverse(f"numbers:{name}", args=[project.pid, *args])


def send(browser, project, data, **how):
    return browser.post(url(project), {"file": SimpleUploadedFile("routes <1>.csv", data.encode())}, **how)


def exported(browser, project):
    answer = browser.get(url(project, "routing_export"))
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_the_export_is_a_file_to_import(customer, project, leases):
    add_app_user(project, "anna")
    services.add_user(lease=leases[0], username="anna", by=SYSTEM, now=NOW)
    services.set_pstn(lease=leases[1], target="+442079460018", by=SYSTEM, now=NOW)
    make_lease("+12125550109", project=project, voice=False)
    make_lease("+12125550108")
    table = exported(customer, project)
    assert list(csv.reader(io.StringIO(table)))[1:] == [
        ["+12125550100", "", "users", "anna", "25", "number", "end", "", "none"],
        ["+12125550101", "", "pstn", "+442079460018", "25", "number", "end", "", "none"],
        ["+12125550102", "", "default", "", "25", "number", "end", "", "none"],
    ]
    page = send(customer, project, table, follow=True)
    run_due_jobs()
    page = customer.get(page.redirect_chain[0][0])
    assert "Nothing to change" in text(page)
    assert "Apply" not in text(page)


def test_from_purchased_numbers_to_the_applied_file(customer, project, leases):
    assert url(project) in html(customer.get(reverse("numbers:purchased", args=[project.pid])))
    page = send(customer, project, "number,calls_to,target\n+12125550100,pstn,+442079460018", follow=True)
    record = RoutingImport.objects.get()
    assert page.redirect_chain == [(url(project, "routing_import", record.ref), 302)]
    assert "Being checked" in text(page)
    assert "Routing from routes &lt;1&gt;.csv" in html(page)
    polled = url(project, "routing_import_progress", record.ref)
    assert f'hx-get="{polled}?turn=1"' in html(page)
    assert "hx-get" not in html(customer.get(polled, {"turn": "600"}))
    run_due_jobs()
    page = customer.get(polled, {"turn": "8"})
    assert "hx-get" not in html(page)
    assert "1 number would change" in text(page)
    assert "Calls go to PSTN (+44 20 7946 0018) instead of the project default." in text(page)
    page = customer.post(url(project, "routing_import_apply", record.ref), follow=True)
    assert "Being applied" in text(page)
    run_due_jobs()
    page = customer.get(url(project, "routing_import", record.ref))
    assert "1 number changed" in text(page)
    assert set_for(leases[0]).pstn == "+442079460018"
    assert "Applied" in text(customer.get(url(project)))
    activity = customer.get(reverse("dashboard", args=[project.pid]))
    assert "imported the routing of 1 number from routes &lt;1&gt;.csv" in html(activity)


def test_mistakes_are_shown_and_reported_and_cannot_be_applied(customer, project, leases):
    send(customer, project, "number,calls_to,target\n+12125550100,pstn,=1+1\n+12125550101,sip,10.0.0.1")
    run_due_jobs()
    record = RoutingImport.objects.get()
    page = customer.get(url(project, "routing_import", record.ref))
    assert "2 mistakes: the file cannot be applied" in text(page)
    assert "10.0.0.1 is not an address in the public internet." in text(page)
    answer = customer.get(url(project, "routing_import_report", record.ref))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[:3] for row in rows[1:]] == [["2", "+12125550100", "Mistake"], ["3", "+12125550101", "Mistake"]]
    page = customer.post(url(project, "routing_import_apply", record.ref), follow=True)
    assert "has mistakes" in text(page)
    assert not CallRoute.objects.exists()


@pytest.mark.parametrize(("data", "words"), [("", "The file has no rows."), ("a,b\n1,2", "has to name the columns")])
def test_a_file_that_is_no_table_is_refused_beside_its_field(customer, project, data, words):
    page = send(customer, project, data)
    assert page.status_code == 422
    assert words in text(page)
    assert not RoutingImport.objects.exists()


def test_without_a_file(customer, project):
    page = customer.post(url(project))
    assert page.status_code == 422
    assert "Choose the file." in text(page)


def test_a_second_file_waits_for_the_first(customer, project, leases):
    send(customer, project, "number,calls_to\n+12125550100,default")
    page = send(customer, project, "number,calls_to\n+12125550100,default")
    assert page.status_code == 409
    assert "Another file is being checked or applied" in text(page)


def test_deleting_leaves_what_was_applied(customer, project, leases):
    send(customer, project, "number,calls_to,target\n+12125550100,pstn,+442079460018")
    run_due_jobs()
    record = RoutingImport.objects.get()
    customer.post(url(project, "routing_import_apply", record.ref))
    run_due_jobs()
    page = customer.post(url(project, "routing_import_delete", record.ref), follow=True)
    assert "What it changed stays." in text(page)
    assert set_for(leases[0]).pstn == "+442079460018"
    assert customer.get(url(project, "routing_import", record.ref)).status_code == 404


def test_many_changes_are_paged(customer, project):
    lines = ["number,calls_to,target"]
    for n in range(60):
        make_lease(f"+1212555{n:04}", project=project)
        lines.append(f"+1212555{n:04},sip,203.0.113.9")
    send(customer, project, "\n".join(lines))
    run_due_jobs()
    here = url(project, "routing_import", RoutingImport.objects.get().ref)
    page = customer.get(here)
    assert "60 numbers would change" in text(page)
    assert html(page).count('<td data-label="Line">') == 50
    last = RoutingImport.objects.get().rows.all()[49].pk
    assert html(customer.get(here, {"after": last})).count('<td data-label="Line">') == 10
    assert customer.get(here, {"after": "x"}).status_code == 422
    assert query_count(customer, here) <= 10
    assert query_count(customer, url(project)) <= 10


def test_an_archived_project_can_look_but_not_send(customer, project, leases):
    send(customer, project, "number,calls_to,target\n+12125550100,pstn,+442079460018")
    run_due_jobs()
    record = RoutingImport.objects.get()
    Project.objects.filter(pk=project.pk).update(status="archived")
    assert "Check the file" not in text(customer.get(url(project)))
    assert "Apply to" not in text(customer.get(url(project, "routing_import", record.ref)))
    assert send(customer, project, "number,calls_to\n+12125550100,default").status_code == 409
    customer.post(url(project, "routing_import_apply", record.ref))
    run_due_jobs()
    assert not CallRoute.objects.exists()
