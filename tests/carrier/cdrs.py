"""Call records as a switch sends them."""

import itertools
import json

from django.test import Client

from tests.support.leases import DID, NOW

_serial = itertools.count(1)
ADDRESS = "/carrier/v1/cdrs"
EPOCH = NOW.timestamp()  # 20 November 2026, 12:00 UTC; the leases of tests.support.leases begin then


def record(**changes):
    """A call to DID that talked for 20 seconds, as texts; a change to None leaves the field out."""
    usual = {
        "cdr_id": f"cdr-{next(_serial)}",
        "call_id": "abc@192.0.2.9",
        "did": DID,
        "caller": "+442079460018",
        "start_time": f"{EPOCH + 3600:.3f}",
        "answer_time": f"{EPOCH + 3605:.3f}",
        "end_time": f"{EPOCH + 3625:.3f}",
        "duration": "20.000",
        "sip_code": "200",
        "leg": "in",
        "kind": "pstn",
        "hangup_by": "caller",
        "route_source": "portal",
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def batch(*records, batch_id="b1", **changes):
    return {"batch_id": batch_id, "switch_id": "sw1", "cdrs": list(records)} | changes


def post(body, secret, client=None, *, address=ADDRESS, **headers):
    """``body``: bytes or text as they are, else as JSON."""
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return (client or Client()).generic(
        "POST", address, data, content_type="application/json", headers={"Authorization": f"Bearer {secret}"} | headers
    )
