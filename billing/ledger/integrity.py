"""Whether the ledger is sound: one list of checks, run after every test that touches money, by ``manage.py
check_ledger`` and by beat. Rooms above add their own with :func:`integrity_check`.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import connection

log = logging.getLogger(__name__)
Check = Callable[[], list[str]]
registered_checks: dict[str, Check] = {}


def integrity_check(check: Check) -> Check:
    """Registers a function that returns what is wrong, in words; import its module in the app's ``ready()``."""
    registered_checks[f"{check.__module__}.{check.__qualname__}"] = check
    return check


def problems() -> list[str]:
    """Empty when every account and transfer is as it must be."""
    return [problem for check in registered_checks.values() for problem in check()]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    """In SQL, as one reads the statements to an auditor; the ORM would join each account to its transfers twice."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@integrity_check
def balances_sum_to_zero() -> list[str]:
    """Money neither appears nor vanishes: per project, and so in total."""
    return [
        f"project {project}: the balances of its accounts sum to {total} {currency}, not to zero"
        for project, currency, total in _rows(
            "SELECT project_id, currency, sum(balance) FROM billing_account "
            "GROUP BY project_id, currency, livemode HAVING sum(balance) <> 0"
        )
    ]


@integrity_check
def balances_are_the_sum_of_transfers() -> list[str]:
    return [
        f"account {account} ({kind} of project {project}): balance {balance}, transfers say {total}"
        for account, kind, project, balance, total in _rows("""
            SELECT a.id, a.kind, a.project_id, a.balance, coalesce(m.total, 0)
            FROM billing_account a
            LEFT JOIN (
                SELECT account_id, sum(amount) AS total
                FROM (SELECT credit_id AS account_id, amount FROM billing_transfer
                      UNION ALL SELECT debit_id, -amount FROM billing_transfer) movements
                GROUP BY account_id
            ) m ON m.account_id = a.id
            WHERE a.balance <> coalesce(m.total, 0)
        """)
    ]


@integrity_check
def no_forbidden_negative() -> list[str]:
    """Held money and revenue never fall below zero; a wallet only by usage or a reversed payment."""
    return [
        f"account {account} ({kind} of project {project}) has {balance}"
        for account, kind, project, balance in _rows("""
            SELECT a.id, a.kind, a.project_id, a.balance
            FROM billing_account a
            WHERE a.balance < 0 AND a.kind NOT IN ('gateway', 'goodwill')
              AND NOT (a.kind = 'wallet' AND -a.balance <= (
                  SELECT coalesce(sum(t.amount), 0) FROM billing_transfer t
                  WHERE t.debit_id = a.id AND t.kind IN ('usage', 'reversal')))
        """)
    ]


@integrity_check
def top_ups_are_booked_as_they_say() -> list[str]:
    return [
        f"top-up {top_up}: says {booked} is booked, transfers say {total}"
        for top_up, booked, total in _rows("""
            SELECT u.id, u.booked, coalesce(m.total, 0)
            FROM billing_topup u
            LEFT JOIN (
                SELECT cause_id, sum(CASE WHEN kind = 'reversal' THEN -amount ELSE amount END) AS total
                FROM billing_transfer
                WHERE cause_kind = 'top_up' AND kind IN ('top_up', 'reversal', 'reinstate')
                GROUP BY cause_id
            ) m ON m.cause_id = u.id
            WHERE u.booked <> coalesce(m.total, 0)
        """)
    ]


def report() -> list[str]:
    """Runs them, and logs what is wrong at level error, so that somebody is woken."""
    found = problems()
    for problem in found:
        log.error("ledger.unsound", extra={"problem": problem})
    return found
