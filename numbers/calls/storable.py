"""JSON from outside as PostgreSQL can keep it: without NUL and lone surrogates, of one level."""

import json
from typing import Any

from numbers.calls.reading import UNSTORABLE

LONGEST = 1000  # characters of what stands below the first level, which no field of a call record has


def storable(record: dict[str, Any]) -> str:
    """The object as JSON; a value that is a list or an object becomes its text."""
    return json.dumps({UNSTORABLE.sub("", name): _flat(value) for name, value in record.items()})


def _flat(value: Any) -> Any:
    if isinstance(value, str):
        return UNSTORABLE.sub("", value)
    if value is None or isinstance(value, bool):
        return value
    try:
        return json.dumps(value)[:LONGEST]
    except RecursionError:
        return "…"
