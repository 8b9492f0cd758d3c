"""What a project has set, and what was done to it."""

from dataclasses import dataclass
from datetime import datetime

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


def platforms(project: Project, now: datetime) -> list[PlatformRow]:
    """One query, without the secrets."""
    found = {row.platform: row for row in PushCredential.objects.filter(project=project).defer("sealed")}
    rows = [(platform, found.get(platform)) for platform in Platform]
    return [PlatformRow(platform, each, each.validity(now) if each else "") for platform, each in rows]


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
