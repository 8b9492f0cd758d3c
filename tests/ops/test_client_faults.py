"""What clients do wrong costs one line each: with the logging of a public installation, no error and no traceback."""

import json

import pytest

from tests.ops.public import HOST, run

pytestmark = pytest.mark.django_db(transaction=True)  # another process looks

# (what is sent, status, error in the log; None: the line of the access log is all)
FAULTS = {
    "foreign host": (400, "DisallowedHost"),
    "foreign host, form": (400, "DisallowedHost"),
    "large body": (413, "RequestDataTooBig"),
    "many fields": (400, "TooManyFieldsSent"),
    "many fields in the address": (400, "TooManyFieldsSent"),
    "NUL in the address": (400, "BadRequest"),
    "broken multipart": (400, "MultiPartParserError"),
    "body that ends early": (400, "UnreadablePostError"),
    "machine: large body": (413, None),
    "machine: body that ends early": (400, None),
    "machine: many fields in the address": (400, None),
    "machine: NUL": (400, None),
}
SENT = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import django
django.setup()
from django.test import Client

class Broken:
    def read(self, *size):
        raise OSError("gone")
    readline = read

def send(name, method, path, data=None, **extra):
    client = Client(headers={"host": "HOST", "x-forwarded-proto": "https"}, raise_request_exception=False)
    answer = getattr(client, method)(path, data, **extra)
    print("#", name, "#", answer.status_code, "#", file=sys.stderr, flush=True)

FORM = "application/x-www-form-urlencoded"
gone = {"wsgi.input": Broken(), "content_type": FORM, "CONTENT_LENGTH": "20"}
send("foreign host", "get", "/", headers={"host": "attacker.example"})
send("foreign host, form", "post", "/accounts/login/", {}, headers={"host": "attacker.example"})
send("large body", "post", "/accounts/login/", "a=" + "x" * 2_000_000, content_type=FORM)
send("many fields", "post", "/accounts/login/", "&".join(f"a{n}=1" for n in range(600)), content_type=FORM)
send("many fields in the address", "get", "/accounts/login/?" + "&".join(f"a{n}=1" for n in range(600)))
send("NUL in the address", "get", "/projects/%00/")
send("broken multipart", "post", "/accounts/login/", b"x", content_type="multipart/form-data; boundary=")
send("body that ends early", "post", "/payments/stripe/webhook", b"", **gone)
send("machine: large body", "post", "/purchasenumber", "a=" + "x" * 20_000, content_type=FORM)
send("machine: body that ends early", "post", "/purchasenumber", b"", **gone)
send("machine: many fields in the address", "get", "/listnewnumbers?" + "&".join(f"a{n}=1" for n in range(600)))
send("machine: NUL", "get", "/listnewnumbers?country=%00")
""".replace("HOST", HOST)


def test_each_is_answered_and_logged_in_one_line():
    result = run("-c", SENT)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    written, seen = [], {}
    for line in result.stderr.splitlines():
        if line.startswith("#"):
            _, name, status, _ = (part.strip() for part in line.split("#"))
            seen[name], written = (int(status), written), []
        elif line.startswith("{"):
            written.append(json.loads(line))
    assert set(seen) == set(FAULTS)
    for name, (status, code) in FAULTS.items():
        answered, entries = seen[name]
        assert answered == status, name
        assert {entry["level"] for entry in entries} <= {"INFO", "WARNING"}, name
        refused = [entry for entry in entries if entry["logger"] != "portal.access"]
        assert [entry["error"] for entry in refused] == ([code] if code else []), (name, entries)
        for entry in refused:
            assert entry["message"] == "request.refused"
            assert entry["path"].startswith("/")
        assert [entry["status"] for entry in entries if entry["logger"] == "portal.access"] == [status], name
