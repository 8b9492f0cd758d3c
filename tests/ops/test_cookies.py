"""Under https every cookie begins with ``__Host-``, which browsers hold to this host, this path and https."""

import json

import pytest

from portal.accounts import known_browser
from tests.ops.public import HOST, run
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)  # another process reads it

# A form sets the CSRF cookie, a password a session that waits for the second factor, a view a message.
VISIT = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import django
django.setup()
from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.http import HttpResponse
from django.test import Client, RequestFactory
client = Client(headers={"host": "HOST", "x-forwarded-proto": "https"})
found = {}
for answer in (client.get("/accounts/login/"), client.post("/accounts/login/", {"login": "EMAIL", "password": "WORD"})):
    found |= answer.cookies
request = RequestFactory().get("/")
request.session = {}
answer, storage = HttpResponse(), default_storage(request)
storage.add(messages.INFO, "Saved.")
storage.update(answer)
found |= answer.cookies
print(json.dumps({name: {key: cookie[key] for key in ("secure", "path", "domain")} for name, cookie in found.items()}))
""".replace("HOST", HOST)


@pytest.fixture(autouse=True)
def _real_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]


def cookies(**changed):
    user = make_user()
    result = run("-c", VISIT.replace("EMAIL", user.email).replace("WORD", PASSWORD), **changed)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_under_https_every_cookie_is_bound_to_the_host():
    found = cookies()
    assert set(found) == {"__Host-sessionid", "__Host-csrftoken", "__Host-messages"}
    for name, cookie in found.items():
        assert cookie == {"secure": True, "path": "/", "domain": ""}, name


def test_on_loopback_they_have_plain_names():
    found = cookies(SITE_URL="http://127.0.0.1:8000", SANDBOX="1", STRIPE_SECRET_KEY="")
    assert set(found) == {"sessionid", "csrftoken", "messages"}


# In quotes, which the cookie's syntax knows, any byte can come: the test's client writes them so.
ODD = [
    "a\0bcdefghijk",
    "\0" * 32,
    "a" * 32 + "\0",
    "\u00ed\u00a0\u0080abcdefgh",
    "\u00ff" * 32,
    "x" * 6000,
    '"; abcdefgh',
    "A" * 32,
    " " * 32,
    "\r\n" * 8,
]


@pytest.mark.parametrize("value", ODD)
def test_a_cookie_that_nobody_made_counts_as_none(client, settings, value):
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, known_browser.cookie_name(), "messages"):
        for where, expected in (("/", 200), ("/accounts/login/", 200), ("/projects/", 302), ("/admin/", 302)):
            client.cookies.clear()
            client.cookies[name] = value
            assert client.get(where).status_code == expected, (name, where)
        client.cookies[name] = value
        answer = client.post("/accounts/login/", {"login": "ada@customer.example", "password": "wrong wrong"})
        assert answer.status_code == 422, name
