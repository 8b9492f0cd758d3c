"""The forms of the routing panel."""

from typing import Any

from django import forms

from numbers.routing.targets import FIELD, parse_target
from portal.accounts import calling_codes, phone_numbers
from portal.core.errors import DomainError
from portal.core.forms import add_domain_error


class PstnForm(forms.Form):
    """Country code and number; a number that begins with + or 00 needs no country. ``target`` is the E.164 number."""

    country_code = forms.ChoiceField(
        label="Country code",
        choices=calling_codes.choices,
        widget=calling_codes.CountrySelect,
        error_messages={"required": "Choose a country.", "invalid_choice": "Choose a country."},
    )
    pstn_number = forms.CharField(
        label="Number",
        max_length=phone_numbers.LONGEST,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "Enter the number to forward calls to."},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if phone_numbers.names_its_country(data.get(FIELD, "")) and not self.data.get("country_code"):
            self.errors.pop("country_code", None)
        if self.errors:
            return data
        try:
            data["target"] = parse_target(data[FIELD], data.get("country_code")).e164
        except DomainError as error:
            self.add_domain_error(error)
        return data

    def add_domain_error(self, error: DomainError) -> None:
        """Beside the field that the rule names; the cursor goes there."""
        add_domain_error(self, error)
        self.fields[FIELD].widget.attrs["autofocus"] = True
