"""The vectors of docs/webhooks.md are what is sent, and what the public library of Standard Webhooks accepts."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from projects.webhooks import signing
from projects.webhooks.requests import with_parameters

DOCS = Path("docs/webhooks.md").read_text(encoding="utf-8")
SECRET, ID, STAMP = re.findall(r"secret `(\S+)`, id `(\S+)`, timestamp `(\d+)`", DOCS)[0]
VECTORS = dict(re.findall(r"\| (POST|GET), [a-z ]+ \| `(.+)` \|\n\| signature \| `.+` \|", DOCS))
SIGNATURES = dict(re.findall(r"\| (POST|GET), [a-z ]+ \| `.+` \|\n\| signature \| `(.+)` \|", DOCS))
MESSAGE = {
    "request": "incoming-sms", "source": "+123456789", "destination": "+1987654321", "message": "test message",
}  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_vector_is_what_we_sign_and_what_the_library_accepts(method):
    payload = VECTORS[method].encode()
    headers = signing.headers([SECRET], ID, int(STAMP), payload)
    assert headers["webhook-signature"] == SIGNATURES[method]
    with time_machine.travel(datetime.fromtimestamp(int(STAMP), UTC)):
        if method == "POST":
            assert Webhook(SECRET).verify(payload, headers) == {"test": 2432232314}
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(payload + b" ", headers)


def test_the_query_of_the_vector_is_the_guides_message():
    assert with_parameters("https://example.com:443/incomingsms", MESSAGE).partition("?")[2] == VECTORS["GET"]


def test_during_a_rotation_the_library_accepts_with_either_secret():
    other, payload = signing.new_secret(), b'{"test": 2432232314}'
    headers = signing.headers([other, SECRET], ID, int(STAMP), payload)
    with time_machine.travel(datetime.fromtimestamp(int(STAMP), UTC)):
        for secret in (other, SECRET):
            assert Webhook(secret).verify(payload, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(signing.new_secret()).verify(payload, headers)
