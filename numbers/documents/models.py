"""Documents of a project. The files are encrypted and private; rows keep what is needed to find and judge them."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Inspection(models.TextChoices):
    """Of the file, by a job; nobody but that job opens one that has not passed."""

    PENDING = "pending", "Being checked"
    PASSED = "passed", "Passed"
    REJECTED = "refused", "Rejected"  # the file is at fault and erased; ``remark`` says why
    FAILED = "failed", "Could not be checked"  # we are at fault; erased too


class Document(models.Model):
    """One uploaded file. It may serve several orders; the reviewers' verdicts are on its submissions."""

    Inspection = Inspection

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="documents", db_index=False)
    type = models.ForeignKey("numbers.DocumentType", on_delete=models.PROTECT, related_name="documents")
    name = models.CharField(max_length=80)
    expires_on = models.DateField(null=True, blank=True)  # the last day on which it is good
    original_name = models.CharField(max_length=120)  # cleaned; shown and used for downloads, never as a path
    # Random name in the storage "documents"; the key that opens it, itself encrypted with ENCRYPTION_KEYS.
    storage_name = models.CharField(max_length=80, unique=True)
    wrapped_key = models.TextField()
    content_type = models.CharField(max_length=20)  # application/pdf, image/jpeg, image/png
    size = models.PositiveIntegerField()  # bytes, of the clear file as stored
    pages = models.PositiveSmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64)  # of the clear file as uploaded
    inspection = models.CharField(
        max_length=7, choices=Inspection, default=Inspection.PASSED, db_default=Inspection.PASSED
    )
    inspected_at = models.DateTimeField(null=True, blank=True)
    # What its owner has to know: why it was rejected, or did not replace another one.
    remark = models.CharField(max_length=400, blank=True, default="", db_default="")
    rejection_code = models.CharField(  # of docs/errors.md
        max_length=50, blank=True, default="", db_default="", db_column="refusal_code"
    )
    # The one order that it is submitted for once it has passed; None: all that need it.
    only_for = models.ForeignKey(
        "numbers.Order", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # The upload form's token: a double click stores once.
    upload_key = models.CharField(max_length=100, null=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replacements")
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # by the customer
    # 30, 7 or 1: days before expiry that were last announced; 0 when its expiry was.
    announced = models.PositiveSmallIntegerField(null=True, blank=True)
    purge_after = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)  # the file is gone, the row stays

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("project"), F("upload_key"), name="one_document_per_upload_key", condition=Q(upload_key__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(content_type__in=["application/pdf", "image/jpeg", "image/png"]),
                name="document_content_type",
            ),
            models.CheckConstraint(condition=Q(inspection__in=Inspection.values), name="document_inspection"),
            # What did not pass is erased, and says why.
            models.CheckConstraint(
                condition=Q(inspection__in=(Inspection.PENDING, Inspection.PASSED))
                | (Q(purged_at__isnull=False) & ~Q(remark="")),
                name="document_refused_is_erased",
            ),
        ]
        indexes = [
            models.Index(F("project"), F("id").desc(), name="document_project"),
            models.Index(
                F("expires_on"),
                name="document_expiry",
                condition=Q(expires_on__isnull=False, withdrawn_at__isnull=True, purged_at__isnull=True),
            ),
            models.Index(
                F("purge_after"), name="document_purge", condition=Q(purge_after__isnull=False, purged_at__isnull=True)
            ),
            models.Index(
                F("project"),
                name="document_being_checked",
                condition=Q(inspection=Inspection.PENDING, withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_there(self) -> bool:
        """Its file is kept; it may still be checked."""
        return self.withdrawn_at is None and self.purged_at is None

    @property
    def is_being_checked(self) -> bool:
        return self.is_there and self.inspection == self.Inspection.PENDING

    @property
    def has_passed(self) -> bool:
        """It may be opened and submitted."""
        return self.is_there and self.inspection == self.Inspection.PASSED

    @staticmethod
    def valid_on(day: date, document: str = "") -> Q:
        """:meth:`is_valid_on` as a condition of queries; ``document`` is the way to it, as in ``document__``."""
        conditions = {"withdrawn_at__isnull": True, "purged_at__isnull": True, "inspection": Inspection.PASSED}
        unexpired = Q((f"{document}expires_on__isnull", True)) | Q((f"{document}expires_on__gte", day))
        return unexpired & Q(*[(document + name, value) for name, value in conditions.items()])

    def is_valid_on(self, day: date) -> bool:
        """It has passed its inspection, is kept, and has not expired by that day."""
        return self.has_passed and (self.expires_on is None or self.expires_on >= day)
