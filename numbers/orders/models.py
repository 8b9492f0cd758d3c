"""Orders: numbers that need documents are reserved, people check, then they are leased."""

import uuid
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from numbers.regulations.models import Holder


class OrderStatus(models.TextChoices):
    ORDERED = "ordered", "Ordered"
    DOCUMENTS_REQUESTED = "documents_requested", "Documents requested"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"  # decided; a worker hands the number over
    ACTIVE = "active", "Active"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


# Something of it is missing, so the customer acts; nobody has decided; it reserves its number; no number came of it.
INCOMPLETE = (OrderStatus.ORDERED, OrderStatus.DOCUMENTS_REQUESTED)
UNDECIDED = (*INCOMPLETE, OrderStatus.IN_REVIEW)
OPEN = (*UNDECIDED, OrderStatus.APPROVED)
UNFULFILLED = (OrderStatus.REJECTED, OrderStatus.CANCELLED, OrderStatus.EXPIRED)
ENDED = (OrderStatus.ACTIVE, *UNFULFILLED)


class Order(models.Model):
    Status = OrderStatus
    INCOMPLETE, UNDECIDED, OPEN, UNFULFILLED, ENDED = INCOMPLETE, UNDECIDED, OPEN, UNFULFILLED, ENDED

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="orders")
    number = models.ForeignKey("numbers.Number", on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=20, choices=Status, default=Status.ORDERED, db_collation="C")
    holder = models.CharField(max_length=10, choices=Holder, default=Holder.BUSINESS)
    setup_price = models.DecimalField(max_digits=18, decimal_places=6)
    monthly_price = models.DecimalField(max_digits=18, decimal_places=6)
    purchase_key = models.CharField(max_length=100, null=True)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Without what is required by then, it expires.
    expires_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)  # since when it waits for our review
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)  # of a rejection; the customer reads it
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("review_order", "Can review orders")]
        constraints = [
            models.UniqueConstraint(
                F("number"),
                name="one_open_order_per_number",
                condition=Q(status__in=OPEN),
            ),
            models.UniqueConstraint(
                F("project"),
                F("purchase_key"),
                name="one_order_per_purchase_key",
                condition=Q(purchase_key__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values),
                name="order_status",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN, closed_at__isnull=True) | Q(status__in=ENDED, closed_at__isnull=False),
                name="order_end",
            ),
        ]
        indexes = [
            models.Index(F("project"), F("id").desc(), name="order_project"),
            models.Index(F("submitted_at"), F("id"), name="order_queue", condition=Q(status=OrderStatus.IN_REVIEW)),
            models.Index(F("expires_at"), name="order_expiry", condition=Q(status__in=INCOMPLETE)),
            # How long reviews took lately: numbers/orders/review_estimate.py.
            models.Index(F("decided_at").desc(), name="order_decided", condition=Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def total(self) -> Decimal:
        """What is held for it: setup and first month."""
        return self.setup_price + self.monthly_price

    def days_left(self, today: date) -> int | None:
        """Until the day (UTC) on which it expires, 0 on that day; None while it does not wait for the customer."""
        return max((self.expires_at.date() - today).days, 0) if self.status in INCOMPLETE else None


class MessageKind(models.TextChoices):
    QUESTION = "question", "Question"  # from our team to the customer
    ANSWER = "answer", "Answer"
    NOTE = "note", "Internal note"


class OrderMessage(models.Model):
    """The conversation on an order. Notes are for staff only."""

    Kind = MessageKind

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="messages", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField(max_length=2000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MessageKind.values), name="order_message_kind"),
        ]
        indexes = [models.Index(F("order"), F("id"), name="order_message")]

    def __str__(self) -> str:
        return f"{self.kind} on order {self.order_id}"
