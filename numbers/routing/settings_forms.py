"""The forms of Number Settings. Empty is the installation's value."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings

from billing import money
from billing.amounts import AmbiguousError, AmountField, decimals
from numbers.routing.forms import CallerFields, ServerFields
from portal.accounts import calling_codes

ALL, CHOSEN = "all", "chosen"
DECIMALS = 4


class LimitField(AmountField):
    """An amount that may be 0, with four decimals at most; the rule says how much is too much."""

    minimum = Decimal(0)

    def _question(self, error: AmbiguousError) -> str:
        greater, smaller = map(money.display, error.readings)
        return f"“{error.text}” can mean {greater} or {smaller}. Write the amount with two decimals."

    def _error(self, code: str) -> forms.ValidationError:
        if code == "negative":
            return forms.ValidationError("Enter an amount of 0 or more.", code=code)
        return super()._error(code)

    def problem(self, amount: Decimal) -> str:
        return "" if decimals(amount) <= DECIMALS else "decimals"


def _limit(label: str, otherwise: int, most: int) -> LimitField:
    return LimitField(
        label=label,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=f"In {settings.CURRENCY}. Empty: {money.display(Decimal(otherwise))}. "
        f"At most {money.display(Decimal(most))}.",
        error_messages={"decimals": f"Enter an amount with at most {DECIMALS} decimals."},
    )


class SettingsForm(forms.Form):
    """Ids of its fields begin with the name of the form."""

    name = ""

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id=f"{self.name}-%s")


class TrunkForm(ServerFields, SettingsForm):
    """``server`` is a SipServer."""

    name = "trunk"

    def clean(self) -> dict[str, Any]:
        return (super().clean() or self.cleaned_data) | {"server": self.read_server()}


class ProjectBlockForm(CallerFields, SettingsForm):
    name = "block"


class ForwardingForm(SettingsForm):
    """``allowed`` is None for all countries, or their codes."""

    name = "forwarding"
    which = forms.ChoiceField(
        label="Calls may be forwarded to",
        choices=[(ALL, "All countries"), (CHOSEN, "Only these countries")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose all countries or some.", "invalid_choice": "Choose all countries or some."},
    )
    countries = forms.MultipleChoiceField(
        label="Countries",
        required=False,
        choices=calling_codes.choices,
        widget=calling_codes.CountriesSelect(attrs={"data-placeholder": "Add a country"}),
        error_messages={"invalid_choice": "Choose countries from the list."},
    )
    channels = forms.IntegerField(
        label="Calls at once",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "Enter a whole number."},
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["dearest_price"] = _limit(
            "Dearest price per minute", settings.DEAREST_CALL_PRICE, settings.DEAREST_CALL_PRICE_MOST
        )
        self.fields["channels"].help_text = f"Empty: {settings.CALL_CHANNELS}. At most {settings.CALL_CHANNELS_MOST}."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = tuple(sorted(data.get("countries") or ()))
        if data.get("which") == CHOSEN and not chosen and "countries" not in self.errors:
            self.add_error("countries", "Choose at least one country, or all countries.")
        return data | {"allowed": chosen if data.get("which") == CHOSEN else None}


class SpendCapForm(SettingsForm):
    name = "cap"

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["spend_cap"] = _limit("Spending cap in 24 hours", settings.SPEND_CAP, settings.SPEND_CAP_MOST)
