"""Work that must happen later: a row first, then a wake-up. The database is the truth, the broker only wakes
workers."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.jobs.queues import DEFAULT


class JobState(models.TextChoices):
    QUEUED = "queued", "Queued"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"  # out of attempts; staff see it and can queue it again


class Job(models.Model):
    State = JobState

    kind = models.CharField(max_length=60)
    # Whose workers run it (portal.jobs.queues). The default is the database's too: an earlier release names none.
    queue = models.CharField(max_length=20, default=DEFAULT, db_default=DEFAULT)
    # Arguments of the handler: ids, never secrets, never whole objects.
    payload = models.JSONField(default=dict)
    # A second job with the same key is not queued (one_job_per_key).
    key = models.CharField(max_length=200, null=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=12)
    run_at = models.DateTimeField(default=timezone.now)
    last_error = models.TextField(blank=True)
    # The request that queued it: its log lines and the job's share this id.
    request_id = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # Not unique=True, which would bring a second index for LIKE.
        constraints = [models.UniqueConstraint(fields=["key"], name="one_job_per_key")]
        indexes = [
            models.Index(F("run_at"), F("id"), name="job_due", condition=Q(state=JobState.QUEUED)),
            models.Index(
                F("queue"), F("kind"), F("run_at"), F("id"), name="job_due_of_queue", condition=Q(state=JobState.QUEUED)
            ),
            models.Index(F("state"), F("id"), name="job_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class OutgoingMail(models.Model):
    """One message as it was composed; a ``mail.send`` job delivers it.

    The body holds links that open accounts: it is encrypted until it is sent, and gone from then on.
    """

    to = models.JSONField(default=list)
    sender = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    # Encrypted: text, html and the headers that the sender gave; see portal.jobs.mail.
    sealed = models.TextField(blank=True, db_default="")
    # Where a release before this one kept the body; empty by now, and to be dropped.
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)  # Message-ID
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(sealed=""), name="mail_without_body_once_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {', '.join(self.to)}"
