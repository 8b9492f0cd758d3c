"""What a switch gets when an app user registers (the carrier contract)."""

import hashlib
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from numbers.carrier import credentials
from projects.actor import SYSTEM
from projects.app_users import services
from projects.models import Project, new_pid
from tests.support.app_users import NOW, add_app_user, many_app_users
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db
PATH = "/carrier/v1/sip-credentials"
UNKNOWN = (404, {"error": "unknown_app_user"})


@pytest.fixture
def domain(project, settings):
    settings.SIP_DOMAIN = "sip.example.test"
    return f"{project.pid}.sip.example.test"


@pytest.fixture
def ask(switch):
    def asked(domain, username, *, slash="", secret=switch[1], client=None):
        address = f"{PATH}/{quote(domain, safe='')}/{quote(username, safe='')}{slash}"
        return (client or Client()).get(address, headers={"Authorization": f"Bearer {secret}"})

    return asked


def md5(*parts):
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()


def answer(response):
    return response.status_code, response.json()


def test_the_answer_is_the_contracts(ask, project, domain, settings):
    password = add_app_user(project, "alice").password
    response = ask(domain, "alice")
    assert answer(response) == (200, {"ha1": md5("alice", domain, password), "ttl": 60})
    assert response.headers["Content-Type"] == "application/json"
    assert b"\n" not in response.content
    assert "Set-Cookie" not in response.headers
    assert "no-store" in response.headers["Cache-Control"]
    settings.CARRIER_CREDENTIALS_TTL = 7
    assert ask(domain, "alice").json()["ttl"] == 7


def test_any_case_is_found_and_hashed_as_the_telephone_hashed_it(ask, project, domain):
    password = add_app_user(project, "alice.winter").password
    for username, spelled in (("Alice.Winter", domain), ("alice.winter", domain.upper()), ("ALICE.WINTER", domain)):
        assert answer(ask(spelled, username)) == (200, {"ha1": md5(username, spelled, password), "ttl": 60})


@pytest.mark.parametrize("username", ["+442079460018", "a/b", "a/", "a//", "/a", "a?b;c=d&e", "a~*()!$,", "a.b-c_d"])
def test_every_username_in_every_escaping(ask, project, domain, switch, username):
    expected = {"ha1": md5(username, domain, add_app_user(project, username).password), "ttl": 60}
    assert answer(ask(domain, username)) == (200, expected)
    assert answer(ask(domain, username, slash="/")) == (200, expected)
    plain = quote(username, safe="/;=&+$,!~*()-_.")
    bare = Client().get(f"{PATH}/{domain}/{plain}", headers={"Authorization": f"Bearer {switch[1]}"})
    assert answer(bare) == (200, expected)


def test_a_slash_at_the_end_is_the_names_where_there_is_such_a_name(ask, project, domain):
    without, with_slash = add_app_user(project, "a").password, add_app_user(project, "a/").password
    assert ask(domain, "a").json()["ha1"] == md5("a", domain, without)
    assert ask(domain, "a/").json()["ha1"] == md5("a/", domain, with_slash)


@pytest.mark.parametrize(
    "username", ["bob", "", "..", "alice@x", "al ice", "alice\x00", "alice\r\nX: y", "ä", "x" * 9000]
)
def test_unknown_and_nonsense_are_404(ask, project, domain, username):
    add_app_user(project, "alice")
    assert ask(domain, username).status_code == 404


@pytest.mark.parametrize(
    "spelled",
    [
        "",
        "sip.example.test",
        "pid_x.sip.example.test",
        ".sip.example.test",
        "{pid}",
        "{pid}.",
        "{pid}.other.test",
        "{pid}.sip.example.test.",
        "x.{pid}.sip.example.test",
        "{other}.sip.example.test",
        "%00",
    ],
)
def test_another_domain_is_404(ask, project, domain, spelled):
    add_app_user(project, "alice")
    other = make_project().pid
    assert ask(spelled.format(pid=project.pid, other=other), "alice").status_code == 404
    assert answer(ask(f"{new_pid()}.sip.example.test", "alice")) == UNKNOWN


def test_a_deactivated_one_and_a_new_password_count_at_once(ask, project, domain):
    added = add_app_user(project, "alice")
    services.deactivate(app_user=added.app_user, by=SYSTEM, now=NOW)
    assert answer(ask(domain, "alice")) == UNKNOWN
    services.activate(app_user=added.app_user, by=SYSTEM)
    assert ask(domain, "alice").json()["ha1"] == md5("alice", domain, added.password)
    new = services.reset_password(app_user=added.app_user, by=SYSTEM, now=NOW)
    assert ask(domain, "alice").json()["ha1"] == md5("alice", domain, new.password)


def test_nobody_registers_in_an_archived_or_suspended_project(ask, project, domain):
    add_app_user(project, "alice")
    Project.objects.update(status="archived")
    assert answer(ask(domain, "alice")) == UNKNOWN
    Project.objects.update(status="suspended", suspended_at=NOW, suspended_from="active", suspension_reason="Fraud.")
    assert answer(ask(domain, "alice")) == UNKNOWN
    Project.objects.update(status="active", suspended_at=None, suspended_from="", suspension_reason="")
    assert ask(domain, "alice").status_code == 200


def test_who_may_ask(ask, project, domain):
    add_app_user(project, "alice")
    assert answer(ask(domain, "alice", secret="wrong")) == (401, {"error": "unauthorized"})
    assert answer(ask(domain, "nobody", secret="wrong")) == (401, {"error": "unauthorized"})
    _, other = credentials.create(switch_id="gateway", scopes=["sms", "cdrs"])
    assert answer(ask(domain, "alice", secret=other)) == (403, {"error": "scope_missing"})
    assert answer(ask(domain, "nobody", secret=other)) == (403, {"error": "scope_missing"})
    _, far = credentials.create(switch_id="far", scopes=["routes"], networks=["192.0.2.0/24"])
    assert answer(ask(domain, "alice", secret=far)) == (403, {"error": "address_not_allowed"})
    assert ask(domain, "alice", secret=far, client=Client(REMOTE_ADDR="192.0.2.7")).status_code == 200
    assert Client().get(f"{PATH}/{domain}/alice").status_code == 401


def test_one_query_by_indexes(ask, project, domain, switch):
    from numbers.carrier.sip_credentials import CREDENTIALS_QUERY, parameters

    many_app_users(project, 2000)
    ask(domain, "user00001")
    with CaptureQueriesContext(connection) as queries:
        assert ask(domain, "user00001").status_code == 200
        assert ask(domain, "nobody").status_code == 404
        assert ask("nonsense", "nobody").status_code == 404
        assert ask(domain, "user00001", secret="wrong").status_code == 401
    assert len(queries) == 4
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_appuser")
        cursor.execute("SET LOCAL enable_seqscan = off")
        values = parameters(project.pid, ["user00001"], credentials.digest(switch[1]), NOW)
        cursor.execute("EXPLAIN " + CREDENTIALS_QUERY, values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    assert "one_app_user_per_username" in plan, plan


def test_other_methods_are_refused_in_json(ask, project, domain, switch):
    add_app_user(project, "alice")
    client = Client(headers={"Authorization": f"Bearer {switch[1]}"})
    for method in ("post", "put", "delete", "patch"):
        response = getattr(client, method)(f"{PATH}/{domain}/alice")
        assert answer(response) == (405, {"error": "method_not_allowed"})
    head = client.head(f"{PATH}/{domain}/alice")
    assert (head.status_code, head.content) == (200, b"")
    assert answer(client.get(PATH)) == (404, {"error": "not_found"})
    assert answer(client.get(f"{PATH}/{domain}")) == (404, {"error": "not_found"})


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.text(max_size=80) | st.just("{domain}"),
    who=st.text(max_size=80) | st.sampled_from(["alice", "ALICE/", "a" * 65]),
    escaped=st.booleans(),
)
def test_no_address_breaks_it(ask, project, domain, switch, where, who, escaped):
    where, who = (each.encode("utf-8", "ignore").decode() for each in (where, who))
    path = "/".join(quote(each, safe="" if escaped else "/%") for each in (where.replace("{domain}", domain), who))
    client = Client(headers={"Authorization": f"Bearer {switch[1]}"}, raise_request_exception=False)
    response = client.get(f"{PATH}/{path}")
    assert response.status_code in (200, 404)
    assert response.headers["Content-Type"] == "application/json"
