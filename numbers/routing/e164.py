"""Numbers as people, programs and switches write them."""

import re

_SEPARATORS = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")


def normalised(text: str) -> str | None:
    """``+1 212-555-0100``, ``12125550100`` and `` 12125550100`` are ``+12125550100``; None for nonsense.

    (A form body turns the plus into a space.) National formats are not read: they need a country.
    """
    digits = _SEPARATORS.sub("", text)
    digits = digits.removeprefix("+") if digits.startswith("+") else digits.removeprefix("00")
    return f"+{digits}" if _DIGITS.fullmatch(digits) else None
