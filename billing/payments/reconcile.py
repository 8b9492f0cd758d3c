"""Reconciliation: open top-ups are synchronised with the gateway, and events that webhooks missed are fetched."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from billing.payments import gateway, webhooks
from billing.payments.config import is_configured
from billing.payments.models import StripeEvent, TopUp
from billing.payments.services import sync
from portal.core.breaker import ServiceUnavailable
from portal.core.errors import DomainError

log = logging.getLogger(__name__)
FRESH = timedelta(minutes=1)  # a webhook may still be on its way
LOOK_BACK = timedelta(days=3)  # as long as the gateway itself tries to deliver
AT_ONCE = 200
GIVE_UP_AFTER = 3  # failures in a row: something is wrong there, the next run tries again
SECONDS = 45  # of one run; the next one begins a minute after it


@dataclass(slots=True)
class ReconcileResult:
    top_ups: int = 0
    events: int = 0


def run(*, now: datetime, seconds: float = SECONDS) -> ReconcileResult:
    """Safe to run twice at the same time: each top-up is locked while it is looked at.

    Stops after ``seconds``, and as soon as the gateway is known not to answer.
    """
    done = ReconcileResult()
    if not is_configured():
        return done
    end = time.monotonic() + seconds
    try:
        done.events = _fetch_missed_events(now)
        _sync_open_top_ups(now, end, done)
    except ServiceUnavailable as away:
        log.warning("payments.reconcile_put_off", extra={"service": away.service})
    return done


def _sync_open_top_ups(now: datetime, end: float, done: ReconcileResult) -> None:
    failures = 0
    waiting = TopUp.objects.filter(
        status__in=[TopUp.Status.OPEN, TopUp.Status.PROCESSING], created_at__lt=now - FRESH
    ).order_by(F("checked_at").asc(nulls_first=True), "id")
    for pk in list(waiting.values_list("pk", flat=True)[:AT_ONCE]):
        if time.monotonic() >= end or failures >= GIVE_UP_AFTER:
            break
        try:
            sync(top_up_id=pk, now=now)
        except DomainError as error:
            failures += 1
            TopUp.objects.filter(pk=pk).update(checked_at=now)  # others first, the next time
            log.warning("payments.reconcile_failed", extra={"top_up": pk, "code": error.code})
        else:
            failures, done.top_ups = 0, done.top_ups + 1


def _fetch_missed_events(now: datetime) -> int:
    try:
        events = gateway.undelivered_events(now - LOOK_BACK)
    except DomainError as error:
        log.warning("payments.events_unavailable", extra={"code": error.code})
        return 0
    known = set(StripeEvent.objects.filter(pk__in=[event["id"] for event in events]).values_list("pk", flat=True))
    accepted = 0
    for event in events:
        if event["id"] in known:
            continue
        try:
            accepted += webhooks.accept(event)
        except DomainError as error:
            log.warning("payments.lost_event_refused", extra={"event": event["id"], "code": error.code})
    return accepted
