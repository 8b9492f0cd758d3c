"""Orders as staff see them; the review of documents has its own pages."""

from django.contrib import admin

from numbers.orders.models import Order
from portal.accounts.readonly_admin import ReadOnlyAdmin


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("id", "number", "project", "status", "setup_price", "monthly_price", "created_at", "closed_at")
    list_select_related = ("number", "project")
    list_filter = ("status",)
    search_fields = ("number__e164__startswith", "project__pid__exact")
    search_help_text = "The beginning of a number, with + and country code, or a Project ID."
    ordering = ("-id",)
