"""The health of endpoints: failing, slow, asked to wait, switched off, and on again."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from portal.core.errors import NotFound
from portal.jobs.outbox import enqueue
from projects import audit
from projects.access import require_active
from projects.actor import SYSTEM, Actor
from projects.locking import lock_project
from projects.models import Project
from projects.webhooks import project_events
from projects.webhooks.claiming import Receiver
from projects.webhooks.flights import Try
from projects.webhooks.models import AttemptResult, OffReason, WebhookEndpoint
from projects.webhooks.project_events import ProjectEvent
from projects.webhooks.webhook_events import SWITCHED_OFF

OFF_MAIL, FAILING_MAIL = "projects.webhook_off_mail", "projects.webhook_failing_mail"
# Age of a failure without any success at which the owner is mailed, and at which nothing is sent any more.
WARNED_AFTER = (timedelta(days=1), timedelta(days=3))
OFF_AFTER = timedelta(days=5)
BETWEEN_STAGES = timedelta(days=1)
_HEALTHY = {
    "failing_since": None, "last_failure_at": None, "timeouts": 0, "not_before": None, "warned": 0, "warned_at": None,
}  # fmt: skip
_LONGEST_COUNT = 1000  # of time-outs in a row


def follow(tries: Iterable[Try], now: datetime) -> None:
    """What these requests, in order of time, say of their endpoints. Call in the transaction that records them."""
    by_endpoint: dict[int, list[Try]] = defaultdict(list)
    for each in tries:
        if each.verdict.result != AttemptResult.INTERRUPTED:
            by_endpoint[each.receiver.endpoint_id].append(each)
    concerned = [pk for pk, found in by_endpoint.items() if not all(_is_plain_success(each) for each in found)]
    healed = [pk for pk in by_endpoint if pk not in concerned]
    # Most endpoints are healthy and stay so: nothing of them is written, or locked.
    if healed:
        WebhookEndpoint.objects.filter(pk__in=healed, failing_since__isnull=False).update(**_HEALTHY)
    if concerned:
        for endpoint in WebhookEndpoint.objects.select_for_update().filter(pk__in=concerned).order_by("pk"):
            _follow(endpoint, by_endpoint[endpoint.pk], now)


def _is_plain_success(found: Try) -> bool:
    return found.verdict.delivered and found.verdict.off is None


def _follow(endpoint: WebhookEndpoint, found: Iterable[Try], now: datetime) -> None:
    reason = ""
    for each in found:
        verdict = each.verdict
        if verdict.delivered:
            vars(endpoint).update(_HEALTHY)
        elif verdict.result != AttemptResult.CANCELLED:
            endpoint.failing_since = endpoint.failing_since or each.row.at
            endpoint.last_failure_at = each.row.at
            slow = verdict.result == AttemptResult.TIMEOUT
            endpoint.timeouts = min(endpoint.timeouts + 1, _LONGEST_COUNT) if slow else 0
        if verdict.not_before:
            endpoint.not_before = max(verdict.not_before, endpoint.not_before or verdict.not_before)
        reason = verdict.off or reason
    if reason and endpoint.off_at is None:
        _switch_off(endpoint, OffReason(reason), now)
    endpoint.save()


def _switch_off(endpoint: WebhookEndpoint, reason: OffReason, now: datetime) -> None:
    endpoint.off_at, endpoint.off_reason = now, reason
    audit.record(
        project_id=endpoint.project_id, by=SYSTEM, action="webhook.switched_off", subject=shown(endpoint), reason=reason
    )
    data = {"url": endpoint.url, "reason": str(reason)}
    project_events.emit([ProjectEvent(endpoint.project_id, SWITCHED_OFF, data)], now=now)
    enqueue(OFF_MAIL, {"endpoint": endpoint.pk}, key=f"{OFF_MAIL}:{endpoint.pk}:{now.isoformat()}")


def shown(endpoint: WebhookEndpoint | Receiver) -> str:
    """The URL as it stands in sentences."""
    return endpoint.url if len(endpoint.url) <= 120 else endpoint.url[:119] + "…"


@transaction.atomic
def switch_on(*, project: Project, endpoint_id: int, by: Actor, now: datetime) -> WebhookEndpoint:
    """Requests are sent to it again; also one that only asked us to wait is tried at once. Raises NotFound,
    ``project_archived``, ``project_suspended``."""
    require_active(lock_project(project.pk))
    endpoint = WebhookEndpoint.objects.select_for_update().filter(project=project, pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound("This project sends nothing to such a URL.")
    if endpoint.off_at or endpoint.not_before:
        was_off = endpoint.off_at is not None
        vars(endpoint).update(_HEALTHY | {"off_at": None, "off_reason": ""})
        endpoint.save()
        if was_off:
            audit.record(project_id=project.pk, by=by, action="webhook.switched_on", subject=shown(endpoint))
    return endpoint


def watch(*, now: datetime) -> int:
    """Warns of endpoints that only fail, and switches them off in the end; how many it took a step with.

    A step needs a failure since the one before: who gets no messages is not warned of the same failure again.
    """
    failing = WebhookEndpoint.objects.filter(off_at=None, failing_since__lte=now - WARNED_AFTER[0])
    return sum(_step(pk, now) for pk in list(failing.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _step(pk: int, now: datetime) -> int:
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=pk, off_at=None).first()
    if endpoint is None or endpoint.failing_since is None or endpoint.last_failure_at is None:
        return 0
    if endpoint.warned_at and (
        now - endpoint.warned_at < BETWEEN_STAGES or endpoint.last_failure_at <= endpoint.warned_at
    ):
        return 0
    age = now - endpoint.failing_since
    if endpoint.warned < len(WARNED_AFTER):
        if age < WARNED_AFTER[endpoint.warned]:
            return 0
        endpoint.warned, endpoint.warned_at = endpoint.warned + 1, now
        key = f"{FAILING_MAIL}:{endpoint.pk}:{endpoint.failing_since.isoformat()}:{endpoint.warned}"
        enqueue(FAILING_MAIL, {"endpoint": endpoint.pk}, key=key)
    elif age >= OFF_AFTER:
        _switch_off(endpoint, OffReason.FAILING, now)
    else:
        return 0
    endpoint.save()
    return 1
