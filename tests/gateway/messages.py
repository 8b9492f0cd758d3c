"""What phones send, and what the customer has to get of it. The same for every gateway."""

from tests.gateway.smsc import PAYLOAD, SAR_NUMBER, SAR_REFERENCE, SAR_TOTAL, Mo, parts
from tests.support.leases import DID

SENDER = "442079460018"
TO = DID.removeprefix("+")
NOT_OURS = "12125550199"
# 3GPP TS 23.038, 6.2.1: the septets of these characters, where they are not those of ASCII.
_SEPTETS = {"€": b"\x1be", "[": b"\x1b<", "]": b"\x1b>", "{": b"\x1b(", "}": b"\x1b)", "~": b"\x1b="}
_SEPTETS |= {"@": b"\x00", "£": b"\x01", "$": b"\x02", "ü": b"\x7e", "ß": b"\x1e", "_": b"\x11", "Ä": b"\x5b"}


def gsm(text):
    return b"".join(_SEPTETS.get(each) or each.encode("ascii") for each in text)


def utf16(text):
    return text.encode("utf-16-be")


def sms(text="Hello", **given):
    return Mo(SENDER, TO, gsm(text), **given)


def in_halves(text, encode=gsm, cut=None, **given):
    content = encode(text)
    cut = cut or len(content) // 2
    return parts(SENDER, TO, [content[:cut], content[cut:]], **given)


def _sar(no, content):
    tlvs = ((SAR_REFERENCE, b"\x00\x63"), (SAR_TOTAL, b"\x02"), (SAR_NUMBER, bytes([no])))
    return Mo(SENDER, TO, content, tlvs=tlvs)


EMOJI = "Grüße 😀😀 done"
LONG = "long " * 60
# name: (what goes over the wire, in that order; sender and text that the customer gets)
KINDS = {
    "ascii": ([sms("Hello + & % world")], "+442079460018", "Hello + & % world"),
    "extension": ([sms("5 € [a] {b} ~ @£$ üß_Ä")], "+442079460018", "5 € [a] {b} ~ @£$ üß_Ä"),
    "ucs2": ([Mo(SENDER, TO, utf16(EMOJI), 8)], "+442079460018", EMOJI),
    "latin1": ([Mo(SENDER, TO, "café ÿ".encode("latin-1"), 3)], "+442079460018", "café ÿ"),
    "ia5": ([Mo(SENDER, TO, b"a_b[c]{d}~", 1)], "+442079460018", "a_b[c]{d}~"),
    "binary": ([Mo(SENDER, TO, b"\x00\xff&=%\x05+", 4)], "+442079460018", "00ff263d25052b"),
    "name": ([Mo("Vox Bank", TO, gsm("hi"), ton=5)], "Vox Bank", "hi"),
    "short code": ([Mo("12345", TO, gsm("hi"), ton=3)], "12345", "hi"),
    "plus": ([Mo("+442079460018", DID, gsm("hi"))], "+442079460018", "hi"),
    "payload": ([Mo(SENDER, TO, b"", tlvs=((PAYLOAD, gsm(LONG)),))], "+442079460018", LONG),
    "two parts": (in_halves("one part [and] another €"), "+442079460018", "one part [and] another €"),
    "16 bits": (in_halves("a wide reference", wide=True, reference=51966), "+442079460018", "a wide reference"),
    "wrong order": (in_halves("the end comes first")[::-1], "+442079460018", "the end comes first"),
    "doubled": (
        [*parts(SENDER, TO, [b"1", b"2", b"3"])[:2], *parts(SENDER, TO, [b"1", b"2", b"3"])[1:]],
        "+442079460018",
        "123",
    ),
    # Twelve bytes are "Grüße "; the fourteenth is the middle of the first 😀.
    "emoji cut": (in_halves(EMOJI, utf16, cut=14, coding=8), "+442079460018", EMOJI),
    "binary parts": (parts(SENDER, TO, [b"\x00\x01", b"\xfe"], coding=4), "+442079460018", "0001fe"),
    "sar": ([_sar(2, b"half"), _sar(1, b"first ")], "+442079460018", "first half"),
}
