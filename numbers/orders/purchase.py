"""The purchase as one SQL statement; why it is one: docs/adr/0005-purchase-in-one-statement.md.

It leases the number, books setup and first month, writes the audit entry and queues the mail, or does
nothing at all. It is the only writer of these tables beside their own rooms; tests/orders/test_purchase_statement.py
compares every row it writes with what the rooms' own functions write.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from billing.mode import livemode
from numbers.leases.billing_dates import charge_date
from portal.core.request_id import request_id
from projects.actor import Actor

# In the order of the work: a project being archived is waited for; the number is leased only if it is free, needs no
# documents and costs what the buyer saw, and nothing was ordered under the buyer's key; the ledger's triggers run when
# everything else is written, so the wallet, which all purchases of a project share, is locked last and shortest. An
# account that does not exist yet makes a NULL, which the ledger's table refuses: never a number without its charge.
STATEMENT = b"""
WITH buyer AS MATERIALIZED (
    SELECT id FROM projects_project WHERE id = %(project)s::bigint AND status = 'active' FOR SHARE
), taken AS (
    UPDATE numbers_number SET status = 'leased', updated_at = %(now)s::timestamptz
    WHERE e164 = %(e164)s::text AND status = 'available' AND NOT docs_required
      AND (%(expected)s::numeric IS NULL OR setup_price + monthly_price = %(expected)s::numeric)
      AND EXISTS (SELECT FROM buyer)
      AND NOT EXISTS (SELECT FROM numbers_order
                      WHERE project_id = %(project)s::bigint AND purchase_key = %(purchase_key)s::text)
    RETURNING id, setup_price, monthly_price
), lease AS (
    INSERT INTO numbers_lease (number_id, project_id, status, started_at, setup_price, monthly_price, anchor_day,
                               next_charge_on, friendly_name, tags, purchase_key, bought_by)
    SELECT id, %(project)s::bigint, 'active', %(now)s::timestamptz, setup_price, monthly_price,
           %(anchor_day)s::smallint, %(next_charge_on)s::date, '', '{}', %(purchase_key)s::text, %(label)s::text
    FROM taken
    RETURNING id, number_id, setup_price, monthly_price
), charge AS (
    INSERT INTO numbers_leasecharge (lease_id, period, starts_on, amount, charged_at)
    SELECT id, 0, %(started_on)s::date, monthly_price, %(now)s::timestamptz FROM lease
), entry AS (
    INSERT INTO projects_auditentry (project_id, at, actor_kind, actor_user_id, actor_label, ip, action, subject, data)
    SELECT %(project)s::bigint, %(now)s::timestamptz, %(kind)s::text, %(user)s::bigint, %(label)s::text,
           %(ip)s::inet, 'number.purchased', %(e164)s::text,
           jsonb_build_object('lease', id, 'setup', setup_price::text, 'monthly', monthly_price::text)
    FROM lease
), mail AS (
    INSERT INTO jobs_job (kind, queue, payload, key, state, attempts, max_attempts, run_at, last_error, created_at,
                          request_id)
    SELECT 'numbers.purchased_mail', 'mail', jsonb_build_object('lease', id, 'user', %(user)s::bigint),
           'numbers.purchased_mail:' || id, 'queued', 0, 12, now(), '', now(),
           %(request_id)s::text
    FROM lease
), movement AS (
    INSERT INTO billing_transfer (key, kind, debit_id, credit_id, amount, occurred_at, created_at, memo,
                                  cause_kind, cause_id)
    SELECT part.key, part.kind,
           (SELECT id FROM billing_account WHERE kind = 'wallet' AND project_id = %(project)s::bigint
                AND currency = %(currency)s::text AND livemode = %(livemode)s::boolean),
           (SELECT id FROM billing_account WHERE kind = part.account AND project_id = %(project)s::bigint
                AND currency = %(currency)s::text AND livemode = %(livemode)s::boolean),
           part.amount, %(now)s::timestamptz, now(), part.memo, 'lease', lease.id
    FROM lease, LATERAL (VALUES
        ('setup:' || lease.id, 'number_setup', 'revenue_setup', setup_price, 'Setup of ' || %(e164)s::text),
        ('monthly:' || lease.id || ':0', 'number_monthly', 'revenue_monthly', monthly_price,
         'First month of ' || %(e164)s::text)
    ) AS part (key, kind, account, amount, memo)
    WHERE part.amount > 0
)
SELECT id, number_id, setup_price, monthly_price FROM lease
"""


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    lease_id: int
    number_id: int
    setup_price: Decimal
    monthly_price: Decimal
    anchor_day: int
    next_charge_on: date


def execute_purchase(
    *, project_id: int, e164: str, by: Actor, purchase_key: str | None, expected_total: Decimal | None, now: datetime
) -> PurchaseRow | None:
    """Runs the statement; None when nothing was purchased, without a reason.

    Raises IntegrityError with the constraint ``account_no_overdraft`` (not enough credit),
    ``one_lease_per_purchase_key`` (bought before) or a NOT NULL violation (the project has no accounts yet).
    """
    started = now.astimezone(UTC).date()
    next_charge_on = charge_date(started, 1)
    row = _execute(
        {
            "project": project_id,
            "e164": e164,
            "now": now,
            "expected": expected_total,
            "anchor_day": started.day,
            "started_on": started,
            "next_charge_on": next_charge_on,
            "purchase_key": purchase_key,
            "kind": by.kind,
            "user": by.user_id,
            "label": by.label,
            "ip": by.ip,
            "currency": settings.CURRENCY,
            "livemode": livemode(),
            "request_id": request_id.get(),
        }
    )
    if row is None:
        return None
    lease_id, number_id, setup_price, monthly_price = row
    return PurchaseRow(lease_id, number_id, setup_price, monthly_price, started.day, next_charge_on)


def _execute(values: dict[str, Any]) -> tuple[Any, ...] | None:
    """Bound and prepared by the server: planning this statement takes longer than running it."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(STATEMENT, values, prepare=True)
        return cursor.fetchone()
