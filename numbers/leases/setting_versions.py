"""Each change of what is set for a number or a project, with what stood then: for the history, for going back, and for
explaining the past. A room keeps its own table of them (incoming calls, messages)."""

from typing import TypeVar

from django.db import models
from django.db.models import QuerySet

from portal.core.errors import NotFound


class SettingVersion(models.Model):
    """One change of a number's setting (``lease``) or of its project's (no ``lease``). Append-only: the subclass says
    so to the database."""

    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="+", db_index=False)
    lease = models.ForeignKey("numbers.Lease", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    settings = models.JSONField()  # everything as it was set then
    changes = models.JSONField(default=list)  # sentences
    restores = models.PositiveIntegerField(null=True)  # the version that was gone back to
    at = models.DateTimeField()
    made_by = models.CharField(max_length=254)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"version {self.version} of {self.lease_id or self.project_id}"


Version = TypeVar("Version", bound=SettingVersion)


def of_lease(table: type[Version], lease_id: int) -> QuerySet[Version]:
    """Newest first."""
    return table._default_manager.filter(lease=lease_id).order_by("-version")


def of_project(table: type[Version], project_id: int) -> QuerySet[Version]:
    """Newest first."""
    return table._default_manager.filter(project_id=project_id, lease=None).order_by("-version")


def find(versions: QuerySet[Version], version: int) -> Version:
    """Raises NotFound."""
    found = versions.filter(version=version).first()
    if found is None:
        raise NotFound("There is no such version.")
    return found
