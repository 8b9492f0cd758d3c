"""Telephone numbers as people read them."""

import phonenumbers


def international(e164: str) -> str:
    """``+12125550100`` → ``+1 212-555-0100``; what is no number stays as it is."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
