"""Input of the credits pages."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString

from billing import amounts, money
from billing.amounts import AmountField
from billing.ledger.models import TransferKind
from billing.ledger.queries import MovementFilter
from billing.payments.checkout import new_form_token

PRESETS = (25, 50, 100, 250)
LINK_BELOW = 10**9
_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)


def _agreement() -> SafeString:
    return format_html(
        'I agree to the <a href="{}" target="_blank">Refund, cancellation policies</a> and '
        '<a href="{}" target="_blank">Terms of Service</a>',
        reverse("shell:refunds"),
        reverse("shell:terms"),
    )


class TopUpForm(forms.Form):
    amount = AmountField()
    agree = forms.BooleanField(
        label=lazy(_agreement, SafeString)(),
        error_messages={"required": "Please read and accept the policies; credits are sold under them."},
    )
    # One per page shown: the same form sent twice opens one payment.
    form_token = forms.CharField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self._amount_field()
        field.minimum, field.maximum = settings.TOP_UP_MINIMUM, settings.TOP_UP_MAXIMUM
        field.label = f"Amount in {settings.CURRENCY}"
        field.help_text = f"From {money.display(field.minimum)} to {money.display(field.maximum)}."

    def _amount_field(self) -> AmountField:
        return cast(AmountField, self.fields["amount"])

    def readings(self) -> list[Decimal]:
        """The amounts to choose from when what is in the field can be read in two ways."""
        return self._amount_field().readings(str(self["amount"].value() or ""))

    def clean_form_token(self) -> str:
        token = self.cleaned_data["form_token"]
        return token if _TOKEN.fullmatch(token) else new_form_token()


def prefill(text: str) -> str:
    """``?amount=`` of a link, rounded up to cents and raised to the minimum; blank when it is no amount.

    What can be read in two ways stays as it is: the page asks.
    """
    try:
        amount = amounts.read(text)
    except amounts.AmbiguousError as error:
        return error.text
    except amounts.NotAmountError:
        return ""
    if amount >= LINK_BELOW:
        return ""
    return str(max(money.ceil_to_cents(amount), settings.TOP_UP_MINIMUM))


# A capture shows as the charge that it pays.
_KINDS = [("", "All movements"), *(choice for choice in TransferKind.choices if choice[0] != TransferKind.CAPTURE)]


class HistoryForm(forms.Form):
    kind = forms.ChoiceField(
        required=False,
        label="Kind",
        choices=_KINDS,
        error_messages={"invalid_choice": "Choose one of the kinds in the list."},
    )
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
