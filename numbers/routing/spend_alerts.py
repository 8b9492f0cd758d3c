"""Mails about the spending cap: at 80 % of it, when it is reached, and when calls to phones are connected again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction

from numbers.routing import webhook_events
from numbers.routing.models import SpendAlert, SpendAlertLevel
from numbers.routing.spend import WINDOW
from portal.jobs import outbox

_EVENTS = {"spend_cap_reached": webhook_events.REACHED, "spend_cap_cleared": webhook_events.CLEARED}
_WHOLE = 100  # per cent
# Projects that spent in the window or were mailed before, with cap, sum and the level of the last mail.
_USED = """
WITH used AS (
    SELECT project_id, sum(amount) AS spent FROM numbers_spendhour WHERE hour > %(after)s GROUP BY project_id
)
SELECT coalesce(used.project_id, alert.project_id), coalesce(used.spent, 0), coalesce(s.spend_cap, %(cap)s),
       coalesce(alert.level, 0)
FROM used FULL JOIN numbers_spendalert alert USING (project_id)
LEFT JOIN numbers_projectcallsettings s ON s.project_id = coalesce(used.project_id, alert.project_id)
"""


@dataclass(frozen=True, slots=True)
class Use:
    """Of a project's cap. Amounts in the currency."""

    project_id: int
    spent: Decimal
    cap: Decimal
    mailed: int  # SpendAlertLevel

    @property
    def level(self) -> SpendAlertLevel:
        if self.spent >= self.cap:
            return SpendAlertLevel.REACHED
        near = self.spent * _WHOLE >= self.cap * SpendAlertLevel.NEAR
        return SpendAlertLevel.NEAR if near else SpendAlertLevel.NONE


def follow_spending(*, now: datetime) -> int:
    """Queues the mails that are due; gives how many. Twice at once is once: the row of the project decides."""
    changed = [use for use in _uses(now) if use.level != use.mailed]
    return sum(_follow(use, now) for use in sorted(changed, key=lambda use: use.project_id))


def _uses(now: datetime) -> Iterable[Use]:
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"after": now - WINDOW, "cap": Decimal(settings.SPEND_CAP)})
        return [Use(*row) for row in cursor.fetchall()]


@transaction.atomic
def _follow(use: Use, now: datetime) -> int:
    alert, _ = SpendAlert.objects.select_for_update().get_or_create(
        project_id=use.project_id, defaults={"level": SpendAlertLevel.NONE, "at": now}
    )
    before, level = alert.level, use.level
    if before != use.mailed:  # another run was faster
        return 0
    alert.level, alert.at = level, now
    alert.save(update_fields=["level", "at"])
    mail = _mail(before, level)
    if mail in _EVENTS:
        webhook_events.emit(_EVENTS[mail], use.project_id, use.spent, use.cap, now=now)
    if mail:
        payload = {"project": use.project_id, "mail": mail, "spent": str(use.spent), "cap": str(use.cap)}
        key = f"{mail}:{use.project_id}:{now.isoformat()}"
        outbox.enqueue("numbers.spend_cap_mail", payload, key=key)
    return int(bool(mail))


def _mail(before: int, level: int) -> str:
    """The template; "" for what the owner knows or need not know."""
    if level == SpendAlertLevel.REACHED:
        return "spend_cap_reached"
    if before == SpendAlertLevel.REACHED:
        return "spend_cap_cleared"
    return "spend_cap_near" if level == SpendAlertLevel.NEAR else ""
