"""What joins allauth's login stage to django-otp's devices: enrolment, checking codes, recovery codes."""

import json
import time
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django_otp import devices_for_user
from django_otp.models import Device

from portal.accounts import events
from portal.accounts.devices import MOST_WRONG_CODES, AuthenticatorDevice, RecoveryCodeDevice, new_recovery_codes
from portal.accounts.models import User
from portal.core import crypto
from portal.jobs.outbox import enqueue

APP_NAME = "Authenticator app"
REPORT_EVERY = 4 * 3600  # seconds between two mails that somebody knows the password


@dataclass(frozen=True, slots=True)
class Verified:
    device: Device


@dataclass(frozen=True, slots=True)
class Refused:
    code: str
    message: str


WRONG = Refused("wrong", "This code is wrong or has already been used. Wait for the next one and try again.")
WRONG_RECOVERY = Refused("wrong", "This recovery code is wrong or has already been used.")


TOO_MANY = Refused("throttled", "Too many wrong codes. Wait a few minutes, then try again.")
RETIRED = Refused(
    "retired",
    "Too many wrong codes. Your password no longer works; we have sent you an e-mail with a link to choose a new one.",
)


def is_enrolled(user: User) -> bool:
    """Recovery codes alone do not count."""
    return any(not isinstance(device, RecoveryCodeDevice) for device in devices_for_user(user))


def has_recovery_codes(user: User) -> bool:
    return RecoveryCodeDevice.objects.filter(user=user).exists()


def check_authenticator(*, user: User, code: str) -> Verified | Refused:
    with transaction.atomic():
        device = AuthenticatorDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
        result = _check(device, code, WRONG)
        if device is not None and device.throttling_failure_count >= MOST_WRONG_CODES:
            retire_password(user=user)
            return RETIRED
        return result


def check_recovery_code(*, user: User, code: str) -> Verified | Refused:
    with transaction.atomic():
        device = RecoveryCodeDevice.objects.select_for_update().filter(user=user).first()
        return _check(device, code, WRONG_RECOVERY)


def _check(device: AuthenticatorDevice | RecoveryCodeDevice | None, code: str, wrong: Refused) -> Verified | Refused:
    """Under the device's row lock: of two requests with one code, the second finds it used."""
    return Verified(device) if device is not None and device.verify_token(code) else wrong


@transaction.atomic
def retire_password(*, user: User) -> None:
    """Ends the password and every session: whoever had it, the next sign-in begins with a mail to the owner."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    AuthenticatorDevice.objects.filter(user=user).update(throttling_failure_count=0)
    events.record(user=user, action="password.retired", by=None)
    enqueue("accounts.password_retired", {"user": user.pk})


def report_known_password(*, user: User, ip: str, user_agent: str) -> None:
    """Somebody knows the password but not the code: a mail, at most one in :data:`REPORT_EVERY`."""
    enqueue(
        "accounts.password_known",
        {"user": user.pk, "ip": ip, "user_agent": user_agent[:200], "at": timezone.now().isoformat()},
        key=f"password-known:{user.pk}:{int(time.time()) // REPORT_EVERY}",
    )


@transaction.atomic
def pending_device(*, user: User, device_id: int | None) -> AuthenticatorDevice:
    """The app that this session is about to enrol. Every session gets its own secret."""
    device = AuthenticatorDevice.objects.filter(pk=device_id, user=user, confirmed=False).first()
    if device is None:
        AuthenticatorDevice.objects.filter(user=user, confirmed=False).delete()
        device = AuthenticatorDevice.objects.create(user=user, name=APP_NAME, confirmed=False)
    return device


@transaction.atomic
def confirm(*, user: User, device_id: int, code: str, replacing: bool) -> Verified | Refused:
    """The pending app becomes the confirmed one once it shows a right code.

    Without ``replacing`` it is refused when the person has an app already: a stolen password must not add one.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if not replacing and is_enrolled(user):
        return Refused("enrolled", "An authenticator app is already set up for this account. Please sign in again.")
    device = AuthenticatorDevice.objects.select_for_update().filter(pk=device_id, user=user, confirmed=False).first()
    result = _check(device, code, WRONG)
    if isinstance(result, Verified):
        AuthenticatorDevice.objects.filter(user=user, confirmed=True).delete()
        result.device.confirmed = True
        result.device.save(update_fields=["confirmed"])
    return result


@transaction.atomic
def store_recovery_codes(*, user: User, codes: list[str]) -> None:
    device, _ = RecoveryCodeDevice.objects.get_or_create(user=user, defaults={"name": "Recovery codes"})
    device.replace_codes(codes)


def new_codes_sealed() -> str:
    """Fresh recovery codes, encrypted, to be kept in a session until their owner has saved them."""
    return crypto.encrypt(json.dumps(new_recovery_codes()).encode())


def unseal(sealed: str) -> list[str]:
    return list(json.loads(crypto.decrypt(sealed)))


@transaction.atomic
def enrol_directly(*, user: User, secret: bytes | None = None) -> tuple[AuthenticatorDevice, list[str]]:
    """For seeds: an app with this secret and recovery codes, as the pages would leave them.

    Repeatable: an app that has the secret stays; recovery codes are made (and returned) only if there are none.
    """
    device = AuthenticatorDevice.objects.filter(user=user, confirmed=True).first()
    if device is None or (secret is not None and device.secret != secret):
        AuthenticatorDevice.objects.filter(user=user).delete()
        device = AuthenticatorDevice(user=user, name=APP_NAME)
        if secret is not None:
            device.secret = secret
        device.save()
    codes = [] if has_recovery_codes(user) else new_recovery_codes()
    if codes:
        store_recovery_codes(user=user, codes=codes)
    return device, codes


@transaction.atomic
def reset(*, user: User) -> None:
    """Removes every second factor: sessions end, the next sign-in enrols anew."""
    AuthenticatorDevice.objects.filter(user=user).delete()
    RecoveryCodeDevice.objects.filter(user=user).delete()
