"""What depends on a document type."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from numbers.compliance.models import OrderRequirement
from numbers.documents.models import Document
from numbers.regulations.models import DocumentType, Requirement


def lines_with_only(kind: DocumentType, on: date) -> QuerySet[Requirement]:
    """Lines of regulations in force or to come that would accept nothing if this type were switched off."""
    going_on = Q(regulation__valid_until__isnull=True) | Q(regulation__valid_until__gt=on)
    asks = Requirement.objects.filter(going_on, document_types=kind).values("pk")
    return (
        Requirement.objects.filter(pk__in=asks)
        .annotate(others=Count("document_types", filter=Q(document_types__is_active=True) & ~Q(document_types=kind.pk)))
        .filter(others=0)
        .select_related("regulation")
    )


def is_used(kind: DocumentType) -> bool:
    """Asked for by a regulation or an order, or something was uploaded as one."""
    return (
        Requirement.objects.filter(document_types=kind).exists()
        or OrderRequirement.objects.filter(document_types=kind).exists()
        or Document.objects.filter(type=kind).exists()
    )
