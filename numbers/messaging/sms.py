"""An SMS as a gateway hands it over, whatever way it came."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from numbers.calls.reading import UNSTORABLE
from numbers.messaging.decoding.udh import Concatenation
from numbers.messaging.models import Encoding, Message
from portal.accounts import phone_numbers
from portal.core.errors import DomainError

# Many times what an SMS holds (140 bytes; 255 of them joined): what is longer is none.
MOST_BYTES, MOST_BYTES_OF_PART = 100_000, 2_000
SHORT_CODE = 6  # digits at most
_LETTER = re.compile(r"[^\W\d_]")
_LENGTHS = {
    field.name: int(field.max_length or 0) for field in Message._meta.local_fields if hasattr(field, "max_length")
}


@dataclass(frozen=True, slots=True)
class Sms:
    """One message, or one part of a long one. Raises ``too_large`` (413)."""

    switch_id: str  # of the gateway
    identity: str  # by which the gateway names it when it sends it again; "": it has no name
    source: str  # as the gateway writes it
    destination: str
    content: bytes
    alphabet: Encoding  # of the content
    encoding: Encoding  # how it came; another one where the gateway has decoded it
    part: Concatenation | None = None
    gateway_message_id: str = ""
    smsc: str = ""
    sent_at: datetime | None = None

    def __post_init__(self) -> None:
        if len(self.content) > (MOST_BYTES_OF_PART if self.part else MOST_BYTES):
            raise DomainError("too_large", "This is longer than any SMS.", status=413)

    @property
    def digest(self) -> bytes:
        """The same for the same thing sent again. Should a gateway give an old id to something else, that is told from
        it: nothing is lost."""
        part = self.part and (self.part.reference, self.part.total, self.part.no)
        facts = repr((self.identity, self.source, self.destination, part, str(self.alphabet)))
        return hashlib.sha256(facts.encode("utf-8", "surrogatepass") + self.content).digest()

    @property
    def stored_source(self) -> str:
        """E.164 of a number; names and short codes stay as they are."""
        text = tidied(self.source, "source")
        if _LETTER.search(text) or sum(map(str.isdigit, text)) <= SHORT_CODE:
            return text
        return phone_numbers.from_machine(text) or text

    @property
    def e164(self) -> str:
        """Of the destination; "" for what is no phone number."""
        return phone_numbers.from_machine(self.destination) or ""

    @property
    def facts(self) -> dict[str, str]:
        """What else is kept of it, as columns."""
        return {
            "switch_id": self.switch_id,
            "gateway_message_id": tidied(self.gateway_message_id, "gateway_message_id"),
            "smsc": tidied(self.smsc, "smsc"),
        }


def tidied(text: str, column: str) -> str:
    """Without what no column takes, and not longer than it."""
    return UNSTORABLE.sub("", text).strip()[: _LENGTHS[column]]
