from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from phonenumber_field.modelfields import PhoneNumberField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractUser):  # type: ignore[django-manager-missing]  # devices: django-otp is untyped
    """A person who signs in with an e-mail address. Staff teams are Django groups (Provisioning, Billing)."""

    username = first_name = last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail", unique=True)
    full_name = models.CharField(max_length=150, blank=True)
    company = models.CharField(max_length=150, blank=True)
    phone = PhoneNumberField(blank=True)
    terms_version = models.CharField(max_length=20, blank=True)
    terms_accepted_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email

    get_short_name = get_full_name


# Django finds an app's models here; they need User above.
from portal.accounts.devices import AuthenticatorDevice, RecoveryCode, RecoveryCodeDevice  # noqa: E402

__all__ = ["AuthenticatorDevice", "RecoveryCode", "RecoveryCodeDevice", "User", "UserManager"]
