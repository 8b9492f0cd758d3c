"""What follows a change of password or address: a line in the security log, and mails to those concerned."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, password_changed, password_reset
from django.dispatch import receiver
from django.http import HttpRequest

from portal.accounts import events
from portal.accounts.models import AuthenticatorDevice, User


@receiver([password_changed, password_reset])
def _new_password(request: HttpRequest, user: User, signal: Any, **_: Any) -> None:
    events.record(
        user=user,
        action="password.changed" if signal is password_changed else "password.reset",
        by=user,
        ip=get_adapter().get_client_ip(request),
    )
    # Wrong codes are counted against the password that led to them.
    AuthenticatorDevice.objects.filter(user=user).update(throttling_failure_count=0)


@receiver(email_changed)
def _new_address(
    request: HttpRequest,
    user: User,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **_: Any,
) -> None:
    """allauth mails the old address; the new one gets a mail, too."""
    if from_email_address is None:  # the first address of an account made on the command line
        return
    adapter = get_adapter()
    events.record(
        user=user,
        action="email.changed",
        by=user,
        ip=adapter.get_client_ip(request),
        before=from_email_address.email,
        after=to_email_address.email,
    )
    adapter.send_notification_mail(
        "account/email/email_changed",
        user,
        {"from_email": from_email_address.email, "to_email": to_email_address.email},
        email=to_email_address.email,
    )
