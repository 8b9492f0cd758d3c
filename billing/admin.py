"""The billing team's desk: everything can be looked up, nothing can be changed. Searches are served by indexes."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from billing.ledger.models import Account, Transfer
from billing.payments.models import StripeEvent, TopUp
from billing.pricing import admin as pricing_admin  # noqa: F401  Django finds an app's pages here
from portal.accounts.readonly_admin import ReadOnlyAdmin


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("id", "project", "kind", "balance", "currency", "livemode")
    list_filter = ("kind", "livemode")
    list_select_related = ("project",)
    search_fields = ("project__pid__exact",)
    search_help_text = "A project ID, pid_…"
    ordering = ("-id",)
    sortable_by = ()


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("id", "occurred_at", "kind", "amount", "project", "memo", "key")
    list_select_related = ("debit__project",)
    search_fields = ("key__exact",)
    search_help_text = "A project ID (pid_…), or a transfer's whole key (top_up:12:0)"
    ordering = ("-id",)
    sortable_by = ()

    @admin.display(description="Project")
    def project(self, transfer: Transfer) -> str:
        return str(transfer.debit.project)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transfer], search_term: str
    ) -> tuple[QuerySet[Transfer], bool]:
        """A project's transfers by its account ids: a join with OR would read the whole table."""
        if search_term.startswith("pid_"):
            accounts = list(Account.objects.filter(project__pid=search_term).values_list("pk", flat=True))
            return queryset.filter(Q(debit_id__in=accounts)), False
        return super().get_search_results(request, queryset, search_term)


class HasProblem(admin.SimpleListFilter):
    title, parameter_name = "attention", "attention"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("problem", "Differs from what was asked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TopUp]) -> QuerySet[TopUp]:
        return queryset.exclude(problem="") if self.value() == "problem" else queryset


@admin.register(TopUp)
class TopUpAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at", "project", "amount", "booked", "status", "problem", "payment_intent")
    list_filter = ("status", HasProblem)
    list_select_related = ("project",)
    search_fields = ("project__pid__exact", "session_id__exact", "payment_intent__exact")
    search_help_text = "A project ID (pid_…), a session (cs_…) or a payment (pi_…)"
    ordering = ("-id",)
    sortable_by = ()


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = ("event_id", "type", "received_at", "top_up", "livemode")
    list_select_related = ("top_up",)
    search_fields = ("event_id__exact",)
    search_help_text = "An event, evt_…"
    ordering = ("-received_at",)
    sortable_by = ()
