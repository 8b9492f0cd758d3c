"""Every page of the admin site is one that we designed: a list of them, and what each lets staff change."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from portal.admin_site import OURS
from portal.jobs.models import Job
from tests.access.addresses import paths
from tests.support.people import sign_in
from tests.support.projects import make_project

# Model: what can be changed on its pages, and where its test is. A new page is written down here.
PAGES = {
    "accounts.User": "rights and address, mailed and in the person's activity: tests/accounts",
    "projects.Project": "suspension, audited and mailed: tests/projects/test_suspension.py",
    "projects.AuditEntry": "nothing",
    "billing.Account": "nothing",
    "billing.Transfer": "nothing",
    "billing.TopUp": "nothing",
    "billing.StripeEvent": "nothing",
    "billing.CallPrice": "what calls cost, with what they cost before; nothing of a customer: tests/billing",
    "numbers.Number": "nothing",
    "numbers.NumberStat": "nothing",
    "numbers.FeedImport": "nothing",
    "numbers.SupplyChange": "nothing",
    "numbers.Lease": "nothing",
    "numbers.Order": "the desk's decisions, audited and mailed: tests/desk",
    "numbers.DocumentType": "the types, in their history; nothing of a customer: tests/regulations",
    "numbers.Regulation": "the rules, in their history; placed orders keep theirs: tests/regulations",
    "numbers.BarredRange": "where calls may not be sent, in its history; nothing of a customer: tests/routing",
    "numbers.ParkedCallRecord": "resolving with a note, in its history: tests/calls/test_parked_admin.py",
    "numbers.SwitchCredential": "adding, rotating, revoking the operator's own, in its history: tests/carrier",
    "jobs.Job": "queueing a failed one again, in its history: below",
    "jobs.OutgoingMail": "nothing",
}


def test_each_page_is_listed_and_one_of_ours():
    registered = {model._meta.label: page for model, page in admin.site._registry.items()}
    assert set(registered) == set(PAGES)
    for label, page in registered.items():
        assert type(page).__module__.split(".")[0] in OURS, label
        for inline in page.inlines:
            assert inline.__module__.split(".")[0] in OURS, label


def test_the_page_of_a_library_does_not_appear():
    class Theirs(admin.ModelAdmin):
        pass

    Theirs.__module__ = "some_library.admin"
    site = type(admin.site)()
    site.register(Job, Theirs)
    site.register(Job)
    assert site._registry == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "app",
    [
        "account/emailaddress",
        "usersessions/usersession",
        "auth/group",
        "auth/user",
        "account/emailconfirmation",
        "admin/logentry",
        "sites/site",
    ],
)
def test_what_libraries_offer_is_not_there(client, superuser, app):
    sign_in(client, superuser)
    assert client.get("/admin/").status_code == 200
    for where in ("", "add/", "1/change/"):
        assert client.get(f"/admin/{app}/{where}").status_code == 404


@pytest.mark.django_db
def test_pages_that_change_nothing_take_nothing(client, superuser):
    project = make_project(superuser)
    sign_in(client, superuser)
    changing = [label for label, words in PAGES.items() if words == "nothing"]
    tried = 0
    for label in changing:
        base = "/admin/" + label.lower().replace(".", "/") + "/"
        assert [where for where in paths(object_id=project.pk) if where.startswith(base)], label
        assert client.get(base).status_code == 200, label
        assert client.post(f"{base}add/", {"a": "b"}).status_code == 403, label
        for where in ("change", "delete"):
            answer = client.post(f"{base}{project.pk}/{where}/", {"post": "yes"})
            assert answer.status_code in (302, 403), (label, where)  # 302: there is no such row
            assert answer.status_code == 403 or answer.url == "/admin/", (label, where)
            tried += 1
        client.post(base, {"action": "delete_selected", "_selected_action": project.pk, "post": "yes"})
    assert tried == 2 * len(changing)
    assert not LogEntry.objects.exists()


@pytest.mark.django_db
def test_a_job_queued_again_is_in_its_history(client, superuser):
    job = Job.objects.create(kind="test.note", state="failed", finished_at=timezone.now())
    sign_in(client, superuser)
    client.post("/admin/jobs/job/", {"action": "queue_again", "_selected_action": job.pk})
    job.refresh_from_db()
    assert job.state == "queued"
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.get_change_message()) == (superuser, str(job.pk), "Queued again.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "page"),
    [  # the desk's queue is a page of its own, without Django's list
        (model, page)
        for model, page in admin.site._registry.items()
        if type(page).changelist_view is admin.ModelAdmin.changelist_view
    ],
    ids=str,
)
def test_a_list_answers_no_questions_about_what_it_does_not_show(client, superuser, model, page):
    """Django lets an address put any condition on the table's columns, hashes and keys included."""
    sign_in(client, superuser)
    at = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    offered = {
        getattr(each, "parameter_name", each[0] if isinstance(each, tuple) else each) for each in page.list_filter
    }
    for field in model._meta.concrete_fields:
        if field.name not in offered:
            for lookup in (field.name, f"{field.name}__startswith", f"{field.name}__isnull", f"{field.name}__regex"):
                answer = client.get(at, {lookup: "1"})
                assert answer.status_code == 400, lookup
