"""A complete number pasted into the search finds itself, whatever "Contains" would make of its digits.

Digits can be a part of one number and the whole of another; what is on offer decides (docs/adr/0023).
"""

from dataclasses import dataclass

import phonenumbers
from django.db.models import QuerySet

from numbers.inventory.models import Number
from numbers.inventory.patterns import ANY_DIGIT, ANY_DIGITS
from portal.accounts import countries, phone_numbers
from portal.accounts.phone_numbers import Reading

MIN_DIGITS = 7  # digits from which a text without + may be complete


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A number of another country than the chosen one. ``e164`` is "" when only its beginning was typed."""

    e164: str
    country: str
    is_for_sale: bool


def readings(text: str, country: str) -> list[Reading]:
    """The complete numbers that ``text`` can mean with ``country`` chosen; none for a pattern."""
    line = phone_numbers.clean(text)
    if any(char in line for char in ANY_DIGIT + ANY_DIGITS):
        return []
    found = phone_numbers.readings(line, country)
    enough = sum(char.isdigit() for char in line) >= MIN_DIGITS
    return [each for each in found if enough or each.how in ("plus", "prefix")]


def available_number(text: str, country: str) -> str:
    """The number of ``country`` on offer that ``text`` spells out, in E.164, or "". One indexed query at most."""
    numbers = [each.number.e164 for each in readings(text, country)]
    if not numbers:
        return ""
    available = set(_available(numbers).filter(country=country).values_list("e164", flat=True))
    return next((e164 for e164 in numbers if e164 in available), "")


def elsewhere(text: str, country: str) -> Elsewhere | None:
    """What ``text`` means in another country: a number on offer there, or else one that names its country."""
    found = readings(text, country)
    terms = phone_numbers.search_terms(text) if not any(char in text for char in ANY_DIGIT + ANY_DIGITS) else None
    numbers = [each.number.e164 for each in found] + list(terms.wholes if terms and terms.wholes else ())
    available = _available(numbers).exclude(country=country).order_by("e164").values_list("e164", "country").first()
    if available:
        return Elsewhere(*available, True)
    for each in found:
        number = phonenumbers.parse(each.number.e164)
        if (
            each.how != "national"
            and not phonenumbers.is_valid_number_for_region(number, country)
            and each.number.region in countries.NAMES
        ):
            return Elsewhere(each.number.e164, each.number.region, False)
    return None


def _available(numbers: list[str]) -> QuerySet[Number]:
    return Number.objects.filter(e164__in=numbers, status=Number.Status.AVAILABLE)
