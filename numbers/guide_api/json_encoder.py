"""JSON with amounts as the guide prints them: ``0.5500``, a number of at least four decimals, no float."""

from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any


def amount(value: Decimal) -> str:
    """Four decimals; a fifth and sixth only where there are any, so that no price is rounded."""
    six = f"{value:.6f}"
    return six[:-2] if six.endswith("00") else six


def encode(value: Any) -> str:
    """``value`` (dict, list, str, int, bool, None, Decimal) as JSON. TypeError for all else, also a float."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return encode_basestring_ascii(value)
        case int():
            return str(value)
        case Decimal():
            return amount(value)
        case dict():
            return (
                "{" + ", ".join(f"{encode_basestring_ascii(key)}: {encode(item)}" for key, item in value.items()) + "}"
            )
        case list():
            return "[" + ", ".join(map(encode, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no place in an answer")
