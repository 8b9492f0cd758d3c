"""What the confirm dialog sends back."""

import uuid
from typing import Any

from django import forms


def new_form_token() -> str:
    return uuid.uuid4().hex


class ConfirmForm(forms.Form):
    """Hidden facts only: which showing of the dialog this is, and the price that it showed."""

    form_token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    expected_total = forms.DecimalField(min_value=0, max_digits=18, decimal_places=6, widget=forms.HiddenInput)

    def token(self) -> str:
        """The token that was sent, so that a second try stays one purchase; a new one when it was none."""
        cleaned: dict[str, Any] = getattr(self, "cleaned_data", {})
        return str(cleaned.get("form_token") or new_form_token())
