"""Which supplier a number comes from, and under which id: when a feed may change it (docs/inventory.md).

Runs inside the import's transaction, on its temporary table ``feed``. Whoever holds a number keeps it: a change of
supplier or id never touches the status of a number that is leased or reserved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from numbers.inventory.feed_checks import RETIRED_PREFIX, Rejected
from numbers.inventory.models import NumberStatus as Status

FIELDS = "f.supplier, f.supplier_ref, false, f.is_last_open"
ANOTHER_SUPPLIERS = f"""
DELETE FROM feed f USING numbers_number n
 WHERE n.e164 = f.e164 AND n.supplier <> f.supplier AND n.status <> '{Status.WITHDRAWN}'
   AND NOT n.supplier = ANY(%(move_from)s)
RETURNING f.line, f.e164, 'the number belongs to supplier ' || n.supplier || '; if it has left it: --move-from '
          || n.supplier, {FIELDS}
"""  # noqa: S608  constants
# An id that its supplier gives to another number: free if its number is withdrawn, or has another id in this feed.
REF_TAKEN = f"""
DELETE FROM feed f USING numbers_number n
 WHERE n.supplier = f.supplier AND n.supplier_ref = f.supplier_ref AND n.e164 <> f.e164
   AND n.status <> '{Status.WITHDRAWN}' AND NOT %(reuse_ids)s AND NOT EXISTS (SELECT FROM feed g WHERE g.e164 = n.e164)
RETURNING f.line, f.e164, 'the supplier''s id belongs to ' || n.e164
          || '; if the supplier has given it to this number: --reuse-ids', {FIELDS}
"""  # noqa: S608  constants
MOVED = """
INSERT INTO numbers_supplychange (feed_import_id, number_id, status, old_supplier, old_ref, new_supplier, new_ref)
SELECT %(feed_import)s, n.id, n.status, n.supplier, n.supplier_ref, f.supplier, f.supplier_ref
  FROM numbers_number n JOIN feed f ON f.e164 = n.e164 WHERE n.supplier <> f.supplier
"""
# The id's former number has none until a feed names it again. It is not what is offered under that id, so it is not for
# sale either.
RETIRE = f"""
WITH retired AS (
  UPDATE numbers_number n SET supplier_ref = '{RETIRED_PREFIX}' || n.id, updated_at = %(now)s,
         status = CASE WHEN n.status = '{Status.AVAILABLE}' AND NOT EXISTS (SELECT FROM feed g WHERE g.e164 = n.e164)
                       THEN '{Status.WITHDRAWN}' ELSE n.status END
    FROM feed f WHERE n.supplier = f.supplier AND n.supplier_ref = f.supplier_ref AND n.e164 <> f.e164
  RETURNING n.id, n.e164, n.status, n.supplier, f.supplier_ref AS old_ref)
INSERT INTO numbers_supplychange (feed_import_id, number_id, status, old_supplier, old_ref, new_supplier, new_ref)
SELECT %(feed_import)s, id, status, supplier, old_ref, supplier, '' FROM retired r
 WHERE NOT EXISTS (SELECT FROM feed f WHERE f.e164 = r.e164)
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Permission:
    """What staff allow an import beyond what is safe by itself."""

    move_from: Sequence[str] = ()  # suppliers that numbers on sale or in use may leave
    reuse_ids: bool = False  # ids may go over from numbers on sale or in use


def reject_conflicts(cursor: CursorWrapper, permission: Permission) -> list[Rejected]:
    """Takes out of the feed what contradicts the catalogue."""
    params: dict[str, Any] = {"move_from": list(permission.move_from), "reuse_ids": permission.reuse_ids}
    cursor.execute(ANOTHER_SUPPLIERS, params)
    rejected = [Rejected(*row) for row in cursor.fetchall()]
    while True:  # a row that is rejected keeps its number's id, which another row may have counted on
        cursor.execute(REF_TAKEN, params)
        found = [Rejected(*row) for row in cursor.fetchall()]
        if not found:
            return rejected
        rejected += found


def move(cursor: CursorWrapper, *, feed_import: int, now: object) -> tuple[int, int]:
    """Records the numbers that change their supplier, and takes reused ids from the numbers that had them; (how many
    change their supplier, how many lose their id)."""
    params: dict[str, Any] = {"feed_import": feed_import, "now": now}
    cursor.execute(MOVED, params)
    moved = cursor.rowcount
    cursor.execute(RETIRE, params)
    return moved, cursor.rowcount
