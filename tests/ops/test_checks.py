"""What an installation is refused for. `SAFE` is a public one; each case spoils one thing."""

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings

from portal import checks

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
    "WEBHOOK_PRIVATE_TARGETS": False,
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
    "WEBHOOK_PRIVATE_TARGETS": True,
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
        ("E009", "WEBHOOK_PRIVATE_TARGETS", True),
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
