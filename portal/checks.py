"""Start-up checks that refuse an unsafe production configuration.

They are Django system checks (``manage.py check`` and most commands run them), and ``portal/wsgi.py`` and
``portal/celery.py`` refuse to start while :func:`problems` finds any. An installation whose ``SITE_URL`` is
on loopback is a developer's or the demo; every other one is public.
"""

import ipaddress
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery.signals import beat_init, worker_init
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from billing.payments.config import config_problems

DEVELOPMENT_KEYS = {"ZGV2ZWxvcG1lbnQta2V5LWRldmVsb3BtZW50LWtleS0="}
PRETEND_MAIL = ("console", "locmem", "filebased", "dummy")
PRETEND_DOMAINS = (".test", ".example", ".invalid", "example.com", "example.org", "example.net")
NEAR_DOMAINS = (".local", ".internal", ".lan", ".localdomain")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
EASIEST_CAPTCHA = 50_000


def is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_public() -> bool:
    return not is_loopback(urlsplit(settings.SITE_URL).hostname)


def problems() -> list[str]:
    """One line per reason to refuse; empty when the configuration is safe."""
    return [f"{error.id}: {error.msg}" for error in unsafe_configuration()]


@worker_init.connect
@beat_init.connect
def _stop_celery(**_: Any) -> None:
    """Django's checks only warn Celery; this ends the worker or beat before its first task."""
    if found := problems():
        raise SystemExit("Refusing to start:\n" + "\n".join(found))


@register("portal")
def unsafe_configuration(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    public = is_public()
    messages = [
        *_keys(),
        *_addresses(public),
        *_payments(public),
        *_documents(),
        *_mail(),
        *_roles(),
        *_only_on_loopback(public),
    ]
    return [Error(text, id=f"portal.{number}") for number, text in messages]


Message = tuple[str, str]


def _keys() -> Iterator[Message]:
    if _is_weak(settings.SECRET_KEY) and not settings.DEBUG:
        yield "E002", "SECRET_KEY is short or well known: set 50 or more random characters."
    if any(map(_is_weak, settings.SECRET_KEY_FALLBACKS)) and not settings.DEBUG:
        yield "E002", "SECRET_KEY_FALLBACKS: one of them is short or well known, and counts like SECRET_KEY."
    if not settings.ENCRYPTION_KEYS:
        yield "E003", "ENCRYPTION_KEYS is empty: auth tokens and second factors cannot be stored."
    for number, encryption_key in enumerate(settings.ENCRYPTION_KEYS, 1):
        try:
            Fernet(encryption_key)
            if len(set(urlsafe_b64decode(encryption_key))) < 4 and not settings.DEBUG:
                yield "E003", f"ENCRYPTION_KEYS: key {number} is not random; make one as .env.example says."
        except ValueError:
            yield "E003", f"ENCRYPTION_KEYS: key {number} is not a Fernet key (32 bytes, url-safe base64)."
        if encryption_key in DEVELOPMENT_KEYS and not settings.DEBUG:
            yield "E003", f"ENCRYPTION_KEYS: key {number} is the published development key."


def _is_weak(key: str) -> bool:
    return len(key) < 50 or len(set(key)) < 10 or key.startswith(("insecure", "django-insecure"))


def _addresses(public: bool) -> Iterator[Message]:
    site = urlsplit(settings.SITE_URL)
    if not ORIGIN.fullmatch(settings.SITE_URL):
        yield "E004", "SITE_URL must be scheme and host only, in lower case, like https://portal.your-company.com."
    elif public and site.scheme != "https":
        yield "E004", "SITE_URL must be https, except on loopback: logins and cookies would travel in clear."
    for host in settings.ALLOWED_HOSTS:
        if not HOST.fullmatch(host) and not settings.DEBUG:
            yield "E005", f"ALLOWED_HOSTS must be names of hosts, without scheme, port or wildcard; not {host!r}."
    if public and not settings.ALLOWED_HOSTS:
        yield "E005", "ALLOWED_HOSTS is empty: no request would be answered."
    elif public and site.hostname not in [host.lower().strip("[]") for host in settings.ALLOWED_HOSTS]:
        yield "E005", f"ALLOWED_HOSTS lacks {site.hostname}, the host of SITE_URL: no request would be answered."
    if settings.TRUSTED_PROXIES < 0:
        yield "E018", "TRUSTED_PROXIES must be 0 or more: callers could choose the address that is counted."


def _payments(public: bool) -> Iterator[Message]:
    for problem in config_problems():
        yield "E007", problem
    if public and not settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_", "sk_test_", "rk_test_")):
        yield "E006", "STRIPE_SECRET_KEY is missing or is not a secret key."
    for number, secret in enumerate(settings.STRIPE_WEBHOOK_SECRETS, 1):
        if len(secret) < 16:
            yield "E008", f"STRIPE_WEBHOOK_SECRETS: secret {number} is shorter than 16 characters."


def _documents() -> Iterator[Message]:
    host, _, port = settings.CLAMAV_ADDRESS.rpartition(":")
    if settings.CLAMAV_ADDRESS and not (host and port.isdecimal()):
        yield "E015", "CLAMAV_ADDRESS must be host:port; as it is, every upload would be refused."
    root = Path(settings.DOCUMENT_ROOT).resolve()
    for served in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS):
        if root.is_relative_to(Path(str(served)).resolve()):
            yield "E015", f"DOCUMENT_ROOT lies in {served}, which is served to everybody."


def _mail() -> Iterator[Message]:
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        yield "E017", "EMAIL_USE_TLS and EMAIL_USE_SSL are both on: port 587 takes the first, port 465 the second."


def _roles() -> Iterator[Message]:
    owner = settings.DATABASE_OWNER
    if owner is not None and owner["USER"] == settings.DATABASE_ROLE:
        yield "E020", "DATABASE_OWNER_URL names the application's own role: it could switch the ledger's rules off."
    elif owner is not None and settings.PROCESS_CLASS != "command":
        yield "E020", "DATABASE_OWNER_URL is set where requests or jobs are served; it is for `manage.py migrate` only."


def connection_messages() -> Iterator[Message]:
    """To a database or broker elsewhere in the internet: encrypted, and not without a password."""
    database: dict[str, Any] = settings.DATABASES["default"]
    owner: dict[str, Any] = settings.DATABASE_OWNER or {}
    encrypted = database["OPTIONS"].get("sslmode") in ("require", "verify-ca", "verify-full")
    for name, role in (("DATABASE_URL", database), ("DATABASE_OWNER_URL", owner)):
        if not _is_far(str(role.get("HOST", ""))):
            continue
        if not encrypted:
            yield "E019", f"{name}: {role['HOST']} is reached without TLS; add ?sslmode=verify-full (or require)."
        if not role["PASSWORD"]:
            yield "E019", f"{name} has no password, and {role['HOST']} is not on this network."
    for name in ("REDIS_URL", "CELERY_BROKER_URL"):
        url = urlsplit(getattr(settings, name))
        if _is_far(url.hostname or "") and not (url.scheme == "rediss" and url.password):
            yield "E019", f"{name}: {url.hostname} is not on this network; use rediss:// with a password."


def _is_far(host: str) -> bool:
    """Not a socket, a name of this network (a container's, a cluster's) or a private address."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.startswith("/") and not host.lower().rstrip(".").endswith(NEAR_DOMAINS)


def _only_on_loopback(public: bool) -> Iterator[Message]:
    if not public:
        return
    yield from connection_messages()
    if settings.DEBUG:
        yield "E001", "DEBUG is on, and SITE_URL is not on loopback: error pages would show the settings."
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if not (origin.startswith("https://") and ORIGIN.fullmatch(origin)):
            words = "must be https:// and one host in lower case, or others could send our forms."
            yield "E016", f"CSRF_TRUSTED_ORIGINS: {origin!r} {words}"
    if "smtp" in settings.EMAIL_DELIVERY_BACKEND and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield "E017", "EMAIL_USE_TLS and EMAIL_USE_SSL are off: links that open accounts would travel in clear."
    if settings.WEBHOOK_PRIVATE_TARGETS:
        yield "E009", "WEBHOOK_PRIVATE_TARGETS lets customers reach the internal network; demo and tests only."
    for name in ("SITE_URL", "SUPPORT_EMAIL", "DEFAULT_FROM_EMAIL", "SIP_DOMAIN", "PSTN_GATEWAYS"):
        value = getattr(settings, name)
        for item in value if isinstance(value, list) else [value]:
            if _domain(item).endswith(PRETEND_DOMAINS):
                yield "E010", f"{name} still has a pretend domain: {item}."
    if any(word in settings.EMAIL_DELIVERY_BACKEND for word in PRETEND_MAIL):
        yield "E012", "EMAIL_DELIVERY_BACKEND does not deliver: nobody could activate an account."
    if not settings.OPERATOR:
        yield "E014", "OPERATOR is empty: the legal texts and receipts must say with whom people make a contract."
    if settings.ALTCHA_MAX_NUMBER < EASIEST_CAPTCHA:
        yield "E013", f"ALTCHA_MAX_NUMBER is below {EASIEST_CAPTCHA}: the captcha would cost robots nothing."


def _domain(value: str) -> str:
    """Of an address, a mailbox (with or without a name) or ``host:port``."""
    host = value.rsplit("@", 1)[-1].rstrip("> ").split("//")[-1]
    return "." + host.split("/")[0].split(":")[0].lower()
