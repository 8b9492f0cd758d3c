"""Connections to other machines are encrypted, and an unsafe installation does not start."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings

from portal import checks
from portal.core.databases import database, role_of
from tests.ops.public import run
from tests.ops.test_checks import SAFE, found

FAR, WORD = "postgres.acme-voice.net", "Kx72hPq0"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"postgresql://portal_app:{WORD}@{FAR}/portal", ["without TLS"]),
        (f"postgresql://portal_app:{WORD}@{FAR}/portal?sslmode=prefer", ["without TLS"]),
        (f"postgresql://portal_app:{WORD}@8.8.8.8/portal?sslmode=disable", ["without TLS"]),
        (f"postgresql://portal_app:{WORD}@[2606:4700::1]/portal", ["without TLS"]),
        (f"postgresql://portal_app@{FAR}/portal?sslmode=verify-full", ["no password"]),
        (f"postgresql://portal_app@{FAR}/portal", ["without TLS", "no password"]),
        (f"postgresql://portal_app:{WORD}@{FAR}/portal?sslmode=require", []),
        (f"postgresql://portal_app:{WORD}@{FAR}/portal?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem", []),
        (f"postgresql://portal_app:{WORD}@postgres:5432/portal", []),
        (f"postgresql://portal_app:{WORD}@db.portal.svc.cluster.local/portal", []),
        ("postgresql://portal_app@/portal?host=/run/postgresql", []),
        ("postgresql://portal_app@127.0.0.1/portal", []),
        ("postgresql://portal_app@10.0.0.5/portal", []),
    ],
)
@pytest.mark.parametrize("whose", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_a_database_in_the_internet_is_reached_encrypted_and_with_a_password(settings, url, words, whose):
    for name, value in SAFE.items():
        setattr(settings, name, value)
    made = database(url, "people")
    if whose == "DATABASE_URL":
        databases, owner = {"default": made}, None
    else:  # the owner connects as the application does, but for these
        near = database("postgresql://portal_app@/portal") | {"OPTIONS": made["OPTIONS"]}
        databases, owner = {"default": near}, role_of(url) | {"USER": "portal_owner"}
    settings.DATABASE_OWNER, settings.PROCESS_CLASS = owner, "command"
    with pytest.MonkeyPatch.context() as patch:  # the test's own connection stays
        patch.setattr(
            checks,
            "settings",
            SimpleNamespace(
                **{name: getattr(settings, name) for name in ("DATABASE_OWNER", "REDIS_URL", "CELERY_BROKER_URL")},
                DATABASES=databases,
            ),
        )
        found = list(checks.connection_messages())
    assert [number for number, _ in found] == ["E019"] * len(words)
    for word, (_, text) in zip(words, found, strict=True):
        assert word in text
        assert text.split()[0].rstrip(":") == whose


def test_how_tls_is_asked_for_reaches_the_driver():
    options = database("postgresql://a:b@db/portal?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem")["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ca.pem")


def test_mail_over_tls_from_the_first_byte_is_as_good(settings):
    assert found(settings, SAFE | {"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}) == set()


@pytest.mark.django_db
def test_nothing_is_left_for_a_deployment_to_mend():
    result = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr
    assert "System check identified no issues" in result.stdout + result.stderr


@pytest.mark.django_db
def test_the_settings_of_mail_reach_django():
    show = "from portal import settings as s; print(s.EMAIL_PORT, s.EMAIL_USE_SSL, s.EMAIL_USE_TLS)"
    assert run("-c", show, EMAIL_PORT="465", EMAIL_USE_SSL="1", EMAIL_USE_TLS="0").stdout.strip() == "465 True False"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback(host):
    assert checks.is_loopback(host)


@pytest.mark.parametrize("host", [None, "", "0.0.0.0", "10.0.0.1", "127.0.0.1.evil.net", "localhost.evil.net"])
def test_not_loopback(host):
    assert not checks.is_loopback(host)


UNSAFE = {"SITE_URL": "http://portal.acme-voice.net", "DEBUG": "0"}


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "granian", "--interface", "wsgi", "portal.wsgi:application", "--host", "127.0.0.1", "--port", "0"],
        ["-m", "portal.work", "default"],
        ["-m", "celery", "-A", "portal", "beat", "--schedule", "SCHEDULE", "--pidfile", ""],
        ["manage.py", "check"],
    ],
    ids=["web", "worker", "beat", "manage.py"],
)
def test_an_unsafe_installation_does_not_start(command, tmp_path):
    # A folder of its own: beat replaces the file it is given, whatever it is.
    command = [str(tmp_path / "schedule") if part == "SCHEDULE" else part for part in command]
    result = subprocess.run(
        [sys.executable, *command],
        env=os.environ | UNSAFE,
        cwd=django_settings.BASE_DIR,
        timeout=60,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    assert "portal.E004" in result.stdout + result.stderr
