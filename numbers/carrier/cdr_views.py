"""Call records that switches report. They come through portal.edge.machine: no session, no cookies, no redirects."""

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from numbers.calls.intake import MOST, Batch, store_batch
from numbers.calls.reading import UNSTORABLE
from numbers.carrier.credentials import AcceptedSecret
from numbers.carrier.models import SwitchCredential
from numbers.carrier.requests import body_of, json_of, switch_of, text_field
from portal.core.errors import DomainError
from portal.core.pages import post_only

LONGEST = {"batch_id": 128, "switch_id": 40}  # characters of the columns


@post_only()
def cdrs(request: HttpRequest) -> HttpResponse:
    """``POST /carrier/v1/cdrs``: ``{"batch_id", "switch_id", "cdrs": [… up to 500]}``."""
    now = timezone.now()
    switch = switch_of(request, SwitchCredential.Scope.CDRS, now)
    answer = store_batch(batch=_batch(body_of(request), switch), now=now)
    return HttpResponse(json.dumps(answer, separators=(",", ":")), content_type="application/json")


def _batch(body: bytes, switch: AcceptedSecret) -> Batch:
    """Raises ``not_json`` and ``bad_envelope`` (400), ``missing_batch_id`` and ``bad_identifier`` (422),
    ``too_many_records`` (413): a switch never sends such a batch again."""
    envelope = json_of(body)
    records = envelope.get("cdrs") if isinstance(envelope, dict) else None
    if not isinstance(records, list):
        raise DomainError("bad_envelope", "Send an object with batch_id, switch_id and a list of cdrs.", status=400)
    batch_id = _identifier(envelope, "batch_id")
    if not batch_id:
        raise DomainError("missing_batch_id", "A batch needs a batch_id.", status=422)
    if len(records) > MOST:
        raise DomainError("too_many_records", f"Send at most {MOST} records in a batch.", status=413)
    switch_id = _identifier(envelope, "switch_id") or switch.switch_id
    return Batch(switch_id, batch_id, hashlib.sha256(body).digest(), records)


def _identifier(envelope: dict[str, Any], name: str) -> str:
    """ "" when it is not there."""
    found = text_field(envelope, name)
    if len(found) > LONGEST[name] or UNSTORABLE.search(found):
        raise DomainError("bad_identifier", f"{name} is too long or has control characters.", status=422)
    return found
