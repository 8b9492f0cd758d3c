"""Sign-in, sign-up and reset do the same for every address: the same statements, hashes and cache commands. What the
same work costs in time is measured by ``make bench-accounts``."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from tests.accounts import steps
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
KINDS = {
    "known": "known@customer.example",
    "on hold": "hold@customer.example",
    "waiting": "wait@customer.example",
    "unknown": "nobody@customer.example",
}


class CountingHasher(MD5PasswordHasher):
    algorithm = "counting"
    hashed: list[str] = []

    def encode(self, password, salt):
        self.hashed.append(password)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    make_user(email=KINDS["known"])
    make_user(email=KINDS["on hold"])
    User.objects.filter(email=KINDS["on hold"]).update(is_active=False)
    steps.sign_up(Client(), email=KINDS["waiting"])
    cache.clear()


def shape(sql):
    """A statement without its values."""
    return re.sub(r"'[^']*'|\b\d+\b|\"s\d+_x\d+\"", "?", sql)


def noted(name, command, into):
    def call(*args, **kwargs):
        into.append(name)
        return command(*args, **kwargs)

    return call


def work(monkeypatch, act, email):
    commands, client = [], Client()
    client.get("/accounts/login/")
    prepared = act(client, email)
    CountingHasher.hashed.clear()
    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
        for name in ("get", "set", "add", "delete", "incr"):
            patch.setattr(cache, name, noted(name, getattr(cache, name), commands), raising=False)
        answer = prepared()
    return {
        "status": answer.status_code,
        "to": answer.headers.get("Location"),
        "hashes": len(CountingHasher.hashed),
        "queries": [shape(query["sql"]) for query in queries],
        "cache": commands,
    }


def sign_in(client, email):
    return lambda: steps.login(client, email=email, password="not the password 1")


def sign_in_with_accents(client, email):
    """Compared in each form in which it may have been stored: as typed, composed, decomposed."""
    return lambda: steps.login(client, email=email, password="n\u00f6t the p\uff41ssword 1")


def sign_up(client, email):
    data = steps.sign_up_data(email=email, captcha=steps.solve(client))
    return lambda: client.post("/accounts/signup/", data)


def reset(client, email):
    return lambda: client.post("/accounts/password/reset/", {"email": email})


@pytest.mark.parametrize(("act", "hashes"), [(sign_in, 1), (sign_in_with_accents, 4), (sign_up, 1), (reset, 0)])
def test_no_address_makes_more_work_than_another(monkeypatch, act, hashes):
    done = {kind: work(monkeypatch, act, email) for kind, email in KINDS.items()}
    assert done["known"]["hashes"] == hashes
    for kind in KINDS:
        assert done[kind] == done["known"], kind
