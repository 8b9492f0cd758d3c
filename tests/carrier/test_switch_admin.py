"""Staff add switches and rotate their secrets in the admin site; each secret is shown once and kept nowhere."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from numbers.carrier import credentials
from numbers.carrier.models import SwitchCredential, SwitchSecret
from tests.access.drafts import ORIGIN
from tests.carrier.switch import ask
from tests.support.leases import DID
from tests.support.pages import text
from tests.support.people import browser_of, freshen, make_staff, sign_in, staff_client, totp
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db
LIST = "/admin/numbers/switchcredential/"
ADD = f"{LIST}add/"
GIVEN = {"switch_id": "edge-1", "scopes": ["routes", "cdrs"], "networks": "127.0.0.1\n10.0.0.0/8, 2001:db8::/32"}
SECRET = re.compile(r"swk_[0-9a-f]{32}")


@pytest.fixture
def network():
    return freshen(staff_client("Network"))


def page_of(switch, what="secret"):
    return f"{LIST}{switch[0].pk}/{what}/"


def current(switch):
    return SwitchSecret.objects.get(credential=switch[0], accepted_until=None).pk


def rotate(client, switch, accepted_for=86_400, replaces=None):
    return client.post(page_of(switch), {"accepted_for": accepted_for, "replaces": replaces or current(switch)})


def secret_in(answer):
    assert answer.status_code == 200
    (secret,) = set(SECRET.findall(answer.content.decode()))
    return secret


# -- who may ------------------------------------------------------------------------------------------------------


def test_only_the_network_team_adds_and_rotates(switch, network, superuser):
    others = [staff_client(team) for team in ("", "Provisioning", "Billing")]
    for address in (ADD, page_of(switch)):
        assert network.get(address).status_code == freshen(browser_of(superuser)).get(address).status_code == 200
        for other in others:
            assert freshen(other).get(address).status_code == freshen(other).post(address, GIVEN).status_code == 403
        for outside in (Client(), browser_of(make_project().created_by)):
            assert outside.get(address).status_code == outside.post(address, GIVEN).status_code == 302
    assert "Rotate secret" in text(network.get(page_of(switch, "change")))
    assert "Rotate secret" not in text(others[1].get(page_of(switch, "change")))
    assert network.get("/admin/numbers/order/").status_code == 403
    assert (SwitchCredential.objects.count(), SwitchSecret.objects.count()) == (1, 1)


def test_both_need_a_fresh_code(switch):
    client = freshen(staff_client("Network"), seconds_ago=600)
    for address in (ADD, page_of(switch)):
        for answer in (client.get(address), client.post(address, GIVEN)):
            assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/2fa/reauthenticate/")
    assert client.get(LIST).status_code == client.get(page_of(switch, "change")).status_code == 200
    assert (SwitchCredential.objects.count(), SwitchSecret.objects.count()) == (1, 1)


def test_what_was_sent_too_late_is_done_after_the_code(route):
    user = make_staff("Network")
    client = freshen(sign_in(Client(enforce_csrf_checks=True), user))
    csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(ADD).content.decode())[1]
    freshen(client, seconds_ago=600)
    ask_again = client.post(ADD, GIVEN | {"csrfmiddlewaretoken": csrf}, headers=ORIGIN)
    code = {"code": totp(user.authenticatordevice_set.get()), "csrfmiddlewaretoken": csrf}
    shown = client.post(ask_again.url, code | {"next": ADD}, headers=ORIGIN)
    assert ask(DID, secret_in(shown)).status_code == 200
    assert "no-store" in shown.headers["Cache-Control"]


def test_an_ended_session_adds_nothing(network):
    network.session.flush()
    assert network.post(ADD, GIVEN).url.startswith("/accounts/login/?next=")
    assert not SwitchCredential.objects.exists()


# -- adding -------------------------------------------------------------------------------------------------------


def test_a_switch_is_added_and_its_secret_shown_once(network, route, caplog):
    answer = network.post(ADD, GIVEN)
    secret = secret_in(answer)
    assert "only time that the secret is shown" in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert ask(DID, secret).status_code == 200
    row = SwitchCredential.objects.get()
    assert (row.switch_id, row.scopes) == ("edge-1", ["routes", "cdrs"])
    assert row.networks == ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]
    assert (
        LogEntry.objects.get().get_change_message() == "Added: routes, cdrs; from 127.0.0.1, 10.0.0.0/8, 2001:db8::/32."
    )
    kept_nowhere(secret, network, answer, caplog)


def kept_nowhere(secret, client, answer, caplog):
    """Neither on a later page, nor in a cookie, a session, the log or any table."""
    for address in (LIST, ADD, f"{LIST}{SwitchCredential.objects.get().pk}/change/", "/admin/"):
        assert secret not in client.get(address).content.decode()
    assert secret not in str(answer.headers) + str(client.cookies) + caplog.text
    assert not any(secret in str(each.get_decoded()) for each in Session.objects.all())
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE strpos(t::text, %s) > 0', [secret])
            assert cursor.fetchone() == (0,), table


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"switch_id": ""}, "Enter a name for the switch."),
        ({"switch_id": "no spaces"}, "Use letters without accents, digits, - and _ only."),
        ({"switch_id": "käse"}, "Use letters without accents, digits, - and _ only."),
        ({"switch_id": "x" * 41}, "at most 40 characters"),
        ({"switch_id": "a\x00b"}, "Null characters are not allowed."),
        ({"switch_id": "sw1"}, "There is a switch of this name already"),
        ({"scopes": []}, "Choose at least one thing that the switch may do."),
        ({"scopes": ["everything"]}, "everything is not one of the available choices."),
        ({"networks": "10.0.0.1/8"}, "10.0.0.1/8 is not a network such as"),
        ({"networks": "here"}, "here is not a network such as"),
        ({"networks": "1" * 2001}, "at most 2000 characters"),
    ],
)
def test_bad_input_is_refused_beside_its_field(switch, network, typed, words):
    answer = network.post(ADD, GIVEN | typed)
    assert answer.status_code == 422
    (name,) = typed
    assert words in " ".join(answer.context["form"].errors[name])
    assert words in text(answer)
    assert "10.0.0.0/8, 2001:db8::/32" in answer.content.decode() or name == "networks"
    assert SwitchCredential.objects.count() == 1


def test_a_second_click_and_a_revoked_name_give_no_second_switch(network):
    secret = secret_in(network.post(ADD, GIVEN))
    again = network.post(ADD, GIVEN)
    assert again.status_code == 422
    assert "rotate the secret on its page" in text(again)
    row = SwitchCredential.objects.get()
    credentials.revoke(credential=row, now=timezone.now())
    assert "perhaps a revoked one" in text(network.post(ADD, GIVEN))
    assert SwitchSecret.objects.get().digest == credentials.digest(secret)


# -- rotating -----------------------------------------------------------------------------------------------------


def test_the_old_secret_is_accepted_beside_the_new_one_for_a_while(switch, network, route, caplog):
    answer = rotate(network, switch)
    secret = secret_in(answer)
    until = SwitchSecret.objects.get(digest=credentials.digest(switch[1])).accepted_until
    assert f"accepted until {until.day} {until:%B %Y, %H:%M} UTC" in text(answer)
    assert ask(DID, secret).status_code == ask(DID, switch[1]).status_code == 200
    with time_machine.travel(until - timedelta(seconds=1), tick=False):
        assert ask(DID, switch[1]).status_code == 200
    with time_machine.travel(until + timedelta(seconds=1), tick=False):
        assert ask(DID, switch[1]).status_code == 401
        assert ask(DID, secret).status_code == 200
    assert LogEntry.objects.get().get_change_message().startswith("Secret rotated; the former one is accepted until ")
    kept_nowhere(secret, network, answer, caplog)


def test_the_old_secrets_end_at_once_by_choice(switch, network, route):
    second = secret_in(rotate(network, switch))
    answer = rotate(network, switch, accepted_for=0)
    assert "All former secrets are refused from now on." in text(answer)
    assert [ask(DID, each).status_code for each in (switch[1], second, secret_in(answer))] == [401, 401, 200]


def test_the_page_says_which_secrets_are_used_and_ends_the_former(switch, network, route):
    secret = secret_in(rotate(network, switch))
    for page in ("secret", "change"):
        assert text(network.get(page_of(switch, page))).count("UTC never") == 2
    ask(DID, switch[1])
    for page in ("secret", "change"):
        assert text(network.get(page_of(switch, page))).count("UTC never") == 1
    done = network.post(page_of(switch), {"action": "end"}, follow=True)
    assert "Only the present secret is accepted now." in text(done)
    assert (ask(DID, switch[1]).status_code, ask(DID, secret).status_code) == (401, 200)
    network.post(page_of(switch), {"action": "end"})
    messages = [each.get_change_message() for each in LogEntry.objects.order_by("pk")]
    assert messages[1:] == ["Former secrets ended."]


def test_every_carrier_call_accepts_the_former_secret(switch, network, route):
    SwitchCredential.objects.update(scopes=["routes", "cdrs"])
    rotate(network, switch)
    client = Client(headers={"Authorization": f"Bearer {switch[1]}"})
    assert client.get("/carrier/v1/sip-credentials/x/y").status_code == 404
    body = {"batch_id": "1", "cdrs": []}
    assert client.post("/carrier/v1/cdrs", body, content_type="application/json").status_code == 200


def test_of_two_tabs_the_second_rotates_nothing(switch, network, route):
    opened = current(switch)
    secret = secret_in(rotate(network, switch, replaces=opened))
    late = rotate(network, switch, replaces=opened, accepted_for=0)
    assert late.status_code == 409
    assert "rotated after this page was opened" in text(late)
    assert SECRET.search(late.content.decode()) is None
    assert ask(DID, secret).status_code == ask(DID, switch[1]).status_code == 200
    assert f'name="replaces" value="{current(switch)}"' in late.content.decode()


@pytest.mark.parametrize("action", ["rotate", "end"])
def test_a_revoked_switch_stays_refused(switch, network, route, action):
    credentials.revoke(credential=switch[0], now=timezone.now())
    assert "Rotate secret" not in text(network.get(page_of(switch, "change")))
    shown = text(network.get(page_of(switch)))
    assert "its secret stays refused" in shown
    answer = network.post(
        page_of(switch), {"action": action, "accepted_for": 0, "replaces": current(switch)}, follow=True
    )
    assert "its secret stays refused" in text(answer)
    assert SECRET.search(answer.content.decode()) is None
    assert SwitchSecret.objects.count() == 1
    assert ask(DID, switch[1]).status_code == 401


@pytest.mark.parametrize(
    "sent", [{}, {"accepted_for": "1"}, {"replaces": "x"}, {"accepted_for": "x", "replaces": "9" * 400}]
)
def test_a_form_that_no_page_offers_rotates_nothing(switch, network, sent):
    answer = network.post(page_of(switch), {"replaces": current(switch)} | sent)
    assert answer.status_code == 422
    assert 'class="errorlist' in answer.content.decode()
    assert SwitchSecret.objects.count() == 1
    assert network.get(f"{LIST}999/secret/").status_code == 404
