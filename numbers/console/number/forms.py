"""What a customer calls a number."""

from django import forms

from numbers.leases.services import NAME_LENGTH, clean_name
from numbers.leases.tags import LENGTH, MOST, clean_tags
from numbers.routing import block_list
from portal.accounts import phone_numbers
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


class SimulatorForm(forms.Form):
    """Who would call; ``caller`` is E.164, ``anonymous``, or None when it is not said."""

    caller = forms.CharField(
        label="Caller",
        required=False,
        max_length=phone_numbers.LONGEST,
        help_text="With + and country code, or “anonymous” for a caller who hides the number.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "+49…"}),
    )

    def clean_caller(self) -> str | None:
        typed = phone_numbers.clean(self.cleaned_data["caller"])
        if not typed:
            return None
        caller = block_list.caller_of(typed)
        if caller != block_list.ANONYMOUS and not caller.startswith("+"):
            raise forms.ValidationError("Enter a phone number with + and country code, or “anonymous”.")
        return caller
