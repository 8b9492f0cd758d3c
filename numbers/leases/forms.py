"""Filters and settings of a project's numbers."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms

from numbers.leases.models import Lease
from numbers.leases.services import NAME_LENGTH, clean_name
from projects.errors import DomainError

LARGEST_ID = 2**63 - 1


class ListingForm(forms.Form):
    q = forms.CharField(
        label="Search",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Digits or name", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "All current"), *Lease.Status.choices])
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)
    new = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)

    def filters(self) -> dict[str, Any]:
        """What was understood; a filter that makes no sense is left out, its error stands beside it."""
        self.is_valid()
        cleaned = self.cleaned_data
        return {"q": cleaned.get("q") or "", "status": cleaned.get("status") or "", "before": cleaned.get("before")}


class NameForm(forms.Form):
    friendly_name = forms.CharField(
        label="Friendly name",
        required=False,
        strip=True,
        help_text=f"Only you see it. At most {NAME_LENGTH} characters.",
        widget=forms.TextInput(attrs={"maxlength": NAME_LENGTH, "autocomplete": "off", "placeholder": "Support line"}),
    )

    def clean_friendly_name(self) -> str:
        try:
            return clean_name(self.cleaned_data["friendly_name"])
        except DomainError as error:
            raise forms.ValidationError(error.message)


class MonthForm(forms.Form):
    """``?month=2026-11&after=+1212…``"""

    month = forms.RegexField(
        r"^[0-9]{4}-[0-9]{2}$", required=False, error_messages={"invalid": "Write the month as in 2026-11."}
    )
    after = forms.RegexField(r"^\+[1-9][0-9]{6,14}$", required=False)

    def clean_month(self) -> date | None:
        text = self.cleaned_data["month"]
        if not text:
            return None
        try:
            month = date(int(text[:4]), int(text[5:]), 1)
        except ValueError:
            raise forms.ValidationError("There is no such month.")
        if month.year < 2000 or month > datetime.now(UTC).date():
            raise forms.ValidationError("There are no records of this month.")
        return month
