import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.shell import activity
from projects import services, tokens
from projects.actor import SYSTEM, Actor
from projects.app_users import services as services_of_app_users
from projects.models import AuditEntry, Role
from tests.dashboard.data import give_back, route
from tests.support.app_users import NOW, add_app_user
from tests.support.pages import flat
from tests.support.people import actor, sign_in
from tests.support.projects import add_member, charge_usage, fund, make_project
from tests.support.purchases import buy, order

pytestmark = pytest.mark.django_db
STEPS = ["Create a project", "Add credits", "Buy a number", "Forward its calls"]


@pytest.fixture
def starting_credit():
    return None


@pytest.fixture
def look(client, owner, project):
    sign_in(client, owner)

    def body():
        response = client.get(f"/projects/{project.pid}/")
        assert response.status_code == 200
        return flat(response.content.decode())

    return body


def done(body):
    """Titles of the checklist's steps that are marked as done, and the address of the step to take now."""
    cards = re.findall(r'<li class="step-card([^"]*)">(.*?)</li>', body)
    titles = [re.search(r"<strong>(.*?)</strong>", card)[1] for _, card in cards]
    marked = [title for title, (state, _) in zip(titles, cards, strict=True) if "is-done" in state]
    links = re.findall(r'<a class="btn btn-sm btn-primary" href="([^"]+)"', "".join(card for _, card in cards))
    return titles, marked, links


class TestChecklist:
    def test_it_follows_the_data_and_goes_when_all_is_done(self, look, project):
        here = f"/projects/{project.pid}"
        assert done(look()) == (STEPS, STEPS[:1], [f"{here}/credits/"])
        fund(project, "20")
        assert done(look()) == (STEPS, STEPS[:2], [f"{here}/numbers/buy/"])
        lease = buy(project)
        assert done(look()) == (STEPS, STEPS[:3], [f"{here}/numbers/purchased/"])
        route(lease)
        assert done(look()) == ([], [], [])
        assert "Get started with your first number" not in look()
        give_back(lease)
        buy(project)
        assert done(look()) == (STEPS, STEPS[:3], [f"{here}/numbers/purchased/"]), "its calls went with it"

    def test_spent_credit_stays_done(self, look, project):
        fund(project, "3")
        buy(project)
        assert STEPS[1] in done(look())[1]

    def test_another_projects_life_counts_nothing(self, look):
        other = make_project(credit="20")
        route(buy(other))
        assert done(look())[1] == STEPS[:1]

    @pytest.mark.parametrize("role", [Role.DEVELOPER, Role.READ_ONLY])
    def test_a_step_that_the_role_may_not_take_has_no_button(self, client, project, role):
        sign_in(client, add_member(project, role))
        assert done(client.get(f"/projects/{project.pid}/").content.decode().replace("\n", " "))[2] == []


class TestFigures:
    def test_balance_held_numbers_and_cost(self, look, project):
        fund(project, "50")
        for _ in range(2):
            buy(project)  # 3.00 each: setup 1, first month 2
        order(project)
        body = look()
        assert '<p class="stat-value">41.00 USD</p>' in body
        assert "3.00 USD held for orders" in body
        assert '<p class="stat-value">2</p> <p class="stat-note">1 ordered</p>' in body
        assert '<p class="stat-value">4.00 USD</p>' in body

    def test_next_charges_name_number_day_and_amount(self, look, project):
        fund(project, "50")
        lease = buy(project, now=datetime.now(UTC))
        body = look()
        table = body[body.index("Next charges") :]
        day = lease.next_charge_on
        for expected in (
            "+1 212-555-",
            f"{day.day} {day:%b %Y}",
            "2.00 USD",
            f"/projects/{project.pid}/numbers/purchased/{lease.pk}/",
        ):
            assert expected in table

    def test_the_chart_shows_thirty_days_as_the_ledger_has_them(self, look, project):
        now = datetime.now(UTC)
        fund(project, "50")
        for days in (0, 29, 29, 30):
            buy(project, now=now - timedelta(days=days))
        body = look()
        chart = json.loads(re.search(r'<script id="spend-data" type="application/json">(.*?)</script>', body)[1])
        values = chart["series"][0]["values"]
        assert (len(values), values[0], values[-1], sum(values)) == (30, 6.0, 3.0, 9.0)
        assert chart["labels"][-1] == f"{now:%b} {now.day}"
        assert "9.00 USD" in body[body.index("Spend, last 30 days") :]
        assert "Show as a table" in body

    @pytest.mark.parametrize(("days", "daily"), [(29, 3), (31, 0)])
    def test_how_long_the_credit_lasts_counts_the_usage_of_thirty_days(self, days, daily, look, client, project):
        fund(project, "500")
        buy(project)
        charge_usage(project, "90", at=datetime.now(UTC) - timedelta(days=days))
        look()
        assert client.get(f"/projects/{project.pid}/").context["forecast"].daily_usage == daily

    def test_nothing_spent_draws_no_chart(self, look):
        body = look()
        assert "Nothing spent yet" in body
        assert "chart.umd" not in body

    def test_keys_and_details(self, look, project):
        token = tokens.reveal(project=project, slot="primary", by=SYSTEM)
        add_member(project)
        body = look()
        assert f'data-copy="{project.pid}"' in body
        assert f"ptk_••••••••••••{token[-4:]}" in body
        assert token not in body
        assert "<dt>Members</dt><dd>2</dd>" in body
        assert f'<dt>App users</dt> <dd><a href="/projects/{project.pid}/app-users/">0</a></dd>' in body

    def test_active_app_users_are_counted(self, look, project):
        add_app_user(project, "alice")
        services_of_app_users.deactivate(app_user=add_app_user(project, "bob").app_user, by=SYSTEM, now=NOW)
        add_app_user(make_project(), "carol")
        assert f'<dt>App users</dt> <dd><a href="/projects/{project.pid}/app-users/">1</a></dd>' in look()

    @pytest.mark.parametrize(
        ("role", "reveals", "buys"),
        [
            (Role.ADMIN, True, True),
            (Role.DEVELOPER, True, True),
            (Role.BILLING, False, False),
            (Role.READ_ONLY, False, False),
        ],
    )
    def test_each_role_sees_its_buttons(self, client, project, role, reveals, buys):
        sign_in(client, add_member(project, role))
        body = client.get(f"/projects/{project.pid}/").content.decode()
        assert ("Reveal</button>" in body) is reveals
        assert (f'class="btn btn-primary" href="/projects/{project.pid}/numbers/buy/"' in body) is buys

    def test_an_archived_project_offers_no_purchase(self, look, project):
        services.archive_project(project=project, typed_name=project.name, by=SYSTEM)
        body = look()
        assert "Buy a new Number</a>" not in body[body.index('id="main"') :]
        assert "Add credits</a>" not in body
        assert done(body)[2] == []

    def test_a_full_page_needs_few_queries(self, client, owner, project, django_assert_max_num_queries):
        sign_in(client, owner)
        fund(project, "100")
        for lease in [buy(project) for _ in range(6)]:
            route(lease)
        order(project)
        client.get(f"/projects/{project.pid}/")
        with django_assert_max_num_queries(10):
            assert client.get(f"/projects/{project.pid}/").status_code == 200


class TestActivity:
    def test_the_last_eight_in_words_newest_first(self, look, project, owner):
        fund(project, "50")
        for n in range(9):
            services.rename_project(project=project, name=f"Name {n}", by=actor(owner))
        body = look()
        assert body.count('<span class="activity-icon">') == 8
        assert body.index("renamed the project to “Name 8”") < body.index("renamed the project to “Name 1”")
        assert "“Name 0”" not in body
        assert f"<strong>{owner.email}</strong>" in body

    @pytest.mark.parametrize(
        ("action", "data", "words"),
        [
            ("number.purchased", {}, "bought +1 212-555-0101"),
            ("number.ordered", {}, "ordered +1 212-555-0101"),
            ("order.cancelled", {}, "cancelled the order of +1 212-555-0101"),
            ("route.set", {"target": "+14155550100"}, "forwarded calls to +1 212-555-0101 to +1 415-555-0100"),
            ("credits.top_up", {"amount": "50.00"}, "added 50.00 USD of credits"),
            ("credits.reversal", {"amount": "-50.00"}, "reversed 50.00 USD after a refund or dispute"),
            ("credits.top_up", {}, "added credits of credits"),
            ("project.archived", {}, "archived the project"),
            ("something.new", {}, "new something +12125550101"),
        ],
    )
    def test_words(self, action, data, words):
        entry = AuditEntry(action=action, subject="+12125550101", data=data, actor_kind="user", actor_label="Ada")
        assert activity.line(entry).words == words

    def test_whose_doing_it_was(self):
        assert activity.line(AuditEntry(actor_kind="system", actor_label="system", action="a.b")).who == "The portal"

    def test_names_cannot_inject_markup(self, look, project):
        by = Actor("user", "<script>x</script>", None)
        services.rename_project(project=project, name="<i>{subject}", by=by)
        body = look()
        assert "<script>x" not in body
        assert "&lt;i&gt;{subject}" in body
