"""The route response as Kamailio's ``rtjson`` reads it, and the errors that stand for no route."""

import json
import re
import zlib
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from numbers.routing.decision import REFUSALS, Decision, Leg
from numbers.routing.models import RouteKind, SipTransport
from numbers.routing.route_settings import SipServer
from portal.core.errors import DomainError

Json = dict[str, Any]
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?")
_USER = re.compile(r"[a-z0-9\-_.!~*()&=+$,;?/]+")
# Milliseconds until a server must answer at all, and until somebody must pick up where no second step follows.
TRYING_MS = {RouteKind.PSTN: 1500, RouteKind.SIP: 2000}
RINGING_MS = {RouteKind.PSTN: 30_000, RouteKind.SIP: 60_000}


@cache
def sip_host(value: str) -> str:
    """``value`` if it is ``host[:port]``: no CR, LF, quote or angle bracket may reach a header."""
    if not _HOST.fullmatch(value):
        raise ImproperlyConfigured(f"SIP_DOMAIN and PSTN_GATEWAYS hold hosts with an optional port, not {value!r}.")
    return value


def _matching(pattern: re.Pattern[str], value: str) -> str:
    """Once more at the edge: whatever the database holds, nothing else reaches an address or a header."""
    if not pattern.fullmatch(value):
        raise ValueError("a route holds what a SIP address must not")
    return value


def route_body(decision: Decision) -> Json:
    """Where to send the call. Raises the refusal of the decision, with its status."""
    state = decision.state
    if decision.refusal or decision.first is None:
        raise DomainError(decision.refusal, "This call is not connected.", status=REFUSALS[decision.refusal])
    body = _legs(decision, decision.first) | {
        "kind": str(decision.first.kind),
        "did": state.e164,
        "number_id": str(state.number_id),
        "project_id": state.pid,
        "ttl": settings.CARRIER_ROUTE_TTL,
        "limits": {"channels": decision.channels, "max_seconds": decision.max_seconds},
    }
    if decision.first.kind == RouteKind.USERS:
        body["ring_seconds"] = state.route.ring_seconds
    if decision.second:
        body["fallback"] = _legs(decision, decision.second)
    # Lease and versions say which setting a call record speaks of; the checksum follows all the rest.
    checksum = zlib.crc32(json.dumps(body, sort_keys=True).encode())
    return body | {"etag": f"{state.lease_id}.{state.version or 0}.{state.project_version or 0}.{checksum:08x}"}


def _legs(decision: Decision, leg: Leg) -> Json:
    if leg.kind == RouteKind.USERS:
        domain = f"{decision.state.pid}.{sip_host(settings.SIP_DOMAIN)}"
        users: list[Json] = [{"uri": f"sip:{_matching(_USER, name)}@{domain}"} for name in leg.usernames]
        return {"version": "1.0", "routing": "parallel", "routes": users}
    # With a second step behind it, a first one rings as long as the customer says.
    rings_ms = RINGING_MS[RouteKind(leg.kind)]
    if decision.second and leg is decision.first:
        rings_ms = decision.state.route.ring_seconds * 1000
    timers: Json = {"fr_timer": TRYING_MS[RouteKind(leg.kind)], "fr_inv_timer": rings_ms}
    routes = [
        {"uri": uri, **timers, "headers": headers}
        for uri, headers in (_phone(decision, leg) if leg.phone else [_server(decision, leg)])
    ]
    return {"version": "1.0", "routing": "serial", "routes": routes}


def _phone(decision: Decision, leg: Leg) -> list[tuple[str, Json]]:
    """One route for each gateway, in their order."""
    did, target = (_matching(_E164, each) for each in (decision.state.e164, leg.phone.e164 if leg.phone else ""))
    domain = sip_host(settings.SIP_DOMAIN)
    ours, shown = f"sip:{did}@{domain}", f"sip:{_matching(_E164, decision.shown_caller)}@{domain}"
    headers = {
        "from": {"display": "", "uri": shown},
        "extra": f"P-Asserted-Identity: <{shown}>\r\nDiversion: <{ours}>;reason=unconditional\r\n",
    }
    return [(f"sip:{target}@{sip_host(gateway)}", headers) for gateway in settings.PSTN_GATEWAYS]


def _server(decision: Decision, leg: Leg) -> tuple[str, Json]:
    did = _matching(_E164, decision.state.e164)
    return f"sip:{did}@{_authority(leg.server)}", {"extra": f"X-Portal-DID: {did}\r\n"}


def _authority(server: SipServer | None) -> str:
    if server is None:
        raise ValueError("a SIP leg has a server")
    transport = "" if server.transport == SipTransport.UDP else f";transport={SipTransport(server.transport)}"
    return _matching(_HOST, server.authority) + transport
