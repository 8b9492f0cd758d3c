"""The filters of Calls."""

from datetime import datetime

from django import forms

from numbers.calls import queries
from numbers.calls.models import CallStatus, Direction
from numbers.leases.list_forms import NumberListForm, search_parts


class CallsForm(NumberListForm):
    """What stands in the address of Calls. Times are UTC."""

    q = forms.CharField(
        label="Caller or target",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Digits or name"}),
    )
    direction = forms.ChoiceField(label="Direction", required=False, choices=[("", "Any"), *Direction.choices])
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "Any"), *CallStatus.choices])

    FILTERS = field_order = ("number", "q", "direction", "status", "since", "until")

    def filter(self, now: datetime) -> queries.CallFilter:
        """Of a valid form. Without times: the usual ones before ``now``, or before the end that is given."""
        values = self.cleaned_data
        since, until = self.span(now, usual=queries.USUAL)
        return queries.CallFilter(
            since=since,
            until=until,
            number=values["number"],
            direction=values["direction"],
            status=values["status"],
            parts=search_parts(values["q"]),
        )
