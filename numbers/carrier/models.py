"""Credentials of switches and SMS gateways; worth nothing anywhere else."""

from ipaddress import ip_network

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


def validate_network(value: str) -> None:
    try:
        ip_network(value)
    except ValueError:
        raise ValidationError(f"{value} is not a network such as 192.0.2.0/24 or 2001:db8::/32.") from None


class SwitchCredential(models.Model):
    class Scope(models.TextChoices):
        ROUTES = "routes", "Look up routes"
        CDRS = "cdrs", "Report call records"
        SMS = "sms", "Hand over messages"

    # A name is never given twice, not after a revocation either: call records are counted by it.
    switch_id = models.SlugField(
        max_length=40,
        unique=True,
        error_messages={
            "invalid": "Use letters without accents, digits, - and _ only.",
            "unique": "There is a switch of this name already, perhaps a revoked one. If you have just added it and "
            "did not see its secret, rotate the secret on its page.",
        },
    )
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=list)
    # Networks (CIDR) it may call from; empty = any.
    networks = ArrayField(models.CharField(max_length=43, validators=[validate_network]), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["switch_id"]

    def __str__(self) -> str:
        return self.switch_id


class SwitchSecret(models.Model):
    """One that a switch proves itself by. While it is being rotated former ones are accepted beside the current one."""

    credential = models.ForeignKey(SwitchCredential, on_delete=models.CASCADE, related_name="secrets")
    # SHA-256 of a 256-bit random secret: as strong as the secret itself, and fast on the hot path.
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    accepted_until = models.DateTimeField(null=True)  # of the current one: NULL

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                F("credential"), name="one_current_secret_per_switch", condition=Q(accepted_until__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"secret of switch {self.credential_id}"
