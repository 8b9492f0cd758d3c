"""What several benchmarks begin with: a project with credit, and numbers on sale. Call after ``django.setup()``."""

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.accounts.models import User
    from projects.models import Project

# Of a portal that is served on loopback, beside those of bench.engines.configure.
SERVED = {
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "SITE_URL": "http://127.0.0.1",
    "WEBHOOK_PRIVATE_TARGETS": "1",
    "OPERATOR": "Bench Ltd",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "SANDBOX": "1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_bench_000000000000000000000000",
}


def signed_in(user: "User") -> str:
    """The key of a session with a second factor."""
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY

    from portal.accounts.models import AuthenticatorDevice

    client = Client()
    client.force_login(user)
    device = AuthenticatorDevice.objects.create(user=user, name="Authenticator app")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return session.session_key or ""


def fund(project: "Project") -> None:
    """More credit than a benchmark spends."""
    from django.utils import timezone

    from billing.ledger import services as ledger

    ledger.post(
        key=f"bench:{project.pk}",
        kind="grant",
        project_id=project.pk,
        debit="goodwill",
        credit="wallet",
        amount=Decimal("100000000"),
        occurred_at=timezone.now(),
        memo="",
        cause=("grant", project.pk),
    )


def stock(*, first: int, count: int) -> None:
    """``+1212`` and seven digits, from ``first`` on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO numbers_number (e164, country, region, city, type, sms, voice, setup_price, monthly_price,
                                        docs_required, supplier, supplier_ref, status, updated_at)
            SELECT '+1212' || lpad(n::text, 7, '0'), 'US', 'New York', 'New York', 'did', true, true, 1, 2, false,
                   'bench', 'b' || n, 'available', now()
            FROM generate_series(%s, %s) AS n""",
            [first, first + count],
        )


def price_calls(*countries: str) -> None:
    """Two cents a minute."""
    from django.utils import timezone

    from billing.pricing.services import set_prices
    from billing.pricing.tariff import Tariff

    tariffs = [Tariff(country, Decimal("0.02"), Decimal(0), 60, 60) for country in countries]
    set_prices(tariffs=tariffs, by="", now=timezone.now())
