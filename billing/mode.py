"""Live or sandbox: one installation holds one kind of money, known by its gateway key."""

from django.conf import settings


def livemode() -> bool:
    return str(settings.STRIPE_SECRET_KEY).startswith(("sk_live_", "rk_live_"))
