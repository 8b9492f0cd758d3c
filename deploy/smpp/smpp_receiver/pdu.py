"""The few PDUs of SMPP 3.4 that a receiver of messages needs (section numbers are of that specification)."""

import asyncio
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

GENERIC_NACK, BIND_RECEIVER, BIND_TRANSCEIVER = 0x80000000, 0x00000001, 0x00000009
UNBIND, ENQUIRE_LINK, DELIVER_SM, ALERT_NOTIFICATION = 0x00000006, 0x00000015, 0x00000005, 0x00000102
RESPONSE = 0x80000000

# command_status (5.1.3)
OK = 0x00000000
INVALID_COMMAND = 0x00000003  # ESME_RINVCMDID
INVALID_DESTINATION = 0x0000000B  # ESME_RINVDSTADR
TEMPORARY_ERROR = 0x00000064  # ESME_RX_T_APPN: send it again later
PERMANENT_ERROR = 0x00000065  # ESME_RX_P_APPN: never again

LONGEST = 70_000  # bytes of a PDU: a message_payload has at most 65,535
_HEAD = struct.Struct(">IIII")
VERSION = 0x34


class BrokenPdu(Exception):  # noqa: N818  named like what it is
    """Bytes that are no PDU, or one that does not hold what it has to."""


@dataclass(frozen=True, slots=True)
class Pdu:
    command: int
    sequence: int
    status: int = OK
    body: bytes = b""

    def __bytes__(self) -> bytes:
        return _HEAD.pack(_HEAD.size + len(self.body), self.command, self.status, self.sequence) + self.body

    def response(self, status: int = OK) -> "Pdu":
        """Of a ``deliver_sm`` with its message_id, which is empty (4.6.2)."""
        body = b"\0" if self.command == DELIVER_SM else b""
        return Pdu(self.command | RESPONSE, self.sequence, status, body)


async def read(stream: asyncio.StreamReader) -> Pdu:
    """Raises IncompleteReadError at the end of the connection, and BrokenPdu when nothing after it can be read."""
    length, command, status, sequence = _HEAD.unpack(await stream.readexactly(_HEAD.size))
    if not _HEAD.size <= length <= LONGEST:
        raise BrokenPdu(f"a PDU of {length} bytes")
    return Pdu(command, sequence, status, await stream.readexactly(length - _HEAD.size))


def bind(command: int, sequence: int, texts: tuple[str, str, str], address_range: str) -> Pdu:
    """4.1.3. ``texts``: system_id, password, system_type."""
    head = b"".join(map(_c_octet, texts))
    return Pdu(command, sequence, body=head + bytes([VERSION, 0, 0]) + _c_octet(address_range))


def _c_octet(text: str) -> bytes:
    return text.encode("latin-1", "replace").replace(b"\0", b"") + b"\0"


@dataclass(frozen=True, slots=True)
class DeliverSm:
    """4.6.1. ``content``: ``short_message``, or the ``message_payload`` that takes its place. ``options``: the optional
    parameters (TLVs) by their tag."""

    source: str
    destination: str
    esm_class: int
    data_coding: int
    content: bytes
    options: dict[int, bytes] = field(default_factory=dict)


MESSAGE_PAYLOAD = 0x0424


def deliver_sm(body: bytes) -> DeliverSm:
    """Raises BrokenPdu."""
    reader = _Reader(body)
    reader.text()  # service_type
    reader.take(2)
    source = reader.text()
    reader.take(2)
    destination = reader.text()
    esm_class = reader.take(3)[0]  # and protocol_id, priority_flag
    reader.text(), reader.text()  # schedule_delivery_time, validity_period
    data_coding, _, length = reader.take(5)[2:]  # after registered_delivery and replace_if_present_flag
    short_message = reader.take(length)
    options = dict(reader.options())
    content = short_message or options.get(MESSAGE_PAYLOAD, b"")
    return DeliverSm(source, destination, esm_class, data_coding, content, options)


class _Reader:
    def __init__(self, body: bytes) -> None:
        self.body, self.at = body, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.body):
            raise BrokenPdu("it ends too early")
        self.at += count
        return self.body[self.at - count : self.at]

    def text(self) -> str:
        """Up to NUL. Names of senders may be in Latin-1."""
        end = self.body.find(b"\0", self.at)
        if end < 0:
            raise BrokenPdu("a text without an end")
        value, self.at = self.body[self.at : end], end + 1
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("latin-1")

    def options(self) -> Iterator[tuple[int, bytes]]:
        """What follows a broken one is left aside: the message itself is whole."""
        while self.at + 4 <= len(self.body):
            tag, length = struct.unpack(">HH", self.take(4))
            if self.at + length > len(self.body):
                return
            yield tag, self.take(length)
