"""Forms of the app users' pages. The rules themselves are in the services."""

from typing import Any
from urllib.parse import urlencode

from django import forms

from portal.core.csv_field import CsvFileField
from portal.core.forms import validated
from projects.app_users import services
from projects.app_users.import_file import MOST_BYTES, MOST_ROWS
from projects.app_users.models import DISPLAY_NAME_LENGTH, USERNAME_LENGTH, ImportResult
from projects.app_users.queries import ACTIVE, DEACTIVATED
from projects.app_users.usernames import clean_username

STATUSES = [("", "All"), (ACTIVE, "Active"), (DEACTIVATED, "Deactivated")]
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class ListingForm(forms.Form):
    """What stands in the address of the list."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=DISPLAY_NAME_LENGTH,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Username or name", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(label="Status", required=False, choices=STATUSES)
    after = forms.CharField(required=False, max_length=USERNAME_LENGTH, widget=forms.HiddenInput)

    FILTERS = ("q", "status")

    def filters(self) -> dict[str, str]:
        """What was understood; a filter that makes no sense is left out, its error stands beside it."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.FILTERS}

    def address(self) -> str:
        """The filters as they stand in an address, without the page."""
        return urlencode({name: value for name, value in self.filters().items() if value})


class DisplayNameForm(forms.Form):
    display_name = forms.CharField(
        label="Display name",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": DISPLAY_NAME_LENGTH}),
        help_text="So that your team recognises the person or telephone. Nobody who calls sees it.",
    )

    def clean_display_name(self) -> str:
        return validated(services.clean_display_name, self.cleaned_data["display_name"])


class AddForm(DisplayNameForm):
    username = forms.CharField(
        label="App Username/Login ID",
        widget=forms.TextInput(attrs=_PLAIN | {"autocapitalize": "none"}),
        help_text="With it the app registers, and calls ring there. Capital letters count as small ones; it cannot be "
        "changed later.",
        error_messages={"required": "Enter the App Username/Login ID."},
    )
    creation_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    field_order = ["username", "display_name", "creation_key"]

    def clean_username(self) -> str:
        return validated(clean_username, self.cleaned_data["username"])

    def add_error(self, field: str | None, error: Any) -> None:
        """A form token that nobody made is as good as none."""
        if field != "creation_key":
            super().add_error(field, error)


class ImportForm(forms.Form):
    file = CsvFileField(most_rows=MOST_ROWS, most_bytes=MOST_BYTES)


class ReportForm(forms.Form):
    """Which rows of a report are shown."""

    result = forms.ChoiceField(required=False, choices=[("", "All rows"), *ImportResult.choices])
    after = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
