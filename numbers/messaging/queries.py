"""Reading where messages go: with the row of a lease, at no further query."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, JSONObject

from numbers.leases import queries as leases
from numbers.leases.models import Lease
from numbers.messaging.models import MessageSettingsVersion, NumberMessageSettings, ProjectMessageSettings
from projects.models import Project
from projects.webhooks import sealing
from projects.webhooks.models import WebhookTarget
from projects.webhooks.targets import TargetSettings

Stored = dict[str, Any]  # a target as the database gives it
_URL = {
    "url": "target__endpoint__url",
    "method": "target__method",
    "off_at": "target__endpoint__off_at",
    "failing_since": "target__endpoint__failing_since",
}
_WHOLE = _URL | {
    "request_text": "target__request_text",
    "fallback_url": "target__fallback__url",
    "sealed": "target__sealed",
}

_HAS_OWN = Exists(NumberMessageSettings.objects.filter(lease=OuterRef("pk"), target__isnull=False))
_HAS_DEFAULT = Exists(ProjectMessageSettings.objects.filter(project=OuterRef("project_id"), target__isnull=False))


@dataclass(frozen=True, slots=True)
class SetUrl:
    """A URL in use, of a number or, ``inherited``, of its project; the times are those of its endpoint."""

    method: str
    url: str
    inherited: bool
    off_at: datetime | None
    failing_since: datetime | None

    def __str__(self) -> str:
        """``POST https://example.com:443/incomingsms``"""
        return f"{self.method} {self.url}"


def summaries() -> dict[str, Combinable]:
    """Annotations of leases for :func:`set_url`."""
    return {"own_url": _own(_URL), "default_url": _default(_URL)}


def whole() -> dict[str, Combinable]:
    """Annotations of leases for :func:`set_url` and :func:`own_settings`."""
    return {"own_url": _own(_WHOLE), "default_url": _default(_URL)}


def _own(columns: dict[str, str]) -> Subquery:
    return _row(NumberMessageSettings.objects.filter(lease=OuterRef("pk")), columns)


def _default(columns: dict[str, str]) -> Subquery:
    return _row(ProjectMessageSettings.objects.filter(project=OuterRef("project_id")), columns)


def _row(rows: QuerySet[Any], columns: dict[str, str]) -> Subquery:
    return Subquery(rows.filter(target__isnull=False).values(row=JSONObject(**columns)))


def find(project: Project, pk: int) -> Lease:
    """As :func:`numbers.leases.queries.find`, with :func:`whole`."""
    return leases.find(project, pk, **whole())


def set_url(lease: Lease) -> SetUrl | None:
    """Where its messages go; None when nothing is set. ``lease`` with :func:`summaries` or :func:`whole`."""
    own = _read(lease.own_url)
    return _set_url(own or _read(lease.default_url), inherited=own is None)


def _set_url(found: Stored | None, *, inherited: bool) -> SetUrl | None:
    if found is None:
        return None
    return SetUrl(
        method=found["method"],
        url=found["url"],
        inherited=inherited,
        off_at=_time(found["off_at"]),
        failing_since=_time(found["failing_since"]),
    )


def own_settings(lease: Lease) -> TargetSettings:
    """Of the number alone. ``lease`` with :func:`whole`."""
    return _settings(_read(lease.own_url))


def _settings(found: Stored | None) -> TargetSettings:
    if found is None:
        return TargetSettings()
    return TargetSettings(
        url=found["url"],
        method=found["method"],
        request_text=found["request_text"],
        fallback_url=found["fallback_url"] or "",
        own=sealing.unseal(found["sealed"]),
    )


def _read(found: Any) -> Stored | None:
    return json.loads(found) if isinstance(found, str) else found


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def target_of(lease: Lease) -> WebhookTarget | None:
    """The number's own, else its project's."""
    own = NumberMessageSettings.objects.filter(lease=lease, target__isnull=False).select_related("target").first()
    return own.target if own else default_target(lease.project_id)


def default_target(project_id: int) -> WebhookTarget | None:
    """With its endpoints."""
    known = ("target__endpoint", "target__fallback")
    row = ProjectMessageSettings.objects.filter(project=project_id).select_related(*known).first()
    return row.target if row else None


def with_sms(project: Project | Combinable) -> QuerySet[Lease]:
    """The live numbers that receive messages, newest first."""
    live = Lease.objects.filter(project=project, status__in=Lease.LIVE, number__sms=True)
    return live.select_related("number").order_by("-id")


def inheriting(project: Project | Combinable) -> QuerySet[Lease]:
    """Of them those without a URL of their own."""
    return with_sms(project).filter(~_HAS_OWN)


class Delivers(models.TextChoices):
    """What decides where the messages of a number go."""

    OWN = "set", "URL of their own"
    DEFAULT = "inherited", "Project default"
    NOWHERE = "unset", "Not set"


def delivers(how: str) -> Q:
    """Of leases; ``how`` is one of Delivers. Numbers without SMS are in none."""
    if how == Delivers.OWN:
        return Q(_HAS_OWN)
    inherits = Q(number__sms=True) & ~_HAS_OWN
    return inherits & (Q(_HAS_DEFAULT) if how == Delivers.DEFAULT else ~_HAS_DEFAULT)


@dataclass(frozen=True, slots=True)
class DefaultSettings:
    """Of a project. ``to`` is None when nothing is set; ``used_by``: numbers without a URL of their own."""

    settings: TargetSettings
    to: SetUrl | None
    used_by: int
    versions: list[MessageSettingsVersion]


def default_settings(project: Project, *, before: int | None, most: int) -> DefaultSettings:
    """``versions``: the newest below ``before``, ``most`` at most. One query."""
    users = inheriting(OuterRef("pk")).order_by().values("project").annotate(count=Count("pk")).values("count")
    found = Project.objects.filter(pk=project.pk).values_list(
        _row(ProjectMessageSettings.objects.filter(project=OuterRef("pk")), _WHOLE),
        Coalesce(Subquery(users), 0),
        _versions(MessageSettingsVersion.objects.filter(project=OuterRef("pk"), lease=None), before, most),
    )
    row, used_by, versions = found.get()
    stored = _read(row)
    return DefaultSettings(_settings(stored), _set_url(stored, inherited=False), used_by, read_versions(versions))


def versions_of(*, before: int | None, most: int) -> ArraySubquery:
    """An annotation of leases for :func:`read_versions`: the newest versions below ``before``, ``most`` at most."""
    return _versions(MessageSettingsVersion.objects.filter(lease=OuterRef("pk")), before, most)


def _versions(rows: QuerySet[MessageSettingsVersion], before: int | None, most: int) -> ArraySubquery:
    found = (rows.filter(version__lt=before) if before else rows).order_by("-version")
    row = JSONObject(version="version", changes="changes", restores="restores", at="at", made_by="made_by")
    return ArraySubquery(found.values(row=row)[:most])


def read_versions(rows: Sequence[Any]) -> list[MessageSettingsVersion]:
    """Not to be saved: without settings."""
    read = [_read(row) or {} for row in rows]
    return [MessageSettingsVersion(**row | {"at": _time(row["at"])}) for row in read]
