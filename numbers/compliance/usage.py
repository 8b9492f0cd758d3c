"""What depends on a document type."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from numbers.compliance.models import OrderRequirement
from numbers.documents.models import Document
from numbers.regulations.models import DocumentType, Requirement


def requirements_without_other_types(kind: DocumentType, on: date) -> QuerySet[Requirement]:
    """Of regulations in force or to come: those that would accept nothing if this type were switched off."""
    going_on = Q(regulation__valid_until__isnull=True) | Q(regulation__valid_until__gt=on)
    requiring = Requirement.objects.filter(going_on, document_types=kind).values("pk")
    return (
        Requirement.objects.filter(pk__in=requiring)
        .annotate(others=Count("document_types", filter=Q(document_types__is_active=True) & ~Q(document_types=kind.pk)))
        .filter(others=0)
        .select_related("regulation")
    )


def is_used(kind: DocumentType) -> bool:
    """Required by a regulation or an order, or something was uploaded as one."""
    return (
        Requirement.objects.filter(document_types=kind).exists()
        or OrderRequirement.objects.filter(document_types=kind).exists()
        or Document.objects.filter(type=kind).exists()
    )
