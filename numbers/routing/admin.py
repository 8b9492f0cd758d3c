"""Where calls may not be sent, kept by staff. A range counts for the next call, also on routes set before."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from numbers.routing.models import BarredRange, CallRoute
from portal.accounts import change_message, phone_numbers
from portal.accounts.models import User
from portal.accounts.readonly_admin import DeclaredLookups


class BarredRangeForm(forms.ModelForm):
    class Meta:
        model = BarredRange
        fields = ("prefix", "reason")

    def clean_prefix(self) -> str:
        terms = phone_numbers.search_terms(self.cleaned_data["prefix"])
        prefix = terms.beginnings[-1] if terms and terms.beginnings else ""
        if not 2 <= len(prefix) - 1 <= phone_numbers.MOST or prefix[1] == "0":
            raise forms.ValidationError("Enter + and 2 to 15 digits, the country code first; for example +881.")
        return prefix

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).strip().rstrip(".")


@admin.register(BarredRange)
class BarredRangeAdmin(DeclaredLookups, admin.ModelAdmin):
    form = BarredRangeForm
    list_display = ("prefix", "reason", "who", "added_at")
    list_per_page = 200
    search_fields = ("prefix__startswith", "reason__icontains")
    search_help_text = "First digits with + and country code, or words"
    ordering = ("prefix",)
    readonly_fields = ("who", "added_at")
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="added by", ordering="added_by")
    def who(self, row: BarredRange) -> str:
        return row.added_by or "Came with the portal"

    def save_model(self, request: HttpRequest, obj: BarredRange, form: ModelForm, change: bool) -> None:
        if not change and isinstance(request.user, User):
            obj.added_by = request.user.email
        super().save_model(request, obj, form, change)
        into = Q(kind=CallRoute.Kind.PSTN, pstn_target__startswith=obj.prefix)
        into |= Q(fallback_kind=CallRoute.Kind.PSTN, fallback_pstn_target__startswith=obj.prefix)
        routes = CallRoute.objects.filter(into).count()
        if routes:
            self.message_user(
                request,
                f"Calls to {routes} number{'s' if routes > 1 else ''} are forwarded into this range; they are "
                "refused from now on.",
                messages.WARNING,
            )

    def construct_change_message(  # type: ignore[override]
        self, request: HttpRequest, form: ModelForm, formsets: list[BaseModelFormSet], add: bool = False
    ) -> Any:
        """The history tells what a range was and what it became."""
        if add:
            return f"Added: {form.instance}."
        return change_message.describe(form, formsets)
