"""Things that have no business inside a picture or PDF: programs, archives, web pages, scripts.

Only ever searched for in text, metadata and what follows the end: in compressed pixels any few bytes occur by chance.
Every sign is at least five bytes long, so that an innocent video behind a phone's photo has none of them.
"""

import re

SIGNS = {
    "a script or web page": rb"<script|<html|<svg[\s>]|<iframe|<object[\s>]|<embed[\s>]|<\?php|<!doctype|<!entity"
    rb"|javascript:|vbscript:|#!/(?:bin|usr)/",
    "an archive": rb"PK\x03\x04[\x00-\x3f]\x00|PK\x05\x06\x00\x00\x00\x00|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c",
    "a program": rb"\x7fELF[\x01\x02][\x01\x02]\x01|\xca\xfe\xba\xbe\x00\x00\x00[\x2d-\x60]"
    rb"|This program (?:cannot|must) be run",
    "a second document": rb"%PDF-[12]\.",
}
EVERY = [(what, re.compile(sign, re.IGNORECASE)) for what, sign in SIGNS.items()]
FIRST = {
    b"MZ": "a program",
    b"#!": "a script or web page",
    b"<?=": "a script or web page",
    b"<%": "a script or web page",
}
# In pieces, so that no scanner takes this file for what it looks for.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def found(part: bytes) -> str:
    """What is in ``part`` (a piece of metadata, or all that follows the end), in words; "" for nothing of the kind."""
    begin = part.lstrip(b"\0 \t\r\n")
    first = next((what for sign, what in FIRST.items() if begin.startswith(sign)), "")
    return first or next((what for what, sign in EVERY if sign.search(part)), "")
