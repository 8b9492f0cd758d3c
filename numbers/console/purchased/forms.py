"""The filters of Purchased Numbers."""

from urllib.parse import urlencode

from django import forms

from numbers.console.purchased import listing
from numbers.inventory.models import Number
from numbers.leases.models import Lease
from numbers.leases.tags import clean_tag
from numbers.messaging.queries import Delivers
from portal.accounts import countries
from portal.core.forms import validated

LARGEST_ID = 2**63 - 1
STATUSES = [
    ("", "All current"),
    *((status.value, status.label) for status in Lease.LIVE),
    (listing.ENDING, "Ending"),
    (Lease.Status.RELEASED.value, Lease.Status.RELEASED.label),
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
        label="Calls",
        required=False,
        choices=[("", "Any"), ("set", "Forwarded"), ("inherited", "Project default"), ("unset", "Not set")],
    )
    messages = forms.ChoiceField(label="Messages", required=False, choices=[("", "Any"), *Delivers.choices])
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)
    new = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)

    FILTERS = ("q", "status", "country", "type", "capability", "tag", "routing", "messages")
    MORE = ("country", "type", "capability", "tag", "routing", "messages")  # behind "Filters"

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
