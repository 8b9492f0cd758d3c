"""One pretend SMS, handed over by the carrier API as a gateway does it: in parts where it is long."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.switch.calls import Portal

WHOLE, PART = 70, 67  # characters of UCS-2 in one message, and in each of several (3GPP TS 23.040)
MOST = 600  # characters


@dataclass(slots=True)
class PretendMessage:
    to: str
    sender: str
    text: str
    lines: list[str] = field(default_factory=list)

    def send(self, portal: Portal) -> "PretendMessage":
        units = self.text.encode("utf-16-be")
        whole = len(units) // 2 <= WHOLE
        size = 2 * (WHOLE if whole else PART)
        pieces = [units[at : at + size] for at in range(0, len(units), size)] or [b""]
        reference = secrets.randbelow(256)
        for number, piece in enumerate(pieces, 1):
            part = {} if whole else {"part": {"ref": reference, "total": len(pieces), "no": number}}
            status, answer = portal.call("/carrier/v1/sms/inbound", self._body(piece) | part)
            what = "The message" if whole else f"Part {number} of {len(pieces)}"
            words = {202: "stored", 200: "stored already"}.get(status, str(answer.get("error", "")))
            self.lines.append(f"{what}: {status} {words}")
        return self

    def _body(self, piece: bytes) -> dict[str, object]:
        return {
            "message_id": secrets.token_hex(16),
            "from": self.sender,
            "to": self.to,
            "text": piece.decode("utf-16-be", "replace"),
            "encoding": "ucs2",
            "raw_hex": piece.hex(),
            "smsc": "sandbox",
            "received_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
