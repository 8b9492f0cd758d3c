"""Why a number cannot be purchased or ordered: read after the fact, one rule after another, each with its words."""

from decimal import Decimal

from billing import money
from billing.ledger import queries as ledger
from numbers.inventory.models import Number
from numbers.leases.models import Lease
from numbers.orders.models import Order
from portal.accounts.telephone import international
from portal.core.errors import DomainError
from projects.access import require_active
from projects.models import Project


def unknown(e164: str) -> DomainError:
    return DomainError(
        "number_unknown",
        "This number is not available. Check the digits, or search for another one.",
        field="number",
        status=404,
    )


def taken(e164: str) -> DomainError:
    return DomainError(
        "number_taken",
        f"{international(e164)} has just been taken by another customer. You were not charged.",
        field="number",
    )


def already_yours(e164: str) -> DomainError:
    return DomainError(
        "number_taken",
        f"{international(e164)} already belongs to this project. You were not charged again.",
        field="number",
        own=True,
    )


def key_reused(e164: str) -> DomainError:
    return DomainError(
        "purchase_key_reused", f"This form has already been used for {international(e164)}. Please start again."
    )


def docs_required() -> DomainError:
    return DomainError(
        "docs_required",
        "This number needs documents. Order it instead: we reserve it while we review your documents.",
        field="number",
    )


def holder_invalid() -> DomainError:
    return DomainError(
        "holder_invalid", "Choose who will use the number: a business or an individual.", field="holder", status=422
    )


def check(*, project: Project, e164: str, expected_total: Decimal | None, with_documents: bool) -> Number:
    """Raises the first reason why ``e164`` cannot be purchased or ordered now; else returns the number."""
    require_active(Project.objects.get(pk=project.pk))
    number = Number.objects.filter(e164=e164).first()
    if number is None:
        raise unknown(e164)
    if number.status != Number.Status.AVAILABLE:
        raise already_yours(e164) if _is_ours(project, number) else taken(e164)
    if number.docs_required and not with_documents:
        raise docs_required()
    if with_documents and not number.docs_required:
        raise DomainError(
            "docs_not_required", "This number needs no documents. You can purchase it now.", field="number"
        )
    total = number.setup_price + number.monthly_price
    if expected_total is not None and total != expected_total:
        raise DomainError(
            "price_changed",
            f"The price has changed since you saw it: now {money.display(number.setup_price)} for "
            f"setup and {money.display(number.monthly_price)} per month. You were not charged.",
            setup=number.setup_price,
            monthly=number.monthly_price,
        )
    missing = total - ledger.balance(project.pk)
    if missing > 0 and total > 0:
        raise DomainError(
            "insufficient_credit",
            f"Not enough credit: you need {money.display(missing)} more. Nothing was charged.",
            status=402,
            missing=missing,
        )
    return number


def _is_ours(project: Project, number: Number) -> bool:
    return (
        Lease.objects.filter(project=project, number=number, status__in=Lease.LIVE).exists()
        or Order.objects.filter(project=project, number=number, status__in=Order.OPEN).exists()
    )
