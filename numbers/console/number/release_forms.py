"""The form that releases a number; it asks for what cannot be typed by mistake."""

from typing import Any

from django import forms

from numbers.leases.models import Lease
from numbers.leases.releasing import may_wait
from portal.accounts import phone_numbers
from portal.accounts.telephone import international
from portal.core.forms import set_choices

NOW, LATER = "now", "later"
TYPED = {"autocomplete": "off", "spellcheck": "false"}


def is_spelling_of(typed: str, *, e164: str, country: str) -> bool:
    """Whether a person who types this means the number: ``+1 212-555-0100``, ``(212) 555-0100``, ``0012125550100``."""
    meant = {reading.number.e164 for reading in phone_numbers.readings(typed, country)}
    return e164 in meant or phone_numbers.international(typed) == e164


class WhenForm(forms.Form):
    when = forms.ChoiceField(
        label="When",
        choices=[(NOW, "At once"), (LATER, "At the end of the paid month")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose when the number is released.",
            "invalid_choice": "Choose when the number is released.",
        },
    )

    @property
    def at_period_end(self) -> bool:
        """Of a valid form."""
        return self.cleaned_data["when"] == LATER


class ReleaseForm(WhenForm):
    typed = forms.CharField(
        label="Type the number to confirm",
        max_length=phone_numbers.LONGEST,
        widget=forms.TextInput(attrs=TYPED | {"inputmode": "tel"}),
        error_messages={"required": "Type the number to confirm."},
    )

    def __init__(self, *args: Any, lease: Lease, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lease = lease
        if not may_wait(lease):
            set_choices(self, "when", (NOW, "At once"))
            self.fields["when"].error_messages["invalid_choice"] = "The current month is not paid; choose “At once”."

    def clean_typed(self) -> str:
        number = self.lease.number
        if not is_spelling_of(self.cleaned_data["typed"], e164=number.e164, country=number.country):
            raise forms.ValidationError(f"This is not {international(number.e164)}.")
        return number.e164
