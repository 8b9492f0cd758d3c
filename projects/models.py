"""Tenants: every number, credit, log and setting belongs to one project."""

import re
import secrets

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Upper
from django.utils import timezone

from projects.app_users.models import AppUser as AppUser  # Django finds an app's records here
from projects.app_users.models import AppUserImport as AppUserImport
from projects.app_users.models import AppUserImportRow as AppUserImportRow
from projects.push.models import Platform as Platform
from projects.push.models import PushCredential as PushCredential
from projects.webhooks.models import ProjectEventSettings as ProjectEventSettings
from projects.webhooks.models import WebhookAttempt as WebhookAttempt
from projects.webhooks.models import WebhookDelivery as WebhookDelivery
from projects.webhooks.models import WebhookEndpoint as WebhookEndpoint
from projects.webhooks.models import WebhookSecret as WebhookSecret
from projects.webhooks.models import WebhookTarget as WebhookTarget

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no look-alikes: people read project ids aloud
PID = re.compile(rf"pid_[{ALPHABET}]{{16}}")


def new_pid() -> str:
    return "pid_" + "".join(secrets.choice(ALPHABET) for _ in range(16))


class ProjectStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    ARCHIVED = "archived", "Archived"  # by its owner
    SUSPENDED = "suspended", "Suspended"  # by staff, with a reason: projects.suspension


class Project(models.Model):
    Status = ProjectStatus

    pid = models.CharField("Project ID", max_length=24, unique=True, default=new_pid, editable=False)
    name = models.CharField(max_length=80)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspension_reason = models.CharField(max_length=500, blank=True, db_default="")  # the customer reads it
    suspended_from = models.CharField(max_length=10, blank=True, db_default="")  # the status to go back to
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The form token of the page that made it: a double click creates once.
    creation_key = models.UUIDField(null=True, editable=False)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="projects")

    class Meta:
        ordering = ["name", "id"]
        indexes = [  # staff search by the beginning of a name
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="project_name_prefix"),
        ]
        constraints = [
            models.UniqueConstraint(
                F("created_by"),
                F("creation_key"),
                name="one_project_per_creation_key",
                condition=Q(creation_key__isnull=False),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="project_name_not_empty"),
            models.CheckConstraint(condition=Q(status__in=ProjectStatus.values), name="project_status_known"),
            models.CheckConstraint(
                condition=Q(
                    status=ProjectStatus.SUSPENDED,
                    suspended_at__isnull=False,
                    suspended_from__in=[ProjectStatus.ACTIVE, ProjectStatus.ARCHIVED],
                )
                & ~Q(suspension_reason="")
                | ~Q(status=ProjectStatus.SUSPENDED)
                & Q(suspended_at__isnull=True, suspended_from="", suspension_reason=""),
                name="project_suspension_complete",
            ),
        ]
        permissions = [("suspend_project", "Can suspend projects and lift it")]

    # Set by projects.access on the project that it lets a person see.
    my_role: str = ""
    my_rights: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def is_suspended(self) -> bool:
        return self.status == self.Status.SUSPENDED

    @property
    def takes_credits(self) -> bool:
        """A suspended project may pay what it owes."""
        return self.Status.ACTIVE in (self.status, self.suspended_from)


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    DEVELOPER = "developer", "Developer"
    BILLING = "billing", "Billing"
    READ_ONLY = "read_only", "Read-only"


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.READ_ONLY)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(F("project"), F("user"), name="one_membership_per_person"),
            models.UniqueConstraint(F("project"), name="one_owner_per_project", condition=Q(role=Role.OWNER)),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}: {self.role}"


class TokenSlot(models.TextChoices):
    PRIMARY = "primary", "Primary"
    SECONDARY = "secondary", "Secondary"


class AuthToken(models.Model):
    """A project's key for the REST API: kept as a digest to compare and encrypted to reveal, never in clear.

    A project has one primary token and, during a rotation, one secondary; both work until one is revoked.
    """

    Slot = TokenSlot

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tokens")
    slot = models.CharField(max_length=10, choices=Slot)
    digest = models.CharField(max_length=64, unique=True)
    ciphertext = models.TextField()
    hint = models.CharField(max_length=8)  # the last characters, shown beside the mask
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("project"), F("slot"), name="one_live_token_per_slot", condition=Q(revoked_at__isnull=True)
            ),
            models.CheckConstraint(condition=Q(slot__in=TokenSlot.values), name="token_slot_known"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} token of {self.project_id}"


class AuditEntry(models.Model):
    """Who changed what in a project, when and from where. Append-only."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="audit_entries", db_index=False
    )  # audit_project begins with it
    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=10)  # user, token, staff, system
    actor_user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=254)  # as long as an e-mail address may be
    ip = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=60)  # e.g. number.purchased
    subject = models.CharField(max_length=200, blank=True)  # what it was done to, e.g. an E.164 number
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(F("project"), F("id").desc(), name="audit_project"),
            # The history of one order: projects.audit.of_order.
            models.Index(KT("data__order"), F("id").desc(), name="audit_order", condition=Q(data__order__isnull=False)),
            models.Index(F("project"), F("subject"), F("id").desc(), name="audit_subject"),  # history of one number
        ]
        triggers = [
            pgtrigger.Protect(name="audit_append_only", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="audit_no_truncate",
                operation=pgtrigger.Truncate,
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                func="RAISE EXCEPTION 'the audit trail is append-only';",
            ),
            # The one change allowed is SET NULL when an account is erased.
            pgtrigger.Protect(
                name="audit_no_update",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "project", "at", "actor_kind", "actor_label", "ip", "action", "subject", "data"
                ),
            ),
            pgtrigger.Protect(
                name="audit_no_new_author",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__actor_user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
