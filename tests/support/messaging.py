"""Where messages go, set by the services."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from numbers.leases.models import Lease
from numbers.messaging import services
from projects.actor import SYSTEM
from projects.models import Project
from projects.webhooks.targets import TargetSettings


def set_messaging_url(of: Lease | Project, url: str, **also: Any) -> TargetSettings:
    """Of a number, or a project's default; ``also`` are further settings of the target."""
    given: dict[str, Any] = {
        "change": lambda set_: replace(set_, url=url, **also),
        "by": SYSTEM,
        "now": timezone.now(),
    }
    if isinstance(of, Project):
        return services.change_project(project=of, **given)
    return services.change_number(lease=of, **given)
