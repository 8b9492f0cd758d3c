import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from portal.accounts.readonly_admin import COUNT_UP_TO, EstimatedPaginator
from projects import audit, tokens
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project
from tests.support import plans
from tests.support.pages import html
from tests.support.people import sign_in
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, superuser):
    return sign_in(client, superuser)


@pytest.mark.parametrize("found", ["pid", "pid[:9]", "name", "name[:4].lower()", "created_by.email"])
def test_projects_are_found(desk, found):
    wanted, other = make_project(name="Harbour Lights"), make_project(name="Quiet Valley")
    term = eval(f"wanted.{found}", {"wanted": wanted})
    body = html(desk.get("/admin/projects/project/", {"q": term}))
    assert wanted.name in body
    assert other.name not in body


def test_the_trail_is_found_by_project(desk):
    wanted, other = make_project(name="Harbour Lights"), make_project(name="Quiet Valley")
    for term in (wanted.pid, wanted.pid[:8], "harbour"):
        body = html(desk.get("/admin/projects/auditentry/", {"q": term}))
        assert wanted.created_by.email in body
        assert other.created_by.email not in body
    assert "0 audit entries" in html(desk.get("/admin/projects/auditentry/", {"q": "nowhere"}))


def test_nothing_can_be_changed(desk):
    project = make_project()
    entry = project.audit_entries.get()
    for model, pk in (("project", project.pk), ("auditentry", entry.pk)):
        assert desk.get(f"/admin/projects/{model}/add/").status_code == 403
        assert desk.post(f"/admin/projects/{model}/add/", {"name": "x"}).status_code == 403
        assert desk.post(f"/admin/projects/{model}/{pk}/change/", {"name": "x"}).status_code == 403
        assert desk.post(f"/admin/projects/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
        desk.post(f"/admin/projects/{model}/", {"action": "delete_selected", "_selected_action": pk, "post": "yes"})
    assert Project.objects.get().name == project.name
    assert AuditEntry.objects.count() == 1


def test_tokens_are_never_shown(desk):
    project = make_project()
    secret = tokens.reveal(project=project, slot="primary", by=SYSTEM)
    row = project.tokens.get()
    body = html(desk.get(f"/admin/projects/project/{project.pk}/change/"))
    assert row.hint in body
    for hidden in (secret, secret[4:36], row.digest, row.ciphertext):
        assert hidden not in body


@pytest.mark.parametrize("params", [{"q": "\x00"}, {"p": "99999999999999999999"}, {"o": "1.-9.x"}, {"q": "%' OR 1=1"}])
def test_odd_searches_do_no_harm(desk, params):
    make_project()
    for model in ("project", "auditentry"):
        assert desk.get(f"/admin/projects/{model}/", params).status_code in (200, 302, 400)


def test_a_page_costs_the_same_however_many_rows(desk, django_assert_max_num_queries):
    for _ in range(12):
        make_project()
    desk.get("/admin/")  # the first page of a session notes where it began
    for model in ("project", "auditentry"):
        with django_assert_max_num_queries(11):
            assert desk.get(f"/admin/projects/{model}/").status_code == 200


def test_many_rows_are_estimated_not_counted(db, django_assert_num_queries):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date) "
            "SELECT 's' || n, 'a', now() FROM generate_series(1, %s) AS n",
            [COUNT_UP_TO + 5_000],
        )
        cursor.execute("ANALYZE django_session")
    with django_assert_num_queries(2):
        assert EstimatedPaginator(Session.objects.order_by("-pk"), 50).count == COUNT_UP_TO + 5_000
    with django_assert_num_queries(1):
        assert EstimatedPaginator(Session.objects.filter(session_data="a").order_by("-pk"), 50).count == COUNT_UP_TO


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"pid__startswith": "pid_abc"}, "projects_project_pid"),
        ({"name__istartswith": "harb"}, "project_name_prefix"),
    ],
)
def test_the_search_uses_an_index(filters, index):
    assert index in plans.of(Project.objects.filter(**filters).order_by())


def test_the_trail_of_one_project_is_read_by_its_index():
    project = make_project()
    audit.record(project_id=project.pk, by=SYSTEM, action="project.renamed")
    plans.fill_trail(make_project())
    assert "audit_project" in plans.of(audit.recent(project.pk))
