"""Finding numbers in lists by what people type: a part, or the whole in any spelling."""

from django.db.models import Q

from numbers.inventory.models import Number
from portal.accounts.phone_numbers import search_terms

MAX_MATCHES = 50  # numbers of different countries that one text can be


def prefix_filter(text: str, field: str = "e164") -> Q | None:
    """Numbers that begin so, or are so in full, for lists of millions; None when ``text`` is no number.

    ``field`` leads to the number in E.164. One query at most, by the unique index.
    """
    terms = search_terms(text)
    if terms is None:
        return None
    condition = Q()
    for beginning in terms.beginnings:
        condition |= Q(**{f"{field}__startswith": beginning})
    whole = (
        list(Number.objects.filter(e164__in=terms.wholes).values_list("e164", flat=True)[:MAX_MATCHES])
        if terms.wholes
        else []
    )
    return condition | Q(**{f"{field}__in": whole}) if whole else condition


def digits_filter(text: str, field: str = "e164") -> Q | None:
    """Numbers with these digits anywhere, for the short list of a project; None when ``text`` is no number."""
    terms = search_terms(text)
    if terms is None:
        return None
    condition = Q()
    for part in terms.parts:
        condition |= Q(**{f"{field}__contains": part})
    return condition | Q(**{f"{field}__in": terms.wholes}) if terms.wholes else condition
