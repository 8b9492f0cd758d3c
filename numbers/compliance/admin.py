"""Types of documents, kept by staff. One in use is switched off, never deleted."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from numbers.compliance import usage
from numbers.compliance.forms import DocumentTypeForm
from numbers.regulations.admin import DEMO
from numbers.regulations.models import DocumentType, Requirement
from portal.accounts.readonly_admin import DeclaredLookups


@admin.register(DocumentType)
class DocumentTypeAdmin(DeclaredLookups, admin.ModelAdmin):
    form = DocumentTypeForm
    list_display = ("name", "hint", "has_expiry", "is_active", "required_by", "demo")
    list_filter = ("is_active", "has_expiry", "is_demo")
    search_fields = ("name", "code", "hint")
    ordering = ("name",)
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[DocumentType]:
        uses = Requirement.document_types.through.objects.filter(documenttype=OuterRef("pk")).values("documenttype")
        lines = Subquery(uses.values_list(Count("pk")))
        return super().get_queryset(request).annotate(lines=Coalesce(lines, 0))

    @admin.display(description="lines", ordering="lines")
    def required_by(self, kind: Any) -> int:
        return int(kind.lines)

    @admin.display(description="data", ordering="is_demo", empty_value="")
    def demo(self, kind: DocumentType) -> str:
        return DEMO if kind.is_demo else ""

    def get_readonly_fields(self, request: HttpRequest, obj: DocumentType | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()  # imports know it by its code

    def has_delete_permission(self, request: HttpRequest, obj: DocumentType | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not usage.is_used(obj))
