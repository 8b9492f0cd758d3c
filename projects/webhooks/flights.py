"""One claimed delivery on its way: at the first URL, then at the fallback, until the attempt is over."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from portal.outbound.client import Answer, OutboundRequest
from projects.webhooks import requests, sealing
from projects.webhooks.claiming import Claimed, Receiver
from projects.webhooks.models import LONGEST_ANSWER, AttemptResult, WebhookAttempt
from projects.webhooks.requests import Parcel
from projects.webhooks.sealing import OwnHeaders
from projects.webhooks.verdict import Verdict, judge

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Try:
    """One request that is over."""

    receiver: Receiver
    verdict: Verdict
    row: WebhookAttempt


@dataclass(slots=True)
class Flight:
    claimed: Claimed
    secrets: Sequence[str]
    tries: list[Try] = field(default_factory=list)
    _request: OutboundRequest | None = None
    _own: OwnHeaders = sealing.NONE
    _at: datetime | None = None

    @property
    def key(self) -> tuple[int, int]:
        """The delivery and which attempt: a claim that ran out may be made again while its request is on its way."""
        return self.claimed.id, self.claimed.attempts

    @property
    def verdict(self) -> Verdict | None:
        """Of the last try; None: nothing could be sent, because every URL is switched off."""
        return self.tries[-1].verdict if self.tries else None

    def next_request(self, now: datetime) -> OutboundRequest | None:
        """What is to be sent now; None: the attempt is over."""
        receivers = self.claimed.receivers
        if len(self.tries) >= len(receivers) or (self.tries and self.tries[-1].verdict.final):
            return None
        self._at = now
        try:
            self._own = sealing.unseal(self.claimed.sealed)
            self._request = requests.build(self._parcel(now), receivers[len(self.tries)].url)
        except Exception:  # a setting that cannot be read must not stop those behind it
            log.exception("webhooks.not_built", extra={"delivery": self.claimed.id})
            self._not_sent(receivers[len(self.tries)], now)
            return None
        return self._request

    def _parcel(self, now: datetime) -> Parcel:
        claimed = self.claimed
        return Parcel(
            webhook_id=claimed.webhook_id,
            method=claimed.method,
            request_text=claimed.request_text,
            payload=claimed.payload,
            own=self._own,
            secrets=self.secrets,
            timestamp=int(now.timestamp()),
        )

    def answered(self, answer: Answer, now: datetime) -> None:
        if self._request is None or self._at is None:
            raise LookupError("nothing was sent")
        receiver = self.claimed.receivers[len(self.tries)]
        verdict = judge(answer, now)
        row = WebhookAttempt(
            delivery_id=self.claimed.id,
            endpoint_id=receiver.endpoint_id,
            number=self.claimed.attempts,
            is_fallback=receiver is not self.claimed.first,
            method=self._request.method,
            url=self._request.url,
            headers=requests.masked(self._request, self._own),
            at=self._at,
            milliseconds=round(answer.seconds * 1000),
            status=answer.status,
            result=verdict.result,
            detail=verdict.detail[:300],
            answer=_readable(answer.body),
        )
        self.tries.append(Try(receiver, verdict, row))

    def _not_sent(self, receiver: Receiver, now: datetime) -> None:
        verdict = Verdict(AttemptResult.INTERRUPTED, "We could not send it; we are looking into it.")
        self.tries.append(Try(receiver, verdict, _interrupted(self.claimed, receiver, now, verdict.detail)))


def _readable(body: bytes) -> str:
    """The first 4 kB as text, without what the database refuses."""
    return body[:LONGEST_ANSWER].decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _interrupted(claimed: Claimed, receiver: Receiver, now: datetime, detail: str, number: int = 0) -> WebhookAttempt:
    return WebhookAttempt(
        delivery_id=claimed.id,
        endpoint_id=receiver.endpoint_id,
        number=number or claimed.attempts,
        method=claimed.method,
        url=receiver.url,
        at=now,
        result=AttemptResult.INTERRUPTED,
        detail=detail,
    )


def lost(claimed: Claimed, now: datetime) -> WebhookAttempt:
    """For the log: the attempt before this one, of which nothing is known."""
    detail = "Our worker stopped before the answer came; whether it arrived is not known."
    return _interrupted(claimed, claimed.first, now, detail, number=max(claimed.attempts - 1, 1))
