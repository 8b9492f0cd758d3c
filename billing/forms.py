"""Input of the credits pages."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString

from billing import money
from billing.ledger.models import TransferKind
from billing.ledger.queries import MovementFilter
from billing.payments.checkout import new_form_token

PRESETS = (25, 50, 100, 250)
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?", re.ASCII)
_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)


def _agreement() -> SafeString:
    return format_html(
        'I agree to the <a href="{}" target="_blank">Refund, cancellation policies</a> and '
        '<a href="{}" target="_blank">Terms of Service</a>',
        reverse("shell:refunds"),
        reverse("shell:terms"),
    )


class TopUpForm(forms.Form):
    amount = forms.CharField(
        max_length=20,
        error_messages={"required": "Enter an amount."},
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "transaction-amount", "placeholder": "50.00"}
        ),
    )
    agree = forms.BooleanField(
        label=lazy(_agreement, SafeString)(),
        error_messages={"required": "Please read and accept the policies: credits are sold under them."},
    )
    # One per page shown: the same form sent twice opens one payment.
    form_token = forms.CharField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = f"Amount in {settings.CURRENCY}"
        self.fields[
            "amount"
        ].help_text = f"From {money.display(settings.TOP_UP_MINIMUM)} to {money.display(settings.TOP_UP_MAXIMUM)}."

    def clean_amount(self) -> Decimal:
        """Digits and at most two decimals; nothing is guessed from other ways of writing numbers."""
        text = self.cleaned_data["amount"]
        if not _AMOUNT.fullmatch(text):
            raise forms.ValidationError(
                "Enter an amount like 50 or 49.90: digits only, with at most two after the point."
            )
        amount = Decimal(text)
        if amount < settings.TOP_UP_MINIMUM:
            raise forms.ValidationError(f"The least you can add is {money.display(settings.TOP_UP_MINIMUM)}.")
        if amount > settings.TOP_UP_MAXIMUM:
            raise forms.ValidationError(f"The most you can add is {money.display(settings.TOP_UP_MAXIMUM)}.")
        return amount

    def clean_form_token(self) -> str:
        token = self.cleaned_data["form_token"]
        return token if _TOKEN.fullmatch(token) else new_form_token()


def prefill(amount: str) -> str:
    """``?amount=`` of a link, rounded up to cents and raised to the minimum; blank when it is no amount."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", amount, re.ASCII):
        return ""
    return str(max(money.ceil_to_cents(Decimal(amount)), settings.TOP_UP_MINIMUM))


# A capture shows as the charge that it pays.
_KINDS = [("", "All movements"), *(choice for choice in TransferKind.choices if choice[0] != TransferKind.CAPTURE)]


class HistoryForm(forms.Form):
    kind = forms.ChoiceField(required=False, label="Kind", choices=_KINDS)
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("since", "until"):
            day: date | None = values.get(name)
            if day and not 2000 <= day.year <= 2100:
                self.add_error(name, "Choose a date between 2000 and 2100.")
        if values.get("since") and values.get("until") and values["since"] > values["until"]:
            self.add_error("until", "This is before the first date.")
        return values

    def filter(self) -> MovementFilter:
        values = self.cleaned_data
        return MovementFilter(values.get("kind") or "", values.get("since"), values.get("until"))
