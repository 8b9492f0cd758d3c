"""Input of the upload pages. What is secret is never written back into a page, nor kept in a draft of the form."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.core.errors import DomainError
from portal.core.forms import add_domain_error
from projects.push import files, rules
from projects.push.models import Platform
from projects.push.services import Upload

LONGEST_PASSWORD = 128


class SecretTextarea(forms.Textarea):
    """Comes back empty, like the input of a password."""

    def format_value(self, value: Any) -> None:
        return None


def _file(label: str, accept: str, help_text: str, *, required: bool = True) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=required,
        allow_empty_file=True,  # the service has words of its own for it
        help_text=help_text,
        widget=forms.FileInput(attrs={"accept": accept}),
        error_messages={"required": "Choose the file.", "invalid": "The file did not arrive. Choose it again."},
    )


def _upload(file: UploadedFile) -> Upload:
    """What is too large is not read."""
    size = file.size or 0
    return Upload(file.read() if size <= files.LARGEST else b"", size, file.name or "")


def _id(label: str, help_text: str, example: str) -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "placeholder": example}
    return forms.CharField(
        label=label, required=False, max_length=200, help_text=help_text, widget=forms.TextInput(attrs=attrs)
    )


class IosForm(forms.Form):
    file = _file("File", ".p8,.p12,.pfx,.pem", "A .p8 key, or a push certificate as .p12 or .pem; at most 64 kB.")
    key_id = _id("Key ID", "10 characters; empty if the file still has the name that Apple gave it.", "K9L8M7N6P5")
    team_id = _id("Team ID", "10 characters, under Membership details in your Apple developer account.", "A1B2C3D4E5")
    bundle_id = _id("Bundle ID", "Of the app that calls ring in.", "com.example.app")
    password = forms.CharField(
        label="Password of the file",
        required=False,
        strip=False,
        max_length=LONGEST_PASSWORD,
        help_text="That was set when it was exported. We use it once and do not keep it.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    kept = ("key_id", "team_id", "bundle_id")  # no secrets

    def clean(self) -> dict[str, Any]:
        """All that a .p8 key lacks is said at once: browsers make people choose the file again each time."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("file") is None:
            return cleaned
        upload = cleaned["upload"] = _upload(cleaned["file"])
        if files.recognise(upload.data) == files.Content.KEY:
            given = {name: cleaned.get(name, "") for name in self.kept}
            for rule in (
                lambda: rules.clean_key_id(given["key_id"], upload.name),
                lambda: rules.clean_team_id(given["team_id"]),
                lambda: rules.clean_bundle_id(given["bundle_id"]),
            ):
                try:
                    rule()
                except DomainError as error:
                    add_domain_error(self, error)
        return cleaned

    def given(self) -> dict[str, Any]:
        """For the service."""
        return {name: self.cleaned_data[name] for name in ("upload", "password", *self.kept)}


class AndroidForm(forms.Form):
    file = _file("File", ".json,application/json", "The JSON file of a service account; at most 64 kB.", required=False)
    secret_text = forms.CharField(
        label="or paste its content",
        required=False,
        max_length=files.LARGEST,
        widget=SecretTextarea(attrs={"rows": 5, "cols": 60, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": "This is longer than the file of a service account can be."},
    )
    kept = ()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file, pasted = cleaned.get("file"), cleaned.get("secret_text", "")
        if self.errors:
            return cleaned
        if file is not None and pasted:
            self.add_error("secret_text", "Choose a file or paste its content, not both.")
        elif file is None and not pasted:
            self.add_error("file", "Choose the JSON file, or paste its content.")
        elif file is not None:
            cleaned["upload"] = _upload(file)
        else:
            data = pasted.encode("utf-8", "replace")
            cleaned["upload"] = Upload(data, len(data))
        return cleaned

    def given(self) -> dict[str, Any]:
        """For the service."""
        return {"upload": self.cleaned_data["upload"]}

    @property
    def is_pasted(self) -> bool:
        return bool(self.cleaned_data.get("secret_text"))


FORMS: dict[str, type[IosForm] | type[AndroidForm]] = {Platform.IOS: IosForm, Platform.ANDROID: AndroidForm}
