"""What calls cost, kept by the billing team. Another price ends the one before; none is edited or deleted."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from billing.pricing.importing import LONGEST_INTERVAL
from billing.pricing.models import CallPrice
from billing.pricing.services import end_price, set_prices, tariff_of
from portal.accounts import countries
from portal.accounts.readonly_admin import DeclaredLookups


def _countries() -> list[tuple[str, str]]:
    named = sorted(((code, f"{name} ({code})") for code, name in countries.NAMES.items()), key=lambda pair: pair[1])
    return [("", "Choose …"), *named, (CallPrice.INTERNATIONAL, "Numbers of no country (001)")]


class CallPriceForm(forms.ModelForm):
    country = forms.ChoiceField(choices=_countries)
    price_per_minute = forms.DecimalField(min_value=0, max_value=999, decimal_places=6)
    connection_fee = forms.DecimalField(
        min_value=0, max_value=999, decimal_places=6, initial=0, help_text="Once, when the call is answered."
    )

    class Meta:
        model = CallPrice
        fields = ("country", "price_per_minute", "connection_fee", "first_interval", "next_interval")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("first_interval", "next_interval"):
            if not 1 <= (data.get(name) or 1) <= LONGEST_INTERVAL:
                self.add_error(name, f"Enter a whole number of seconds from 1 to {LONGEST_INTERVAL}.")
        return data

    def validate_unique(self) -> None:
        """The present price of the country is ended when this one is saved."""

    def validate_constraints(self) -> None:
        """As above."""


class IsCurrent(admin.SimpleListFilter):
    title, parameter_name = "validity", "validity"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("ended", "Ended"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        found = list(super().choices(changelist))
        found[0]["display"] = "Current"
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[CallPrice]) -> QuerySet[CallPrice]:
        if self.value() == "all":
            return queryset
        return queryset.filter(valid_to__isnull=self.value() != "ended")


@admin.register(CallPrice)
class CallPriceAdmin(DeclaredLookups, admin.ModelAdmin):
    form = CallPriceForm
    list_display = (
        "name",
        "price_per_minute",
        "connection_fee",
        "first_interval",
        "next_interval",
        "valid_from",
        "valid_to",
        "who",
    )
    list_filter = (IsCurrent,)
    list_per_page = 250
    search_fields = ("country__exact",)
    search_help_text = "A country code, for example GB"
    ordering = ("country", "-valid_from")
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    actions = ("end_now",)

    @admin.display(description="calls to")
    def name(self, price: CallPrice) -> str:
        if price.country == CallPrice.INTERNATIONAL:
            return "Numbers of no country"
        return f"{countries.name(price.country)} ({price.country})"

    @admin.display(description="set by")
    def who(self, price: CallPrice) -> str:
        return price.added_by or "Import"

    def has_change_permission(self, request: HttpRequest, obj: CallPrice | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: CallPrice | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: CallPrice, form: ModelForm, change: bool) -> None:
        """Through the service: the price before is ended in the same moment."""
        email = getattr(request.user, "email", "")
        changed = set_prices(tariffs=[tariff_of(obj)], by=email, now=timezone.now())
        obj.pk = (changed or list(CallPrice.objects.filter(country=obj.country, valid_to=None)))[0].pk

    @admin.action(description="End the selected prices: calls there are not connected any more", permissions=["add"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[CallPrice]) -> None:
        ended = [price for price in queryset if end_price(price=price, now=timezone.now())]
        LogEntry.objects.log_actions(cast(int, request.user.pk), ended, CHANGE, change_message="Ended.")
        self.message_user(request, f"Ended: {len(ended)}.", messages.SUCCESS)
