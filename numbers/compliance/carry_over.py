"""Documents that were accepted for earlier orders of the project, and count again for others."""

from collections.abc import Iterable
from datetime import date

from numbers.compliance.checklist import ACCEPTED
from numbers.compliance.models import OrderRequirement, Submission
from numbers.documents.models import Document
from numbers.inventory.models import Number
from numbers.regulations.models import AddressScope


def accepted_submissions(project_id: int, type_ids: Iterable[int], on: date) -> list[Submission]:
    """What :func:`proofs` looks through; one query, however many requirements there are."""
    found = (
        Submission.objects.filter(
            Document.valid_on(on, "document__"),
            requirement__order__project_id=project_id,
            document__type_id__in=list(type_ids),
            verdict=ACCEPTED,
        )
        .select_related("document", "requirement__order__number")
        .order_by("-document_id", "-id")
    )
    return list(found)


def proofs(
    accepted: Iterable[Submission], *, number: Number, type_ids: Iterable[int], scope: str, holder: str
) -> list[tuple[Document, Submission]]:
    """Of what was accepted, the documents that show ``scope`` for ``number``, each with its acceptance; newest first.

    An address in the same city was in the same area and country too; an acceptance for less proves less.
    What was accepted of a business says nothing of an individual, and the reverse.
    """
    types = set(type_ids)
    by_document: dict[int, tuple[Document, Submission]] = {}
    for each in accepted:
        of_them = each.requirement.order.holder == holder and each.document.type_id in types
        if of_them and _proves(each.requirement, number, scope):
            by_document.setdefault(each.document_id, (each.document, each))
    return list(by_document.values())


def _proves(earlier: OrderRequirement, number: Number, scope: str) -> bool:
    """A city or region that we do not know is not the same as another one that we do not know."""
    there = earlier.order.number
    same_country = there.country == number.country
    same_area = same_country and there.region == number.region
    same_city = same_area and there.city == number.city and number.city != ""
    match scope:
        case AddressScope.NONE:
            return True
        case AddressScope.ANY:
            return earlier.address_scope != AddressScope.NONE
        case AddressScope.COUNTRY:
            return same_country and earlier.address_scope in ("country", "area", "city")
        case AddressScope.AREA:
            return same_area and number.region != "" and earlier.address_scope in ("area", "city")
        case _:
            return same_city and earlier.address_scope == AddressScope.CITY
