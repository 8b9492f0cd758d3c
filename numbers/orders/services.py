"""Getting a number: bought at once, or ordered where documents are needed. Errors: docs/errors.md.

Lock order in this file: order, project, number, ledger accounts.
"""

import re
from contextlib import nullcontext
from datetime import datetime
from decimal import Decimal

import psycopg
from django.db import IntegrityError, connection, transaction
from psycopg.errors import NotNullViolation

from billing.ledger import services as ledger
from numbers.leases.models import Lease
from numbers.orders import purchase_errors, queries
from numbers.orders.models import Order
from numbers.orders.purchase import PurchaseRow, execute_purchase
from portal.core.errors import DomainError
from portal.jobs.outbox import wake_on_commit
from projects.actor import Actor
from projects.models import Project

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
ATTEMPTS = 3


def purchase(
    *, project: Project, e164: str, by: Actor, purchase_key: str | None, expected_total: Decimal | None, now: datetime
) -> Lease:
    """Leases the number, charges setup and first month, and returns the lease; all of it or nothing.

    ``expected_total`` is what the buyer saw for setup and first month, None to take today's price. The same
    ``purchase_key`` (up to 100 characters) buys once and returns the same lease. Raises ``number_unknown`` (404),
    ``number_taken``, ``docs_required``, ``project_archived``, ``price_changed`` (with ``setup`` and ``monthly``),
    ``purchase_key_reused`` (409), ``insufficient_credit`` (402, with ``missing``).
    """
    if not E164.fullmatch(e164):
        raise purchase_errors.unknown(e164)
    for _ in range(ATTEMPTS):
        try:
            # One statement needs no transaction around it, and saves two trips to the database.
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                row = execute_purchase(
                    project_id=project.pk,
                    e164=e164,
                    by=by,
                    purchase_key=purchase_key,
                    expected_total=expected_total,
                    now=now,
                )
        except IntegrityError as error:
            if not _is_expected(error, project):
                raise
            row = None
        if row is not None:
            wake_on_commit("numbers.purchased_mail")
            return _lease(row, project=project, by=by, purchase_key=purchase_key, now=now)
        bought = _bought_before(project, purchase_key, e164)
        if bought is not None:
            return bought
        purchase_errors.check(project=project, e164=e164, expected_total=expected_total, with_documents=False)
        # Nothing stands in the way any more (credit was added, the number came back meanwhile): try again.
    raise DomainError("try_again", "This number is busy at the moment. Please try again.")


def _is_expected(error: IntegrityError, project: Project) -> bool:
    """Whether a rule of purchases was violated; anything else is a mistake of ours."""
    cause = error.__cause__
    if isinstance(cause, NotNullViolation) and cause.diag.table_name == "billing_transfer":
        # The project's first purchase: it has no accounts, or not all of them.
        ledger.ensure_accounts(project.pk)
        return True
    constraint = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
    return constraint in ("account_no_overdraft", "one_lease_per_purchase_key")


def _lease(row: PurchaseRow, *, project: Project, by: Actor, purchase_key: str | None, now: datetime) -> Lease:
    """The row that the statement wrote, without reading it again."""
    lease = Lease(
        id=row.lease_id,
        number_id=row.number_id,
        project=project,
        status=Lease.Status.ACTIVE,
        started_at=now,
        setup_price=row.setup_price,
        monthly_price=row.monthly_price,
        anchor_day=row.anchor_day,
        next_charge_on=row.next_charge_on,
        purchase_key=purchase_key,
        bought_by=by.label,
    )
    lease._state.adding, lease._state.db = False, connection.alias
    return lease


def _bought_before(project: Project, purchase_key: str | None, e164: str) -> Lease | None:
    earlier = queries.under_key(project, purchase_key)
    if earlier is not None and earlier.number.e164 != e164:
        raise purchase_errors.key_reused(earlier.number.e164)
    if isinstance(earlier, Order):  # ordering it again returns it
        raise purchase_errors.docs_required()
    return earlier
