"""GET /listnewnumbers: its parameters, and its rows as the guide prints them."""

from dataclasses import replace
from typing import Any

from numbers.guide_api.parameters import invalid_request, required
from numbers.inventory.models import NumberType
from numbers.inventory.search import NumberRow, SearchPage, search
from numbers.inventory.search_parameters import parse, parse_window
from portal.core.errors import DomainError

OPTIONAL = ("state", "pattern", "match", "sms", "voice")
# Spelled as in the guide's example: DID, tollfree.
TYPES = {kind.value: kind.value for kind in NumberType} | {NumberType.DID.value: "DID"}
GUIDE_NAMES = {"region": "state", "type": "number_type"}


def listing(parameters: dict[str, str]) -> SearchPage:
    """The page asked for. Raises ``missing_parameter``, ``invalid_…`` (400) naming the guide's parameter,
    ``no_data`` (404)."""
    country, limit, kind = (required(parameters, name) for name in ("country", "limit", "number_type"))
    if kind.lower() not in NumberType.values:
        raise invalid_request(f"number_type must be {NumberType.any_of()}.", "number_type")
    offset, count = parse_window(limit)
    values = {"country": country, "type": kind, "limit": str(count)}
    values |= {name: parameters[name] for name in OPTIONAL if parameters.get(name)}
    try:
        page = search(replace(parse(values).resolved(), offset=offset))
    except DomainError as error:
        error.field = GUIDE_NAMES.get(error.field or "", error.field)
        raise
    if not page.rows:
        raise DomainError(
            "no_data", "No numbers match." if not page.total else "There are no more numbers.", status=404
        )
    return page


def row(number: NumberRow) -> dict[str, Any]:
    return {
        "city": number.city,
        "state": number.region or None,
        "number_type": TYPES[number.type],
        "docs_required": int(number.docs_required),
        "monthly_cost": number.monthly_price,
        "setup_cost": number.setup_price,
        "sms": int(number.sms),
        "number": number.e164,
        "pstn": int(number.voice),
    }
