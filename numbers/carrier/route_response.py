"""The route response as Kamailio's ``rtjson`` reads it, and the errors that stand for no route."""

import json
import re
import zlib
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from numbers.carrier.lookup import RouteLookup
from numbers.inventory.models import Number
from numbers.leases.models import Lease
from numbers.routing import barred
from numbers.routing.models import CallRoute
from portal.core.errors import DomainError
from projects.models import Project

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?")
# Milliseconds until a gateway must answer at all, and until somebody must pick up.
TRYING_TIMEOUT_MS, RINGING_TIMEOUT_MS = 1500, 30000


@cache
def sip_host(value: str) -> str:
    """``value`` if it is ``host[:port]``: no CR, LF, quote or angle bracket may reach a header."""
    if not _HOST.fullmatch(value):
        raise ImproperlyConfigured(f"SIP_DOMAIN and PSTN_GATEWAYS hold hosts with an optional port, not {value!r}.")
    return value


def _checked_e164(value: str) -> str:
    if not _E164.fullmatch(value):
        raise ValueError("not an E.164 number")
    return value


def route_body(lookup: RouteLookup) -> dict[str, Any]:
    """Where to send the call.

    Raises ``unknown_number`` (404), ``released`` (410), ``suspended`` (402), ``barred`` (403) and
    ``not_configured`` (404).
    """
    _raise_unless_routable(lookup)
    if lookup.kind != CallRoute.Kind.PSTN:  # nothing set, or a kind that is not offered yet
        raise DomainError("not_configured", "Nothing is set for this number.", status=404)
    body = _pstn(_checked_e164(lookup.e164), _checked_e164(lookup.pstn_target or "")) | {
        "did": lookup.e164,
        "number_id": str(lookup.number_id),
        "project_id": lookup.pid,
        "ttl": settings.CARRIER_ROUTE_TTL,
    }
    # Lease and version say which setting a call record speaks of; the checksum follows our own settings.
    checksum = zlib.crc32(json.dumps(body, sort_keys=True).encode())
    return body | {"etag": f"{lookup.lease_id}.{lookup.version}.{checksum:08x}"}


def _raise_unless_routable(lookup: RouteLookup) -> None:
    if lookup.lease_status is None or lookup.lease_status == Lease.Status.RELEASED:
        on_sale = lookup.number_status in (Number.Status.AVAILABLE, Number.Status.RESERVED)
        if lookup.lease_status is None or on_sale:
            raise DomainError("unknown_number", "Nobody holds this number.", status=404)
        raise DomainError("released", "This number has been released.", status=410)
    if lookup.project_status != Project.Status.ACTIVE or lookup.barred or barred.fixed_reason(lookup.pstn_target or ""):
        raise DomainError("barred", "Calls to this number are barred.", status=403)
    if lookup.lease_status == Lease.Status.SUSPENDED:
        raise DomainError("suspended", "This number is suspended for lack of credit.", status=402)


def _pstn(did: str, target: str) -> dict[str, Any]:
    identity = f"sip:{did}@{sip_host(settings.SIP_DOMAIN)}"  # the called party sees the DID
    headers = {
        "from": {"display": "", "uri": identity},
        "extra": f"P-Asserted-Identity: <{identity}>\r\nDiversion: <{identity}>;reason=unconditional\r\n",
    }
    return {
        "version": "1.0",
        "routing": "serial",
        "routes": [
            {
                "uri": f"sip:{target}@{sip_host(gateway)}",
                "fr_timer": TRYING_TIMEOUT_MS,
                "fr_inv_timer": RINGING_TIMEOUT_MS,
                "headers": headers,
            }
            for gateway in settings.PSTN_GATEWAYS
        ],
        "kind": CallRoute.Kind.PSTN.value,
    }
