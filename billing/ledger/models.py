"""Double entry: accounts, and transfers between two of them. The database keeps the rules (triggers.py)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing.ledger import triggers


class AccountKind(models.TextChoices):
    """What an account of a project stands for. A wallet of 10 means that 10 are owed to the customer."""

    WALLET = "wallet", "Credits"
    HELD = "held", "Held for orders"
    GATEWAY = "gateway", "Payment gateway clearing"
    SETUP = "revenue_setup", "Number setup fees"
    MONTHLY = "revenue_monthly", "Number monthly charges"
    USAGE = "revenue_usage", "Usage charges"
    GOODWILL = "goodwill", "Credits granted by staff"


class TransferKind(models.TextChoices):
    TOP_UP = "top_up", "Credits added"
    REVERSAL = "reversal", "Payment reversed"  # refund or dispute: already happened, may overdraw
    REINSTATE = "reinstate", "Reversal undone"
    SETUP = "number_setup", "Number setup"
    MONTHLY = "number_monthly", "Number monthly charge"
    HOLD = "hold", "Held for an order"
    RELEASE = "release", "Hold released"
    CAPTURE = "capture", "Hold captured"
    USAGE = "usage", "Usage"  # already happened, may overdraw
    GRANT = "grant", "Credit granted by staff"


class Account(models.Model):
    # db_index=False, here and below: an index of Meta begins with the column, and every movement pays for each.
    project = models.ForeignKey(
        "projects.Project", null=True, on_delete=models.PROTECT, related_name="accounts", db_index=False
    )
    kind = models.CharField(max_length=20, choices=AccountKind)
    currency = models.CharField(max_length=3)
    livemode = models.BooleanField()  # sandbox money never meets live money
    balance = models.DecimalField(max_digits=18, decimal_places=6, default=0)  # by trigger only

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("project"),
                F("kind"),
                F("currency"),
                F("livemode"),
                nulls_distinct=False,
                name="one_account_per_kind",
            ),
        ]
        triggers = triggers.ACCOUNT

    def __str__(self) -> str:
        return f"{self.kind} of {self.project_id}"


class Transfer(models.Model):
    """One movement from ``debit`` to ``credit``. Append-only; ``key`` makes a repetition harmless."""

    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=TransferKind)
    # db_constraint=False: the trigger that moves the balances refuses an unknown account, and accounts stay.
    debit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="debits", db_index=False, db_constraint=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="credits", db_index=False, db_constraint=False
    )
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    # What the customer reads, e.g. "Setup of +12125550100"; pages spell the number out.
    memo = models.CharField(max_length=200, blank=True, default="", db_default="")
    # The cause: e.g. ("lease", 17) or ("top_up", 3); no foreign key, because causes live in several apps.
    cause_kind = models.CharField(max_length=20)
    cause_id = models.BigIntegerField()

    class Meta:
        constraints = [
            # Not unique=True, which would bring a second index for LIKE.
            models.UniqueConstraint(fields=["key"], name="one_transfer_per_key"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_two_accounts"),
        ]
        indexes = [
            models.Index(F("debit"), F("id").desc(), name="transfer_debit"),
            models.Index(F("credit"), F("id").desc(), name="transfer_credit"),
            models.Index(F("cause_kind"), F("cause_id"), name="transfer_cause"),
        ]
        triggers = triggers.TRANSFER

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
