"""Credentials of switches: the command and the staff that make them, and the staff that revoke them."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from numbers.carrier import credentials
from numbers.carrier.models import SwitchCredential, SwitchSecret
from tests.carrier.switch import ask
from tests.support.leases import DID, NOW
from tests.support.people import browser_of, staff_client

pytestmark = pytest.mark.django_db


# -- creating credentials -----------------------------------------------------------------------------------------


def test_the_command_prints_a_secret_that_works_and_keeps_only_its_digest(route, capsys):
    call_command("create_switch", "edge-1", "--scope", "routes", "--network", "127.0.0.0/8")
    secret = capsys.readouterr().out.strip()
    assert ask(DID, secret).status_code == 200
    row, kept = SwitchCredential.objects.get(), SwitchSecret.objects.get()
    assert (row.switch_id, row.scopes, row.networks) == ("edge-1", ["routes"], ["127.0.0.0/8"])
    assert secret not in json.dumps([str(value) for value in (row.__dict__ | kept.__dict__).values()])


@pytest.mark.parametrize(
    ("switch_id", "network"),
    [
        ("sw1", "10.0.0.0/8"),
        ("no spaces", "10.0.0.0/8"),
        ("x", "nonsense"),
        ("y", "10.0.0.1/8"),
        ("z" * 41, "10.0.0.0/8"),
    ],
)
def test_the_command_refuses_bad_values(switch, switch_id, network):
    with pytest.raises(CommandError):
        call_command("create_switch", switch_id, "--scope", "routes", "--network", network)
    assert SwitchCredential.objects.count() == SwitchSecret.objects.count() == 1


def test_a_secret_is_short_enough_for_kannel(switch):
    """After 57 bytes of Basic credentials it goes on in the next line, and no server takes that for the same header."""
    assert len(f"{'x' * 20}:{switch[1]}") <= 57


def test_a_switch_has_one_present_secret(switch):
    with pytest.raises(IntegrityError, match="one_current_secret_per_switch"), transaction.atomic():
        SwitchSecret.objects.create(credential=switch[0], digest="another")


# -- staff --------------------------------------------------------------------------------------------------------


def test_staff_revoke_a_credential_in_the_admin_site_and_never_see_its_digest(switch, route, superuser):
    client = browser_of(superuser)
    listing = "/admin/numbers/switchcredential/"
    for path in (listing, f"{listing}{switch[0].pk}/change/"):
        page = client.get(path)
        assert page.status_code == 200
        assert credentials.digest(switch[1]) not in page.content.decode()
    done = client.post(listing, {"action": "revoke", "_selected_action": [switch[0].pk]}, follow=True)
    assert "1 credential(s) revoked" in done.content.decode()
    assert ask(DID, switch[1]).status_code == 401
    first = SwitchCredential.objects.get().revoked_at
    again = client.post(listing, {"action": "revoke", "_selected_action": [switch[0].pk]}, follow=True)
    assert "0 credential(s) revoked" in again.content.decode()
    credentials.revoke(credential=switch[0], now=NOW)
    assert SwitchCredential.objects.get().revoked_at == first
    assert LogEntry.objects.get().change_message == "Revoked."


@pytest.mark.parametrize("team", ["", "Provisioning", "Billing"])
def test_staff_without_the_permission_cannot_revoke(switch, route, team):
    client = staff_client(team)
    client.post("/admin/numbers/switchcredential/", {"action": "revoke", "_selected_action": [switch[0].pk]})
    assert ask(DID, switch[1]).status_code == 200
