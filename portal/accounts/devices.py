"""Second factors: django-otp devices whose secrets are worthless to a reader of the database.

django-otp's own TOTP and static devices keep their secrets in clear; these keep its interface
(``devices_for_user``, ``Device.from_persistent_id``, row lock), and encrypt or hash what is kept.
"""

import secrets
import time
from base64 import b32encode
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from portal.core import crypto

SECRET_BYTES = 20  # RFC 4226 §4 R6
STEP_SECONDS, DIGITS, TOLERANCE_STEPS = 30, 6, 1
RECOVERY_CODES = 10
# Wrong codes that one password may lead to before it is retired, and how many of them a right code makes up for.
MOST_WRONG_CODES, FORGIVEN = 100, 5
# 31 characters that are not mistaken for one another: no 0/o, 1/l/i.
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_PURPOSE = "recovery-code"


def new_secret() -> str:
    return crypto.encrypt(secrets.token_bytes(SECRET_BYTES))


class AuthenticatorDevice(TimestampMixin, ThrottlingMixin, Device):
    """An authenticator app: time-based codes of six digits (RFC 6238)."""

    ciphertext = models.TextField(default=new_secret, editable=False)
    # Time step of the last accepted code; only later ones are accepted, so a code works once.
    last_step = models.BigIntegerField(default=-1, editable=False)

    class Meta:
        verbose_name = "authenticator app"
        constraints = [
            # Two sign-ins that enrol at the same time: the second must not add its own app.
            models.UniqueConstraint(fields=["user"], condition=Q(confirmed=True), name="authenticator_one_per_user"),
        ]

    @property
    def secret(self) -> bytes:
        return crypto.decrypt(self.ciphertext)

    @secret.setter
    def secret(self, value: bytes) -> None:
        self.ciphertext = crypto.encrypt(value)

    @property
    def base32(self) -> str:
        return b32encode(self.secret).decode()

    @property
    def config_url(self) -> str:
        """``otpauth://`` address for the QR code (Google Authenticator's Key Uri Format)."""
        issuer = settings.SITE_NAME.replace(":", "")
        query = urlencode(
            {"secret": self.base32, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS},
            quote_via=quote,
        )
        return f"otpauth://totp/{quote(f'{issuer}:{self.user.email}')}?{query}"

    def get_throttle_factor(self) -> float:
        """No waiting here: it would let whoever has the password lock the owner out. See ``limits`` instead.

        ``throttling_failure_count`` counts what is held against the password (MOST_WRONG_CODES).
        """
        return 0

    def verify_token(self, token: str) -> bool:
        """Accepts each code once, one step early or late. The caller holds the row lock (``for_verify``)."""
        digits = "".join(str(token).split())
        totp = TOTP(self.secret, STEP_SECONDS, 0, DIGITS)
        totp.time = time.time()
        looks_right = len(digits) == DIGITS and digits.isascii() and digits.isdigit()
        if looks_right and totp.verify(int(digits), TOLERANCE_STEPS, self.last_step + 1):
            self.last_step = totp.t()
            held = self.throttling_failure_count  # type: ignore[has-type]  # django-otp is untyped
            self.throttling_failure_count = max(0, held - FORGIVEN)
            self.set_last_used_timestamp(commit=False)
            self.save()
            return True
        self.throttle_increment()
        return False


class RecoveryCodeDevice(TimestampMixin, ThrottlingMixin, Device):
    """The way in without the phone: a set of codes, each good for one sign-in."""

    class Meta:
        verbose_name = "recovery codes"
        constraints = [models.UniqueConstraint(fields=["user"], name="recovery_one_set_per_user")]

    def get_throttle_factor(self) -> float:
        return 0  # see AuthenticatorDevice

    @property
    def left(self) -> int:
        return self.codes.filter(used_at__isnull=True).count()

    def replace_codes(self, codes: list[str]) -> None:
        """The old set is void. The row stays: a session that was verified with it goes on."""
        with transaction.atomic():
            self.codes.all().delete()
            RecoveryCode.objects.bulk_create([RecoveryCode(device=self, digest=digests(code)[0]) for code in codes])

    def verify_token(self, token: str) -> bool:
        unused = self.codes.filter(digest__in=digests(token), used_at__isnull=True)
        if unused.update(used_at=timezone.now()):
            self.throttle_reset(commit=False)
            self.set_last_used_timestamp(commit=False)
            self.save()
            return True
        self.throttle_increment()
        return False


class RecoveryCode(models.Model):
    device = models.ForeignKey(RecoveryCodeDevice, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code #{self.pk}"


def new_recovery_codes() -> list[str]:
    """``xxxxx-xxxxx``: 49 random bits each; not stored by this function."""

    def part() -> str:
        return "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(5))

    return [f"{part()}-{part()}" for _ in range(RECOVERY_CODES)]


def digests(code: Any) -> list[str]:
    """However it was typed: case, spaces and dashes do not count."""
    plain = "".join(character for character in str(code).lower() if character.isalnum())
    return crypto.keyed_hashes(RECOVERY_PURPOSE, plain)
