"""Acts that are refused: by a rule (:class:`DomainError`), by a constraint of the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.ledger.models import Account, Transfer
from numbers.models import Lease, Number, Order
from portal.core.errors import DomainError
from portal.jobs.models import Job
from projects.models import AuditEntry


def refusal(act: Callable[..., Any], /, *args: Any, **given: Any) -> DomainError:
    """Calls ``act`` and returns the error with which it is refused. Red when it is not."""
    with pytest.raises(DomainError) as caught:
        act(*args, **given)
    return caught.value


def refused(code: str, act: Callable[..., Any], /, *args: Any, **given: Any) -> DomainError:
    """The same, and the error has this code."""
    error = refusal(act, *args, **given)
    assert error.code == code, error
    return error


def traces() -> tuple[Any, ...]:
    """What a purchase or an order leaves, or the end of one: money, records, jobs, and the status of each number."""
    return (
        sorted(Account.objects.exclude(balance=0).values_list("project", "kind", "balance")),
        [model.objects.count() for model in (Transfer, Lease, Order, AuditEntry, Job)],
        sorted(Number.objects.values_list("e164", "status")),
        sorted(Order.objects.values_list("pk", "status")),
    )


def violates(constraint: str, sql: str, values: Any = ()) -> None:
    """Runs a statement, which breaks the constraint of this name."""
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:  # noqa: PT012
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, values)
    cause: Any = error.value.__cause__
    assert cause.diag.constraint_name == constraint
