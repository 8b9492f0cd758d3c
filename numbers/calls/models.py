"""Call records as switches report them: what was, never what it costs.

`numbers_callrecord` is partitioned by month of ``start_time`` (portal/core/partitions.py,
docs/adr/0031-call-records-by-month.md).
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.core.epoch import microseconds


class CallStatus(models.TextChoices):
    ANSWERED = "answered", "Answered"
    BUSY = "busy", "Busy"
    NO_ANSWER = "no_answer", "No answer"
    CANCELLED = "cancelled", "Cancelled"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"


class Direction(models.TextChoices):
    """Of a leg: a call that is forwarded comes in on one and goes out on another."""

    IN = "in", "Incoming"
    OUT = "out", "Outgoing"


class CallRecord(models.Model):
    """One leg of a call. Written by numbers/calls/intake.py and by nothing else."""

    Status, Direction = CallStatus, Direction

    # PostgreSQL wants the column that partitions in every key of the table.
    pk = models.CompositePrimaryKey("start_time", "id")
    id = models.BigIntegerField(db_default=models.Func(models.Value("numbers_callrecord_id_seq"), function="nextval"))
    # What the switch says; times in UTC.
    switch_id = models.CharField(max_length=40, db_collation="C")
    cdr_id = models.CharField(max_length=128, db_collation="C")
    call_id = models.CharField(max_length=255, db_collation="C")  # SIP Call-ID, the same for all legs; "" if not given
    start_time = models.DateTimeField()
    answer_time = models.DateTimeField(null=True)
    end_time = models.DateTimeField()
    duration = models.DecimalField(max_digits=11, decimal_places=6)  # seconds connected; 0 when not answered
    direction = models.CharField(max_length=3, choices=Direction, db_collation="C")
    did = models.CharField(max_length=64, db_collation="C")  # E.164, or as it came when it is no phone number
    caller = models.CharField(max_length=64, db_collation="C")  # the same
    caller_name = models.CharField(max_length=128)
    attestation = models.CharField(max_length=8, db_collation="C")  # of the caller's number: A, B, C (RFC 8588)
    target = models.CharField(max_length=255)  # whom the leg rang
    gateway = models.CharField(max_length=255)
    attempt = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=10, db_collation="C")  # of the route, as the route document said
    answered_by = models.CharField(max_length=255)
    sip_code = models.PositiveSmallIntegerField(null=True)  # of the final response
    hangup_by = models.CharField(max_length=40, db_collation="C")
    route_source = models.CharField(max_length=40, db_collation="C")
    route_etag = models.CharField(max_length=80, db_collation="C")
    received_at = models.DateTimeField(null=True)  # when the call reached the switch
    # What we found: the lease that held the number at start_time, whatever the record claims. None: nobody did.
    lease = models.ForeignKey(
        "numbers.Lease", models.DO_NOTHING, null=True, related_name="call_records", db_constraint=False, db_index=False
    )
    number = models.ForeignKey(
        "numbers.Number", models.DO_NOTHING, null=True, related_name="call_records", db_constraint=False, db_index=False
    )
    project = models.ForeignKey(
        "projects.Project",
        models.DO_NOTHING,
        null=True,
        related_name="call_records",
        db_constraint=False,
        db_index=False,
    )
    status = models.CharField(max_length=9, choices=CallStatus, db_collation="C")
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CallStatus.values), name="call_record_status"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="call_record_direction"),
            models.CheckConstraint(condition=Q(end_time__gte=F("start_time")), name="call_record_end"),
            models.CheckConstraint(condition=Q(duration__gte=0), name="call_record_duration"),
            models.CheckConstraint(
                condition=Q(lease=None, number=None, project=None)
                | Q(lease__isnull=False, number__isnull=False, project__isnull=False),
                name="call_record_holder",
            ),
        ]
        indexes = [
            models.Index(F("project"), F("start_time").desc(), F("id").desc(), name="call_record_project"),
            models.Index(F("lease"), F("start_time").desc(), F("id").desc(), name="call_record_lease"),
        ]

    def __str__(self) -> str:
        return f"{self.cdr_id} of {self.switch_id}"

    @property
    def started(self) -> int:
        """With the id what its page has in its address."""
        return microseconds(self.start_time)

    @property
    def talk_time(self) -> str:
        """``0:07``, ``1:05:00``; "" when it was not answered."""
        if self.status != CallStatus.ANSWERED:
            return ""
        minutes, seconds = divmod(round(self.duration), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class CallRecordKey(models.Model):
    """A record is stored once, in whichever month and however often it is sent. Purged when a copy would be parked for
    its age anyway."""

    pk = models.CompositePrimaryKey("switch_id", "cdr_id")
    switch_id = models.CharField(max_length=40, db_collation="C")
    cdr_id = models.CharField(max_length=128, db_collation="C")
    purge_after = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.cdr_id} of {self.switch_id}"


class CallRecordBatch(models.Model):
    """What a switch was answered, for when it asks again."""

    pk = models.CompositePrimaryKey("switch_id", "batch_id")
    switch_id = models.CharField(max_length=40, db_collation="C")
    batch_id = models.CharField(max_length=128, db_collation="C")
    digest = models.BinaryField()  # SHA-256 of the body
    answer = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.batch_id} of {self.switch_id}"


class ParkReason(models.TextChoices):
    END_BEFORE_START = "end_before_start", "Ends before it starts"
    TOO_LONG = "too_long", "Longer than 12 hours"
    IN_FUTURE = "in_future", "In the future"
    TOO_OLD = "too_old", "Older than 35 days"
    DURATION = "duration", "Duration does not fit its times"


class ParkedCallRecord(models.Model):
    """A record that cannot be true. It is kept as it came, is in no list of a customer and never priced."""

    Reason = ParkReason

    switch_id = models.CharField(max_length=40, db_collation="C")
    cdr_id = models.CharField(max_length=128, db_collation="C")
    batch_id = models.CharField(max_length=128, db_collation="C")
    reason = models.CharField(max_length=16, choices=ParkReason, db_collation="C")
    did = models.CharField(max_length=64, db_collation="C")
    start_time = models.DateTimeField()
    record = models.JSONField()  # as it came, without NUL and lone surrogates
    parked_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=254, blank=True)  # e-mail
    note = models.CharField("what was found", max_length=500, blank=True)

    class Meta:
        verbose_name = "parked call record"
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=ParkReason.values), name="parked_call_record_reason"),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by="", note="")
                | Q(resolved_at__isnull=False) & ~Q(resolved_by="") & ~Q(note=""),
                name="parked_call_record_resolved",
            ),
        ]
        indexes = [
            models.Index(F("id").desc(), name="parked_call_record_open", condition=Q(resolved_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.cdr_id} of {self.switch_id}"
