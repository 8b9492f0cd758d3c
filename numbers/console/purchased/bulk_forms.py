"""Forms of what is done to many numbers at once; a release asks for what nobody types by mistake."""

from typing import Any

from django import forms

from numbers.console.number.release_forms import TYPED, WhenForm
from numbers.console.purchased.bulk import LIMIT
from numbers.console.purchased.forms import LARGEST_ID
from numbers.leases.tags import LENGTH, clean_tag
from portal.core.errors import DomainError


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
