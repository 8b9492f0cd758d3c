"""A new phone number counts when the link in a mail to the account's address was opened; until then the old one."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from portal.accounts import events, mails
from portal.accounts.models import PhoneChange, User
from portal.accounts.telephone import international

SALT = "accounts.phone-change"


def lifetime() -> timedelta:
    return timedelta(days=settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS)


@transaction.atomic
def request(*, user: User, phone: str, now: datetime, ip: str) -> PhoneChange:
    """``phone`` (E.164) waits, instead of one that waited before; older links are dead."""
    PhoneChange.objects.filter(user=user).delete()
    change = PhoneChange.objects.create(user=user, phone=phone, requested_at=now)
    events.record(user=user, action="phone.requested", by=user, ip=ip, phone=phone)
    send_link(change)
    return change


def send_link(change: PhoneChange) -> None:
    key = signing.dumps(change.pk, salt=SALT)
    mails.send(
        "phone_confirmation",
        to=change.user.email,
        phone=international(str(change.phone)),
        confirm_url=reverse("account_confirm_phone", args=[key]),
    )


def of_key(key: str, user: User) -> PhoneChange | None:
    """What the link confirms, for the account it belongs to. None when it expired or was used or replaced."""
    try:
        pk = signing.loads(key, salt=SALT, max_age=lifetime())
    except signing.BadSignature:
        return None
    return PhoneChange.objects.select_related("user").filter(pk=pk, user=user).first()


@transaction.atomic
def confirm(*, change: PhoneChange, ip: str) -> bool:
    """False when somebody was faster."""
    waiting = PhoneChange.objects.select_for_update().filter(pk=change.pk).first()
    if waiting is None:
        return False
    user, before = change.user, str(change.user.phone)
    user.phone = waiting.phone
    user.save(update_fields=["phone"])
    waiting.delete()
    events.record(user=user, action="phone.changed", by=user, ip=ip, before=before, after=str(user.phone))
    return True


@transaction.atomic
def withdraw(*, user: User, ip: str) -> None:
    if PhoneChange.objects.filter(user=user).delete()[0]:
        events.record(user=user, action="phone.withdrawn", by=user, ip=ip)
