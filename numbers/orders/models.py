"""Numbers that need papers before they can be handed over: the customer orders, people check, then it is leased."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Order(models.Model):
    class Status(models.TextChoices):
        ORDERED = "ordered", "Ordered"
        DOCUMENTS_REQUESTED = "documents_requested", "Documents requested"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Expired"

    OPEN = ("ordered", "documents_requested", "in_review")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="orders")
    number = models.ForeignKey("numbers.Number", on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=20, choices=Status, default=Status.ORDERED, db_collation="C")
    setup_price = models.DecimalField(max_digits=18, decimal_places=6)
    monthly_price = models.DecimalField(max_digits=18, decimal_places=6)
    purchase_key = models.CharField(max_length=100, null=True)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("number"),
                name="one_open_order_per_number",
                condition=Q(status__in=["ordered", "documents_requested", "in_review"]),
            ),
            models.UniqueConstraint(
                F("project"),
                F("purchase_key"),
                name="one_order_per_purchase_key",
                condition=Q(purchase_key__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "ordered",
                        "documents_requested",
                        "in_review",
                        "approved",
                        "rejected",
                        "cancelled",
                        "expired",
                    ]
                ),
                name="order_status",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["ordered", "documents_requested", "in_review"], closed_at__isnull=True)
                | Q(status__in=["approved", "rejected", "cancelled", "expired"], closed_at__isnull=False),
                name="order_end",
            ),
        ]
        indexes = [models.Index(F("project"), F("id").desc(), name="order_project")]

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def total(self) -> Decimal:
        """What is held for it: setup and first month."""
        return self.setup_price + self.monthly_price
