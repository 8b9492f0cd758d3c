from collections.abc import Callable
from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import get_random_string, salted_hmac
from phonenumber_field.modelfields import PhoneNumberField

from portal.accounts import passwords
from portal.core.names import validate_name


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
    full_name = models.CharField(max_length=150, blank=True, validators=[validate_name])
    company = models.CharField(max_length=150, blank=True, validators=[validate_name])
    phone = PhoneNumberField(blank=True)
    terms_version = models.CharField(max_length=20, blank=True)
    terms_accepted_at = models.DateTimeField(null=True, blank=True)
    # Changing it ends every session, pending sign-in and known browser, like a new password does.
    sessions_key = models.CharField(max_length=16, blank=True, editable=False, default="", db_default="")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()  # type: ignore[misc,assignment]

    # Set by SecondFactorMiddleware on the user of a request.
    is_verified: Callable[[], bool]
    otp_device: Any  # a device, or None

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email

    get_short_name = get_full_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's, from the password, and our key when there is one."""
        key_salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(key_salt, self.password + self.sessions_key, secret=secret, algorithm="sha256").hexdigest()

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and passwords.one_form(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """In any Unicode form. ``stored_form`` tells afterwards whether the hash is of the one that we store."""
        for each in passwords.spellings(raw_password or ""):
            if super().check_password(each):
                self.stored_form = each == passwords.one_form(raw_password or "")
                return True
        return False

    def end_sessions(self) -> None:
        """Nobody is signed in as this person any more, on any browser, nor halfway through a sign-in."""
        self.sessions_key = get_random_string(16)
        self.save(update_fields=["sessions_key"])


# Django finds an app's models here; they need User above.
from portal.accounts.devices import AuthenticatorDevice, RecoveryCode, RecoveryCodeDevice  # noqa: E402
from portal.accounts.records import PhoneChange, SecurityEvent, SignUp  # noqa: E402

__all__ = [
    "AuthenticatorDevice",
    "PhoneChange",
    "RecoveryCode",
    "RecoveryCodeDevice",
    "SecurityEvent",
    "SignUp",
    "User",
    "UserManager",
]
