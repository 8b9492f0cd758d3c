"""Walks the whole URLconf: no address of a project lets in somebody whom tests/access/routes.py does not name."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from billing.payments.models import TopUp
from numbers.models import Lease, Order
from projects.access import RIGHTS, Right
from projects.models import AuditEntry, Project, Role, new_pid
from tests.access.routes import ROUTES
from tests.calls.records import make_record
from tests.support.app_users import add_app_user, start_import
from tests.support.documents import make_document
from tests.support.inventory import make_number
from tests.support.people import make_user, sign_in
from tests.support.projects import add_member, make_project
from tests.support.routing_files import start_routing_import

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def arguments(pattern):
    if isinstance(pattern, RoutePattern):
        return set(pattern.converters)
    return set(pattern.regex.groupindex)


def walk(resolver, namespace=(), above=frozenset()):
    for entry in resolver.url_patterns:
        names = above | arguments(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespace, entry.namespace) if entry.namespace else namespace
            yield from walk(entry, inner, names)
        elif isinstance(entry, URLPattern) and "pid" in names:
            yield ":".join((*namespace, entry.name or "?")), names, entry.callback


ADDRESSES = {name: (names, view) for name, names, view in walk(get_resolver())}
SAMPLES = {
    "lease": 1,
    "app_user": 1,
    "ref": uuid.UUID(int=7),
    "slot": "primary",
    "platform": "ios",
    "e164": "12125550100",
    "start": 1,
    "record": 1,
    "endpoint": 1,
    "message_id": uuid.UUID(int=7),
    "webhook_id": "test_1",
}
NAMES = sorted(set(ROUTES) & set(ADDRESSES))
CALLS = [
    (name, method)
    for name in NAMES
    for method, right in zip(("get", "post"), ROUTES[name], strict=True)
    if right is not None
]


def address(name, pid, **given):
    values = SAMPLES | given | {"pid": pid}
    return reverse(name, kwargs={key: values[key] for key in ADDRESSES[name][0]})


def call(client, name, method, pid, **given):
    return getattr(client, method)(address(name, pid, **given))


def test_every_address_is_listed_and_every_line_leads_somewhere():
    assert sorted(ADDRESSES) == sorted(ROUTES), "tests/access/routes.py must name each address below a project"


@pytest.mark.parametrize("name", NAMES)
def test_every_view_goes_through_the_one_door(name):
    rights = getattr(ADDRESSES[name][1], "rights", None)
    assert rights is not None, "the view is not behind projects.access.project_view"
    read, write = ROUTES[name]
    assert read in (rights[0], None)
    assert write in (rights[1], None)


@pytest.mark.parametrize("who", ["nobody", "the owner by password only"])
def test_nobody_gets_in_without_a_verified_login(client, who):
    owner = make_user()
    pid = make_project(owner).pid
    for name, method in CALLS:
        if who != "nobody":
            client.force_login(owner)
        response = call(client, name, method, pid)
        assert response.status_code == 302, (name, method)
        assert response.url.startswith("/accounts/login/"), (name, method)


def test_a_stranger_learns_nothing(client, stranger, other_project):
    theirs = make_project(name="A telling name")
    sign_in(client, stranger)
    for name, method in CALLS:
        real, invented = call(client, name, method, theirs.pid), call(client, name, method, new_pid())
        assert real.status_code == invented.status_code == 404, (name, method)
        assert theirs.name not in real.content.decode()


ODD = ["nope", "pid_", "PID_" + "a" * 16, "x" * 3000, "pid_" + "é" * 16, "1", "%27", "\ud7ff"]


@pytest.mark.parametrize("pid", ODD)
def test_what_is_no_project_id_is_not_found(client, pid, stranger):
    sign_in(client, stranger)
    for name, method in CALLS:
        assert call(client, name, method, pid).status_code == 404


def test_a_nul_byte_in_the_project_id_is_refused(client, stranger):
    sign_in(client, stranger)
    for name, method in CALLS:
        url = address(name, "PID").replace("PID", "pid_%00")
        assert getattr(client, method)(url).status_code in (400, 404)


@pytest.mark.parametrize("role", Role.values)
def test_each_role_does_what_it_may_and_nothing_else(client, role):
    project = make_project(name="Acme Demo")
    user = project.created_by if role == Role.OWNER else add_member(project, role)
    sign_in(client, user)
    for name, method in CALLS:
        status = call(client, name, method, project.pid).status_code
        if ROUTES[name][method == "post"] in RIGHTS[role]:
            assert status not in (403, 405), (name, method)
            assert status < 500, (name, method)
        else:
            assert status == 403, (name, method)


def test_a_read_only_member_writes_nowhere(client):
    project = make_project()
    sign_in(client, add_member(project, Role.READ_ONLY))
    before = AuditEntry.objects.count()
    for name in NAMES:
        assert call(client, name, "post", project.pid).status_code in (403, 405), name
        for method in ("put", "patch", "delete"):
            assert call(client, name, method, project.pid).status_code in (403, 405), name
    assert AuditEntry.objects.count() == before
    assert Project.objects.get().is_active


def test_a_method_that_does_not_exist_is_refused(client):
    project = make_project()
    sign_in(client, project.created_by)
    for name in NAMES:
        for method, right in zip(("get", "post"), ROUTES[name], strict=True):
            if right is None:
                answer = call(client, name, method, project.pid)
                if method == "get":  # the address of a form leads to the page of the form
                    assert (answer.status_code, answer.url.startswith(f"/projects/{project.pid}/")) == (302, True), name
                else:
                    assert answer.status_code == 405, name


def test_one_projects_things_do_not_show_under_another(client):
    """The owner of project B puts the ids of A's things into B's addresses."""
    theirs, mine = make_project(name="Theirs"), make_project(name="Mine")
    price = {"setup_price": Decimal(1), "monthly_price": Decimal(2)}
    lease = Lease.objects.create(
        number=make_number(status="leased"),
        project=theirs,
        started_at=NOW,
        anchor_day=3,
        next_charge_on=NOW.date(),
        friendly_name="Their line",
        **price,
    )
    order = Order.objects.create(number=make_number(status="held"), project=theirs, expires_at=NOW, **price)
    top_up = TopUp.objects.create(
        project=theirs,
        amount=Decimal(5),
        currency="USD",
        livemode=False,
        status="paid",
        booked=Decimal(5),
        agreed_at=NOW,
        terms_version="1",
        refund_policy_version="1",
        paid_at=NOW,
    )
    paper = make_document(theirs)
    person = add_app_user(theirs, "alice").app_user
    batch = start_import(theirs, "bob")
    table = start_routing_import(theirs, "number,calls_to\n+12125550100,default\n")
    made = make_record(lease)
    call_record = {"start": made.started, "record": made.id}
    sign_in(client, mine.created_by)
    tried = 0
    for name, method in CALLS:
        if not ADDRESSES[name][0] & {"lease", "ref", "app_user", "record"}:
            continue
        ref = _ref(name, top_up=top_up, paper=paper, order=order, batch=batch, table=table)
        response = call(client, name, method, mine.pid, lease=lease.pk, ref=ref, app_user=person.pk, **call_record)
        assert response.status_code == 404, (name, method)
        tried += 1
    assert tried >= 8
    lease.refresh_from_db()
    order.refresh_from_db()
    paper.refresh_from_db()
    person.refresh_from_db()
    assert paper.is_there
    assert person.is_active
    assert (lease.friendly_name, order.status) == ("Their line", "ordered")


def _ref(name, *, top_up, paper, order, batch, table):
    if "routing_import" in name:
        return table.ref
    if "app_user_import" in name:
        return batch.ref
    return (top_up if name.startswith("billing:") else paper if "document_" in name else order).ref


def test_the_matrix_itself():
    assert RIGHTS[Role.OWNER] == frozenset(Right)
    assert RIGHTS[Role.ADMIN] == frozenset(Right) - {Right.OWN_PROJECT}
    assert RIGHTS[Role.READ_ONLY] == {Right.VIEW}
    assert all(Right.VIEW in rights for rights in RIGHTS.values())
    assert set(RIGHTS) == set(Role.values)
