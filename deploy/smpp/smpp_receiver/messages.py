"""A ``deliver_sm`` as the portal takes it: ``POST /carrier/v1/sms/inbound`` (docs/carrier-api.md)."""

import hashlib
from typing import Any

from .pdu import DeliverSm

_HEADER = 0x40  # esm_class: the content begins with a user data header (SMPP 3.4, 5.2.12)
_KIND, _RECEIPTS = 0x3C, {0x04, 0x20}  # of it: what it is; delivery receipt, intermediate notification
_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER = 0x020C, 0x020E, 0x020F  # 5.3.2.22 to 24
_CONCATENATIONS = {0x00: 1, 0x08: 2}  # 3GPP TS 23.040, 9.2.3.24: element, bytes of its reference

Part = tuple[int, int, int]  # reference, total, no


def is_receipt(pdu: DeliverSm) -> bool:
    """Says what became of a message that somebody sent: no message itself."""
    return pdu.esm_class & _KIND in _RECEIPTS


def as_json(pdu: DeliverSm, smsc: str, default_alphabet: str, received_at: float) -> dict[str, Any]:
    """``default_alphabet``: what data_coding 0 means at this SMSC."""
    header, content = _split(pdu)
    part = _part_of_header(header) or _part_of_options(pdu.options)
    message: dict[str, Any] = {
        "from": pdu.source,
        "to": pdu.destination,
        "encoding": str(pdu.data_coding) if pdu.data_coding else default_alphabet,
        "raw_hex": content.hex(),
        "smsc": smsc,
        "received_at": f"{received_at:.3f}",
    }
    if part:
        message["part"] = dict(zip(("ref", "total", "no"), part, strict=True))
    return message


def digest(pdu: DeliverSm) -> str:
    """The same when the SMSC sends the same again: nothing in a ``deliver_sm`` names it, its sequence number is new."""
    options = sorted(pdu.options.items())
    facts = repr((pdu.source, pdu.destination, pdu.esm_class, pdu.data_coding, pdu.content, options))
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()


def _split(pdu: DeliverSm) -> tuple[bytes, bytes]:
    """Header and text. A header that is longer than the content is none."""
    content = pdu.content
    if not pdu.esm_class & _HEADER or not content or (end := content[0] + 1) > len(content):
        return b"", content
    return content[:end], content[end:]


def _part_of_header(header: bytes) -> Part | None:
    at = 1
    while at + 2 <= len(header):
        element, data = header[at], header[at + 2 : at + 2 + header[at + 1]]
        width = _CONCATENATIONS.get(element)
        if width and len(data) == width + 2:
            return int.from_bytes(data[:width], "big"), data[width], data[width + 1]
        at += 2 + header[at + 1]
    return None


def _part_of_options(options: dict[int, bytes]) -> Part | None:
    found = [options.get(tag, b"") for tag in (_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER)]
    if not all(found):
        return None
    reference, total, no = (int.from_bytes(each, "big") for each in found)
    return reference, total, no
