"""The forms for where messages go. Several may stand on one page: ids of fields carry the lease."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict

from numbers.leases.models import Lease
from portal.core.errors import DomainError
from portal.core.forms import add_domain_error, validated
from portal.outbound.urls import parse_url
from projects.webhooks import own_headers
from projects.webhooks.forms import LONGEST_TYPED, URL_ATTRS
from projects.webhooks.models import REQUEST_TEXT, WebhookMethod
from projects.webhooks.own_headers import HEADERS_FIELD, MOST, PASSWORD_FIELD, USER_FIELD
from projects.webhooks.sealing import MASK, OwnHeaders
from projects.webhooks.targets import FALLBACK_FIELD, METHOD_FIELD, REQUEST_FIELD, TargetSettings

URL_FIELD = "url"
_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
_MOST_CHARACTERS = 16_000  # of all own headers as they are typed


class MessagingForm(forms.Form):
    """A valid one gives the settings as a change of those that are stored. What is secret is never in the page: values
    of own headers are shown as a mask and stay when it comes back, and so does a password that is left empty."""

    MORE = (REQUEST_FIELD, FALLBACK_FIELD, HEADERS_FIELD, USER_FIELD, PASSWORD_FIELD)

    url = forms.CharField(
        label="URL",
        max_length=LONGEST_TYPED,
        widget=forms.TextInput(attrs=URL_ATTRS),
        help_text="With its port, for example https://example.com:443/incomingsms.",
        error_messages={"required": "Enter the URL of your server, for example https://example.com:443/incomingsms."},
    )
    method = forms.ChoiceField(
        label="Webhook method",
        choices=WebhookMethod.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose POST or GET.", "invalid_choice": "Choose POST or GET."},
    )
    request_text = forms.CharField(
        label="Request text",
        widget=forms.TextInput(attrs=_PLAIN),
        help_text="A fixed text that each request carries as “request”, so that your server can tell messages from "
        f"other requests. Usually {REQUEST_TEXT}.",
        error_messages={"required": f"Enter a text; {REQUEST_TEXT} is usual."},
    )
    fallback_url = forms.CharField(
        label="Fallback URL",
        required=False,
        max_length=LONGEST_TYPED,
        widget=forms.TextInput(attrs=URL_ATTRS | {"placeholder": ""}),
        help_text="Tried at once when the first URL fails.",
    )
    headers = forms.CharField(
        label="Own headers",
        required=False,
        max_length=_MOST_CHARACTERS,
        widget=forms.Textarea(attrs=_PLAIN | {"rows": 3, "placeholder": "X-Token: abc"}),
        help_text=f"Sent with each request, a line for each: name, colon, value. At most {MOST}. Stored values are "
        "shown as dots; leave the dots to keep a value.",
    )
    basic_user = forms.CharField(
        label="Basic user name", required=False, max_length=LONGEST_TYPED, widget=forms.TextInput(attrs=_PLAIN)
    )
    basic_password = forms.CharField(
        label="Basic password",
        required=False,
        strip=False,
        max_length=LONGEST_TYPED,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(
        self, data: QueryDict | None = None, *, lease: Lease | None = None, stored: TargetSettings | None = None
    ) -> None:
        """Of a number, or of a project without ``lease``; ``stored`` is what the page shows first."""
        ids = f"messaging-{lease.pk}-%s" if lease else "messaging-default-%s"
        super().__init__(data, initial=_initial(stored or TargetSettings()), auto_id=ids)
        if lease is None:
            self.fields[URL_FIELD].label = "Webhook"  # the guide's word (3.5.10)
        if stored and stored.own.basic:
            self.fields[PASSWORD_FIELD].widget.attrs["placeholder"] = MASK
            self.fields[PASSWORD_FIELD].help_text = "Leave it empty to keep the stored one."

    def clean_url(self) -> str:
        return validated(parse_url, self.cleaned_data[URL_FIELD])

    def clean_fallback_url(self) -> str:
        typed = self.cleaned_data[FALLBACK_FIELD]
        return validated(lambda text: parse_url(text, field=FALLBACK_FIELD), typed) if typed else ""

    def clean_headers(self) -> own_headers.Headers:
        return validated(own_headers.parse, self.cleaned_data[HEADERS_FIELD])

    def change(self, stored: TargetSettings) -> TargetSettings:
        """Of a valid form. Raises ``own_header_invalid``."""
        data = self.cleaned_data
        own = OwnHeaders(
            own_headers.unmasked(data[HEADERS_FIELD], stored.own.headers),
            own_headers.kept_basic(data[USER_FIELD], data[PASSWORD_FIELD], stored.own.basic),
        )
        names = (URL_FIELD, METHOD_FIELD, REQUEST_FIELD, FALLBACK_FIELD)
        return replace(stored, own=own, **{name: data[name] for name in names})

    def refuse(self, error: DomainError | None = None) -> None:
        """Puts a rule that refused it beside its field. A password that was typed is not shown again: that is said."""
        if error is not None:
            add_domain_error(self, error)
        if self.data.get(PASSWORD_FIELD):
            self[PASSWORD_FIELD].help_text = "The password that you typed is not shown again: enter it once more."

    @property
    def shows_more(self) -> bool:
        """Whether what is to be corrected stands below "More settings"."""
        return self.is_bound and bool(set(self.MORE) & set(self.errors) or self.data.get(PASSWORD_FIELD))


def _initial(stored: TargetSettings) -> dict[str, Any]:
    return {
        URL_FIELD: stored.url,
        METHOD_FIELD: stored.method,
        REQUEST_FIELD: stored.request_text,
        FALLBACK_FIELD: stored.fallback_url,
        HEADERS_FIELD: own_headers.masked(stored.own.headers),
        USER_FIELD: stored.own.basic[0] if stored.own.basic else "",
    }
