"""What a customer calls a number."""

from django import forms

from numbers.leases.services import NAME_LENGTH, clean_name
from numbers.leases.tags import LENGTH, MOST, clean_tags
from portal.core.forms import validated


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
