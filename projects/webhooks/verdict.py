"""What a receiver's answer means: delivered, try again, or leave it.

The guide's envelope (3.3, table 7): ``{"status": "Success", "resp": {"<message id>": "DELIVRD"}, "code": 200}``.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.outbound.client import Answer, Failure
from projects.webhooks.backoff import retry_after
from projects.webhooks.models import AttemptResult, OffReason

DELIVERED_WORD = "DELIVRD"
CONTROL_HEADER = "webhook-delivery"  # in an answer
ABORT, DISABLE = "abort-message", "disable"
_FAILURES = {
    Failure.DNS: AttemptResult.DNS,
    Failure.PRIVATE: AttemptResult.PRIVATE,
    Failure.CONNECT: AttemptResult.CONNECT,
    Failure.TLS: AttemptResult.TLS,
    Failure.TIMEOUT: AttemptResult.TIMEOUT,
    Failure.TOO_LARGE: AttemptResult.TOO_LARGE,
    Failure.PROTOCOL: AttemptResult.PROTOCOL,
    Failure.ABORTED: AttemptResult.INTERRUPTED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """``off``: nothing more is to be sent to the endpoint. ``not_before``: it asked us to wait until then."""

    result: AttemptResult
    detail: str = ""
    off: OffReason | None = None
    not_before: datetime | None = None

    @property
    def delivered(self) -> bool:
        return self.result == AttemptResult.DELIVERED

    @property
    def final(self) -> bool:
        """Whether no further attempt can follow."""
        return self.delivered or self.result == AttemptResult.CANCELLED


def judge(answer: Answer, now: datetime) -> Verdict:
    if answer.failure:
        return Verdict(_FAILURES[answer.failure], answer.detail)
    status = answer.status or 0
    control = answer.headers.get(CONTROL_HEADER, "").strip().lower()
    off = OffReason.GONE if status == 410 else OffReason.REQUESTED if control == DISABLE else None
    if 200 <= status < 300 and not (refused := _refusal(answer.body)):
        return Verdict(AttemptResult.DELIVERED, off=off)
    if control == ABORT:
        return Verdict(AttemptResult.CANCELLED, "The answer asked us not to try again.", off=off)
    if 200 <= status < 300:
        return Verdict(AttemptResult.ENVELOPE, refused, off=off)
    if 300 <= status < 400:
        return Verdict(
            AttemptResult.REDIRECT, f"HTTP {status}: redirects are not followed. Set the final URL.", off=off
        )
    wait = retry_after(answer.headers.get("retry-after", ""), now) if status in (429, 503) else None
    return Verdict(AttemptResult.STATUS, f"HTTP {status}.", off=off, not_before=wait)


def _refusal(body: bytes) -> str:
    """Why an answer with a status of success does not mean that; "" when it does, also for any body of another kind."""
    try:
        found = json.loads(body) if body.lstrip()[:1] == b"{" else None
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    code = _number(found.get("code"))
    if code is not None and code >= 400:
        return f"The answer says code {code}."
    words = found.get("resp")
    if not isinstance(words, dict) or not words:
        status = found.get("status")
        if code is not None and isinstance(status, str) and status.strip().lower() != "success":
            return f"The answer says status {status.strip()[:40]}."
        return ""
    said = [str(word).strip() for word in words.values()]
    if all(word.upper() == DELIVERED_WORD for word in said):
        return ""
    return f"The answer says {said[0][:40]} instead of {DELIVERED_WORD}."


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
