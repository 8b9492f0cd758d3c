"""Leases as staff see them; their charges are transfers in the ledger's pages."""

from django.contrib import admin

from numbers.leases.models import Lease
from portal.accounts.readonly_admin import ReadOnlyAdmin


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    list_display = ("id", "number", "project", "status", "monthly_price", "started_at", "next_charge_on", "ended_at",
                    "friendly_name")
    list_select_related = ("number", "project")
    list_filter = ("status",)
    search_fields = ("number__e164__startswith", "project__pid__exact")
    search_help_text = "The beginning of a number, with + and country code, or a Project ID."
    ordering = ("-id",)
