"""Tables of routing that a customer has sent."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from numbers.routing_files import importing
from numbers.routing_files.models import RoutingImport
from projects.actor import SYSTEM
from projects.models import Project


def start_routing_import(project: Project, text: str, **given: Any) -> RoutingImport:
    """Its rows wait for the workers."""
    values: dict[str, Any] = {"by": SYSTEM, "now": timezone.now()} | given
    file = SimpleUploadedFile("routing.csv", text.encode())
    return importing.start(project=project, file=file, **values)
