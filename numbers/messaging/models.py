"""Messages (SMS) that came in to numbers, the parts of long ones that wait for the others, and where messages go.

`numbers_message` is partitioned by month of ``received_at`` (portal/core/partitions.py,
docs/adr/0031-call-records-by-month.md).
"""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from numbers.leases.setting_versions import SettingVersion

MOST_PARTS = 255  # 3GPP TS 23.040, 9.2.3.24.1: the count is one octet


class MessageStatus(models.TextChoices):
    """Of the delivery to the customer's server."""

    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    NO_URL = "no_url", "No URL set"
    HELD = "held", "Number suspended"
    CANCELLED = "cancelled", "Cancelled"


class Encoding(models.TextChoices):
    """In which alphabet a message came; the text is kept as Unicode, of binary data as hexadecimal digits."""

    GSM7 = "gsm7", "GSM 7-bit"
    UCS2 = "ucs2", "UCS-2"
    LATIN1 = "latin1", "Latin-1"
    ASCII = "ascii", "ASCII"
    UTF8 = "utf8", "UTF-8"
    BINARY = "binary", "Binary"


class Message(models.Model):
    """One whole message. Written by numbers/messaging/intake.py and numbers/messaging/joining.py."""

    Status, Encoding = MessageStatus, Encoding

    # PostgreSQL wants the column that partitions in every key of the table.
    pk = models.CompositePrimaryKey("received_at", "id")
    id = models.BigIntegerField(db_default=models.Func(models.Value("numbers_message_id_seq"), function="nextval"))
    # What customers see; it tells received_at to the millisecond (numbers/messaging/message_ids.py).
    message_id = models.UUIDField()
    received_at = models.DateTimeField()  # of its last part, here
    sent_at = models.DateTimeField(null=True)  # as the gateway said
    switch_id = models.CharField(max_length=40, db_collation="C")  # of the gateway, for the last part
    gateway_message_id = models.CharField(max_length=128, db_collation="C")  # the same; "" if not given
    smsc = models.CharField(max_length=128)
    source = models.CharField(max_length=64, db_collation="C")  # E.164, a short code or a name, as it came
    destination = models.CharField(max_length=16, db_collation="C")  # E.164
    text = models.TextField(null=True)  # None: cleared
    body_cleared_at = models.DateTimeField(null=True)
    encoding = models.CharField(max_length=6, choices=Encoding, db_collation="C")
    parts = models.PositiveSmallIntegerField(default=1, db_default=1)
    missing_parts = ArrayField(models.PositiveSmallIntegerField(), default=list, db_default=[])  # that never came
    # The lease that held the number when it came.
    lease = models.ForeignKey(
        "numbers.Lease", models.DO_NOTHING, related_name="messages", db_constraint=False, db_index=False
    )
    number = models.ForeignKey(
        "numbers.Number", models.DO_NOTHING, related_name="messages", db_constraint=False, db_index=False
    )
    project = models.ForeignKey(
        "projects.Project", models.DO_NOTHING, related_name="messages", db_constraint=False, db_index=False
    )
    status = models.CharField(
        max_length=9,
        choices=MessageStatus,
        default=MessageStatus.WAITING,
        db_default=MessageStatus.WAITING,
        db_collation="C",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MessageStatus.values), name="message_status"),
            models.CheckConstraint(condition=Q(encoding__in=Encoding.values), name="message_encoding"),
            models.CheckConstraint(condition=Q(parts__lte=MOST_PARTS), name="message_parts"),
            models.CheckConstraint(condition=Q(missing_parts__len__lt=F("parts")), name="message_missing_parts"),
            models.CheckConstraint(
                condition=Q(text__isnull=False, body_cleared_at=None) | Q(text=None, body_cleared_at__isnull=False),
                name="message_body_cleared",
            ),
        ]
        indexes = [
            models.Index(F("project"), F("received_at").desc(), F("id").desc(), name="message_project"),
            models.Index(F("lease"), F("received_at").desc(), F("id").desc(), name="message_lease"),
            models.Index(F("received_at"), name="message_with_body", condition=Q(body_cleared_at=None)),
            models.Index(F("lease"), F("received_at"), name="message_held", condition=Q(status=MessageStatus.HELD)),
        ]

    def __str__(self) -> str:
        return str(self.message_id)


class MessageKey(models.Model):
    """A gateway that sends a message again gets it stored once. Purged when no gateway tries so long any more."""

    pk = models.CompositePrimaryKey("switch_id", "digest")
    switch_id = models.CharField(max_length=40, db_collation="C")
    digest = models.BinaryField()  # SHA-256 of the gateway's id and of what was sent under it
    purge_after = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{bytes(self.digest).hex()} of {self.switch_id}"


class MessagePart(models.Model):
    """Of a message in several parts (3GPP TS 23.040, 9.2.3.24.1). Those of one message have one ``group``.

    They stay for a day after they were joined, so that a late copy is recognised.
    """

    group = models.UUIDField(default=uuid.uuid4)
    lease = models.ForeignKey(
        "numbers.Lease", models.DO_NOTHING, related_name="message_parts", db_constraint=False, db_index=False
    )
    source = models.CharField(max_length=64, db_collation="C")
    destination = models.CharField(max_length=16, db_collation="C")
    reference = models.CharField(max_length=40, db_collation="C")  # the sender's; it soon begins anew
    total = models.PositiveSmallIntegerField()
    no = models.PositiveSmallIntegerField()  # from 1
    content = models.BinaryField()
    alphabet = models.CharField(max_length=6, choices=Encoding, db_collation="C")  # of the content
    encoding = models.CharField(max_length=6, choices=Encoding, db_collation="C")  # as the gateway said
    switch_id = models.CharField(max_length=40, db_collation="C")
    gateway_message_id = models.CharField(max_length=128, db_collation="C")
    smsc = models.CharField(max_length=128)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    waiting_since = models.DateTimeField()  # when the first of its group came
    joined_at = models.DateTimeField(null=True)  # None: it waits

    class Meta:
        constraints = [
            models.UniqueConstraint(F("group"), F("no"), name="one_part_of_a_number_in_a_group"),
            models.CheckConstraint(
                condition=Q(no__gte=1, no__lte=F("total"), total__lte=MOST_PARTS), name="message_part_no"
            ),
            models.CheckConstraint(condition=Q(alphabet__in=Encoding.values), name="message_part_alphabet"),
            models.CheckConstraint(condition=Q(encoding__in=Encoding.values), name="message_part_encoding"),
        ]
        indexes = [
            models.Index(F("lease"), F("source"), F("reference"), name="message_part_message"),
            models.Index(F("waiting_since"), name="message_part_waiting", condition=Q(joined_at=None)),
            models.Index(F("lease"), name="message_part_waiting_lease", condition=Q(joined_at=None)),
            models.Index(F("joined_at"), name="message_part_joined", condition=Q(joined_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.no} of {self.total} of {self.group}"


class _MessageSettings(models.Model):
    """Where messages are delivered to. The row stays when the URL is removed, so that versions only grow."""

    target = models.ForeignKey("projects.WebhookTarget", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class NumberMessageSettings(_MessageSettings):
    lease = models.OneToOneField(
        "numbers.Lease", on_delete=models.CASCADE, primary_key=True, related_name="message_settings"
    )

    def __str__(self) -> str:
        return f"message settings of lease {self.lease_id}"


class ProjectMessageSettings(_MessageSettings):
    project = models.OneToOneField(
        "projects.Project", on_delete=models.CASCADE, primary_key=True, related_name="message_settings"
    )

    def __str__(self) -> str:
        return f"message settings of project {self.project_id}"


class MessageSettingsVersion(SettingVersion):
    """``settings``: numbers.messaging.message_settings, without secrets."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("lease"), F("version"), name="one_message_version_of_lease", condition=Q(lease__isnull=False)
            ),
            models.UniqueConstraint(
                F("project"), F("version"), name="one_message_version_of_project", condition=Q(lease__isnull=True)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="message_version_no_update", operation=pgtrigger.Update),
            pgtrigger.Protect(name="message_version_no_delete", operation=pgtrigger.Delete),
        ]
