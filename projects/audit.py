"""The audit trail: each service that changes something in a project writes one entry, in its own transaction.

An entry is never changed or removed; the database refuses it. What can be written is declared (:mod:`projects.events`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from projects import events
from projects.actor import Actor
from projects.models import AuditEntry

SUBJECT_LENGTH, LABEL_LENGTH = 200, 254


def record(*, project_id: int, by: Actor, action: str, subject: str = "", **data: Any) -> None:
    """Call inside the transaction of the change. ``data`` holds facts, never a secret. Raises UndeclaredEvent."""
    events.require(action)
    _entry(project_id, by, action, subject, data).save(force_insert=True)


def record_all(*, by: Actor, action: str, subjects: Iterable[tuple[int, str, dict[str, Any]]]) -> None:
    """One entry for each (project id, subject, facts), for one action on many things. Call as :func:`record`."""
    events.require(action)
    AuditEntry.objects.bulk_create(
        _entry(project_id, by, action, subject, data) for project_id, subject, data in subjects
    )


def _entry(project_id: int, by: Actor, action: str, subject: str, data: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        project_id=project_id,
        actor_kind=by.kind,
        actor_user_id=by.user_id,
        actor_label=by.label[:LABEL_LENGTH],
        ip=by.ip,
        action=action,
        subject=subject[:SUBJECT_LENGTH],
        data=data,
    )


def recent(project_id: int, count: int = 8) -> QuerySet[AuditEntry]:
    """Newest first, by primary key: entries of one instant keep their order."""
    return AuditEntry.objects.filter(project_id=project_id).order_by("-id")[:count]


def of_order(project_id: int, ref: UUID, count: int = 50) -> QuerySet[AuditEntry]:
    """What was recorded with ``order=str(ref)``, newest first."""
    return _of_order(project_id, ref).order_by("-id")[:count]


def _of_order(project_id: int, ref: UUID) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.annotate(order_ref=KT("data__order")).filter(data__order__isnull=False)
    return entries.filter(project_id=project_id, order_ref=str(ref))


def of_order_and_documents(
    project_id: int,
    ref: UUID,
    *,
    documents: QuerySet[Any],
    actions: Iterable[str],
    since: datetime,
    count: int = 50,
) -> QuerySet[AuditEntry]:
    """Besides what :func:`of_order` returns, the ``actions`` on its documents (rows with ``ref`` and ``name``) from
    ``since`` on; one query, by the indexes ``audit_order`` and ``audit_subject``."""
    entries = AuditEntry.objects.annotate(document_ref=KT("data__document"))
    sent = entries.filter(
        project_id=project_id,
        subject__in=documents.values("name"),
        action__in=list(actions),
        at__gte=since,
        document_ref__in=documents.annotate(written=Cast("ref", TextField())).values("written"),
    )
    ids = _of_order(project_id, ref).values("pk").union(sent.values("pk"))
    return AuditEntry.objects.filter(pk__in=ids).order_by("-id")[:count]


def about(
    project_id: int, subject: str, count: int = 20, *, actions: Iterable[str] | None = None
) -> QuerySet[AuditEntry]:
    """What was done to ``subject`` in the project, newest first; ``actions`` are those that may be among it."""
    found = AuditEntry.objects.filter(project_id=project_id, subject=subject)
    if actions is not None:
        found = found.filter(action__in=list(actions))
    return found.order_by("-id")[:count]


def sentence(entry: AuditEntry, facts: Mapping[str, str] | None = None) -> str:
    """What follows the actor's name for customers: ``renamed the project to “Acme”``.

    ``facts`` are what labels may name besides the subject. An action that is not declared is spelled out.
    """
    event = events.find(entry.action)
    return _fill(event.customer, entry, facts) if event else _spelled_out(entry)


def staff_sentence(entry: AuditEntry, facts: Mapping[str, str] | None = None) -> str:
    """The same for staff, beside the order that it is about."""
    event = events.find(entry.action)
    return _fill(event.staff, entry, facts) if event and event.staff else _spelled_out(entry)


def _fill(label: str, entry: AuditEntry, facts: Mapping[str, str] | None) -> str:
    return label.format_map(defaultdict(str, facts or {}, subject=entry.subject))


def _spelled_out(entry: AuditEntry) -> str:
    thing, _, what = entry.action.partition(".")
    return f"{what} {thing}".replace("_", " ") + f" {entry.subject}".rstrip()
