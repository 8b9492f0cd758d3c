"""What an installation is refused for. `SAFE` is a public one; each case spoils one thing."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings

from portal import checks
from portal.core.databases import database, role_of
from tests.ops.public import run

SAFE = {
    "DEBUG": False,
    "SITE_URL": "https://portal.acme-voice.net",
    "ALLOWED_HOSTS": ["portal.acme-voice.net"],
    "SECRET_KEY": "w8Jd0-f3kQz_7LxPv2RtYb6NcHs9GmAe4WuTi1OoKjXpVqZrD5",
    "ENCRYPTION_KEYS": [Fernet.generate_key().decode()],
    "SANDBOX": False,
    "STRIPE_SECRET_KEY": "sk_live_000000000000000000000000",
    "STRIPE_API_BASE": "",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_00000000000000000000"],
    "ALLOW_PRIVATE_HOSTS": False,
    "SUPPORT_EMAIL": "support@acme-voice.net",
    "OPERATOR": "Acme Voice Ltd, 1 Example Street, Exampletown",
    "DEFAULT_FROM_EMAIL": "Acme Voice <no-reply@acme-voice.net>",
    "SIP_DOMAIN": "sip.acme-voice.net",
    "PSTN_GATEWAYS": ["gw1.acme-voice.net:5060"],
    "EMAIL_DELIVERY_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "CSRF_TRUSTED_ORIGINS": [],
    "EMAIL_USE_TLS": True,
    "EMAIL_USE_SSL": False,
    "ALTCHA_MAX_NUMBER": 60_000,
}
LOOPBACK = SAFE | {
    "SITE_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "SANDBOX": True,
    "STRIPE_SECRET_KEY": "sk_sandbox_0000000000000000",
    "STRIPE_API_BASE": "http://127.0.0.1:8002",
    "ALLOW_PRIVATE_HOSTS": True,
    "SUPPORT_EMAIL": "support@example.test",
    "ALTCHA_MAX_NUMBER": 1000,
    "EMAIL_USE_TLS": False,
    "CSRF_TRUSTED_ORIGINS": ["http://127.0.0.1:3000"],
}


def found(settings, values):
    for name, value in values.items():
        setattr(settings, name, value)
    return {error.id.removeprefix("portal.") for error in checks.unsafe_configuration()}


def test_a_safe_public_installation_and_the_demo_pass(settings):
    assert found(settings, SAFE) == set()
    assert found(settings, LOOPBACK) == set()


@pytest.mark.parametrize(
    ("number", "name", "value"),
    [
        ("E001", "DEBUG", True),
        ("E002", "SECRET_KEY", "short"),
        ("E002", "SECRET_KEY", "a" * 60),
        ("E002", "SECRET_KEY", "insecure-development-key-0000000000000000000000000000000"),
        ("E003", "ENCRYPTION_KEYS", []),
        ("E003", "ENCRYPTION_KEYS", ["not-a-key"]),
        ("E003", "ENCRYPTION_KEYS", [next(iter(checks.DEVELOPMENT_KEYS))]),
        ("E004", "SITE_URL", "http://portal.acme-voice.net"),
        ("E004", "SITE_URL", "portal.acme-voice.net"),
        ("E004", "SITE_URL", "https://portal.acme-voice.net/portal"),
        ("E015", "CLAMAV_ADDRESS", "clamd"),
        ("E015", "CLAMAV_ADDRESS", "clamd:tcp"),
        ("E015", "DOCUMENT_ROOT", f"{django_settings.STATIC_ROOT}/documents"),
        ("E005", "ALLOWED_HOSTS", ["*"]),
        ("E005", "ALLOWED_HOSTS", []),
        ("E006", "STRIPE_SECRET_KEY", ""),
        ("E006", "STRIPE_SECRET_KEY", "pk_live_000000000000000000000000"),
        ("E007", "STRIPE_SECRET_KEY", "sk_sandbox_000000000000000000"),
        ("E007", "STRIPE_API_BASE", "http://127.0.0.1:8002"),
        ("E007", "STRIPE_API_BASE", "https://stripe.attacker.net"),
        ("E007", "SANDBOX", True),
        ("E007", "STRIPE_WEBHOOK_SECRETS", []),
        ("E008", "STRIPE_WEBHOOK_SECRETS", ["whsec_short"]),
        ("E009", "ALLOW_PRIVATE_HOSTS", True),
        ("E010", "SUPPORT_EMAIL", "support@example.test"),
        ("E010", "DEFAULT_FROM_EMAIL", "Acme <no-reply@example.com>"),
        ("E010", "SIP_DOMAIN", "sip.example.test"),
        ("E010", "PSTN_GATEWAYS", ["gw1.acme-voice.net", "gw2.example.test:5060"]),
        ("E012", "EMAIL_DELIVERY_BACKEND", "django.core.mail.backends.console.EmailBackend"),
        ("E013", "ALTCHA_MAX_NUMBER", 1000),
        ("E014", "OPERATOR", ""),
        ("E016", "CSRF_TRUSTED_ORIGINS", ["http://portal.acme-voice.net"]),
        ("E016", "CSRF_TRUSTED_ORIGINS", ["https://help.acme-voice.net", "https://*.acme-voice.net"]),
        ("E016", "CSRF_TRUSTED_ORIGINS", ["*"]),
        *[
            ("E016", "CSRF_TRUSTED_ORIGINS", [origin])
            for origin in (
                "HTTP://help.acme-voice.net",
                "https://help.acme-voice.net/",
                "https://help.acme-voice.net/a",
                "https://",
                "https:// help.acme-voice.net",
                "https://help.acme-voice.net help",
                "https://a@help.acme-voice.net",
                "null",
                "https://help.acme-voice.net?",
                "https://.acme-voice.net",
                "https://help.acme-voice.net.",
                "//acme-voice.net",
                "HTTPS://help.acme-voice.net",
                "https://help.acme-voice.net:x",
                "https://acme*.net",
                "https://acme-voice.net\n",
            )
        ],
        *[
            ("E005", "ALLOWED_HOSTS", ["portal.acme-voice.net", host])
            for host in (
                "*",
                " * ",
                ".",
                ".net",
                ".acme-voice.net",
                "*.acme-voice.net",
                "https://x.net",
                "x.net:443",
                "x.net/",
                "",
                "a b",
            )
        ],
        ("E005", "ALLOWED_HOSTS", ["other.acme-voice.net"]),
        *[
            ("E004", "SITE_URL", url)
            for url in (
                "HTTPS://portal.acme-voice.net",
                "https://Portal.acme-voice.net",
                "https://a:b@portal.acme-voice.net",
                "https://",
                "https://portal.acme-voice.net#a",
                "https://portal.acme-voice.net?a",
                "https://portal acme-voice.net",
                "ftp://portal.acme-voice.net",
                "https://portal.acme-voice.net:x",
                "https://*.acme-voice.net",
            )
        ],
        ("E002", "SECRET_KEY", "abcdefghi" * 6),
        ("E002", "SECRET_KEY_FALLBACKS", ["short"]),
        ("E002", "SECRET_KEY_FALLBACKS", ["insecure-development-key-0000000000000000000000000000000"]),
        ("E003", "ENCRYPTION_KEYS", ["A" * 43 + "="]),
        ("E003", "ENCRYPTION_KEYS", [Fernet.generate_key().decode(), "YWJj"]),
        ("E003", "ENCRYPTION_KEYS", ["\u00e9"]),
        ("E003", "ENCRYPTION_KEYS", ["YWJj" * 10 + "YWI="]),
        ("E018", "TRUSTED_PROXIES", -1),
        *[
            ("E019", name, url)
            for name in ("REDIS_URL", "CELERY_BROKER_URL")
            for url in (
                "redis://:long@valkey.acme-voice.net:6379/0",
                "rediss://valkey.acme-voice.net:6379/0",
                "redis://1.1.1.1/0",
            )
        ],
        ("E017", "EMAIL_USE_TLS", False),
        ("E017", "EMAIL_USE_SSL", True),
    ],
)
def test_one_unsafe_setting_is_refused(settings, number, name, value):
    assert number in found(settings, SAFE | {name: value})


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
