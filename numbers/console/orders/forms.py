"""What the confirm dialog and the page of an order send back."""

import uuid
from typing import Any

from django import forms

from numbers.orders.conversation import TEXT_LENGTH


def new_form_token() -> str:
    return uuid.uuid4().hex


class ConfirmForm(forms.Form):
    """Which showing of the dialog this is, the price that it showed, and who will use the number."""

    form_token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    expected_total = forms.DecimalField(min_value=0, max_digits=18, decimal_places=6, widget=forms.HiddenInput)
    holder = forms.CharField(required=False)  # judged by the service; empty where no documents are required

    def token(self) -> str:
        """The token that was sent, so that a second try stays one purchase; a new one when it was none."""
        cleaned: dict[str, Any] = getattr(self, "cleaned_data", {})
        return str(cleaned.get("form_token") or new_form_token())


class AnswerForm(forms.Form):
    text = forms.CharField(
        label="Your message",
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": TEXT_LENGTH}),
        error_messages={"required": "Write your message first."},
    )


class SubmissionForm(forms.Form):
    """A document of the project for a requirement of the order (``line``)."""

    line = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    document = forms.UUIDField()
