"""Filters and settings of a project's numbers."""

from datetime import UTC, date, datetime
from urllib.parse import urlencode

from django import forms

from numbers.inventory.models import Number
from numbers.leases import queries
from numbers.leases.models import Lease
from numbers.leases.services import NAME_LENGTH, clean_name
from numbers.leases.tags import LENGTH, MOST, clean_tag, clean_tags
from portal.accounts import countries
from portal.core.forms import validated

LARGEST_ID = 2**63 - 1
STATUSES = [
    ("", "All current"),
    ("active", "Active"),
    ("past_due", "Past due"),
    ("suspended", "Suspended"),
    (queries.ENDING, "Ending"),
    (Lease.Status.RELEASED.value, "Released"),
]


class ListingForm(forms.Form):
    """What stands in the address of Purchased Numbers."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Digits, name or tag", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(label="Status", required=False, choices=STATUSES)
    country = forms.ChoiceField(label="Country", required=False, choices=[("", "Any"), *countries.NAMES.items()])
    type = forms.ChoiceField(label="Type", required=False, choices=[("", "Any"), *Number.Type.choices])
    capability = forms.ChoiceField(
        label="Capability", required=False, choices=[("", "Any"), ("voice", "Voice"), ("sms", "SMS")]
    )
    tag = forms.CharField(label="Tag", required=False, max_length=200)
    routing = forms.ChoiceField(
        label="Calls", required=False, choices=[("", "Any"), ("set", "Forwarded"), ("unset", "Not set")]
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)
    new = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)

    FILTERS = ("q", "status", "country", "type", "capability", "tag", "routing")
    MORE = ("country", "type", "capability", "tag", "routing")  # behind "Filters"

    def clean_tag(self) -> str:
        tag = self.cleaned_data["tag"]
        return validated(clean_tag, tag) if tag else ""

    def filters(self) -> dict[str, str]:
        """What was understood; a filter that makes no sense is left out, its error stands beside it."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.FILTERS}

    def address(self) -> str:
        """The filters as they stand in an address, without the page."""
        return urlencode({name: value for name, value in self.filters().items() if value})


class NameForm(forms.Form):
    friendly_name = forms.CharField(
        label="Friendly name",
        required=False,
        strip=True,
        help_text=f"Only you see it. At most {NAME_LENGTH} characters.",
        widget=forms.TextInput(attrs={"maxlength": NAME_LENGTH, "autocomplete": "off", "placeholder": "Support line"}),
    )

    def clean_friendly_name(self) -> str:
        return validated(clean_name, self.cleaned_data["friendly_name"])


class TagsForm(forms.Form):
    tags = forms.CharField(
        label="Tags",
        required=False,
        max_length=2 * MOST * (LENGTH + 2),
        help_text=f"Separated by commas, up to {MOST}.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "support, berlin", "spellcheck": "false"}),
        error_messages={"max_length": f"A number has at most {MOST} tags of {LENGTH} characters."},
    )

    def clean_tags(self) -> list[str]:
        return validated(clean_tags, self.cleaned_data["tags"].split(","))


class MonthForm(forms.Form):
    """``?month=2026-11&after=+1212…``"""

    month = forms.RegexField(
        r"^[0-9]{4}-[0-9]{2}$", required=False, error_messages={"invalid": "Enter the month like this: 2026-11."}
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
            raise forms.ValidationError("There are no records for this month.")
        return month
