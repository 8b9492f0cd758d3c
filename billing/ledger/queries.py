"""Reads on the ledger: balances, the history of a project's credits, and what was spent per day."""

from decimal import Decimal

from django.conf import settings

from billing.ledger.models import Account, AccountKind
from billing.mode import livemode

ZERO = Decimal("0.000000")


def balances(project_id: int) -> dict[str, Decimal]:
    """Balances by kind of account; a kind that the project does not have yet is absent."""
    rows = Account.objects.filter(project_id=project_id, currency=settings.CURRENCY, livemode=livemode())
    return dict(rows.values_list("kind", "balance"))


def balance(project_id: int) -> Decimal:
    """What the project can spend now; negative when usage or a reversed payment overdrew it."""
    return _one(project_id, AccountKind.WALLET)


def held(project_id: int) -> Decimal:
    """What is set aside for orders."""
    return _one(project_id, AccountKind.HELD)


def _one(project_id: int, kind: str) -> Decimal:
    row = (
        Account.objects.filter(
            project_id=project_id, kind=kind, currency=settings.CURRENCY, livemode=livemode()
        )
        .values_list("balance", flat=True)
        .first()
    )
    return ZERO if row is None else row
