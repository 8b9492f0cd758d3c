"""Everything that decides where a call to a number goes, in one indexed query: a call is waiting.

Nothing is cached: a change of routing, lease, credit or price counts for the next call.
"""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from billing.ledger.models import AccountKind
from billing.mode import livemode
from billing.pricing.tariff import Tariff
from numbers.routing.block_list import entries_for, matching_entry
from numbers.routing.models import RouteKind
from numbers.routing.route_settings import ProjectSettings, RouteSettings, of_project, of_route
from numbers.routing.spend import WINDOW

# Of a number's leases the newest one counts: it is the live one, or else nobody has the number.
JOINS = """
LEFT JOIN numbers_number n ON n.e164 = %(e164)s
LEFT JOIN LATERAL (
    SELECT id, status, project_id FROM numbers_lease WHERE number_id = n.id ORDER BY id DESC LIMIT 1
) l ON true
LEFT JOIN projects_project p ON p.id = l.project_id
LEFT JOIN numbers_callroute r ON r.lease_id = l.id
LEFT JOIN numbers_projectcallsettings s ON s.project_id = p.id
LEFT JOIN billing_callprice c1
    ON c1.country = r.pstn_country AND c1.valid_to IS NULL AND c1.valid_from <= %(now)s AND r.kind = %(pstn)s
LEFT JOIN billing_callprice c2
    ON c2.country = r.fallback_pstn_country AND c2.valid_to IS NULL AND c2.valid_from <= %(now)s
    AND r.fallback_kind = %(pstn)s
LEFT JOIN billing_account a
    ON a.project_id = p.id AND a.kind = %(wallet)s AND a.currency = %(currency)s AND a.livemode = %(livemode)s
    AND %(pstn)s IN (r.kind, r.fallback_kind)
"""
_BARRED = """(
    SELECT b.reason || ' (' || b.prefix || '…)' FROM numbers_barredrange b
    WHERE starts_with({target}, b.prefix) AND {kind} = %(pstn)s ORDER BY b.prefix DESC LIMIT 1
)"""
_MATCHED = "CASE WHEN {list}::text[] && %(callers)s::text[] THEN {list}::text[] END"
_PRICE = """CASE WHEN {c}.id IS NOT NULL THEN ARRAY[
    {c}.price_per_minute, {c}.connection_fee, {c}.first_interval::numeric, {c}.next_interval::numeric
] END"""
# Name → expression.
_EXPRESSIONS = {
    "number_id": "n.id",
    "number_status": "n.status",
    "lease_id": "l.id",
    "lease_status": "l.status",
    "project_id": "p.id",
    "pid": "p.pid",
    "project_status": "p.status",
    **{
        name: f"r.{name}"
        for name in (
            *("version", "kind", "app_user_ids", "ring_seconds", "caller_id"),
            *("pstn_target", "pstn_country", "sip_host", "sip_port", "sip_transport"),
            *("fallback_kind", "fallback_pstn_target", "fallback_pstn_country"),
            *("fallback_sip_host", "fallback_sip_port", "fallback_sip_transport"),
        )
    },
    "blocked": _MATCHED.format(list="r.blocked_callers"),
    "project_version": "s.version",
    **{
        name: f"s.{name}"
        for name in (
            *("trunk_host", "trunk_port", "trunk_transport"),
            *("allowed_countries", "dearest_price", "spend_cap", "channels"),
        )
    },
    "project_blocked": _MATCHED.format(list="s.blocked_callers"),
    "barred": _BARRED.format(target="r.pstn_target", kind="r.kind"),
    "fallback_barred": _BARRED.format(target="r.fallback_pstn_target", kind="r.fallback_kind"),
    "price": _PRICE.format(c="c1"),
    "fallback_price": _PRICE.format(c="c2"),
    "credit": "a.balance",
    "spent": """CASE WHEN %(pstn)s IN (r.kind, r.fallback_kind) THEN (
        SELECT sum(h.amount) FROM numbers_spendhour h WHERE h.project_id = p.id AND h.hour > %(spent_after)s
    ) END""",
    "usernames": """CASE WHEN r.kind = %(users)s THEN ARRAY(
        SELECT u.username FROM unnest(r.app_user_ids) WITH ORDINALITY AS listed (id, place)
        JOIN projects_appuser u ON u.id = listed.id AND u.project_id = p.id AND u.is_active ORDER BY listed.place
    ) END""",
}
COLUMNS = ", ".join(_EXPRESSIONS.values())
_Row = namedtuple("_Row", [*_EXPRESSIONS, "blocked_callers"])  # type: ignore[misc]
_QUERY = f"SELECT {COLUMNS} FROM (VALUES (1)) AS one {JOINS}"  # noqa: S608  of constants


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number that a call may go to, with what is known of it."""

    e164: str
    country: str  # ISO 3166-1 alpha-2, or CallPrice.INTERNATIONAL
    barred: str = ""  # a range that staff barred, in words
    tariff: Tariff | None = None


@dataclass(frozen=True, slots=True)
class CallState:
    """What is known of a called number; None and empty where there is nothing. Amounts in the currency."""

    e164: str
    number_id: int | None = None
    number_status: str | None = None
    lease_id: int | None = None
    lease_status: str | None = None
    project_id: int | None = None
    pid: str | None = None
    project_status: str | None = None
    route: RouteSettings = field(default_factory=RouteSettings)
    version: int | None = None
    project: ProjectSettings = field(default_factory=ProjectSettings)
    project_version: int | None = None
    blocked_by_number: str = ""  # the entry of its block list
    blocked_by_project: str = ""
    usernames: tuple[str, ...] = ()  # of the active users of the route
    target: Phone | None = None  # of the first step
    fallback: Phone | None = None
    credit: Decimal = Decimal(0)  # asked for only where a leg costs something
    spent: Decimal = Decimal(0)  # for paid legs in 24 hours


def parameters(e164: str, caller: str | None, now: datetime) -> dict[str, Any]:
    """Of ``COLUMNS`` and ``JOINS``. ``caller`` as of block_list.caller_of; None if the switch does not say."""
    return {
        "e164": e164,
        "callers": [] if caller is None else entries_for(caller),
        "now": now,
        "spent_after": now - WINDOW,
        "pstn": RouteKind.PSTN.value,
        "users": RouteKind.USERS.value,
        "wallet": AccountKind.WALLET.value,
        "currency": settings.CURRENCY,
        "livemode": livemode(),
    }


def call_state(e164: str, caller: str | None, now: datetime) -> CallState:
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, parameters(e164, caller, now))
        values = cursor.fetchone()
    return read_row(e164, caller, values)


def read_row(e164: str, caller: str | None, values: Sequence[Any]) -> CallState:
    """``values`` of ``COLUMNS``. Of the block lists only the entries that match are among them."""
    row: Any = _Row._make((*values, ()))
    route = of_route(None if row.kind is None else row)
    return CallState(
        e164,
        number_id=row.number_id,
        number_status=row.number_status,
        lease_id=row.lease_id,
        lease_status=row.lease_status,
        project_id=row.project_id,
        pid=row.pid,
        project_status=row.project_status,
        route=route,
        version=row.version,
        project=of_project(None if row.project_version is None else row),
        project_version=row.project_version,
        blocked_by_number=_match(caller, row.blocked),
        blocked_by_project=_match(caller, row.project_blocked),
        usernames=tuple(row.usernames or ()),
        target=_phone(route.pstn, row.pstn_country, row.barred, row.price) if route.kind == RouteKind.PSTN else None,
        fallback=_phone(route.fallback.pstn, row.fallback_pstn_country, row.fallback_barred, row.fallback_price),
        credit=row.credit or Decimal(0),
        spent=row.spent or Decimal(0),
    )


def _match(caller: str | None, entries: list[str] | None) -> str:
    return matching_entry(caller or "", tuple(entries)) if entries else ""


def _phone(e164: str, country: str, barred: str | None, price: list[Decimal] | None) -> Phone | None:
    if not e164:
        return None
    tariff = None
    if price is not None:
        per_minute, fee, first, following = price
        tariff = Tariff(country, per_minute, fee, int(first), int(following))
    return Phone(e164, country, barred or "", tariff)
