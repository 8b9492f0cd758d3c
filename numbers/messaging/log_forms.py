"""The filters of SMS › Logs, and delivering again what came in a time."""

from datetime import datetime

from django import forms
from django.http import QueryDict

from numbers.leases.list_forms import NumberListForm, UtcSpanForm, search_parts
from numbers.messaging import log_queries as queries
from numbers.messaging.models import MessageStatus
from numbers.messaging.redelivery import Span, Which


class LogForm(NumberListForm):
    """What stands in the address of Logs. Times are UTC."""

    q = forms.CharField(
        label="Text or sender",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "Any"), *MessageStatus.choices])

    FILTERS = ("number", "q", "status", "since", "until")
    field_order = FILTERS

    def filter(self, now: datetime) -> queries.MessageFilter:
        """Of a valid form. Without times: the usual ones before ``now``, or before the end that is given."""
        values = self.cleaned_data
        since, until = self.span(now, usual=queries.USUAL)
        return queries.MessageFilter(since, until, values["number"], values["status"], search_parts(values["q"]))


class RedeliveryForm(UtcSpanForm):
    """``since`` is needed; without ``until`` it is now."""

    which = forms.ChoiceField(
        label="Which",
        choices=Which.choices,
        initial=Which.NOT_DELIVERED,
        error_messages={"required": "Choose which messages.", "invalid_choice": "Choose which messages."},
    )
    field_order = ("which", "since", "until")

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="again-%s")
        self.fields["since"].required = True
        self.fields["since"].error_messages["required"] = "Enter since when."

    def chosen(self, now: datetime) -> Span:
        """Of a valid form."""
        return Span(self.cleaned_data["since"], self.cleaned_data["until"] or now)
