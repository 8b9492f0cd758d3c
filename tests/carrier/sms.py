"""Messages as gateways hand them over."""

import itertools
import json
from urllib.parse import quote, quote_from_bytes

from django.test import Client

from tests.support.leases import DID

_serial = itertools.count(1)
SENDER = "+442079460018"
INBOUND, KANNEL, JASMIN = "/carrier/v1/sms/inbound", "/carrier/v1/sms/kannel", "/carrier/v1/sms/jasmin"


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def message(**changes):
    """One for DID; a change to None leaves the field out, ``sender`` is ``from``."""
    usual = {"message_id": f"m-{next(_serial)}", "from": SENDER, "to": DID, "text": "Hello", "smsc": "smsc1"}
    changes = {"from" if name == "sender" else name: value for name, value in changes.items()}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def part(no, total, content="", reference=7, **changes):
    """``content``: text, or bytes for ``raw_hex``."""
    body = {"raw_hex": content.hex(), "text": None} if isinstance(content, bytes) else {"text": content}
    return message(part={"ref": reference, "total": total, "no": no}, **body | changes)


def hand_over(body, secret, client=None, *, address=INBOUND, **headers):
    """``body``: bytes as they are, else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body)
    return (client or Client()).generic(
        "POST", address, data, content_type="application/json", headers=bearer(secret) | headers
    )


def encoded(fields):
    """A query or a form; bytes stay bytes, a plus in a text is a plus."""
    return "&".join(
        f"{name}={quote_from_bytes(value, safe='') if isinstance(value, bytes) else quote(str(value), safe='')}"
        for name, value in fields.items()
    )


def from_kannel(secret, client=None, *, address=KANNEL, **changes):
    """``changes`` are fields of the query; ``sender`` is ``from``."""
    usual = {
        "id": f"k-{next(_serial)}", "sender": SENDER, "to": DID, "text": b"Hello", "coding": "0", "charset": "GSM",
        "udh": b"", "smsc": "smsc1", "time": "1795176000", "foreign": "77",
    }  # fmt: skip
    fields = {"from" if name == "sender" else name: value for name, value in (usual | changes).items()}
    query = encoded({name: value for name, value in fields.items() if value is not None})
    return (client or Client()).get(f"{address}?{query}", headers=bearer(secret))


def from_jasmin(secret, content=b"Hello", client=None, *, in_address=False, **changes):
    """``changes`` are fields of the form; ``sender`` is ``from``."""
    usual = {
        "id": f"j-{next(_serial)}", "sender": SENDER, "to": DID, "origin-connector": "smpp1", "priority": "1",
        "coding": b"\x00", "validity": "None", "content": content, "binary": content.hex(),
    }  # fmt: skip
    fields = {"from" if name == "sender" else name: value for name, value in (usual | changes).items()}
    form = encoded({name: value for name, value in fields.items() if value is not None})
    return (client or Client()).generic(
        "POST",
        f"{JASMIN}/{secret}" if in_address else JASMIN,
        form,
        content_type="application/x-www-form-urlencoded",
        headers={} if in_address else bearer(secret),
    )
