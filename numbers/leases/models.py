"""A lease: a project's number from–to, at the price agreed when it began."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from numbers.leases.billing_dates import ordinal


class LeaseStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Past due"
    SUSPENDED = "suspended", "Suspended"
    RELEASED = "released", "Released"


class ReleaseCause(StrEnum):
    CUSTOMER = "customer"
    UNPAID = "unpaid"


# The project has the number; its months are charged on their day; a month is not paid.
LIVE = (LeaseStatus.ACTIVE, LeaseStatus.PAST_DUE, LeaseStatus.SUSPENDED)
CHARGED = (LeaseStatus.ACTIVE, LeaseStatus.PAST_DUE)
UNPAID = (LeaseStatus.PAST_DUE, LeaseStatus.SUSPENDED)


class Lease(models.Model):
    Status = LeaseStatus
    LIVE, CHARGED, UNPAID = LIVE, CHARGED, UNPAID

    number = models.ForeignKey("numbers.Number", on_delete=models.PROTECT, related_name="leases")
    # db_index=False, here and below: an index of Meta (or the primary key) begins with the column.
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="leases", db_index=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE, db_collation="C")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    setup_price = models.DecimalField(max_digits=18, decimal_places=6)
    monthly_price = models.DecimalField(max_digits=18, decimal_places=6)
    # Day of month of the purchase, 1–31. Charges fall on min(anchor_day, last day of the month), never chained.
    anchor_day = models.PositiveSmallIntegerField()
    next_charge_on = models.DateField()
    friendly_name = models.CharField(max_length=64, blank=True)
    tags = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    # The confirm dialog's token or the API's idempotency key: the same one buys once.
    purchase_key = models.CharField(max_length=100, null=True)
    # The order that it came from; one order never becomes two leases.
    order = models.OneToOneField("numbers.Order", null=True, on_delete=models.PROTECT, related_name="lease")
    # db_default, here and below: the purchase statement does not name what begins the same for all.
    next_period = models.PositiveIntegerField(default=1, db_default=1)  # the period that next_charge_on begins
    renewal_rank = models.IntegerField(default=0, db_default=0)  # smaller is renewed first; then the older lease
    locked = models.BooleanField(default=False, db_default=False)  # nobody releases it by mistake
    release_on = models.DateField(null=True, blank=True)  # to be released on that day instead of charged
    # While a month is unpaid: since when, and what was announced. An announced release never moves earlier.
    past_due_since = models.DateTimeField(null=True, blank=True)
    suspends_at = models.DateTimeField(null=True, blank=True)
    releases_at = models.DateTimeField(null=True, blank=True)
    reminders_sent = models.PositiveSmallIntegerField(default=0, db_default=0)
    release_cause = models.CharField(max_length=10, blank=True, default="", db_default="")  # ReleaseCause
    bought_by = models.CharField(max_length=254, blank=True)

    call_summary: Any  # of lists: numbers.routing.summary
    route_users: Any  # of one: numbers.routing.queries.find
    project_tags: Any  # of one: its page
    own_url: Any  # numbers.messaging.queries.summaries
    default_url: Any  # the same
    message_url: Any  # of lists: numbers.messaging.queries.set_url
    message_versions: Any  # of one: numbers.messaging.queries.versions_of

    class Meta:
        constraints = [
            # A number is never sold twice.
            models.UniqueConstraint(
                F("number"),
                name="one_live_lease_per_number",
                condition=Q(status__in=LIVE),
            ),
            models.UniqueConstraint(
                F("project"),
                F("purchase_key"),
                name="one_lease_per_purchase_key",
                condition=Q(purchase_key__isnull=False),
            ),
            models.CheckConstraint(condition=Q(status__in=LeaseStatus.values), name="lease_status"),
            models.CheckConstraint(
                condition=Q(status=LeaseStatus.RELEASED, ended_at__isnull=False)
                | ~Q(status=LeaseStatus.RELEASED) & Q(ended_at__isnull=True),
                name="lease_end",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=UNPAID,
                    past_due_since__isnull=False,
                    suspends_at__isnull=False,
                    releases_at__isnull=False,
                )
                | Q(status=LeaseStatus.ACTIVE, past_due_since__isnull=True)
                | Q(status=LeaseStatus.RELEASED),
                name="lease_unpaid_is_dated",
            ),
            models.CheckConstraint(condition=Q(anchor_day__gte=1, anchor_day__lte=31), name="lease_anchor_day"),
            models.CheckConstraint(condition=Q(locked=False) | Q(release_on__isnull=True), name="lease_locked_stays"),
        ]
        indexes = [
            models.Index(F("project"), F("id").desc(), name="lease_project"),
            models.Index(F("next_charge_on"), F("id"), name="lease_due", condition=Q(status__in=CHARGED)),
            models.Index(F("project"), name="lease_unpaid", condition=Q(status__in=UNPAID)),
            # What a project's coming months cost is summed up from this alone.
            models.Index(
                fields=["project", "next_charge_on", "id"],
                include=["status", "release_on", "anchor_day", "monthly_price"],
                name="lease_charges",
                condition=Q(status__in=LIVE),
            ),
            models.Index(F("project"), F("renewal_rank"), F("id"), name="lease_order", condition=Q(status__in=LIVE)),
        ]

    # Where its calls go, in a line: set by numbers.routing.summary on the leases of a list.
    calls: Any = None

    def __str__(self) -> str:
        return f"lease {self.pk} of number {self.number_id}"

    @property
    def ordinal_day(self) -> str:
        """The day of month of its charges: ``1st``, ``31st``."""
        return ordinal(self.anchor_day)

    @property
    def paid_through(self) -> date:
        """The last day that is paid, UTC."""
        return self.next_charge_on - timedelta(days=1)


class LeaseCharge(models.Model):
    """One charge per lease and period, by its primary key. Period 0 is the month paid at purchase."""

    pk = models.CompositePrimaryKey("lease_id", "period")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="charges", db_index=False)
    period = models.PositiveIntegerField()
    starts_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    charged_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"period {self.period} of lease {self.lease_id}"
