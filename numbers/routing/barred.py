"""Numbers that calls may not be sent to: what they cost or who answers cannot be answered for.

Kinds that are never called stand here, with the operator's own prefixes (``ROUTE_BARRED_PREFIXES``); everything else is
a :class:`BarredRange`, which staff keep in the admin site. It counts for the next call, also on routes set before.
"""

from datetime import datetime

from django.conf import settings
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Concat
from phonenumbers import PhoneNumberType

from numbers.routing.models import BarredRange
from portal.accounts.phone_numbers import kind_of

NEVER = {
    PhoneNumberType.PREMIUM_RATE: "premium-rate numbers",
    PhoneNumberType.SHARED_COST: "shared-cost numbers",
    PhoneNumberType.PAGER: "pagers",
}


def fixed_reason(e164: str) -> str:
    """In words what is barred without a look into the database; "" if nothing is."""
    for prefix in settings.ROUTE_BARRED_PREFIXES:
        if e164.startswith(prefix):
            return f"numbers that begin with {prefix}"
    return NEVER.get(kind_of(e164), "")


def barred_reason(e164: str) -> str:
    """``satellite phones (+881…)``, to follow "Calls cannot be sent to"; "" if it may be called. One query at most."""
    return fixed_reason(e164) or barred_ranges(e164).first() or ""


def barred_ranges(e164: str, *, at: datetime | None = None) -> QuerySet[BarredRange, str]:
    """In words the ranges that it is in, the longest prefix first: a query, for use in others.

    ``at``: ranges that staff added later do not count.
    """
    number = Value(e164, output_field=CharField())
    ranges = BarredRange.objects.alias(number=number).filter(number__startswith=F("prefix")).order_by("-prefix")
    if at is not None:
        ranges = ranges.filter(added_at__lte=at)
    words = Concat("reason", Value(" ("), "prefix", Value("…)"), output_field=CharField())
    return ranges.values_list(words, flat=True)
