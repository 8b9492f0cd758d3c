"""Money from outside: what we asked of the payment gateway, and what it told us."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class TopUp(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", "Waiting for payment"
        PROCESSING = "processing", "Payment is being processed"  # async methods: completed but not paid yet
        PAID = "paid", "Paid"
        EXPIRED = "expired", "Expired"
        FAILED = "failed", "Failed"

    # In addresses and as the gateway's client reference; not guessable.
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="top_ups")
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    currency = models.CharField(max_length=3)
    livemode = models.BooleanField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    session_id = models.CharField(max_length=255, unique=True, null=True)
    payment_intent = models.CharField(max_length=255, unique=True, null=True)
    # What the ledger holds of this payment now, and how many transfers it took to get there (part of their keys).
    booked = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    booked_steps = models.PositiveIntegerField(default=0)
    # The texts agreed to, by version.
    terms_version = models.CharField(max_length=20)
    refund_policy_version = models.CharField(max_length=20)
    agreed_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    paid_at = models.DateTimeField(null=True, blank=True)
    # A double click on "Add credits" must not open two payments.
    form_token = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="top_up_amount_positive"),
            models.UniqueConstraint(F("project"), F("form_token"), name="one_top_up_per_form"),
        ]
        indexes = [
            models.Index(F("created_at"), name="top_up_open", condition=Q(status__in=["open", "processing"])),
            models.Index(F("project"), F("id").desc(), name="top_up_project"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for project {self.project_id}"


class StripeEvent(models.Model):
    """A signed event, stored once. It only triggers a look at the gateway; nothing is booked from its body."""

    event_id = models.CharField(max_length=255, primary_key=True)
    type = models.CharField(max_length=100)
    livemode = models.BooleanField()
    payload = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
