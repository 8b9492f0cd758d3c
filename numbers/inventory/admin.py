"""Staff look numbers up by their digits; every search is served by an index."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from numbers.inventory import number_filter
from numbers.inventory.models import FeedImport, Number, NumberStat, SupplyChange
from portal.accounts.readonly_admin import ReadOnlyAdmin


class _InOrderOfNumbers(ChangeList):
    """Sorted by the unique index; a second sort key, as Django adds it, would sort a million rows."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Number]) -> list[str | Combinable]:
        return ["e164"]


@admin.register(Number)
class NumberAdmin(ReadOnlyAdmin):
    list_display = (
        "e164",
        "country",
        "region",
        "city",
        "type",
        "sms",
        "voice",
        "setup_price",
        "monthly_price",
        "docs_required",
        "status",
        "supplier",
    )
    search_fields = ("e164__startswith",)  # shows the box; the search itself is below
    search_help_text = "A number as people write it, or its beginning with + and country code."
    sortable_by = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Number], search_term: str
    ) -> tuple[QuerySet[Number], bool]:
        if not search_term:
            return queryset, False
        found = number_filter.prefix_filter(search_term)
        return (queryset.none() if found is None else queryset.filter(found)), False

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return _InOrderOfNumbers


@admin.register(NumberStat)
class NumberStatAdmin(ReadOnlyAdmin):
    list_display = ("country", "region", "type", "sms", "voice", "count", "min_setup", "min_monthly")
    search_fields = ("country__exact", "region__istartswith")
    ordering = ("country", "region", "type")


@admin.register(FeedImport)
class FeedImportAdmin(ReadOnlyAdmin):
    list_display = ("at", "file", "options", "added", "updated", "unchanged", "withdrawn", "rejected", "outcome")
    ordering = ("-id",)
    sortable_by = ()


@admin.register(SupplyChange)
class SupplyChangeAdmin(ReadOnlyAdmin):
    list_display = ("number", "status", "old_supplier", "old_ref", "new_supplier", "new_ref", "feed_import")
    list_select_related = ("number", "feed_import")
    search_fields = ("number__e164__startswith",)
    search_help_text = "The beginning of a number, with + and country code."
    ordering = ("-id",)
    sortable_by = ()
