"""The event about credit that will soon not be enough: of projects that have their events sent somewhere."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from billing.ledger.models import AccountKind
from billing.mode import livemode
from numbers.leases.models import Lease
from numbers.renewals.webhook_events import LOW
from portal.core.sql import literals
from projects.models import ProjectEventSettings
from projects.webhooks import project_events
from projects.webhooks.project_events import ProjectEvent

AHEAD = timedelta(days=7)
# Of each project that listens: what it has, and what its numbers cost within the time.
_STATES = f"""
SELECT s.project_id, coalesce(a.balance, 0), coalesce(sum(l.monthly_price), 0), s.credit_low_at IS NOT NULL
FROM projects_projecteventsettings s
LEFT JOIN billing_account a
    ON a.project_id = s.project_id AND a.kind = %(wallet)s AND a.currency = %(currency)s AND a.livemode = %(livemode)s
LEFT JOIN numbers_lease l
    ON l.project_id = s.project_id AND l.status IN ({literals(*Lease.CHARGED)}) AND l.next_charge_on <= %(until)s
   AND l.release_on IS NULL
WHERE s.target_id IS NOT NULL GROUP BY s.project_id, a.balance, s.credit_low_at
"""  # noqa: S608  constants of ours


def watch_credit(*, now: datetime) -> int:
    """Sends the event once when the credit becomes low, and again after it was enough; how many."""
    values: dict[str, Any] = {
        "wallet": AccountKind.WALLET.value,
        "currency": settings.CURRENCY,
        "livemode": livemode(),
        "until": (now + AHEAD).date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATES, values)
        states = cursor.fetchall()
    changed = [
        (project, balance, needed) for project, balance, needed, was_low in states if (needed > balance) != was_low
    ]
    return sum(_follow(*each, now) for each in changed)


@transaction.atomic
def _follow(project_id: int, balance: Decimal, needed: Decimal, now: datetime) -> int:
    is_low = needed > balance
    rows = ProjectEventSettings.objects.filter(project=project_id, credit_low_at__isnull=is_low)
    if not rows.update(credit_low_at=now if is_low else None) or not is_low:  # another run was faster; enough again
        return 0
    data = {"balance": str(balance), "needed": str(needed), "currency": settings.CURRENCY}
    project_events.emit([ProjectEvent(project_id, LOW, data)], now=now)
    return 1
