"""Which regulation counts for a number on a day."""

from datetime import date

from django.db.models import Q

from numbers.inventory.models import Number
from numbers.regulations.models import Regulation


def regulation_for(number: Number, *, holder: str, on: date) -> Regulation | None:
    """The most specific one in force, with its requirements and their document types; None when staff keep none."""
    found = (
        Regulation.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=on),
            country__in=[number.country, ""],
            number_type__in=[number.type, ""],
            holder=holder,
            valid_from__lte=on,
        )
        .order_by("-country", "-number_type")
        .prefetch_related("requirements__document_types")
    )
    return found.first()
