"""Requests to a customer's server: what is set, what is to be delivered, and what came of each attempt.

Who has something to tell (a message, an event) keeps a :class:`WebhookTarget`; whatever is to be delivered there is a
:class:`WebhookDelivery`, sent by :mod:`projects.webhooks.dispatcher`. See docs/webhooks.md.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

REQUEST_TEXT = "incoming-sms"  # the guide's example (3.3, table 6)
LONGEST_URL = 2000
LONGEST_ANSWER = 4096  # characters of an answer that are kept


class WebhookMethod(models.TextChoices):
    POST = "POST", "POST"
    GET = "GET", "GET"


class OffReason(models.TextChoices):
    """Why nothing is sent to an endpoint; the labels end the sentence "It was switched off because …"."""

    GONE = "gone", "it answered 410 Gone"
    REQUESTED = "requested", "its answer asked for it"
    FAILING = "failing", "it has only failed for five days"


class WebhookEndpoint(models.Model):
    """One URL of a project, however many numbers use it: its health, and whose turn it is."""

    OffReason = OffReason

    project = models.ForeignKey(
        "projects.Project", on_delete=models.CASCADE, related_name="webhook_endpoints", db_index=False
    )
    url = models.CharField(max_length=LONGEST_URL)  # as portal.outbound.urls spells it
    # Only of one that has not succeeded since: when it began, and when it last failed.
    failing_since = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    timeouts = models.PositiveSmallIntegerField(default=0)  # in a row
    not_before = models.DateTimeField(null=True)  # it asked us to wait (Retry-After)
    warned = models.PositiveSmallIntegerField(default=0)  # mails about its failing
    warned_at = models.DateTimeField(null=True)
    off_at = models.DateTimeField(null=True)
    off_reason = models.CharField(max_length=9, choices=OffReason, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(F("project"), F("url"), name="one_endpoint_per_url"),
            models.CheckConstraint(condition=~Q(url=""), name="webhook_endpoint_url"),
            models.CheckConstraint(
                condition=Q(off_at=None, off_reason="") | Q(off_at__isnull=False, off_reason__in=OffReason.values),
                name="webhook_endpoint_off",
            ),
            models.CheckConstraint(
                condition=Q(failing_since=None, last_failure_at=None, timeouts=0, warned=0, warned_at=None)
                | Q(failing_since__isnull=False, last_failure_at__isnull=False),
                name="webhook_endpoint_failing",
            ),
        ]
        indexes = [
            models.Index(
                F("failing_since"),
                name="webhook_endpoint_watched",
                condition=Q(off_at=None, failing_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookTarget(models.Model):
    """Where somebody's deliveries go: of a number, of a project's numbers, of its events. What waits follows it."""

    Method = WebhookMethod

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="targets")
    # Tried at once when an attempt at the first has failed.
    fallback = models.ForeignKey(WebhookEndpoint, null=True, on_delete=models.PROTECT, related_name="fallback_of")
    method = models.CharField(max_length=4, choices=WebhookMethod, default=WebhookMethod.POST)
    request_text = models.CharField(max_length=100, blank=True)  # the parameter "request"; "" is left out
    # Own headers and Basic credentials, encrypted (projects.webhooks.sealing); "" = none.
    sealed = models.TextField(blank=True, editable=False)
    in_use = models.BooleanField(default=True)  # False once its holder has let go of it; the log still names it

    class Meta:
        indexes = [
            models.Index(F("project"), F("endpoint"), name="webhook_target_project", condition=Q(in_use=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=WebhookMethod.values), name="webhook_target_method"),
        ]

    def __str__(self) -> str:
        return f"webhook target {self.pk}"


class DeliveryKind(models.TextChoices):
    MESSAGE = "message", "Message"
    EVENT = "event", "Event"
    TEST = "test", "Test"


class DeliveryState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Being sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"  # by the receiver's answer


UNFINISHED = (DeliveryState.QUEUED, DeliveryState.SENDING)
_UNFINISHED = Q(state__in=UNFINISHED)


class WebhookDelivery(models.Model):
    """One thing to be delivered, under one id for ever: a receiver recognises by it what it has already."""

    Kind, State = DeliveryKind, DeliveryState
    UNFINISHED = UNFINISHED

    webhook_id = models.CharField(max_length=64, db_collation="C")
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+", db_index=False)
    target = models.ForeignKey(WebhookTarget, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    kind = models.CharField(max_length=7, choices=DeliveryKind, db_collation="C")
    payload = models.JSONField()  # parameters, without "request"
    # What it is about, for whoever registered for its kind (projects.webhooks.outcomes).
    subject_at = models.DateTimeField(null=True)
    subject_id = models.BigIntegerField(null=True)
    state = models.CharField(
        max_length=9,
        choices=DeliveryState,
        default=DeliveryState.QUEUED,
        db_default=DeliveryState.QUEUED,
        db_collation="C",
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)  # since it was queued, one that runs included
    # When it is next to be sent. While it is being sent: when that is taken for lost.
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook_id"], name="one_delivery_per_id"),
            models.CheckConstraint(condition=Q(kind__in=DeliveryKind.values), name="webhook_delivery_kind"),
            models.CheckConstraint(
                condition=_UNFINISHED & Q(next_at__isnull=False, finished_at=None)
                | Q(
                    state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.CANCELLED],
                    next_at=None,
                    finished_at__isnull=False,
                ),
                name="webhook_delivery_state",
            ),
        ]
        indexes = [
            # Whose turn it is: projects.webhooks.claiming.
            models.Index(F("target"), F("next_at"), F("id"), name="webhook_delivery_due", condition=_UNFINISHED),
            models.Index(F("target"), name="webhook_delivery_sending", condition=Q(state=DeliveryState.SENDING)),
            models.Index(F("next_at"), name="webhook_delivery_next", condition=_UNFINISHED),
            models.Index(F("created_at"), name="webhook_delivery_finished", condition=Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.webhook_id


class AttemptResult(models.TextChoices):
    """What came of an attempt, in a customer's words."""

    DELIVERED = "delivered", "Delivered"
    STATUS = "status", "Error status"
    ENVELOPE = "envelope", "Not accepted"
    REDIRECT = "redirect", "Redirect"
    TIMEOUT = "timeout", "Time-out"
    DNS = "dns", "Host name not found"
    PRIVATE = "private_address", "Address not public"
    CONNECT = "connect", "No connection"
    TLS = "tls", "TLS error"
    TOO_LARGE = "too_large", "Answer too large"
    PROTOCOL = "protocol", "Not HTTP"
    CANCELLED = "cancelled", "Cancelled by the receiver"
    INTERRUPTED = "interrupted", "Interrupted by us"


class WebhookAttempt(models.Model):
    """One request, and what was answered."""

    Result = AttemptResult

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries", db_index=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()  # 1 is the first; a fallback has the number of what it stands in for
    is_fallback = models.BooleanField(default=False)
    method = models.CharField(max_length=4)
    url = models.TextField()  # as sent, with the query of a GET
    headers = models.JSONField(default=dict)  # as sent, secrets masked
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    result = models.CharField(max_length=15, choices=AttemptResult, db_collation="C")
    detail = models.CharField(max_length=300, blank=True)  # a sentence for customers
    answer = models.CharField(max_length=LONGEST_ANSWER, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(result__in=AttemptResult.values), name="webhook_attempt_result"),
        ]
        indexes = [
            models.Index(F("delivery"), F("id"), name="webhook_attempt_delivery"),
            models.Index(F("endpoint"), F("id").desc(), name="webhook_attempt_endpoint"),
            models.Index(
                F("endpoint"),
                F("id").desc(),
                name="webhook_attempt_failed",
                condition=~Q(result=AttemptResult.DELIVERED),
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"

    @property
    def as_sent(self) -> str:
        """Method, URL and headers, a line each."""
        return "\n".join([f"{self.method} {self.url}", *(f"{name}: {value}" for name, value in self.headers.items())])


class WebhookSecret(models.Model):
    """With which a project's requests are signed. The newest signs for good; a former one beside it for a while."""

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+", db_index=False)
    sealed = models.TextField(editable=False)  # encrypted (portal.core.crypto)
    hint = models.CharField(max_length=8)  # the last characters
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    signs_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(F("project"), name="one_current_webhook_secret", condition=Q(signs_until=None)),
            models.CheckConstraint(condition=~Q(sealed=""), name="webhook_secret_sealed"),
        ]
        indexes = [models.Index(F("project"), F("id").desc(), name="webhook_secret_project")]

    def __str__(self) -> str:
        return f"signing secret of {self.project_id}"


class ProjectEventSettings(models.Model):
    """Where a project's events go (projects.webhooks.event_types); without a target nowhere."""

    project = models.OneToOneField(
        "projects.Project", on_delete=models.CASCADE, primary_key=True, related_name="event_settings"
    )
    target = models.ForeignKey(WebhookTarget, null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    credit_low_at = models.DateTimeField(null=True)  # since when it was said that the credit is low

    def __str__(self) -> str:
        return f"event settings of project {self.project_id}"
