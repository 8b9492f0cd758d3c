"""The API reference of a project: its commands are run as a shell would, its error codes are those of the source."""

import json
import re
import subprocess
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from numbers.guide_api import documented_errors, reference
from numbers.inventory import stats
from numbers.models import CallRoute, Lease, Order
from projects import tokens
from projects.actor import SYSTEM
from projects.services import archive_project
from projects.suspension import suspend
from tests.access.routes import ROUTES
from tests.architecture.layers import ROOT, all_imports
from tests.guide_api.test_error_codes import documented, raised
from tests.support.inventory import make_number
from tests.support.pages import flat
from tests.support.people import actor, sign_in
from tests.support.projects import make_project
from tests.support.purchases import purchase_number

# What modules of these calls raise for other doors.
NOT_HERE = {
    "not_found": "only below the addresses of the calls", "forbidden": "roles are of people",
    "token_unknown": "page", "token_rotation_running": "page", "token_no_secondary": "page",
    "docs_required": "becomes an order", "price_changed": "the calls name no price", "holder_invalid": "page",
    "order_closed": "page", "invalid_city": "the calls take no city",
    "key_reused": "each purchase books under its own key",
    "insufficient_hold": "of orders in review", "<name>_status_changed": "the number is locked and looked at before",
    **dict.fromkeys(  # of settings that the call does not touch
        ("app_user_unknown", "app_user_inactive", "app_user_listed", "too_many_users", "ring_time_invalid",
         "app_username_missing", "app_username_too_long", "app_username_invalid", "caller_id_not_offered",
         "invalid_sip_server", "sip_target_private", "invalid_caller", "too_many_blocked",
         "webhook_method_unknown", "request_text_invalid", "fallback_same_url", "own_header_invalid",
         "basic_credentials_invalid", "webhook_secret_unknown", "webhook_secret_rotated"), "page"),
    **dict.fromkeys(("spend_cap_invalid", "call_price_limit_invalid", "channels_invalid"), "of the whole project"),
}  # fmt: skip


def page_of(client, project, user=None):
    sign_in(client, user or project.created_by)
    return client.get(reverse("numbers:api_reference", args=[project.pid]))


def samples(answer):
    """Label → text of every block of code on the page; the copy button has the very same text."""
    html = answer.content.decode()
    shown = re.findall(
        r'<pre tabindex="0" role="region" aria-label="([^"]+)"><code>(.*?)</code></pre>\s*'
        r'<button [^>]*data-copy="([^"]*)"',
        html,
        re.DOTALL,
    )
    assert len(shown) == html.count("<pre") == 7
    assert all(unescape(text) == unescape(copied) for _, text, copied in shown)
    return {label: unescape(text) for label, text, _ in shown}


def shell(*commands):
    """(status, body) of the last command, in one shell."""
    *before, command = commands
    script = "\n".join([*before, command.replace("curl ", "curl -s -S --max-time 60 -w '\\n%{http_code}' ", 1)])
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body, parse_float=Decimal)


def shape(value):
    """Names, types and what a call says in words of its own; ids, prices and counts differ from run to run."""
    match value:
        case dict():
            return {name: "an id" if name == "order_id" else shape(each) for name, each in value.items()}
        case list():
            return [shape(each) for each in value[:1]]
        case int() | Decimal():
            return type(value).__name__
    return value


@pytest.mark.django_db(transaction=True)
def test_every_command_on_the_page_works_when_copied(client, live_server, settings):
    settings.SITE_URL = live_server.url
    project = make_project(credit="100.00")
    make_number("+12125550142", docs_required=True)
    make_number("+12125550143", setup_price=Decimal("0.55"))
    stats.refresh()
    stats.forget()
    token = tokens.reveal(project=project, slot="primary", by=SYSTEM)
    found = samples(page_of(client, project))
    assert token not in found.values()
    key = found.pop("Command that sets the Auth Token").replace("YOUR_AUTH_TOKEN", token)
    commands = {label.removesuffix(": command"): each for label, each in found.items() if label.endswith(": command")}
    assert list(commands) == ["List numbers", "Buy a number", "Forward calls to a phone"]
    for label, command in commands.items():
        status, answer = shell(key, command)
        assert status == 200, answer
        documented_answer = json.loads(found[f"{label}: answer"], parse_float=Decimal)
        assert shape(answer) == shape(documented_answer) or label == "List numbers"
        assert answer.keys() == documented_answer.keys()
    lease = Lease.objects.get(project=project)
    assert lease.number.e164 == "+12125550143"
    assert CallRoute.objects.get(lease=lease).pstn_target == reference.FICTIONAL_TARGET
    assert not Order.objects.exists()


def test_without_stock_the_commands_name_a_number_of_nobody(client, project):
    stats.forget()
    found = samples(page_of(client, project))
    assert reference.FICTIONAL_NUMBER.e164 in found["Buy a number: command"]
    assert "This command buys" not in client.get(reverse("numbers:api_reference", args=[project.pid])).content.decode()


def test_the_page_says_what_the_command_buys(client, project):
    make_number("+12125550142", setup_price=Decimal(1), monthly_price=Decimal("2.5"))
    stats.refresh()
    assert "This command buys +1 212-555-0142 for 3.50 USD" in page_of(client, project).content.decode()


def test_calls_go_to_a_number_of_the_project_when_it_has_one(client, project):
    e164 = make_number("+12125550199").e164
    purchase_number(project, e164, now=project.created_at)
    assert f"number={e164}" in samples(page_of(client, project))["Forward calls to a phone: command"]


def test_it_shows_the_projects_id_and_never_a_token(client, project, reader):
    token = tokens.reveal(project=project, slot="primary", by=SYSTEM)
    for user in (project.created_by, reader):
        html = page_of(client, project, user).content.decode()
        assert f"projectid={project.pid}" in html
        assert token not in html
        assert "YOUR_AUTH_TOKEN" in html


@pytest.mark.parametrize("state", ["suspended", "archived"])
def test_it_can_be_read_in_a_project_that_rests(state, client, project):
    owner = project.created_by
    if state == "archived":
        archive_project(project=project, typed_name=project.name, by=actor(owner))
    else:
        suspend(project=project, reason="Unclear payments", by=SYSTEM, now=project.created_at)
    answer = page_of(client, project)
    assert answer.status_code == 200
    assert f"project_{state}" in answer.content.decode()
    assert len(samples(answer)) == 7


def test_keys_and_the_sidebar_lead_there(client, project):
    address = reverse("numbers:api_reference", args=[project.pid])
    sign_in(client, project.created_by)
    assert client.get(reverse("projects:keys", args=[project.pid])).content.decode().count(f'href="{address}"') == 2
    assert client.get(reverse("dashboard", args=[project.pid])).content.decode().count(f'href="{address}"') == 1


def test_limits_are_those_of_the_settings(client, project, settings):
    settings.LIST_NUMBERS_PER_MINUTE, settings.PROJECT_WRITES_PER_MINUTE, settings.FAILED_KEYS_PER_MINUTE = 4321, 77, 0
    html = page_of(client, project).content.decode()
    assert "<strong>4,321</strong> calls a minute from one address" in html
    assert "<strong>77</strong> calls a minute of one project" in html
    assert "<dt>Wrong keys</dt> <dd>no limit</dd>" in flat(html)


def test_it_costs_few_queries(client, project, django_assert_max_num_queries):
    address = reverse("numbers:api_reference", args=[project.pid])
    sign_in(client, project.created_by)
    client.get(address)
    with django_assert_max_num_queries(10):
        assert client.get(address).status_code == 200


class TestErrorCodes:
    def test_words_and_statuses_are_those_of_the_list_of_errors(self):
        page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
        for code, (status, meaning) in documented_errors.MEANINGS.items():
            assert documented()[code] == status
            assert f"| `{code}` | {status} | {meaning} |" in page

    def test_every_code_that_the_calls_can_raise_is_there(self):
        """From the calls' view along all imports, as far as they reach."""
        imports = {}
        for each in all_imports():
            imports.setdefault(each.importer, set()).add(each.target)
        reached, waiting = set(), ["numbers.guide_api.views", "portal.edge.machine"]
        while waiting:
            module = waiting.pop()
            if module not in reached and module != "numbers.carrier.errors":
                reached.add(module)
                waiting += imports.get(module, ())
        codes = {
            code for code, _, place in raised() if place.split(":")[0].removesuffix(".py").replace("/", ".") in reached
        }
        assert len(codes) > 30
        assert codes - set(NOT_HERE) == set(documented_errors.MEANINGS)
        assert set(documented_errors.LIST_ERRORS) | set(documented_errors.PURCHASE_ERRORS) | set(
            documented_errors.ROUTING_ERRORS
        ) == set(documented_errors.MEANINGS)

    def test_each_call_shows_its_codes_with_the_status_it_answers(self, client, project):
        html = page_of(client, project).content.decode()
        for call in reference.calls(project):
            part = html.partition(f'<section class="card" id="{call.anchor}"')[2].partition("</section>")[0]
            shown = re.findall(r'reference-code">(\d{3})</span> <code>([^<]+)</code>', part)
            assert [(int(status), unescape(code)) for status, code in shown] == [
                (refusal.status, refusal.code) for refusal in call.errors
            ]
            assert len(shown) > 12

    def test_statuses_of_the_guides_own(self, project):
        routing = {refusal.code: refusal.status for refusal in reference.calls(project)[2].errors}
        assert routing["invalid_keys"] == 404
        assert routing["number_not_yours"] == routing["project_archived"] == routing["lease_ended"] == 401
        assert routing["project_suspended"] == 403


def test_the_address_is_listed():
    assert "numbers:api_reference" in ROUTES
