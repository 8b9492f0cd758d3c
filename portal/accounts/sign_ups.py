"""Signing up: an attempt for each form that was sent, and an account only for who opens a link *and* knows or chooses
the password.

Anybody can sign up anybody's address. So nothing of an attempt becomes an account's by the link alone: the link proves
the mailbox, the password proves that the same person filled in the form. Who opens a link without knowing the password
enters everything anew (docs/adr/0014-activation.md).
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from portal.accounts import events
from portal.accounts.models import SignUp, User
from portal.accounts.passwords import fits, hashed

SALT = "accounts.sign-up"
# A password is compared with so many attempts at most: each costs as much processor time as a sign-in.
COMPARED = 5


@dataclass(frozen=True, slots=True)
class Person:
    """What the form asks of a person, cleaned. ``phone`` is E.164."""

    full_name: str
    company: str
    phone: str


def lifetime() -> timedelta:
    return timedelta(days=settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS)


def record(*, email: str, person: Person, password: str, now: datetime) -> SignUp:
    """Notes the attempt, whether or not there is an account: the answer and its cost are the same."""
    return SignUp.objects.create(
        email=email.lower(),
        **asdict(person),
        password=hashed(password),
        terms_version=settings.TERMS_VERSION,
        created_at=now,
        expires_at=now + lifetime(),
    )


def waiting(email: str, now: datetime) -> QuerySet[SignUp]:
    """Attempts that a link can still turn into an account, newest first."""
    return SignUp.objects.filter(email=email.lower(), expires_at__gt=now).order_by("-id")


def new_key(attempt: SignUp, now: datetime) -> str:
    """The secret part of a link to this attempt, which lives as long as the link from now on."""
    SignUp.objects.filter(pk=attempt.pk).update(expires_at=now + lifetime())
    return signing.dumps(attempt.pk, salt=SALT)


def of_key(key: str, now: datetime) -> SignUp | None:
    """None when the link is forged, expired or used, or another link to the address was used."""
    try:
        pk = signing.loads(key, salt=SALT, max_age=lifetime())
    except signing.BadSignature:
        return None
    return SignUp.objects.filter(pk=pk, expires_at__gt=now).first()


def activate(*, attempt: SignUp, password: str, now: datetime, ip: str) -> User | None:
    """The account of the attempt that has this password: the link's own, or another of the same address.

    None when it fits none of them, or somebody was faster.
    """
    others = waiting(attempt.email, now).exclude(pk=attempt.pk)[: COMPARED - 1]
    for each in (attempt, *others):
        if fits(password, each.password):
            return _open(
                attempt=each,
                ip=ip,
                full_name=each.full_name,
                company=each.company,
                phone=each.phone,
                password=each.password,
                terms_version=each.terms_version,
                terms_accepted_at=each.created_at,
            )
    return None


def activate_anew(*, attempt: SignUp, person: Person, password: str, now: datetime, ip: str) -> User | None:
    """An account from what the person who opened the link entered; nothing of any attempt is used."""
    return _open(
        attempt=attempt,
        ip=ip,
        **asdict(person),
        password=hashed(password),
        terms_version=settings.TERMS_VERSION,
        terms_accepted_at=now,
    )


def _open(*, attempt: SignUp, ip: str, **values: Any) -> User | None:
    """Ends every attempt and link of the address. None when the attempt is gone or the address has an account."""
    try:
        with transaction.atomic():
            # All of them, in one order: of two links opened at once, the second finds its attempt gone.
            rivals = SignUp.objects.select_for_update().filter(email=attempt.email).order_by("id")
            if attempt.pk not in [each.pk for each in rivals]:
                return None
            SignUp.objects.filter(email=attempt.email).delete()
            user = User(email=attempt.email, **values)
            user.save()
            EmailAddress.objects.filter(email=user.email, verified=False).delete()  # others' unconfirmed changes to it
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            events.record(user=user, action="account.activated", by=user, ip=ip)
    except IntegrityError:  # an account took the address in the meantime
        return None
    return user


def discard(*, attempt: SignUp) -> None:
    """“This was not me”: no link to the address works any more."""
    SignUp.objects.filter(email=attempt.email).delete()


def forget_expired(*, now: datetime, batch: int = 5000) -> int:
    old = SignUp.objects.filter(expires_at__lte=now).order_by("id").values_list("pk", flat=True)[:batch]
    return SignUp.objects.filter(pk__in=list(old)).delete()[0]
