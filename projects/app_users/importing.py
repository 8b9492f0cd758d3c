"""Importing a file of app users: taken in by a page, worked off by jobs, a part at a time.

Each part is one transaction with the job that it belongs to, and queues the next: a worker that dies has done a part
or not, and no row twice. The project is locked for a part only, so nobody waits long for it.
"""

import json
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Concat

from portal.core import crypto, csv_file
from portal.core.errors import DomainError
from portal.core.names import is_readable, kept_file_name
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.app_users import import_file
from projects.app_users.import_file import MOST_BYTES, Row
from projects.app_users.models import AppUser, AppUserImport, AppUserImportRow, ImportResult
from projects.app_users.passwords import clean_password, encrypted, new_password
from projects.app_users.services import clean_display_name, limit_words
from projects.app_users.usernames import clean_username, fold
from projects.locking import lock_project
from projects.models import Project

JOB = "projects.import_app_users"
_KEY = "app-users-import:"
GIVEN_UP = (
    "We tried several times and could not go on. Import the file again: app users that were added stay as they are, "
    "and the others are added. If that does not help, write to us."
)
PART = 1000  # rows of one transaction
SHOWN = 100  # characters of a username of the file


@dataclass(slots=True)
class _Candidate:
    """A row that nothing is wrong with by itself."""

    row: Row
    username: str
    display_name: str
    sip_password: str
    is_new_password: bool


@transaction.atomic
def start(*, project: Project, file: UploadedFile, by: Actor, now: datetime) -> AppUserImport:
    """Reads the file and leaves its rows to the workers.

    Raises ``app_user_file_invalid`` and ``app_user_file_too_large`` (field ``file``), ``app_user_import_running``,
    ``project_archived``, ``project_suspended``.
    """
    if (file.size or 0) > MOST_BYTES:  # of what is far larger nothing was kept
        raise import_file.too_large()
    rows = import_file.read(file.read())
    project = lock_project(project.pk)
    require_active(project)
    if AppUserImport.objects.filter(project=project, status=AppUserImport.Status.RUNNING).exists():
        message = "Another file is being imported into this project. Wait until that is done, or delete it."
        raise DomainError("app_user_import_running", message)
    record = AppUserImport.objects.create(
        project=project,
        file_name=kept_file_name(file.name),
        total=len(rows),
        source=_sealed(rows),
        actor=asdict(by),
        created_at=now,
    )
    _queue(record)
    return record


def _sealed(rows: list[Row]) -> str:
    return crypto.encrypt(zlib.compress(json.dumps(rows, separators=(",", ":")).encode()))


def _opened(source: str) -> list[Row]:
    return [Row(*values) for values in json.loads(zlib.decompress(crypto.decrypt(source)))]


def _queue(record: AppUserImport) -> None:
    enqueue(JOB, {"import": record.pk}, key=f"{_KEY}{record.pk}:{record.processed}")


@transaction.atomic
def import_part(*, import_id: int, now: datetime) -> None:
    """The next ``PART`` rows; queues the part after it, or finishes. Nothing when the import was deleted or is done."""
    record = AppUserImport.objects.select_for_update().filter(pk=import_id).first()
    if record is None or not record.is_running:
        return
    rows = _opened(record.source)
    lines = _first_lines(rows)
    part = rows[record.processed : record.processed + PART]
    results, candidates = _checked(part, lines)  # before the lock: making 1,000 passwords takes a while
    project = lock_project(record.project_id)
    try:
        require_active(project)
    except DomainError as error:
        _finish(record, AppUserImport.Status.STOPPED, now, because=error.message)
        return
    results += _added(record, candidates)
    for result in results:
        result.of = record
    AppUserImportRow.objects.bulk_create(results)
    record.processed += len(part)
    record.added += sum(each.result == ImportResult.ADDED for each in results)
    record.existing += sum(each.result == ImportResult.EXISTING for each in results)
    record.failed += sum(each.result == ImportResult.ERROR for each in results)
    if record.processed == record.total:
        _finish(record, AppUserImport.Status.DONE, now)
        return
    record.save(update_fields=["processed", "added", "existing", "failed"])
    _queue(record)


def stop_abandoned(*, now: datetime) -> int:
    """Ends the imports of which the next part will not be tried any more; returns how many."""
    key = Concat(Value(_KEY), F("pk"), Value(":"), F("processed"), output_field=CharField())
    tried = Job.objects.filter(key=OuterRef("job_key"), state=Job.State.QUEUED)
    running = AppUserImport.objects.filter(status=AppUserImport.Status.RUNNING)
    lost = running.annotate(job_key=key).filter(~Exists(tried)).order_by("id")
    return sum(_given_up(pk, now) for pk in list(lost.values_list("pk", flat=True)))


@transaction.atomic
def _given_up(import_id: int, now: datetime) -> bool:
    record = AppUserImport.objects.select_for_update().filter(pk=import_id).first()
    if record is None or not record.is_running:
        return False
    _finish(record, AppUserImport.Status.STOPPED, now, because=GIVEN_UP)
    return True


def _finish(record: AppUserImport, status: str, now: datetime, because: str = "") -> None:
    record.status, record.finished_at, record.source, record.stopped_because = status, now, "", because
    record.save()
    record_outcome(record)


def record_outcome(record: AppUserImport) -> None:
    """In the audit trail, once, when an import has ended in whatever way."""
    audit.record(
        project_id=record.project_id,
        by=Actor(**record.actor),
        action="app_user.imported",
        subject=record.file_name,
        count=record.added,
        existing=record.existing,
        failed=record.failed,
    )


def _first_lines(rows: list[Row]) -> dict[str, int]:
    """Username → the first line that has it."""
    found: dict[str, int] = {}
    for row in rows:
        found.setdefault(fold(row.username), row.line)
    return found


def _checked(part: list[Row], lines: dict[str, int]) -> tuple[list[AppUserImportRow], list[_Candidate]]:
    """What cannot be added, with the reason, and what could be."""
    refused, candidates = [], []
    for row in part:
        try:
            candidates.append(_candidate(row, lines))
        except DomainError as error:
            refused.append(_result(row, ImportResult.ERROR, error.message))
    return refused, candidates


def _candidate(row: Row, lines: dict[str, int]) -> _Candidate:
    """Raises the DomainError of the first rule that the row breaks."""
    if csv_file.is_shortened(row.username):
        raise DomainError("app_username_invalid", csv_file.SHORTENED, status=422)
    username, first = clean_username(row.username), lines[fold(row.username)]
    if first != row.line:
        message = f"Line {first} has the same username; only that line counts."
        raise DomainError("app_username_taken", message)
    display_name = clean_display_name(row.display_name)
    password = clean_password(row.password, username) if row.password else new_password()
    return _Candidate(row, username, display_name, encrypted(password), not row.password)


def _added(record: AppUserImport, candidates: list[_Candidate]) -> list[AppUserImportRow]:
    """Adds those that the project does not have, as long as there is room. The project is locked."""
    mine = AppUser.objects.filter(project_id=record.project_id)
    known = dict(mine.filter(username__in=[each.username for each in candidates]).values_list("username", "is_active"))
    room = max(settings.APP_USERS_PER_PROJECT - mine.filter(is_active=True).count(), 0)
    new = [each for each in candidates if each.username not in known]
    app_users = AppUser.objects.bulk_create(
        AppUser(
            project_id=record.project_id,
            username=each.username,
            display_name=each.display_name,
            sip_password=each.sip_password,
            password_set_at=record.created_at,
            created_at=record.created_at,
        )
        for each in new[:room]
    )
    added = {app_user.username: app_user for app_user in app_users}
    return [_outcome(each, added.get(each.username), known) for each in candidates]


def _outcome(candidate: _Candidate, app_user: AppUser | None, known: dict[str, bool]) -> AppUserImportRow:
    if app_user is not None:
        result = _result(candidate.row, ImportResult.ADDED)
        result.app_user, result.has_new_password = app_user, candidate.is_new_password
        return result
    if candidate.username in known:
        words = "Nothing was changed." if known[candidate.username] else "It is deactivated. Nothing was changed."
        return _result(candidate.row, ImportResult.EXISTING, words)
    return _result(candidate.row, ImportResult.ERROR, limit_words())


def _result(row: Row, result: str, words: str = "") -> AppUserImportRow:
    shown = row.username if is_readable(row.username) else ascii(row.username)[1:-1]
    return AppUserImportRow(line=row.line, username=shown[:SHOWN], result=result, words=words[:300])
