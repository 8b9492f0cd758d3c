"""The month that the overview shows."""

from datetime import UTC, date, datetime

from django import forms


class MonthForm(forms.Form):
    """``?month=2026-11&after=+1212…``"""

    month = forms.RegexField(
        r"^[0-9]{4}-[0-9]{2}$", required=False, error_messages={"invalid": "Enter the month like this: 2026-11."}
    )
    after = forms.RegexField(r"^\+[1-9][0-9]{6,14}$", required=False)

    def clean_month(self) -> date | None:
        text = self.cleaned_data["month"]
        if not text:
            return None
        try:
            month = date(int(text[:4]), int(text[5:]), 1)
        except ValueError:
            raise forms.ValidationError("There is no such month.")
        if month.year < 2000 or month > datetime.now(UTC).date():
            raise forms.ValidationError("There are no records for this month.")
        return month
