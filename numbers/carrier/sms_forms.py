"""What each kind of gateway says of a message, read from its own fields."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from numbers.carrier.requests import text_field
from numbers.messaging.decoding import alphabets, gsm7, text, udh
from numbers.messaging.decoding.udh import Concatenation
from numbers.messaging.models import Encoding
from numbers.messaging.sms import Sms
from numbers.messaging.sms_times import sent_at
from portal.core.errors import DomainError

Fields = Mapping[str, bytes]
MOST_FIELDS = 100
LONGEST_REFERENCE = 40
_SEPTETS = re.compile(rb"[\x00-\x7f]*[\x00-\x08\x0b\x0e-\x1f][\x00-\x7f]*")
_KANNEL_CODINGS = {b"0": Encoding.GSM7, b"1": Encoding.BINARY, b"2": Encoding.UCS2}


def fields_of(encoded: bytes) -> Fields:
    """Of a query string or a form. Values stay bytes: which alphabet they are in stands beside them.

    Raises ``bad_envelope`` (400) for more fields than any gateway sends.
    """
    pairs = encoded.split(b"&")
    if len(pairs) > MOST_FIELDS:
        raise DomainError("bad_envelope", "These are too many fields.", status=400)
    found: dict[str, bytes] = {}
    for pair in pairs:
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        found.setdefault(unquote_to_bytes(name).decode("latin-1"), unquote_to_bytes(value))
    return found


# -- JSON -------------------------------------------------------------------------------------------------------------


def read_json(message: Any, idempotency_key: str, switch_id: str, now: datetime) -> Sms:
    """Raises ``bad_envelope`` (400), ``missing_to`` and ``bad_raw_hex`` (422), ``too_large`` (413)."""
    if not isinstance(message, dict):
        raise DomainError("bad_envelope", "Send an object with message_id, from, to and text.", status=400)
    message_id = text_field(message, "message_id")
    written, raw, named = text_field(message, "text"), _raw(message), alphabets.named(text_field(message, "encoding"))
    part = _part(message.get("part"))
    if not written or (raw and named):
        alphabet = encoding = named or (Encoding.BINARY if raw else Encoding.GSM7)
        part, content = _with_header(part, raw)
    else:
        alphabet, content = Encoding.UCS2, text.from_text(written)
        encoding = named or (Encoding.GSM7 if set(written) <= gsm7.CHARACTERS else Encoding.UCS2)
    return Sms(
        switch_id=switch_id,
        identity=f"key {idempotency_key}" if idempotency_key else message_id and f"id {message_id}",
        source=text_field(message, "from"),
        destination=_required(text_field(message, "to")),
        content=content,
        alphabet=alphabet,
        encoding=encoding,
        part=part,
        gateway_message_id=message_id,
        smsc=text_field(message, "smsc"),
        sent_at=sent_at(text_field(message, "received_at"), now),
    )


def _required(destination: str) -> str:
    if not destination.strip():
        raise DomainError("missing_to", "A message needs the number that it goes to.", status=422)
    return destination


def _raw(message: dict[str, Any]) -> bytes:
    try:
        return bytes.fromhex(text_field(message, "raw_hex"))
    except ValueError:
        if message.get("text"):
            return b""  # the text is what the gateway could read itself
        raise DomainError("bad_raw_hex", "raw_hex is not hexadecimal.", status=422) from None


def _part(described: Any) -> Concatenation | None:
    """What is none is left out: the message is whole then, rather than lost."""
    if not isinstance(described, dict):
        return None
    total, no = (_small_number(described.get(name)) for name in ("total", "no"))
    reference = described.get("ref")
    reference = re.sub(r"[^!-~]", "", reference)[:LONGEST_REFERENCE] if isinstance(reference, str) else ""
    return udh.concatenation(reference.lstrip("0") or "0", total, no)


def _small_number(value: Any) -> int:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value, re.ASCII) else 0


def _with_header(part: Concatenation | None, content: bytes) -> tuple[Concatenation | None, bytes]:
    """The part and its content, without the header that says the same."""
    found, rest = udh.split(content)
    if found and (part is None or (part.total, part.no) == (found.total, found.no)):
        return part or found, rest
    return part, content


# -- Kannel -----------------------------------------------------------------------------------------------------------


def read_kannel(fields: Fields, switch_id: str, now: datetime) -> Sms:
    """``id=%I&from=%p&to=%P&text=%b&coding=%c&charset=%C&udh=%u&smsc=%i&time=%T``: text and udh are bytes.

    Raises ``missing_to`` (422), ``too_large`` (413).
    """
    content, message_id = fields.get("text", b""), _text(fields, "id")
    alphabet = _kannel_alphabet(fields, content)
    return Sms(
        switch_id=switch_id,
        identity=message_id and f"id {message_id}",
        source=_text(fields, "from"),
        destination=_required(_text(fields, "to")),
        content=content,
        alphabet=alphabet,
        encoding=_KANNEL_CODINGS.get(fields.get("coding", b""), alphabet),
        part=_kannel_part(fields.get("udh", b"")),
        gateway_message_id=message_id,
        smsc=_text(fields, "smsc"),
        sent_at=sent_at(_text(fields, "time"), now),
    )


def _kannel_alphabet(fields: Fields, content: bytes) -> Encoding:
    """Kannel decodes GSM 7-bit itself and calls it GSM all the same: what it hands over is UTF-8. Only septets that it
    has left alone hold control characters."""
    coding, named = fields.get("coding", b""), alphabets.named(_text(fields, "charset"))
    if coding == b"1":
        return Encoding.BINARY
    if named in (Encoding.UTF8, Encoding.LATIN1, Encoding.ASCII):
        return named
    if coding == b"2" or named == Encoding.UCS2:
        return Encoding.UCS2
    if named == Encoding.BINARY and not coding:
        return Encoding.BINARY
    return Encoding.GSM7 if _SEPTETS.fullmatch(content) else Encoding.UTF8


def _kannel_part(header: bytes) -> Concatenation | None:
    """Of the header as it is, or in hexadecimal digits."""
    if found := udh.parse(header):
        return found
    try:
        return udh.parse(bytes.fromhex(header.decode("ascii")))
    except ValueError:
        return None


# -- Jasmin -----------------------------------------------------------------------------------------------------------


def read_jasmin(fields: Fields, switch_id: str, now: datetime) -> Sms:
    """``id, from, to, origin-connector, content, binary, coding``; ``binary`` are the bytes, in hexadecimal digits.

    Raises ``missing_to`` (422), ``too_large`` (413).
    """
    message_id, encoding = _text(fields, "id"), alphabets.of_coding(_jasmin_coding(fields.get("coding", b"")))
    part, content = udh.split(_jasmin_content(fields))
    return Sms(
        switch_id=switch_id,
        identity=message_id and f"id {message_id}",
        source=_text(fields, "from"),
        destination=_required(_text(fields, "to")),
        content=content,
        alphabet=encoding,
        encoding=encoding,
        part=part,
        gateway_message_id=message_id,
        smsc=_text(fields, "origin-connector"),
    )


def _jasmin_content(fields: Fields) -> bytes:
    try:
        return bytes.fromhex(fields["binary"].decode("ascii"))
    except (KeyError, ValueError):
        return fields.get("content", b"")


def _jasmin_coding(value: bytes) -> int:
    """``data_coding`` as one byte, or as a number in digits."""
    if value.isdigit():
        return int(value[:3])
    return value[0] if len(value) == 1 else 0


def _text(fields: Fields, name: str) -> str:
    """Names of senders may be in Latin-1."""
    value = fields.get(name, b"")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
