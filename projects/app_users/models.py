"""App users: the people of a project's app, on whose devices a call to a number rings."""

import uuid

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone

USERNAME_LENGTH, DISPLAY_NAME_LENGTH = 64, 80
# The user part of a SIP address (RFC 3261, section 25.1: unreserved and user-unreserved) without escapes and the
# apostrophe, which no header of a route may hold; in lower case, because people do not type case alike. Of signs alone
# it would not survive as a part of an address ("..").
SIGNS = "-_.!~*()&=+$,;?/"
_ANY = r"[a-z0-9\-_.!~*()&=+$,;?/]*"
USERNAME = rf"{_ANY}[a-z0-9]{_ANY}"


class AppUser(models.Model):
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="app_users", db_index=False)
    username = models.CharField("App Username/Login ID", max_length=USERNAME_LENGTH, db_collation="C")
    display_name = models.CharField(max_length=DISPLAY_NAME_LENGTH, blank=True)
    is_active = models.BooleanField(default=True)  # an inactive one neither registers nor rings
    deactivated_at = models.DateTimeField(null=True, blank=True)
    sip_password = models.TextField(editable=False)  # encrypted (portal.core.crypto): see decision 29
    password_set_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The form token of the page that added it: a double click adds once, and shows the same password twice.
    creation_key = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["username"]
        indexes = [  # for the look-ahead; by username it goes by one_app_user_per_username
            models.Index(
                F("project"),
                OpClass(Upper("display_name"), name="text_pattern_ops"),
                name="app_user_display_name_prefix",
            ),
        ]
        constraints = [
            models.UniqueConstraint(F("project"), F("username"), name="one_app_user_per_username"),
            models.CheckConstraint(condition=Q(username__regex=rf"^{USERNAME}$"), name="app_user_username"),
            models.CheckConstraint(
                condition=Q(is_active=True, deactivated_at__isnull=True)
                | Q(is_active=False, deactivated_at__isnull=False),
                name="app_user_deactivated_at",
            ),
        ]

    def __str__(self) -> str:
        return self.username


class ImportStatus(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"  # the project was archived or suspended meanwhile, or it could not go on


class AppUserImport(models.Model):
    """A file of app users that is being imported, or was: kept for a day, for its report."""

    Status = ImportStatus

    ref = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="app_user_imports")
    file_name = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=ImportStatus, default=ImportStatus.RUNNING)
    stopped_because = models.CharField(max_length=700, blank=True)
    total = models.PositiveIntegerField()  # rows of the file
    processed = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    existing = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    # The rows, encrypted because passwords may be among them; "" when they have been processed.
    source = models.TextField(blank=True)
    actor = models.JSONField(default=dict)  # who started it, as the audit trail says: projects.actor.Actor
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    passwords_taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(F("created_at"), name="app_user_import_age")]
        constraints = [
            models.UniqueConstraint(
                F("project"), name="one_running_app_user_import", condition=Q(status=ImportStatus.RUNNING)
            ),
            models.CheckConstraint(condition=Q(status__in=ImportStatus.values), name="app_user_import_status"),
            models.CheckConstraint(
                condition=Q(status=ImportStatus.RUNNING, finished_at__isnull=True)
                | ~Q(status=ImportStatus.RUNNING) & Q(finished_at__isnull=False, source=""),
                name="app_user_import_finished",
            ),
            models.CheckConstraint(
                condition=Q(processed=F("added") + F("existing") + F("failed"), processed__lte=F("total")),
                name="app_user_import_counts",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        return self.status == ImportStatus.RUNNING


class ImportResult(models.TextChoices):
    ADDED = "added", "Added"
    EXISTING = "existing", "Already there"
    ERROR = "error", "Not added"


class AppUserImportRow(models.Model):
    """What became of one row of the file. Its password, where we made one, is that of the app user."""

    Result = ImportResult

    of = models.ForeignKey(AppUserImport, on_delete=models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    username = models.CharField(max_length=100)  # as in the file
    result = models.CharField(max_length=10, choices=ImportResult)
    words = models.CharField(max_length=300, blank=True)
    app_user = models.ForeignKey(AppUser, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    has_new_password = models.BooleanField(default=False)

    class Meta:
        ordering = ["line"]
        indexes = [models.Index(F("of"), F("result"), F("line"), name="app_user_import_result")]
        constraints = [
            models.UniqueConstraint(F("of"), F("line"), name="one_result_per_import_line"),
            models.CheckConstraint(condition=Q(result__in=ImportResult.values), name="app_user_import_result_known"),
            models.CheckConstraint(
                condition=Q(result=ImportResult.ADDED, app_user__isnull=False)
                | ~Q(result=ImportResult.ADDED) & Q(app_user__isnull=True, has_new_password=False),
                name="app_user_import_added",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.result}"
