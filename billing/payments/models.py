"""Money from outside: what we requested of the payment gateway, and what it reported."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

CHECKOUT_LIFETIME = timedelta(hours=1)  # of a payment page, from the start of its top-up
# The gateway wants at least 30 minutes of life for a new page, so it can be opened for so long.
OPENING_LIFETIME = timedelta(minutes=25)


class TopUpStatus(models.TextChoices):
    OPEN = "open", "Waiting for payment"
    PROCESSING = "processing", "Payment is being processed"  # async methods: completed but not paid yet
    PAID = "paid", "Paid"
    EXPIRED = "expired", "Expired"
    FAILED = "failed", "Failed"


class TopUp(models.Model):
    Status = TopUpStatus

    # In addresses and as the gateway's client reference; not guessable.
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="top_ups")
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    currency = models.CharField(max_length=3)
    livemode = models.BooleanField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    session_id = models.CharField(max_length=255, unique=True, null=True)
    # The payment page at the gateway; blank until a job has opened it.
    checkout_url = models.TextField(blank=True, db_default="", default="")
    payment_intent = models.CharField(max_length=255, unique=True, null=True)
    # What the ledger holds of this payment now, and how many transfers it took to get there (part of
    # their keys).
    booked = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    booked_steps = models.PositiveIntegerField(default=0)
    # The texts agreed to, by version.
    terms_version = models.CharField(max_length=20)
    refund_policy_version = models.CharField(max_length=20)
    agreed_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    paid_at = models.DateTimeField(null=True, blank=True)
    # Whom the payment page is opened for, then as the gateway tells it; for the receipt, like the card.
    payer_email = models.CharField(max_length=254, blank=True)
    card_brand = models.CharField(max_length=30, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    # Why the payment was not made, in words for the customer ("Your card was declined.").
    failure = models.CharField(max_length=200, blank=True)
    # What the gateway says differs from what we asked: nothing is booked until staff has looked.
    problem = models.CharField(max_length=300, blank=True)
    # When the gateway was last asked; reconciliation goes through the longest unasked first.
    checked_at = models.DateTimeField(null=True, blank=True)
    # Where the customer came from, an address of this portal; offered again once the money is there.
    return_to = models.CharField(max_length=300, blank=True)
    # A double click on "Add credits" must not open two payments.
    form_token = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="top_up_amount_positive"),
            models.CheckConstraint(
                condition=Q(booked__gte=0) & Q(booked__lte=F("amount")), name="top_up_booked_within_amount"
            ),
            models.UniqueConstraint(F("project"), F("form_token"), name="one_top_up_per_form"),
        ]
        indexes = [
            models.Index(
                F("created_at"), name="top_up_open", condition=Q(status__in=[TopUpStatus.OPEN, TopUpStatus.PROCESSING])
            ),
            models.Index(F("project"), F("id").desc(), name="top_up_project"),
            models.Index(F("id"), name="top_up_problem", condition=~Q(problem="")),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for project {self.project_id}"

    def is_payable(self, now: datetime) -> bool:
        """Its payment page is open, or may still be opened."""
        lifetime = CHECKOUT_LIFETIME if self.session_id else OPENING_LIFETIME
        return self.status == self.Status.OPEN and now - self.created_at < lifetime

    @property
    def receipt_number(self) -> str:
        return f"R-{(self.paid_at or self.created_at):%Y}-{self.pk:06d}"

    @property
    def reversed_amount(self) -> Decimal:
        """What refunds and disputes took back."""
        return self.amount - self.booked if self.paid_at else Decimal(0)

    @property
    def is_settled(self) -> bool:
        """Nothing more is expected to happen by itself; a refund or a dispute may still come."""
        return self.status in {self.Status.PAID, self.Status.EXPIRED, self.Status.FAILED}


class StripeEvent(models.Model):
    """A signed event, stored once. It only triggers a look at the gateway: its body books nothing."""

    event_id = models.CharField(max_length=255, primary_key=True)
    type = models.CharField(max_length=100)
    livemode = models.BooleanField()
    payload = models.JSONField()
    top_up = models.ForeignKey(TopUp, null=True, on_delete=models.PROTECT, related_name="events")
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(F("received_at").desc(), F("event_id").desc(), name="event_received")]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
