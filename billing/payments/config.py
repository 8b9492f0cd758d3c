"""Whether this installation takes payments, and why it must not as it is configured."""

from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# Amounts are sent in hundredths; these currencies have none, or thousandths.
ODD_CURRENCIES = """BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF
    BHD JOD KWD OMR TND"""
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def config_problems() -> list[str]:
    """Why this installation must not take payments as it is configured."""
    key, base = settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE
    sandbox_key, found = key.startswith("sk_sandbox_"), []
    if settings.SANDBOX:
        if not sandbox_key:
            found.append("SANDBOX needs a STRIPE_SECRET_KEY that begins with sk_sandbox_.")
        if not _is_loopback(base):
            found.append("SANDBOX needs a STRIPE_API_BASE on this machine (127.0.0.1).")
        if not _is_loopback(settings.SITE_URL):
            found.append("SANDBOX is for a portal on this machine: SITE_URL must be on 127.0.0.1 or localhost.")
    else:
        if base:
            found.append("STRIPE_API_BASE is only for the sandbox gateway; it must be empty without SANDBOX.")
        if sandbox_key:
            found.append("A sandbox key (sk_sandbox_…) is refused without SANDBOX.")
    if key and not settings.STRIPE_WEBHOOK_SECRETS:
        found.append("STRIPE_WEBHOOK_SECRETS is required with STRIPE_SECRET_KEY: payments are booked by webhook.")
    if settings.CURRENCY in ODD_CURRENCIES.split() or len(settings.CURRENCY) != 3:
        found.append(f"CURRENCY {settings.CURRENCY!r} is not supported: it must have hundredths.")
    if not Decimal("0.50") <= settings.TOP_UP_MINIMUM <= settings.TOP_UP_MAXIMUM <= Decimal("999999.99"):
        found.append("TOP_UP_MINIMUM and TOP_UP_MAXIMUM must lie between 0.50 and 999999.99, in this order.")
    return found


def check_config() -> None:
    """Raises ImproperlyConfigured; called at start and before the first request to the gateway."""
    if found := config_problems():
        raise ImproperlyConfigured(" ".join(found))


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK and not parts.username


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)
