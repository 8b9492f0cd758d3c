"""Base of every admin page that only looks: nothing to add, change or delete, and quick on millions of rows.

It lives in the lowest room so that every app's ``admin.py`` may use it.
"""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

COUNT_UP_TO = 10_000


class EstimatedPaginator(Paginator):
    """Counts exactly up to 10,000 rows; beyond that it asks the planner's statistics instead of every row."""

    @cached_property
    def count(self) -> int:
        rows = cast(QuerySet[Model], self.object_list).order_by()
        counted = rows[: COUNT_UP_TO + 1].count()
        if counted <= COUNT_UP_TO or rows.query.where:
            return min(counted, COUNT_UP_TO)
        return max(_estimate(rows.model._meta.db_table), COUNT_UP_TO)


def _estimate(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [f'"{table}"'])
        row = cursor.fetchone()
    return row[0] if row else 0


class DeclaredLookups:
    """Addresses of a list may ask for what its filters offer and nothing else. Django allows any condition on the
    table's own columns: letter by letter ``?password__startswith=…`` would tell what no page shows.
    """

    list_filter: ClassVar[Any]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        names = {
            getattr(each, "parameter_name", each[0] if isinstance(each, tuple) else each) for each in self.list_filter
        }
        return any(lookup == name or lookup.startswith(f"{name}__") for name in names)


class _LookOnly:
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(_LookOnly, DeclaredLookups, admin.ModelAdmin):
    """Set ``search_fields`` to lookups that an index serves (``pid__startswith``, ``e164__exact``)."""

    paginator = EstimatedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    actions: Any = None


class ReadOnlyInline(_LookOnly, admin.TabularInline):
    extra = 0
    max_num = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.readonly_fields or self.fields or ()
