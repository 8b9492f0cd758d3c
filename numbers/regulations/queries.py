"""Which regulation counts for a number on a day."""

from datetime import date

from django.db.models import Q, QuerySet

from numbers.inventory.models import Number
from numbers.regulations.models import Regulation


def regulations_for(number: Number, *, on: date) -> dict[str, Regulation]:
    """By holder the most specific one in force, with its requirements and their document types; three queries.

    A holder for whom staff keep none is not in it.
    """
    found: dict[str, Regulation] = {}
    for regulation in _in_force(number, on):
        found.setdefault(regulation.holder, regulation)
    return found


def regulation_for(number: Number, *, holder: str, on: date) -> Regulation | None:
    """The most specific one in force, with its requirements and their document types; None when staff keep none."""
    return _in_force(number, on).filter(holder=holder).first()


def _in_force(number: Number, on: date) -> QuerySet[Regulation]:
    """The most specific first."""
    return (
        Regulation.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=on),
            country__in=[number.country, ""],
            number_type__in=[number.type, ""],
            valid_from__lte=on,
        )
        .order_by("-country", "-number_type")
        .prefetch_related("requirements__document_types")
    )
