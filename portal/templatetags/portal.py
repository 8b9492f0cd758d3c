"""Template built-ins of the portal: money, numbers, icons."""

from decimal import Decimal

import phonenumbers
from django import template

from billing import money

register = template.Library()


@register.filter
def amount(value: Decimal | None) -> str:
    return "" if value is None else money.display(value)


@register.filter
def phone(value: str) -> str:
    """``+12125550100`` → ``+1 212-555-0100``."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return value
