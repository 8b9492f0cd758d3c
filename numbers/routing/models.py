"""Where an incoming call to a leased number goes. One active kind; what was set for the others is kept."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class BarredRange(models.Model):
    """Numbers that calls may not be sent to, by their first digits."""

    prefix = models.CharField(
        "numbers that begin with",
        max_length=16,
        unique=True,
        db_collation="C",
        help_text="With + and country code, at least two digits.",
    )
    reason = models.CharField(
        "what they are",
        max_length=80,
        help_text="Ends the sentence “Calls cannot be sent to …”, which customers read; for example: satellite phones.",
    )
    added_by = models.CharField(max_length=254, blank=True, editable=False)  # e-mail; "" came with the portal
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["prefix"]
        constraints = [
            models.CheckConstraint(condition=Q(prefix__regex=r"^\+[1-9][0-9]{1,14}$"), name="barred_range_prefix"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}: {self.reason}"


class RouteKind(models.TextChoices):
    NONE = "", "Not set"  # after a deletion; the row stays so that versions only grow
    USERS = "users", "App users"
    PSTN = "pstn", "PSTN"
    SIP = "sip", "SIP"


class CallRoute(models.Model):
    Kind = RouteKind

    lease = models.OneToOneField("numbers.Lease", on_delete=models.CASCADE, primary_key=True, related_name="call_route")
    kind = models.CharField(max_length=5, choices=Kind, blank=True, db_collation="C")
    pstn_target = models.CharField(max_length=16, blank=True)  # E.164
    sip_host = models.CharField(max_length=253, blank=True)
    sip_port = models.PositiveIntegerField(null=True)
    usernames = models.JSONField(default=list)  # app users that ring together
    version = models.PositiveIntegerField(default=1)  # part of the carrier API's ETag
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=RouteKind.PSTN) | Q(pstn_target__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="call_route_pstn_target",
            ),
            models.CheckConstraint(
                condition=~Q(kind=RouteKind.SIP) | (~Q(sip_host="") & Q(sip_port__isnull=False)),
                name="call_route_sip_target",
            ),
            models.CheckConstraint(condition=Q(kind__in=RouteKind.values), name="call_route_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} route of lease {self.lease_id}"

    @property
    def active_target(self) -> str:
        """What the active kind leads to, in one line; "" when nothing is set."""
        if self.kind == self.Kind.PSTN:
            return self.pstn_target
        if self.kind == self.Kind.SIP:
            return f"{self.sip_host}:{self.sip_port}"
        return ", ".join(self.usernames) if self.kind == self.Kind.USERS else ""
