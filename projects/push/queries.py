"""What a project has set, and what was done to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from projects import audit
from projects.models import Project
from projects.push.models import Platform, PushCredential, Validity


@dataclass(frozen=True)
class PlatformRow:
    """A platform with what is set for it; ``validity`` is "" while nothing is."""

    platform: Platform
    credential: PushCredential | None
    validity: Validity | str


@dataclass(frozen=True)
class HistoryLine:
    at: datetime
    who: str
    words: str


SHOWN = ("platform", "kind", "topic", "project_name", "expires_at")


def summaries() -> ArraySubquery:
    """For a query of projects that asks for more: what :func:`platforms` takes. No secrets."""
    rows = PushCredential.objects.filter(project=OuterRef("pk"))
    return ArraySubquery(rows.values(summary=JSONObject(**{name: name for name in SHOWN})))


def platforms(summaries: list[dict[str, Any]], now: datetime) -> list[PlatformRow]:
    found = {each["platform"]: _read(each) for each in summaries}
    rows = [(platform, found.get(platform)) for platform in Platform]
    return [PlatformRow(platform, row, row.validity(now) if row else "") for platform, row in rows]


def _read(summary: dict[str, Any]) -> PushCredential:
    ends = summary["expires_at"]
    return PushCredential(**summary | {"expires_at": datetime.fromisoformat(ends) if ends else None})


def credential(project: Project, platform: Platform) -> PushCredential | None:
    """Without the secret, with who uploaded it."""
    rows = PushCredential.objects.filter(project=project, platform=platform)
    return rows.select_related("uploaded_by").defer("sealed").first()


def history(project: Project, platform: Platform, count: int = 5) -> list[HistoryLine]:
    """Newest first."""
    entries = audit.about(project.pk, platform.label, count)
    return [
        HistoryLine(each.at, each.actor_label, audit.sentence(each, {"app": str(each.data.get("app", ""))}))
        for each in entries
    ]
