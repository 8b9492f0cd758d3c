"""What several benchmarks begin with: a project with credit, and numbers on sale. Call after ``django.setup()``."""

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projects.models import Project


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
