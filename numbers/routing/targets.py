"""Telephone numbers that calls may be sent to."""

from dataclasses import dataclass

import phonenumbers
from django.conf import settings
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from portal.accounts import countries
from portal.accounts.telephone import international
from projects.errors import DomainError

FIELD = "pstn_number"
LONGEST = 40  # characters; nobody writes a number longer than that
BARRED_TYPES = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}


@dataclass(frozen=True, slots=True)
class Target:
    e164: str
    region: str  # ISO 3166-1 alpha-2; "001" for numbers of no country, e.g. satellite phones

    @property
    def international(self) -> str:
        """``+44 20 7946 0018``"""
        return international(self.e164)

    @property
    def country(self) -> str:
        """English name; "International" for numbers of no country."""
        return countries.NAMES.get(self.region, "International")


def describe(e164: str) -> Target:
    """A number that was accepted before, for showing it."""
    return Target(e164, phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or "")


def is_barred(e164: str) -> bool:
    """In a range barred by the operator (``ROUTE_BARRED_PREFIXES``); routes set before stop working too."""
    return e164.startswith(tuple(settings.ROUTE_BARRED_PREFIXES))


def parse_target(text: str, region: str | None = None) -> Target:
    """``text`` as a number that can be called; with ``region``, one without + is read as of that country.

    Raises ``invalid_phone_number`` (nonsense, not assignable, or one that cannot be called from abroad, as
    emergency numbers and short codes) and ``route_target_barred`` (premium and shared-cost numbers, and barred
    ranges); both name the field ``pstn_number``.
    """
    stripped = text.strip()
    if not stripped:
        raise _invalid("Enter the number that calls should be sent to.")
    if len(stripped) > LONGEST:
        raise _invalid("That is too long to be a phone number.")
    try:
        number = phonenumbers.parse(stripped, region)
    except NumberParseException:
        raise _invalid(
            "This is not a phone number. Write it with its country code, for example +12125550100."
            if region is None
            else "This is not a phone number."
        ) from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise _invalid("No such phone number can exist. Check the country code and the number of digits.")
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if phonenumbers.number_type(number) in BARRED_TYPES or is_barred(e164):
        raise DomainError(
            "route_target_barred",
            "Calls cannot be sent to premium-rate, shared-cost or barred numbers.",
            field=FIELD,
            status=400,
        )
    return describe(e164)


def _invalid(message: str) -> DomainError:
    return DomainError("invalid_phone_number", message, field=FIELD, status=400)
