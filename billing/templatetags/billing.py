"""Template tags of the credits pages."""

from decimal import Decimal

from django import template

from billing import money
from billing.ledger.queries import Movement

register = template.Library()


@register.filter
def plain_amount(value: Decimal) -> str:
    """``1,234.50`` without the currency, for columns."""
    return money.display(value).rsplit(" ", 1)[0].replace("-", "−")


@register.filter
def signed(value: Decimal) -> str:
    """``+50.00`` or ``−1.25``."""
    return ("+" if value > 0 else "") + plain_amount(value)


@register.simple_tag
def cause_url(links: dict[tuple[str, int], str], movement: Movement) -> str:
    return links.get((movement.cause_kind, movement.cause_id), "")
