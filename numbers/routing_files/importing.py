"""From the file to the numbers: taken in by a page, checked by a job, applied by another if the customer wants so.

Applying is one transaction: all of it or nothing. What was changed by somebody else since the check is not overwritten.
"""

import json
import zlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from itertools import chain

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from numbers.routing.differences import Names
from numbers.routing.route_changes import names_of, write_routes
from numbers.routing_files import reading
from numbers.routing_files.models import RUNNING, RoutingImport, RoutingImportRow
from numbers.routing_files.planning import Plan, Planned, Problem, plan
from numbers.routing_files.reading import MOST_BYTES, Row
from portal.core.errors import DomainError
from portal.core.names import is_readable, kept_file_name
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project

CHECK, APPLY = "numbers.check_routing_file", "numbers.apply_routing_file"
_KEYS = {RoutingImport.Status.CHECKING: "routing-check:", RoutingImport.Status.APPLYING: "routing-apply:"}
GIVEN_UP = "We tried several times and could not go on; nothing was changed. Choose the file again, or write to us."
CHUNK, SHOWN = 1000, 40  # rows of one statement; characters of a number of the file
Status = RoutingImport.Status


@transaction.atomic
def start(*, project: Project, file: UploadedFile, by: Actor, now: datetime) -> RoutingImport:
    """Reads the file and has its rows checked.

    Raises ``routing_file_invalid`` and ``routing_file_too_large`` (field ``file``), ``routing_import_running``,
    ``project_archived``, ``project_suspended``.
    """
    if (file.size or 0) > MOST_BYTES:  # of what is far larger nothing was kept
        raise reading.too_large()
    rows = reading.read(file.read())
    project = lock_project(project.pk)
    require_active(project)
    if RoutingImport.objects.filter(project=project, status__in=RUNNING).exists():
        message = "Another file is being checked or applied in this project. Wait until that is done, or delete it."
        raise DomainError("routing_import_running", message)
    record = RoutingImport.objects.create(
        project=project,
        file_name=kept_file_name(file.name),
        total=len(rows),
        source=zlib.compress(json.dumps(rows, separators=(",", ":")).encode()),
        actor=asdict(by),
        created_at=now,
    )
    enqueue(CHECK, {"import": record.pk}, key=f"{_KEYS[Status.CHECKING]}{record.pk}")
    return record


def _rows(record: RoutingImport) -> list[Row]:
    return [Row(*values) for values in json.loads(zlib.decompress(record.source))]


@transaction.atomic
def check(*, import_id: int) -> None:
    """The dry run. Nothing when the import was deleted or checked already."""
    record = _locked(import_id)
    if record is None or record.status != Status.CHECKING:
        return
    made = plan(record.project_id, _rows(record))
    _write_report(record, made)
    record.status = Status.CHECKED
    if made.problems or not made.changes:
        record.source = b""
    record.save()


def apply(*, record: RoutingImport, by: Actor) -> None:
    """Has it applied by a job. Raises ``routing_import_not_applicable``, ``routing_import_running``,
    ``project_archived``, ``project_suspended``."""
    with transaction.atomic():
        project = lock_project(record.project_id)
        require_active(project)
        found = _locked(record.pk)
        if found is None or not found.can_be_applied:
            message = "This file was applied already, is being applied, or has mistakes. Look at it again."
            raise DomainError("routing_import_not_applicable", message)
        if RoutingImport.objects.filter(project=project, status__in=RUNNING).exists():
            message = "Another file is being checked or applied in this project. Wait until that is done."
            raise DomainError("routing_import_running", message)
        found.status, found.actor = Status.APPLYING, asdict(by)
        found.save(update_fields=["status", "actor"])
        enqueue(APPLY, {"import": found.pk}, key=f"{_KEYS[Status.APPLYING]}{found.pk}")


@transaction.atomic
def apply_now(*, import_id: int, now: datetime) -> None:
    """All changes, or none and why. Nothing when the import was deleted or is not to be applied."""
    record = _locked(import_id)
    if record is None or record.status != Status.APPLYING:
        return
    by = Actor(**record.actor)
    try:
        require_active(lock_project(record.project_id))
    except DomainError as error:
        _stop(record, error.message)
        return
    made = plan(record.project_id, _rows(record), lock=True)
    made.problems += _changed_meanwhile(record, made.changes)
    if made.problems:
        _write_report(record, made)
        _stop(record, "What is set for calls changed since the file was checked. Nothing was changed by the file.")
        return
    write_routes(record.project_id, [each.change for each in made.changes], by=by, now=now)
    audit.record(
        project_id=record.project_id,
        by=by,
        action="route.imported",
        subject=record.file_name,
        count=len(made.changes),
    )
    record.status, record.applied_at, record.source = Status.APPLIED, now, b""
    record.save()


@transaction.atomic
def stop_abandoned() -> int:
    """Ends the files whose job will not be tried any more; returns how many."""
    stopped = 0
    for record in RoutingImport.objects.select_for_update(skip_locked=True).filter(status__in=RUNNING).order_by("pk"):
        key = f"{_KEYS[Status(record.status)]}{record.pk}"
        if not Job.objects.filter(key=key, state=Job.State.QUEUED).exists():
            _stop(record, GIVEN_UP)
            stopped += 1
    return stopped


def _locked(import_id: int) -> RoutingImport | None:
    return RoutingImport.objects.select_for_update().filter(pk=import_id).first()


def _stop(record: RoutingImport, because: str) -> None:
    record.status, record.stopped_because, record.source = Status.STOPPED, because, b""
    record.save()


def _changed_meanwhile(record: RoutingImport, changes: Iterable[Planned]) -> list[Problem]:
    seen = dict(record.rows.filter(is_mistake=False).values_list("number", "version"))
    words = "Somebody changed the calls of this number after the file was checked."
    return [Problem(each.line, each.e164, words) for each in changes if seen.get(each.e164) != each.change.version]


def _write_report(record: RoutingImport, made: Plan) -> None:
    """Instead of the one that it has."""
    record.rows.all().delete()
    names = names_of(record.project_id, [each.change for each in made.changes])
    rows = chain((_mistake(each) for each in made.problems), (_change(each, names) for each in made.changes))
    RoutingImportRow.objects.bulk_create(
        (RoutingImportRow(of=record, **row) for row in rows),
        batch_size=CHUNK,
    )
    record.changed, record.same, record.failed = len(made.changes), made.same, len(made.problems)


def _mistake(problem: Problem) -> dict[str, object]:
    number = problem.number if is_readable(problem.number) else ascii(problem.number)[1:-1]
    return {"line": problem.line, "number": number[:SHOWN], "is_mistake": True, "words": problem.words}


def _change(planned: Planned, names: Names) -> dict[str, object]:
    return {
        "line": planned.line,
        "number": planned.e164,
        "is_mistake": False,
        "words": " ".join(planned.change.in_words(names)),
        "version": planned.change.version,
    }
