"""The forms of the routing panel. Several panels may stand on one page: ids of fields carry the lease."""

from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.urls import reverse

from numbers.leases.models import Lease
from numbers.routing.block_list import FIELD as CALLER_FIELD
from numbers.routing.block_list import parse_entry
from numbers.routing.models import LONGEST_RING, SHORTEST_RING, CallerId, RouteKind, SipTransport
from numbers.routing.route_settings import SecondStep, SipServer
from numbers.routing.sip_targets import HOST_FIELD, PORT_FIELD, SIP_PORT, TRANSPORT_FIELD, parse_server
from numbers.routing.targets import FIELD as PSTN_FIELD
from numbers.routing.targets import parse_target
from portal.accounts import calling_codes, phone_numbers
from portal.core.errors import DomainError
from portal.core.forms import add_domain_error, validated

_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class PanelForm(forms.Form):
    """``name``: of the form within a panel; ``option``: the option that it stands under, "" for all three."""

    name: ClassVar[str]
    option: ClassVar[str] = ""

    def __init__(self, data: QueryDict | None = None, *, lease: Lease, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id=f"{self.name}-{lease.pk}-%s")

    def add_domain_error(self, error: DomainError) -> None:
        """Beside the field that the rule names; the cursor goes there."""
        add_domain_error(self, error)
        if error.field in self.fields:
            self.fields[error.field].widget.attrs["autofocus"] = True


class PhoneFields(forms.Form):
    """Country code and number; a number that begins with + or 00 needs no country."""

    country_code = forms.ChoiceField(
        label="Country code",
        choices=calling_codes.choices,
        widget=calling_codes.CountrySelect,
        error_messages={"required": "Choose a country.", "invalid_choice": "Choose a country."},
    )
    pstn_number = forms.CharField(
        label="Number",
        max_length=phone_numbers.LONGEST,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "Enter the number to forward calls to."},
    )

    def read_phone(self) -> str | None:
        """E.164; None when there are errors, which stand beside their fields."""
        data = self.cleaned_data
        if phone_numbers.names_its_country(data.get(PSTN_FIELD, "")) and not self.data.get("country_code"):
            self.errors.pop("country_code", None)
        if {"country_code", PSTN_FIELD} & set(self.errors):
            return None
        try:
            return parse_target(data[PSTN_FIELD], data.get("country_code")).e164
        except DomainError as error:
            add_domain_error(self, error)
            return None


class ServerFields(forms.Form):
    sip_host = forms.CharField(
        label="IP address or host name",
        max_length=300,
        widget=forms.TextInput(attrs=_PLAIN | {"placeholder": "203.0.113.9 or sip.example.com"}),
        error_messages={"required": "Enter the IP address or host name of the SIP server."},
    )
    sip_port = forms.IntegerField(
        label="Port",
        initial=SIP_PORT,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Enter the port; SIP servers mostly use 5060.",
            "invalid": "A port is a number from 1 to 65535; SIP servers mostly use 5060.",
        },
    )
    sip_transport = forms.ChoiceField(
        label="Transport",
        choices=SipTransport.choices,
        error_messages={"required": "Choose UDP, TCP or TLS.", "invalid_choice": "Choose UDP, TCP or TLS."},
    )

    def read_server(self) -> SipServer | None:
        """None when there are errors, which stand beside their fields."""
        data = self.cleaned_data
        if {HOST_FIELD, PORT_FIELD, TRANSPORT_FIELD} & set(self.errors):
            return None
        try:
            return parse_server(data[HOST_FIELD], data[PORT_FIELD], data[TRANSPORT_FIELD])
        except DomainError as error:
            add_domain_error(self, error)
            return None


def server_initial(server: SipServer | None) -> dict[str, Any]:
    if server is None:
        return {}
    return {HOST_FIELD: server.host, PORT_FIELD: server.port, TRANSPORT_FIELD: server.transport}


class UserForm(PanelForm):
    name, option = "users", RouteKind.USERS
    username = forms.CharField(
        label="App Username/Login ID",
        widget=forms.TextInput(attrs=_PLAIN),
        error_messages={"required": "Enter the App Username/Login ID."},
    )

    def __init__(self, data: QueryDict | None = None, *, lease: Lease, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, lease=lease, initial=initial)
        names = f"app-users-{lease.pk}"
        self.fields["username"].widget.attrs |= {
            "list": names,
            "hx-get": reverse("projects:app_user_suggest", args=[lease.project.pid]),
            "hx-trigger": "input changed delay:150ms, focus once",
            "hx-target": f"#{names}",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
        }


class PstnForm(PhoneFields, PanelForm):
    """``target`` is the E.164 number."""

    name, option = "pstn", RouteKind.PSTN

    def clean(self) -> dict[str, Any]:
        return (super().clean() or self.cleaned_data) | {"target": self.read_phone()}


class CallerIdForm(PanelForm):
    name, option = "caller-id", RouteKind.PSTN
    caller_id = forms.ChoiceField(
        label="The called phone shows",
        choices=CallerId.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what the called phone shows.",
            "invalid_choice": "Choose what the called phone shows.",
        },
    )


class SipForm(ServerFields, PanelForm):
    """``server`` is a SipServer."""

    name, option = "sip", RouteKind.SIP

    def clean(self) -> dict[str, Any]:
        return (super().clean() or self.cleaned_data) | {"server": self.read_server()}


class NoAnswerForm(PhoneFields, ServerFields, PanelForm):
    """If nobody answers. Only the fields of the chosen step count; ``second_step`` is a SecondStep."""

    name = "no-answer"
    ring_seconds = forms.IntegerField(
        label="Ring for",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=f"Seconds, from {SHORTEST_RING} to {LONGEST_RING}.",
        error_messages={
            "required": "Enter the seconds for which it rings.",
            "invalid": f"The ring time is a whole number of seconds from {SHORTEST_RING} to {LONGEST_RING}.",
        },
    )
    step = forms.ChoiceField(
        label="Then",
        required=False,
        choices=[
            (RouteKind.NONE.value, "End the call"),
            *((k.value, k.label) for k in (RouteKind.PSTN, RouteKind.SIP)),
        ],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose what follows if nobody answers."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country_code"].label = "Country code of the second number"
        self.fields[PSTN_FIELD].label = "Second number"
        self.fields[HOST_FIELD].label = "Second SIP server"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        step = data.get("step")
        for kind, names in (
            (RouteKind.PSTN, ("country_code", PSTN_FIELD)),
            (RouteKind.SIP, (HOST_FIELD, PORT_FIELD, TRANSPORT_FIELD)),
        ):
            if step != kind:
                for name in names:
                    self.errors.pop(name, None)
        data["second_step"] = SecondStep(
            pstn=(self.read_phone() or "") if step == RouteKind.PSTN else "",
            sip=self.read_server() if step == RouteKind.SIP else None,
        )
        return data


class CallerFields(forms.Form):
    """``caller`` is an entry of a block list."""

    caller = forms.CharField(
        label="Block a caller",
        max_length=phone_numbers.LONGEST,
        widget=forms.TextInput(attrs=_PLAIN | {"placeholder": "+44 20 7946 0018 or +4420*"}),
        help_text="A number with + and country code, or how numbers begin, followed by *: +4420* is London.",
        error_messages={"required": "Enter whom to block."},
    )

    def clean_caller(self) -> str:
        return validated(parse_entry, self.cleaned_data[CALLER_FIELD])


class BlockForm(CallerFields, PanelForm):
    name = "block"
