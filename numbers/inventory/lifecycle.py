"""The one way in which a status changes: a table of allowed moves, and one function that makes them.

Numbers, leases and orders have one machine each. docs/number-lifecycle.md draws them. The only other writer of a
status is the purchase statement (numbers/orders/purchase.py), which makes available → leased by the same rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from numbers.inventory.models import Number
from numbers.inventory.models import NumberStatus as Status
from portal.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """``moves`` maps each status to those that may follow it."""

    name: str
    moves: Mapping[str, frozenset[str]]

    def sources(self, to: str) -> list[str]:
        return [status for status, followers in self.moves.items() if to in followers]

    def transition(self, row: models.Model, to: str, **changes: Any) -> None:
        """Moves ``row`` to the status ``to`` and writes ``changes`` with it, if its status in the database allows it.

        Safe without a lock: of two who try the same move, one wins. Raises ``<name>_status_changed`` for the other.
        """
        values = {"status": to} | changes
        manager = type(row)._default_manager
        if not manager.filter(pk=row.pk, status__in=self.sources(to)).update(**values):
            now = manager.filter(pk=row.pk).values_list("status", flat=True).first()
            raise DomainError(
                f"{self.name}_status_changed",
                f"This {self.name} cannot become {to.replace('_', ' ')}: it is {str(now).replace('_', ' ')}.",
                now=now,
            )
        for field, value in values.items():
            setattr(row, field, value)

    def transition_all(self, rows: models.QuerySet[Any], to: str, *, since: str, **changes: Any) -> int:
        """Moves those of ``rows`` that have the status ``since``, in one statement; the others stay as they are.

        Returns how many moved. Raises ValueError for a move that the table does not know.
        """
        if to not in self.moves.get(since, frozenset()):
            raise ValueError(f"A {self.name} never goes from {since} to {to}.")
        return rows.filter(status=since).update(status=to, **changes)


NUMBER = Lifecycle(
    "number",
    {
        Status.AVAILABLE: frozenset({Status.RESERVED, Status.LEASED, Status.WITHDRAWN}),
        Status.RESERVED: frozenset({Status.AVAILABLE, Status.LEASED}),
        Status.LEASED: frozenset({Status.QUARANTINED}),
        # Leased: a release undone.
        Status.QUARANTINED: frozenset({Status.AVAILABLE, Status.LEASED, Status.WITHDRAWN}),
        # The supplier offers it again: back on sale, or to the rest of its quarantine.
        Status.WITHDRAWN: frozenset({Status.AVAILABLE, Status.QUARANTINED}),
    },
)


def transition(number: Number, to: str, **changes: Any) -> None:
    """Moves a number; raises ``number_status_changed``."""
    NUMBER.transition(number, to, **changes)
