"""What a person types as an amount of money. Every amount field and every ``?amount=`` is read here; docs/money.md
has the rules for people.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings

from billing import money

LONGEST = 1000  # characters
_ONLY_DECIMAL = "\N{ARABIC DECIMAL SEPARATOR}"
_MARKS = str.maketrans(
    {
        **dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}", "-"),
        **dict.fromkeys(
            "\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
            "\N{PRIME}\N{ARABIC THOUSANDS SEPARATOR}",
            "'",
        ),
        "\N{ARABIC COMMA}": ",",
    }
)
# What may stand before or after an amount in this currency, in small letters; its code always may.
SYMBOLS = {
    "USD": {"$", "us$"},
    "EUR": {"€"},
    "GBP": {"£"},
    "INR": {"₹", "rs", "rs."},
    "CAD": {"$", "c$", "ca$"},
    "AUD": {"$", "a$", "au$"},
    "NZD": {"$", "nz$"},
    "SGD": {"$", "s$"},
    "CHF": {"fr.", "sfr."},
    "BRL": {"r$"},
}

_PARTS = re.compile(
    rf"([^0-9]*?)((?:(?<![^\W_])[.,{_ONLY_DECIMAL}])?[0-9](?:[0-9.,' {_ONLY_DECIMAL}]*[0-9])?"
    rf"[.,{_ONLY_DECIMAL}]?)([^0-9]*)"
)
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([ '.,])[0-9]{3}(?:\1[0-9]{3})*")
_LAKHS = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")  # 12,34,567


class NotAmountError(ValueError):
    """``code``: ``not_amount``, ``other_currency`` or ``negative``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AmbiguousError(ValueError):
    """``10,000``: ten thousand for some readers and ten for others. ``readings``: the greater first."""

    def __init__(self, text: str, readings: tuple[Decimal, Decimal]) -> None:
        super().__init__(text)
        self.text, self.readings = text, readings


def read(text: str) -> Decimal:
    """The one amount that ``text`` can mean, with as many decimals as were written.

    Raises :class:`NotAmountError`, and :class:`AmbiguousError` when there are two.
    """
    if len(text) > LONGEST:
        if not text.strip().isdecimal():
            raise NotAmountError("not_amount")
        return Decimal(text.strip())
    parts = _PARTS.fullmatch(_plain(text))
    if parts is None:
        raise NotAmountError("not_amount")
    before, number, after = (part.strip() for part in parts.groups())
    if after == "/-" or (after == "-" and number[-1] in ".,"):  # 50/- and 50,-
        after = ""
    signs = re.sub(r"[^+()-]", "", before + after)
    for word in (before.strip("+-( "), after.strip(")- ")):
        _check_currency(word)
    if signs in ("-", "()"):
        raise NotAmountError("negative")
    if signs not in ("", "+"):
        raise NotAmountError("not_amount")
    return _number(number)


def _plain(text: str) -> str:
    """Digits of any script as 0–9, invisible characters dropped, other forms of a character as its usual one."""
    kept = []
    for char in text.translate(_MARKS):
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.decimal(char)))
        elif category == "No":
            kept.append("?")  # never ² as 2
        elif category != "Cf":
            kept.append(unicodedata.normalize("NFKC", char))
    return " ".join("".join(kept).split())


def _check_currency(word: str) -> None:
    ours = SYMBOLS.get(settings.CURRENCY, set()) | {settings.CURRENCY.lower()}
    if not word or word.lower() in ours:
        return
    known = set(SYMBOLS) | {name.upper() for names in SYMBOLS.values() for name in names}
    is_currency = word.upper() in known or any(unicodedata.category(char) == "Sc" for char in word)
    raise NotAmountError("other_currency" if is_currency else "not_amount")


def _number(text: str) -> Decimal:
    last = next((char for char in reversed(text) if not char.isdigit()), "")
    if not last:
        return Decimal(text)
    whole, _, fraction = text.rpartition(last)
    grouped = Decimal(re.sub(r"[^0-9]", "", text)) if _is_grouped(text) else None
    split = last not in " '" and last not in whole and (not whole or whole.isdecimal() or _is_grouped(whole))
    exact = Decimal(f"{re.sub('[^0-9]', '', whole) or 0}.{fraction or 0}") if split else None
    if grouped is not None and exact is not None:
        raise AmbiguousError(text, (grouped, exact))
    found = grouped if exact is None else exact
    if found is None:
        raise NotAmountError("not_amount")
    return found


def _is_grouped(text: str) -> bool:
    return bool(_GROUPED.fullmatch(text) or _LAKHS.fullmatch(text))


def decimals(amount: Decimal) -> int:
    """As written: 2 for ``50.00``."""
    return max(-int(amount.as_tuple().exponent), 0)


class AmountField(forms.CharField):
    """An amount in the installation's currency, at most two decimals, from ``minimum`` to ``maximum``; a Decimal."""

    default_error_messages = {
        "required": "Enter an amount.",
        "not_amount": "Enter an amount like 50 or 1,234.50.",
        "decimals": "Enter an amount with at most two decimals, like 49.90.",
    }
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "transaction-amount"})
    minimum = Decimal("0.01")
    maximum = Decimal("999999999.99")

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = read(text)
        except AmbiguousError as error:
            raise forms.ValidationError(self._question(error), code="ambiguous") from error
        except NotAmountError as error:
            raise self._error(error.code) from error
        if problem := self.problem(amount):
            raise self._error(problem)
        return amount

    def _question(self, error: AmbiguousError) -> str:
        greater, smaller = map(money.display, error.readings)
        question = f"“{error.text}” can mean {greater} or {smaller}."
        if self.choices(error):
            return f"{question} Choose below, or write the amount with two decimals."
        return f"{question} The most you can add is {money.display(self.maximum)}, with at most two decimals."

    def problem(self, amount: Decimal) -> str:
        """The code of what is wrong with the amount; blank for one that can be taken."""
        if amount > self.maximum:
            return "maximum"
        if decimals(amount) > 2:
            return "decimals"
        return "minimum" if amount < self.minimum else ""

    def choices(self, error: AmbiguousError) -> list[Decimal]:
        """The readings that can be taken."""
        cents = [reading.quantize(money.CENT) for reading in error.readings]
        same = zip(cents, error.readings, strict=True)
        return [shown for shown, reading in same if shown == reading and not self.problem(shown)]

    def readings(self, text: str) -> list[Decimal]:
        """What to choose from when ``text`` is ambiguous; empty when it is not."""
        try:
            read(text)
        except AmbiguousError as error:
            return self.choices(error)
        except NotAmountError:
            pass
        return []

    def _error(self, code: str) -> forms.ValidationError:
        words = {
            "other_currency": f"Enter the amount in {settings.CURRENCY}, like 50 or 1,234.50.",
            "maximum": f"The most you can add is {money.display(self.maximum)}.",
            "minimum": f"The least you can add is {money.display(self.minimum)}.",
            "negative": f"The least you can add is {money.display(self.minimum)}.",
        }
        return forms.ValidationError(words.get(code) or self.error_messages[code], code=code)
