"""Forms of the project pages. The rules themselves are in :mod:`projects.services`."""

from django import forms

from portal.core.forms import validated
from projects import services, suspension


class NameForm(forms.Form):
    """The name of a project, new or old."""

    name = forms.CharField(
        label="Project name",
        max_length=services.NAME_LENGTH,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="For example, the product or customer it is for. Only your team sees it.",
        error_messages={
            "required": "Enter a name for the project.",
            "max_length": f"A project name has at most {services.NAME_LENGTH} characters.",
        },
    )

    def clean_name(self) -> str:
        return validated(services.clean_name, self.cleaned_data["name"])


class ArchiveForm(forms.Form):
    """The project's name typed again, so that nobody archives the wrong one."""

    typed_name = forms.CharField(
        label="Type the project’s name to confirm",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the project’s name to confirm."},
    )


class SuspendForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        max_length=suspension.REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="The customer sees it on every page of the project and in the e-mail. One or two sentences: what was "
        "found, and what they can do about it.",
        error_messages={"required": "Enter the reason; the customer sees it."},
    )


class LiftForm(forms.Form):
    """Only confirms."""
