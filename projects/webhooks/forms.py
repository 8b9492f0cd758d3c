"""Forms of the Webhooks page."""

from django import forms

from portal.core.forms import validated
from portal.outbound.urls import parse_url

URL_ATTRS = {
    "inputmode": "url", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none",
    "placeholder": "https://example.com:443/incomingsms",
}  # fmt: skip
LONGEST_TYPED = 4000


class EventUrlForm(forms.Form):
    """Leave it empty to get no events."""

    url = forms.CharField(
        label="URL",
        required=False,
        max_length=LONGEST_TYPED,
        widget=forms.TextInput(attrs=URL_ATTRS | {"placeholder": "https://example.com:443/events"}),
        help_text="With its port, for example https://example.com:443/events. Leave it empty to get no events.",
    )

    def clean_url(self) -> str:
        typed = self.cleaned_data["url"]
        return validated(parse_url, typed) if typed else ""
