"""Changes to regulations that keep their history. Errors: docs/errors.md."""

from datetime import date

from django.db import connection, transaction

from numbers.regulations.models import Regulation, Requirement
from portal.core.errors import DomainError
from portal.core.times import long_date


def keep_still() -> None:
    """Nobody else writes regulations until this transaction ends, so that a check for overlaps stays true.

    Without it two people who save at once each find no overlap, and the exclusion constraint stops one of them with an
    error. Readers are not held up.
    """
    with connection.cursor() as cursor:
        cursor.execute(f'LOCK TABLE "{Regulation._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')


@transaction.atomic
def supersede(*, regulation: Regulation, valid_from: date) -> Regulation:
    """Ends ``regulation`` on that day and begins a copy of it with its lines, for staff to change.

    What held before stays as it was. Raises ``regulation_not_in_force`` for a day on which it does not hold, and for
    its first, on which nothing would be left of it.
    """
    keep_still()
    old = Regulation.objects.get(pk=regulation.pk)
    if not old.is_in_force(valid_from) or valid_from == old.valid_from:
        until = f" and before {long_date(old.valid_until)}" if old.valid_until else ""
        raise DomainError(
            "regulation_not_in_force",
            f"It does not hold on that day. Choose one after {long_date(old.valid_from)}{until}.",
            field="valid_from",
            status=422,
        )
    end, old.valid_until = old.valid_until, valid_from
    old.save(update_fields=["valid_until"])
    new = Regulation.objects.create(
        country=old.country,
        number_type=old.number_type,
        holder=old.holder,
        summary=old.summary,
        valid_from=valid_from,
        valid_until=end,
        is_demo=old.is_demo,
    )
    for line in old.requirements.prefetch_related("document_types"):
        copy = Requirement.objects.create(
            regulation=new,
            position=line.position,
            title=line.title,
            explanation=line.explanation,
            count=line.count,
            address_scope=line.address_scope,
        )
        copy.document_types.set(line.document_types.all())
    return new
