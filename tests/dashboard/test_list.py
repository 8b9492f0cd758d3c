import pytest

from projects import services
from projects.actor import SYSTEM
from projects.models import Role
from tests.dashboard.data import give_back
from tests.support.people import make_user, sign_in
from tests.support.projects import add_member, fund, make_project
from tests.support.purchases import buy

pytestmark = pytest.mark.django_db


def text(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_newcomer_is_shown_the_next_step(client, stranger):
    body = text(sign_in(client, stranger).get("/projects/"))
    assert "Create your first project" in body
    assert 'href="/projects/new/"' in body


def test_each_project_shows_its_id_role_numbers_and_balance(client, settings):
    owner = make_user()
    mine, theirs = make_project(owner, name="Mine"), make_project(name="Theirs")
    add_member(theirs, Role.BILLING, owner)
    fund(mine, "25.50")
    fund(theirs, "100")
    *_, gone = [buy(mine) for _ in range(3)]
    give_back(gone)
    body = text(sign_in(client, owner).get("/projects/"))
    for expected in (
        mine.pid,
        theirs.pid,
        "16.50 USD",
        "100.00 USD",
        "Owner",
        "Billing",
        f'href="/projects/{mine.pid}/"',
        '<td data-label="Numbers" class="text-figure">2</td>',
    ):
        assert expected in body
    settings.STRIPE_SECRET_KEY = "sk_live_example"
    assert "16.50 USD" not in text(client.get("/projects/")), "money of the sandbox is none"


def test_other_peoples_projects_are_not_listed(client, stranger):
    other = make_project(name="Secret plans")
    assert other.pid not in text(sign_in(client, stranger).get("/projects/"))


def test_archived_projects_come_last_and_are_marked(client):
    owner = make_user()
    first = make_project(owner, name="Aaa")
    make_project(owner, name="Zzz")
    services.archive_project(project=first, typed_name="Aaa", by=SYSTEM)
    body = text(sign_in(client, owner).get("/projects/"))
    table = body[body.index("<tbody>") :]
    assert table.index(">Zzz<") < table.index(">Aaa<") < table.index("Archived")


def test_the_page_costs_the_same_for_one_and_for_thirty_projects(client, django_assert_max_num_queries):
    owner = make_user()
    sign_in(client, owner)
    make_project(owner)
    client.get("/projects/")
    with django_assert_max_num_queries(11) as one:
        assert client.get("/projects/").status_code == 200
    for n in range(30):
        fund(make_project(owner, name=f"Project {n}"), "5")
    with django_assert_max_num_queries(11) as many:
        assert client.get("/projects/").status_code == 200
    assert len(one) == len(many)


def test_names_are_escaped(client):
    owner = make_user()
    make_project(owner, name="<b>Bold</b>")
    assert "<b>Bold</b>" not in text(sign_in(client, owner).get("/projects/"))
