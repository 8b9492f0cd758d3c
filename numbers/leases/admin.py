"""Leases as staff see them; their charges are transfers in the ledger's pages."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from numbers.inventory import number_filter
from numbers.leases.models import Lease
from portal.accounts.readonly_admin import ReadOnlyAdmin


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "number",
        "project",
        "status",
        "monthly_price",
        "started_at",
        "next_charge_on",
        "ended_at",
        "friendly_name",
    )
    list_select_related = ("number", "project")
    list_filter = ("status",)
    search_fields = ("number__e164__startswith",)  # shows the box; the search itself is below
    search_help_text = "A number as people write it, its beginning with + and country code, or a Project ID."
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lease], search_term: str
    ) -> tuple[QuerySet[Lease], bool]:
        if not search_term:
            return queryset, False
        found = number_filter.prefix_filter(search_term, "number__e164")
        return queryset.filter(Q(project__pid=search_term.strip()) if found is None else found), False
