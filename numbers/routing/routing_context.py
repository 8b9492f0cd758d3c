"""What templates/numbers/routing/_panel.html needs, for every page that shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from numbers.leases.models import Lease
from numbers.routing.block_list import ANONYMOUS, spell_entry
from numbers.routing.call_price import PriceQuote
from numbers.routing.destination import NOTHING, Destination, destination, second_step_in_words
from numbers.routing.forms import (
    BlockForm,
    CallerIdForm,
    NoAnswerForm,
    PanelForm,
    PstnForm,
    SipForm,
    UserForm,
    server_initial,
)
from numbers.routing.models import RouteKind
from numbers.routing.queries import ListedUser
from numbers.routing.route_settings import RouteSettings, of_route
from numbers.routing.targets import describe
from portal.accounts import countries
from projects.access import Right

OPTIONS = (RouteKind.USERS, RouteKind.PSTN, RouteKind.SIP)


@dataclass(frozen=True, slots=True)
class BlockedCallers:
    entries: list[tuple[str, str]]  # as stored, and for people
    hides: bool  # whether callers who hide their number are among them

    @classmethod
    def of(cls, entries: tuple[str, ...]) -> "BlockedCallers":
        return cls([(entry, spell_entry(entry)) for entry in entries], ANONYMOUS in entries)


@dataclass(frozen=True, slots=True)
class Panel:
    """``option`` is the one that is open: the form that was sent belongs to it, or it is in use."""

    settings: RouteSettings
    users: list[ListedUser]
    destination: Destination
    second_step: str
    option: str
    sent: str  # name of the form that was refused or asked for a price
    forms: dict[str, PanelForm]
    blocked: BlockedCallers
    quote: PriceQuote | None
    version: int
    may_change: bool


def routing_context(
    lease: Lease, form: PanelForm | None = None, *, option: str = "", quote: PriceQuote | None = None
) -> dict[str, Any]:
    """``lease`` as :func:`numbers.routing.queries.find` gives it. ``form`` is one that was sent."""
    route = getattr(lease, "call_route", None)
    set_ = of_route(route)
    users: list[ListedUser] = lease.route_users
    live = lease.ended_at is None
    panel = Panel(
        settings=set_,
        users=users,
        destination=_destination(lease, set_, users, timezone.now()) if live else Destination(NOTHING, is_set=False),
        second_step=second_step_in_words(set_.fallback),
        option=option or (form.option if form else "") or set_.kind or RouteKind.USERS,
        sent=form.name if form else "",
        forms=_forms(lease, set_) | ({_key(form): form} if form else {}),
        blocked=BlockedCallers.of(set_.blocked),
        quote=quote,
        version=route.version if route else 0,
        may_change=live and lease.project.is_active and Right.MANAGE_NUMBERS in lease.project.my_rights,
    )
    return {"lease": lease, "number": lease.number, "panel": panel, "offers_caller": settings.PSTN_ORIGINAL_CALLER}


def _destination(lease: Lease, set_: RouteSettings, users: list[ListedUser], now: datetime) -> Destination:
    return destination(lease, set_, {user.pk: user.username for user in users}, now)


def _key(form: PanelForm) -> str:
    return form.name.replace("-", "_")


def _forms(lease: Lease, set_: RouteSettings) -> dict[str, PanelForm]:
    """By name, as they are before anything is typed."""
    step = set_.fallback
    no_answer = {"ring_seconds": set_.ring_seconds, "step": step.kind, **_phone_initial(lease, step.pstn)}
    made: list[PanelForm] = [
        UserForm(lease=lease),
        PstnForm(lease=lease, initial={"country_code": _region(lease, set_.pstn)}),
        CallerIdForm(lease=lease, initial={"caller_id": set_.caller_id}),
        SipForm(lease=lease),
        NoAnswerForm(lease=lease, initial=no_answer | server_initial(step.sip)),
        BlockForm(lease=lease),
    ]
    return {_key(form): form for form in made}


def _phone_initial(lease: Lease, e164: str) -> dict[str, str]:
    return {"country_code": _region(lease, e164), "pstn_number": e164}


def _region(lease: Lease, e164: str) -> str:
    """The country of a number that is set, or that of the lease's own."""
    region = describe(e164).region if e164 else ""
    return region if region in countries.NAMES else lease.number.country
