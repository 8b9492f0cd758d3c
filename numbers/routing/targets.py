"""Telephone numbers that calls may be sent to."""

from dataclasses import dataclass

import phonenumbers

from numbers.routing.barred import barred_reason
from portal.accounts import countries, phone_numbers
from portal.accounts.telephone import international
from portal.core.errors import DomainError

FIELD = "pstn_number"


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


def region_of(e164: str) -> str:
    """As of :class:`Target`; "" for what is no number."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or ""
    except phonenumbers.NumberParseException:
        return ""


def describe(e164: str) -> Target:
    """A number that was accepted before, for showing it."""
    return Target(e164, region_of(e164))


def parse_target(text: str, region: str | None = None) -> Target:
    """``text`` as a number that can be called; with ``region``, one without + is read as of that country.

    Raises ``invalid_phone_number`` (nonsense, letters, an extension, not assignable, or one that cannot be called from
    abroad, as emergency numbers and short codes) and ``route_target_barred`` (numbers.routing.barred); both name the
    field ``pstn_number``.
    """
    if not phone_numbers.clean(text):
        raise _invalid("Enter the number to forward calls to.")
    try:
        number = phone_numbers.read(text, region)
    except phone_numbers.PhoneNumberError as error:
        raise _invalid(error.message) from None
    if words := barred_reason(number.e164):
        raise DomainError("route_target_barred", f"Calls cannot be sent to {words}.", field=FIELD, status=400)
    return Target(number.e164, number.region)


def _invalid(message: str) -> DomainError:
    return DomainError("invalid_phone_number", message, field=FIELD, status=400)
