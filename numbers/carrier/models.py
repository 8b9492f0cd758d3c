"""Credentials of switches and SMS gateways; worth nothing anywhere else."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


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
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.switch_id
