"""Filters that lists of calls and messages have in common."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.forms.widgets import DateTimeInput

from portal.accounts import phone_numbers

_DAY = re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*", re.ASCII)
# UTC, all of them.
_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]


def _time_field(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=False,
        input_formats=_FORMATS,
        widget=DateTimeInput(attrs={"type": "datetime-local"}, format=_FORMATS[0]),
        error_messages={"invalid": "Enter a date and a time, for example 2026-11-20 14:30."},
    )


class UtcSpanForm(forms.Form):
    """From when until when, in UTC. A day alone counts from its beginning, or to its end."""

    since = _time_field("From (UTC)")
    until = _time_field("To (UTC)")

    FILTERS: tuple[str, ...] = ("since", "until")  # what stands in the address of a list

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("since", "until"):
            if values.get(name) and not 2000 <= values[name].year <= 2100:
                self.add_error(name, "Choose a time between the years 2000 and 2100.")
        if values.get("until") and not self.errors and _DAY.fullmatch(str(self.data.get("until", ""))):
            values["until"] += timedelta(days=1)  # a day alone counts to its end
        if values.get("since") and values.get("until") and values["since"] >= values["until"]:
            self.add_error("until", "This is not after the first time.")
        return values

    def span(self, now: datetime, *, usual: timedelta) -> tuple[datetime, datetime]:
        """Of a valid form. Without times: the usual ones before ``now``, or before the end that is given."""
        until = self.cleaned_data["until"] or now + timedelta(minutes=1)  # another clock may be ahead of ours
        return self.cleaned_data["since"] or until - usual, until

    def address(self) -> dict[str, str]:
        """The filters as they were typed, without the page."""
        return {name: self.data[name] for name in self.FILTERS if self.data.get(name)}

    def query(self) -> str:
        return urlencode(self.address())


class NumberListForm(UtcSpanForm):
    """Of one number, if it is given."""

    number = forms.CharField(
        label="Number", required=False, max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_number(self) -> str:
        typed = self.cleaned_data["number"]
        found = phone_numbers.international(typed) if typed else ""
        if found is None:
            raise forms.ValidationError("Enter a whole number with its country code, for example +1 212-555-0101.")
        return found


def search_parts(typed: str) -> tuple[str, ...]:
    """What to look for in phone numbers and texts: of a phone number its digits in each reading, else the text."""
    terms = phone_numbers.search_terms(typed) if typed else None
    if terms is None:
        return (typed.lower(),) if typed else ()
    return tuple(dict.fromkeys((*terms.beginnings, *terms.wholes, *terms.parts)))
