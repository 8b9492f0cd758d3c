"""What Kannel does when something is away, and with what the portal refuses."""

import subprocess
import sys
from urllib.request import urlopen

import pytest

from numbers.models import Message, SwitchCredential
from tests.gateway.kit import DEPLOY
from tests.gateway.messages import NOT_OURS, SENDER, gsm, sms
from tests.gateway.smsc import OK, RECEIPT, Mo, until
from tests.gateway.test_arrival import arrived

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = "PORTAL_URL=https://portal.example\nSWITCH_ID=gw1\nSWITCH_SECRET=swk_0\n"


def texts():
    return sorted(Message.objects.values_list("text", flat=True))


def sent(smsc, *contents):
    messages = [smsc.take(sms(each)) for each in contents]
    assert smsc.settled(*messages) == [OK] * len(contents)


def test_what_came_while_the_portal_was_away_arrives_once(lease, customer_server, smsc, kannel, portal):
    with portal.away():
        sent(smsc, "first", "second")
        until(lambda: not kannel.stored(), "smsbox to take them")
    with portal.frozen():
        sent(smsc, "third")
    assert sorted(text for _, text in arrived(customer_server, 3)) == ["first", "second", "third"]
    assert texts() == ["first", "second", "third"]


def test_a_refused_credential_loses_nothing(lease, smsc, kannel):
    SwitchCredential.objects.update(scopes=["routes"])
    sent(smsc, "kept")
    until(lambda: not kannel.stored(), "smsbox to take it")
    SwitchCredential.objects.update(scopes=["sms"])
    until(lambda: texts() == ["kept"], "the message")


def test_killed_boxes_lose_nothing_that_smsbox_has_not_taken(lease, smsc, kannel):
    kannel.kill("smsbox")
    sent(smsc, "kept")
    kannel.kill("bearerbox")
    assert len(kannel.stored()) == 1
    (kannel.folder / "bearerbox.log").unlink()
    kannel.start()
    until(lambda: texts() == ["kept"], "the message")


def test_an_unknown_number_is_given_up_and_receipts_are_no_messages(lease, smsc, kannel, portal):
    """Kannel repeats whatever is not answered with 200."""
    refused = smsc.take(Mo(SENDER, NOT_OURS, gsm("nobody")))
    receipt = smsc.take(Mo(SENDER, NOT_OURS, b"id:1 sub:001 stat:DELIVRD err:000 text:", esm_class=RECEIPT))
    assert smsc.settled(refused, receipt) == [OK, OK]
    sent(smsc, "Hello")
    until(lambda: texts() == ["Hello"], "the message that came later")
    until(lambda: "messages.refused" in portal.log(), "the portal to note it")
    assert "nobody" not in portal.log()
    status = urlopen(f"http://127.0.0.1:{kannel.admin_port}/status.txt?password=status").read().decode()
    assert "SMS: received 2 (0 queued)" in status


def test_no_text_and_no_secret_is_logged_while_the_portal_is_away(lease, smsc, kannel, portal, secret):
    with portal.away():
        sent(smsc, "confidential")
        until(lambda: not kannel.stored(), "smsbox to take it")
    until(lambda: texts() == ["confidential"], "the message")
    assert "confidential" not in kannel.logs()
    assert secret not in kannel.logs()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("", "kannel.env: ADMIN_PORT is missing"),
        ("PORTAL_URL=ftp://x\n", "PORTAL_URL is an address"),
        ("PORTAL_URL=https://x/carrier/v1\n", "PORTAL_URL is an address"),
        ("SWITCH_SECRET=a@b\n", "SWITCH_SECRET is missing or holds"),
        (f"SWITCH_SECRET={'x' * 54}\n", "more than 56 characters together"),
        ('ADMIN_PORT="1"\n', "ADMIN_PORT"),
        ("ADMIN_PORT=x\n", "ADMIN_PORT is a number"),
        ("nonsense\n", "Line 4 is not NAME=value"),
    ],
)
def test_settings_that_cannot_be_are_named(tmp_path, changed, said):
    settings = tmp_path / "kannel.env"
    settings.write_text(SETTINGS + changed)
    script = [sys.executable, DEPLOY / "kannel" / "configure.py", DEPLOY / "kannel" / "kannel.conf.in"]
    done = subprocess.run([*script, settings], capture_output=True, text=True)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""
