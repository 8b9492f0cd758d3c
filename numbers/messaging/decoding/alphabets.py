"""Which alphabet gateways mean: by the data coding of SMPP, or by the names that are usual for it."""

import re

from numbers.messaging.models import Encoding

# SMPP 3.4, 5.2.19. What is not here (Cyrillic, Hebrew, JIS, Pictogram) is kept as its bytes.
_CODINGS = {
    0: Encoding.GSM7,
    1: Encoding.ASCII,
    2: Encoding.BINARY,
    3: Encoding.LATIN1,
    4: Encoding.BINARY,
    8: Encoding.UCS2,
}
_NAMES = {
    Encoding.GSM7: "gsm gsm7 gsm7bit gsm0338 gsm338 7bit default smscdefault",
    Encoding.UCS2: "ucs2 utf16 utf16be ucs2be unicode iso10646ucs2 16bit",
    Encoding.LATIN1: "latin1 latin iso88591 windows1252 cp1252",
    Encoding.ASCII: "ascii usascii ia5",
    Encoding.UTF8: "utf8",
    Encoding.BINARY: "binary bin 8bit octet octets data",
}
_BY_NAME = {name: encoding for encoding, names in _NAMES.items() for name in names.split()}


def of_coding(coding: int) -> Encoding:
    """Of ``data_coding``: a value of SMPP's own, or a group of 3GPP TS 23.038, section 4, such as a flash message."""
    if coding in _CODINGS:
        return _CODINGS[coding]
    if 0x10 <= coding <= 0x1F:  # general data coding with a message class
        return (Encoding.GSM7, Encoding.BINARY, Encoding.UCS2, Encoding.BINARY)[coding >> 2 & 0b11]
    if 0xC0 <= coding <= 0xDF:  # message waiting
        return Encoding.GSM7
    if 0xE0 <= coding <= 0xEF:
        return Encoding.UCS2
    if 0xF0 <= coding <= 0xFF:  # data coding and message class
        return Encoding.BINARY if coding & 0b100 else Encoding.GSM7
    return Encoding.BINARY


def named(name: str) -> Encoding | None:
    """``UCS-2``, ``utf_16``, ``GSM 03.38``, ``8`` …; None for a name that nobody uses."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if re.fullmatch(r"[0-9]{1,3}", plain) and (coding := int(plain)) <= 0xFF:
        return of_coding(coding)
    return _BY_NAME.get(plain)
