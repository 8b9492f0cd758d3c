"""Where an incoming call to a leased number goes. One active kind; what was set for the others is kept."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from numbers.leases.setting_versions import SettingVersion


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


class SipTransport(models.TextChoices):
    UDP = "udp", "UDP"
    TCP = "tcp", "TCP"
    TLS = "tls", "TLS"


class CallerId(models.TextChoices):
    """Whom the called phone shows as the caller."""

    DID = "did", "This number"
    CALLER = "caller", "The original caller"


SECOND_STEPS = (RouteKind.NONE, RouteKind.PSTN, RouteKind.SIP)
RING_SECONDS = 25  # as CARRIER.md has it
SHORTEST_RING, LONGEST_RING = 5, 120  # seconds; a caller's own network gives up after about two minutes
_E164 = r"^\+[1-9][0-9]{6,14}$"


def _transport() -> models.CharField:
    return models.CharField(max_length=3, choices=SipTransport, default=SipTransport.UDP, db_default=SipTransport.UDP)


def _blocked_callers() -> ArrayField:
    """Spelled as in :mod:`numbers.routing.block_list`."""
    return ArrayField(models.CharField(max_length=17), default=list, db_default=[], blank=True)


class CallRoute(models.Model):
    """Its columns are those of :class:`numbers.routing.route_settings.RouteSettings`; a switch's look-up reads them."""

    Kind = RouteKind

    lease = models.OneToOneField("numbers.Lease", on_delete=models.CASCADE, primary_key=True, related_name="call_route")
    kind = models.CharField(max_length=5, choices=Kind, blank=True, db_collation="C")
    app_user_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[])  # ring together; in this order
    pstn_target = models.CharField(max_length=16, blank=True)  # E.164
    pstn_country = models.CharField(max_length=3, blank=True, db_default="", db_collation="C")  # of it; finds the price
    sip_host = models.CharField(max_length=253, blank=True)
    sip_port = models.PositiveIntegerField(null=True)
    sip_transport = _transport()
    ring_seconds = models.PositiveSmallIntegerField(default=RING_SECONDS, db_default=RING_SECONDS)
    caller_id = models.CharField(max_length=6, choices=CallerId, default=CallerId.DID, db_default=CallerId.DID)
    # If nobody answers.
    fallback_kind = models.CharField(max_length=5, choices=Kind, blank=True, db_default="", db_collation="C")
    fallback_pstn_target = models.CharField(max_length=16, blank=True, db_default="")
    fallback_pstn_country = models.CharField(max_length=3, blank=True, db_default="", db_collation="C")
    fallback_sip_host = models.CharField(max_length=253, blank=True, db_default="")
    fallback_sip_port = models.PositiveIntegerField(null=True)
    fallback_sip_transport = _transport()
    blocked_callers = _blocked_callers()
    version = models.PositiveIntegerField(default=1)  # part of the carrier API's ETag
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [GinIndex(fields=["app_user_ids"], name="call_route_users")]  # which numbers ring an app user
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=RouteKind.PSTN) | Q(pstn_target__regex=_E164), name="call_route_pstn_target"
            ),
            models.CheckConstraint(
                condition=~Q(kind=RouteKind.SIP) | (~Q(sip_host="") & Q(sip_port__isnull=False)),
                name="call_route_sip_target",
            ),
            models.CheckConstraint(condition=~Q(kind=RouteKind.USERS, app_user_ids=[]), name="call_route_has_users"),
            models.CheckConstraint(condition=Q(kind__in=RouteKind.values), name="call_route_kind"),
            models.CheckConstraint(
                condition=Q(fallback_kind=RouteKind.NONE)
                | Q(fallback_kind=RouteKind.PSTN, fallback_pstn_target__regex=_E164)
                | Q(fallback_kind=RouteKind.SIP, fallback_sip_port__isnull=False) & ~Q(fallback_sip_host=""),
                name="call_route_fallback",
            ),
            models.CheckConstraint(
                condition=Q(
                    sip_transport__in=SipTransport.values,
                    fallback_sip_transport__in=SipTransport.values,
                    caller_id__in=CallerId.values,
                ),
                name="call_route_choices",
            ),
            models.CheckConstraint(
                condition=Q(ring_seconds__gte=SHORTEST_RING, ring_seconds__lte=LONGEST_RING),
                name="call_route_ring_seconds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} route of lease {self.lease_id}"


class ProjectCallSettings(models.Model):
    """What holds for all numbers of a project; its columns are those of ``route_settings.ProjectSettings``."""

    project = models.OneToOneField(
        "projects.Project", on_delete=models.CASCADE, primary_key=True, related_name="call_settings"
    )
    # The SIP trunk for incoming calls, for every number without a setting of its own; "" = none.
    trunk_host = models.CharField(max_length=253, blank=True)
    trunk_port = models.PositiveIntegerField(null=True)
    trunk_transport = _transport()
    blocked_callers = _blocked_callers()
    # Countries that calls may be forwarded to; null = all.
    allowed_countries = ArrayField(models.CharField(max_length=3), null=True)
    # In the installation's currency; null = the installation's value.
    dearest_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)  # per minute
    spend_cap = models.DecimalField(max_digits=18, decimal_places=6, null=True)  # for paid legs, in 24 hours
    channels = models.PositiveSmallIntegerField(null=True)  # calls at once
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(trunk_host="") | Q(trunk_port__isnull=False), name="call_trunk_target"),
            models.CheckConstraint(condition=Q(trunk_transport__in=SipTransport.values), name="call_trunk_transport"),
            models.CheckConstraint(
                condition=(Q(dearest_price__isnull=True) | Q(dearest_price__gte=0))
                & (Q(spend_cap__isnull=True) | Q(spend_cap__gte=0))
                & (Q(channels__isnull=True) | Q(channels__gte=1)),
                name="call_limits_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"call settings of project {self.project_id}"


class RoutingVersion(SettingVersion):
    """Of a number's route, or of its project's call settings; ``settings``: route_settings."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("lease"), F("version"), name="one_route_version", condition=Q(lease__isnull=False)
            ),
            models.UniqueConstraint(
                F("project"), F("version"), name="one_call_settings_version", condition=Q(lease__isnull=True)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="routing_version_no_update", operation=pgtrigger.Update),
            pgtrigger.Protect(name="routing_version_no_delete", operation=pgtrigger.Delete),
        ]


class SpendHour(models.Model):
    """What answered paid legs of a project cost in one hour, by the prices at that time: counted against its spending
    cap. Written as call records come in; what is charged is another matter (the ledger)."""

    pk = models.CompositePrimaryKey("project_id", "hour")
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.DateTimeField()  # its beginning, UTC
    amount = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="spend_hour_not_negative")]

    def __str__(self) -> str:
        return f"{self.amount} of project {self.project_id} from {self.hour}"


class SpendAlertLevel(models.IntegerChoices):
    """How much of the spending cap was used when the last mail about it was sent, in per cent."""

    NONE = 0, "Below"
    NEAR = 80, "Nearly reached"
    REACHED = 100, "Reached"


class SpendAlert(models.Model):
    """What the owner of a project was last mailed about its spending cap; no row: nothing."""

    project = models.OneToOneField("projects.Project", on_delete=models.CASCADE, primary_key=True, related_name="+")
    level = models.PositiveSmallIntegerField(choices=SpendAlertLevel)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__in=SpendAlertLevel.values), name="spend_alert_level"),
        ]

    def __str__(self) -> str:
        return f"{self.level} % of project {self.project_id}"
