"""Countries and their calling codes, for the telephone field's picker. Codes are libphonenumber's."""

from functools import cache
from typing import Any

import phonenumbers
from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.accounts import countries
from portal.accounts.country_aliases import ALIASES

FALLBACK = "US"


@cache
def choices() -> list[tuple[str, str]]:
    """``("GB", "United Kingdom (+44)")`` by name: a code alone is not enough, +1 is twenty-five countries."""
    rows = [
        (region, f"{countries.name(region)} (+{countries.calling_code(region)})")
        for region in phonenumbers.SUPPORTED_REGIONS
    ]
    return sorted(rows, key=lambda row: row[1])


@cache
def picker_data(region: str) -> SafeString:
    """Attributes of a picker's option by which static/js/pickers.js finds a country: its code and its other names."""
    code = countries.calling_code(region)
    main = phonenumbers.region_code_for_country_code(int(code)) == region
    names = ";".join((countries.name(region), *ALIASES.get(region, ())))
    return format_html('data-code="{}" data-names="{}"{}', code, names, mark_safe(" data-main") if main else "")


@cache
def _options() -> tuple[tuple[str, SafeString, SafeString], ...]:
    """(region, an option up to its ``selected``, the rest of it)."""
    return tuple(
        (region, format_html('<option value="{}" {}', region, picker_data(region)), format_html(">{}</option>", label))
        for region, label in choices()
    )


class _Countries(forms.Select):
    """A searchable picker of :func:`choices`; its 245 options are put together once, not by a template each time.

    Without JavaScript it is a plain select.
    """

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__((attrs or {}) | {"data-picker": ""}, choices)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        attributes = format_html_join(
            "",
            ' {}="{}"',
            (
                (key, "" if held is True else held)
                for key, held in self.build_attrs(self.attrs, attrs).items()
                if held not in (None, False)
            ),
        )
        chosen = set(self.format_value(value))
        options = "".join(
            f"{start}{' selected' if region in chosen else ''}{rest}" for region, start, rest in _options()
        )
        many = mark_safe(" multiple") if self.allow_multiple_selected else ""
        opened = format_html('<select name="{}"{}{}>', name, attributes, many)
        return mark_safe(f"{opened}{options}</select>")  # noqa: S308  every part of it is escaped


class CountrySelect(_Countries):
    """Of one country."""


class CountriesSelect(_Countries, forms.SelectMultiple):
    """Of any number of them."""


def region_of_browser(accept_language: str) -> str:
    """The first region in an Accept-Language header, ``en-GB,en;q=0.9`` → ``GB``; it only preselects the picker."""
    for entry in accept_language[:200].split(","):
        region = entry.split(";")[0].strip().rpartition("-")[2].upper()
        if region in phonenumbers.SUPPORTED_REGIONS and "-" in entry:
            return region
    return FALLBACK
