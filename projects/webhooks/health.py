"""How the endpoints of a project do, by their last requests."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from portal.core.sql import literals
from projects.models import Project
from projects.webhooks.models import AttemptResult, OffReason

LOOKED_AT = 100  # requests of an endpoint
PAGE_SIZE = 20
DELIVERED = literals(AttemptResult.DELIVERED)
# Those that something is sent to now, and those that got something lately.
_HEALTH = f"""
SELECT e.id, e.url, e.off_at, e.off_reason, e.failing_since,
       CASE WHEN e.not_before > %(now)s THEN e.not_before END, recent.tried, recent.delivered,
       recent.median, failed.at, failed.detail
FROM projects_webhookendpoint e
CROSS JOIN LATERAL (
    SELECT count(*) AS tried, count(*) FILTER (WHERE result = {DELIVERED}) AS delivered,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY milliseconds) AS median
    FROM (SELECT result, milliseconds FROM projects_webhookattempt
          WHERE endpoint_id = e.id AND result <> {literals(AttemptResult.INTERRUPTED)}
          ORDER BY id DESC LIMIT %(looked_at)s) a
) recent
LEFT JOIN LATERAL (
    SELECT at, detail FROM projects_webhookattempt
    WHERE endpoint_id = e.id AND result <> {DELIVERED} ORDER BY id DESC LIMIT 1
) failed ON true
WHERE e.project_id = %(project)s AND (%(before)s::bigint IS NULL OR e.id < %(before)s)
  AND (recent.tried > 0 OR EXISTS (
      SELECT FROM projects_webhooktarget t
      WHERE t.project_id = e.project_id AND t.in_use AND e.id IN (t.endpoint_id, t.fallback_id)))
ORDER BY e.id DESC LIMIT %(limit)s
"""  # noqa: S608  constants of ours; the index webhook_attempt_failed is for one


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """``median``: milliseconds, None without requests; ``failed_at``, ``failure``: the last that failed;
    ``not_before``: None when it is over."""

    id: int
    url: str
    off_at: datetime | None
    off_reason: str
    failing_since: datetime | None
    not_before: datetime | None
    tried: int
    delivered: int
    median: int | None
    failed_at: datetime | None
    failure: str | None

    @property
    def rate(self) -> int | None:
        """Per cent that were delivered, rounded down; None without requests."""
        return self.delivered * 100 // self.tried if self.tried else None

    @property
    def state(self) -> str:
        """The name of a badge."""
        if self.off_at:
            return "off"
        if self.failing_since or (self.tried and not self.delivered):  # failing_since counts no tests
            return "failing"
        return "working" if self.tried else "unused"

    @property
    def off_because(self) -> str:
        return OffReason(self.off_reason).label if self.off_reason else ""


def health(project: Project, *, before: int | None = None) -> list[EndpointHealth]:
    """One more than a page, newest first. One query."""
    values = {
        "project": project.pk, "before": before, "limit": PAGE_SIZE + 1, "looked_at": LOOKED_AT, "now": timezone.now(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_HEALTH, values)
        return [EndpointHealth(*row) for row in cursor.fetchall()]
