"""Credentials of switches and SMS gateways; worth nothing anywhere else."""

from ipaddress import ip_network

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
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

    switch_id = models.SlugField(max_length=40, unique=True)
    # SHA-256 of a 256-bit random secret: as strong as the secret itself, and fast on the hot path.
    secret_digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=list)
    # Networks (CIDR) it may call from; empty = any.
    networks = ArrayField(models.CharField(max_length=43, validators=[validate_network]), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["switch_id"]

    def __str__(self) -> str:
        return self.switch_id
