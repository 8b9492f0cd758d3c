"""What stands beside a person: sign-ups that wait for their link, a new phone number that waits, security events."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField


class SignUp(models.Model):
    """One sent sign-up form. No account yet, and perhaps never: see :mod:`portal.accounts.sign_ups`."""

    email = models.EmailField(max_length=254)  # lower case
    full_name = models.CharField(max_length=150)
    company = models.CharField(max_length=150, blank=True)
    phone = PhoneNumberField()
    password = models.CharField(max_length=128)  # hashed
    terms_version = models.CharField(max_length=20)
    created_at = models.DateTimeField(default=timezone.now)  # and the time at which the terms were accepted
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["email"], name="sign_up_email"),
            models.Index(fields=["expires_at"], name="sign_up_expiry"),
        ]

    def __str__(self) -> str:
        return f"sign-up #{self.pk}"


class PhoneChange(models.Model):
    """A new phone number, until the link in the mail to the account's address is opened."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="phone_change")
    phone = PhoneNumberField()
    requested_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"phone change #{self.pk}"


class SecurityEvent(models.Model):
    """What happened to an account's security; append-only. Written by :func:`portal.accounts.events.record`."""

    class ActorKind(models.TextChoices):
        PERSON = "person", "the person"
        STAFF = "staff", "staff"
        SYSTEM = "system", "the portal"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="security_events")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=50)
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ip = models.GenericIPAddressField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)  # facts, never a secret

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="security_event_user")]
        triggers = [
            pgtrigger.Protect(name="security_append_only", operation=pgtrigger.Delete | pgtrigger.Update),
            pgtrigger.Trigger(
                name="security_no_truncate",
                operation=pgtrigger.Truncate,
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                func="RAISE EXCEPTION 'security events are append-only';",
            ),
        ]

    def __str__(self) -> str:
        return self.action
