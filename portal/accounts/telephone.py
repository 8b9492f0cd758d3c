"""Telephone numbers as people read them."""

import re

import phonenumbers

_E164 = re.compile(r"\+[1-9][0-9]{6,14}\b")


def international(e164: str) -> str:
    """``+12125550100`` → ``+1 212-555-0100``; what is no number stays as it is."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def spell_out(text: str) -> str:
    """Each E.164 number in ``text`` as people read it: ``Setup of +12125550100`` → ``Setup of +1 212-555-0100``."""
    return _E164.sub(lambda found: international(found.group()), text)
