"""What an order needs, and the documents submitted for it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from numbers.orders.models import Order
from numbers.regulations.models import AddressScope


class Verdict(models.TextChoices):
    PENDING = "pending", "In review"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class OrderRequirement(models.Model):
    """What one order needs: a copy of a requirement of the regulation, or requested by a reviewer beyond it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="requirements")
    requirement = models.ForeignKey("numbers.Requirement", null=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=80)
    explanation = models.CharField(max_length=300, blank=True)
    document_types = models.ManyToManyField("numbers.DocumentType", related_name="+")
    count = models.PositiveSmallIntegerField(default=1)
    address_scope = models.CharField(max_length=7, choices=AddressScope, default=AddressScope.NONE)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_column="asked_by_id"
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=5), name="order_requirement_count"),
        ]

    def __str__(self) -> str:
        return self.title


class Submission(models.Model):
    """A document submitted for a requirement of an order, and the reviewer’s verdict."""

    Verdict = Verdict

    requirement = models.ForeignKey(
        OrderRequirement, on_delete=models.CASCADE, related_name="submissions", db_column="line_id", db_index=False
    )
    document = models.ForeignKey("numbers.Document", on_delete=models.PROTECT, related_name="submissions")
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.PENDING)
    reason = models.CharField(max_length=500, blank=True)  # of a rejection; the customer reads it
    carried_over = models.BooleanField(default=False)  # accepted for an earlier order of the project
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(F("requirement"), F("document"), name="one_submission_per_line_and_document"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="submission_verdict"),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.REJECTED) | ~Q(reason=""), name="submission_rejected_why"
            ),
        ]

    def __str__(self) -> str:
        return f"document {self.document_id} for requirement {self.requirement_id}: {self.verdict}"
