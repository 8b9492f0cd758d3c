"""Imports of app users and their reports: reading, the passwords that were made, and forgetting them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from portal.core.errors import DomainError, NotFound
from projects import audit
from projects.actor import Actor
from projects.app_users.importing import record_outcome
from projects.app_users.models import AppUserImport, AppUserImportRow, ImportResult
from projects.app_users.passwords import decrypted
from projects.app_users.sip_domain import sip_domain
from projects.models import Project

KEPT = timedelta(days=1)
# So long the passwords can be downloaded again: a connection may break.
SECOND_TRY = timedelta(minutes=10)
PAGE_SIZE, SHOWN, CHUNK = 50, 5, 500


@dataclass(frozen=True, slots=True)
class RowPage:
    rows: list[AppUserImportRow]
    next_after: int | None  # line with which to ask for the following page


def recent(project: Project, now: datetime) -> list[AppUserImport]:
    """Of the last day, newest first, ``SHOWN`` at most; without their rows."""
    found = AppUserImport.objects.filter(project=project, created_at__gt=now - KEPT)
    return list(found.defer("source")[:SHOWN])


def find(project: Project, ref: UUID, now: datetime) -> AppUserImport:
    """Raises NotFound."""
    found = AppUserImport.objects.filter(project=project, ref=ref, created_at__gt=now - KEPT).defer("source").first()
    if found is None:
        raise NotFound("There is no such import, or its report is deleted already.")
    found.project = project
    return found


def row_page(record: AppUserImport, *, result: str = "", after: int | None = None) -> RowPage:
    """By line; ``result`` is one of ImportResult, "" for all."""
    found = record.rows.order_by("line")
    if result:
        found = found.filter(result=result)
    if after:
        found = found.filter(line__gt=after)
    rows = list(found[: PAGE_SIZE + 1])
    return RowPage(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].line if len(rows) > PAGE_SIZE else None)


def new_passwords(record: AppUserImport) -> int:
    """How many app users were added with a password of ours that was not reset since."""
    return _with_new_password(record).count()


def _with_new_password(record: AppUserImport) -> QuerySet[AppUserImportRow]:
    return record.rows.filter(
        result=ImportResult.ADDED, has_new_password=True, app_user__password_set_at=record.created_at
    )


def can_take_passwords(record: AppUserImport, now: datetime) -> bool:
    taken = record.passwords_taken_at
    return not record.is_running and (taken is None or now - taken < SECOND_TRY)


@transaction.atomic
def take_passwords(*, record: AppUserImport, by: Actor, now: datetime) -> Iterator[list[object]]:
    """The rows of a table with the passwords that the import made, in clear, made while they are read. Once; for ten
    minutes after the first time again. Raises ``app_user_passwords_gone``."""
    record = AppUserImport.objects.select_for_update().select_related("project").get(pk=record.pk)
    if not can_take_passwords(record, now):
        message = "The passwords were downloaded already, which works once. Reset the SIP password of whoever lacks it."
        raise DomainError("app_user_passwords_gone", message)
    if record.passwords_taken_at is None:
        record.passwords_taken_at = now
        record.save(update_fields=["passwords_taken_at"])
    audit.record(
        project_id=record.project_id,
        by=by,
        action="app_user.passwords_taken",
        subject=record.file_name,
        count=new_passwords(record),
    )
    return _password_table(record)


def _password_table(record: AppUserImport) -> Iterator[list[object]]:
    yield ["App Username/Login ID", "Display name", "SIP password", "SIP domain"]
    domain = sip_domain(record.project.pid)
    found = _with_new_password(record).order_by("line").select_related("app_user")
    for row in found.iterator(chunk_size=CHUNK):
        app_user = row.app_user
        if app_user is None:
            continue
        yield [app_user.username, app_user.display_name, decrypted(app_user.sip_password), domain]


def report(record: AppUserImport) -> Iterator[list[object]]:
    """What became of each row of the file, as a table; without passwords."""
    yield ["Line", "App Username/Login ID", "Result", "Explanation"]
    for row in record.rows.order_by("line").iterator(chunk_size=CHUNK):
        yield [row.line, row.username, row.get_result_display(), row.words]


@transaction.atomic
def delete(*, record: AppUserImport) -> None:
    """The report, and what has not been imported yet; app users that were added stay. A part that is being imported is
    waited for."""
    locked = AppUserImport.objects.select_for_update().filter(pk=record.pk).first()
    if locked is None:
        return
    if locked.is_running:
        record_outcome(locked)
    AppUserImportRow.objects.filter(of=locked).delete()
    locked.delete()


def forget(*, now: datetime) -> int:
    """Removes what is older than a day, whatever became of it. Returns how many."""
    old = list(AppUserImport.objects.filter(created_at__lte=now - KEPT)[:500])
    for record in old:
        delete(record=record)
    return len(old)
