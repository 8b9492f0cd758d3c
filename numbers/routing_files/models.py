"""A table of routing that a customer has sent: checked first, applied on request, kept for a day."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class RoutingImportStatus(models.TextChoices):
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"  # nothing is changed yet
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    STOPPED = "stopped", "Not applied"


RUNNING = (RoutingImportStatus.CHECKING, RoutingImportStatus.APPLYING)


class RoutingImport(models.Model):
    Status = RoutingImportStatus

    ref = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=RoutingImportStatus, default=RoutingImportStatus.CHECKING)
    stopped_because = models.CharField(max_length=700, blank=True)
    total = models.PositiveIntegerField()  # rows of the file
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)  # mistakes; a row may have several
    source = models.BinaryField(default=bytes)  # the rows, compressed JSON; empty when they are needed no more
    actor = models.JSONField(default=dict)  # who sent it, later who applied it: projects.actor.Actor
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(F("created_at"), name="routing_import_age")]
        constraints = [
            models.UniqueConstraint(F("project"), name="one_running_routing_import", condition=Q(status__in=RUNNING)),
            models.CheckConstraint(condition=Q(status__in=RoutingImportStatus.values), name="routing_import_status"),
            models.CheckConstraint(
                condition=Q(status=RoutingImportStatus.APPLIED, applied_at__isnull=False, failed=0)
                | ~Q(status=RoutingImportStatus.APPLIED) & Q(applied_at__isnull=True),
                name="routing_import_applied",
            ),
            models.CheckConstraint(
                condition=~Q(status=RoutingImportStatus.APPLYING) | Q(failed=0, changed__gt=0),
                name="routing_import_without_mistakes",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING

    @property
    def can_be_applied(self) -> bool:
        return self.status == RoutingImportStatus.CHECKED and not self.failed and self.changed > 0


class RoutingImportRow(models.Model):
    """What a line changes, or a mistake in it (of which a line may have several)."""

    of = models.ForeignKey(RoutingImport, on_delete=models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    number = models.CharField(max_length=40)  # E.164, or as in the file
    is_mistake = models.BooleanField()
    words = models.TextField()
    version = models.PositiveIntegerField(default=0)  # that the number's calls had when this was written

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(F("of"), F("is_mistake"), F("id"), name="routing_import_row_place")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"
