"""Forms that give numbers up, one or many; each asks for what cannot be typed by mistake."""

from typing import Any

from django import forms

from numbers.console.purchased.bulk import LIMIT
from numbers.console.purchased.forms import LARGEST_ID
from numbers.leases.models import Lease
from numbers.leases.releasing import may_wait
from numbers.leases.tags import LENGTH, clean_tag
from portal.accounts import phone_numbers
from portal.accounts.telephone import international
from portal.core.errors import DomainError
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


class ChosenField(forms.Field):
    """Ids of leases, each once, in their order."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {"required": "Select at least one number."}

    def to_python(self, value: Any) -> list[int]:
        texts = {text for text in value or () if isinstance(text, str)}
        if any(not (text.isascii() and text.isdecimal() and len(text) < 20) for text in texts):
            raise forms.ValidationError("Select numbers from the list.")
        return sorted(number for number in map(int, texts) if 0 < number <= LARGEST_ID)

    def validate(self, value: list[int]) -> None:
        super().validate(value)
        if len(value) > LIMIT:
            raise forms.ValidationError(f"At most {LIMIT} numbers at once; you selected {len(value)}.")


class ChosenForm(forms.Form):
    lease = ChosenField()


class BulkForm(ChosenForm):
    action = forms.ChoiceField(
        choices=[(name, name) for name in ("tag", "untag", "lock", "unlock", "release")],
        error_messages={
            "required": "Choose what to do with the numbers.",
            "invalid_choice": "Choose what to do with the numbers.",
        },
    )
    tag = forms.CharField(required=False, max_length=10 * LENGTH)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("action") in ("tag", "untag") and "tag" in data:
            try:
                data["tag"] = clean_tag(data["tag"])
            except DomainError as error:
                self.add_error("tag", error.message)
        return data


class BulkReleaseForm(WhenForm, ChosenForm):
    typed = forms.CharField(
        label="Type it to confirm",
        max_length=60,
        widget=forms.TextInput(attrs=TYPED),
        error_messages={"required": "Type this to confirm."},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "typed" in data and "lease" in data and not confirms(data["typed"], len(data["lease"])):
            self.add_error("typed", f"Type {phrase(len(data['lease']))}, or the count, to confirm.")
        return data


def phrase(count: int) -> str:
    return f"RELEASE {count} NUMBER" + ("S" if count != 1 else "")


def confirms(typed: str, count: int) -> bool:
    words = " ".join(typed.upper().split())
    return words in (str(count), phrase(count))
