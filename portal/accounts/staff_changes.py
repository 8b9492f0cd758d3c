"""What a superuser changes about a person: noted in the security log and mailed to the person."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction

from portal.accounts import events, mails, second_factor
from portal.accounts.models import SignUp, User


@dataclass(frozen=True, slots=True)
class Rights:
    """What the person may do at the portal."""

    is_active: bool
    is_staff: bool
    is_superuser: bool
    groups: frozenset[str]


def rights_of(user: User) -> Rights:
    """As stored now."""
    stored = User.objects.get(pk=user.pk)
    return Rights(
        stored.is_active, stored.is_staff, stored.is_superuser, frozenset(stored.groups.values_list("name", flat=True))
    )


def announce_rights(*, user: User, before: Rights, by: User, ip: str, reason: str) -> None:
    """Call after the change, in its transaction. Who is suspended or loses rights is signed out everywhere."""
    after = rights_of(user)
    if after == before:
        return
    lost = (
        before.is_active > after.is_active
        or before.is_staff > after.is_staff
        or before.is_superuser > after.is_superuser
        or before.groups - after.groups
    )
    if lost:
        user.end_sessions()
    if after.is_active == before.is_active:
        action = "staff.rights"
    else:
        action = "staff.opened" if after.is_active else "staff.closed"
    changes = _in_words(before, after)
    events.record(user=user, action=action, by=by, ip=ip, reason=reason, changes=changes)
    mails.send("staff_change", to=user.email, account=user.email, changes=changes, reason=reason)


def _in_words(before: Rights, after: Rights) -> list[str]:
    words = (
        ("is_active", "Your account was reinstated.", "Your account was suspended; nobody can sign in to it."),
        ("is_staff", "You now have access to the staff pages.", "You no longer have access to the staff pages."),
        ("is_superuser", "You are an administrator.", "You are no longer an administrator."),
    )
    changes = [
        gained if getattr(after, name) else lost
        for name, gained, lost in words
        if getattr(after, name) != getattr(before, name)
    ]
    changes += [f"You joined the team {name}." for name in sorted(after.groups - before.groups)]
    return changes + [f"You left the team {name}." for name in sorted(before.groups - after.groups)]


@transaction.atomic
def change_email(*, user: User, email: str, by: User, ip: str, reason: str) -> None:
    """Moves the account to another address, which its owner confirms at the next sign-in.

    Both addresses get a mail; every session, link and change that waited ends. Raises ValidationError.
    """
    user, email = User.objects.select_for_update().get(pk=user.pk), email.lower()
    if User.objects.filter(email=email).exists() or EmailAddress.objects.filter(email=email, verified=True).exists():
        raise ValidationError("There is already an account with this address.", code="taken")
    before = user.email
    EmailAddress.objects.filter(user=user).delete()
    SignUp.objects.filter(email=email).delete()
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.create(user=user, email=email, verified=False, primary=True)
    user.end_sessions()
    events.record(user=user, action="staff.email", by=by, ip=ip, reason=reason, before=before, after=email)
    change = f"You now sign in with {email} instead of {before}."
    for address in (before, email):
        mails.send("staff_change", to=address, account=before, changes=[change], reason=reason)


@transaction.atomic
def reset_second_factor(*, user: User, by: User, ip: str) -> None:
    second_factor.reset(user=user)
    user.end_sessions()
    events.record(user=user, action="second_factor_reset", by=by, ip=ip)
    mails.send("second_factor_reset", to=user.email)
