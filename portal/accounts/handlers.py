"""Handlers of the outbox; imported by the app's ``ready()``.

Mails that depend on whether there is an account: looked up and written here, so that no answer takes longer for one
address than for another.
"""

import hashlib
import time
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from portal.accounts import mails, sign_ups
from portal.accounts.models import SignUp, User
from portal.jobs.outbox import enqueue, job
from portal.jobs.queues import MAIL

# Seconds between two mails that there is no account. They are of no use to their reader when a stranger asks, who could
# fill a mailbox with them by adding to the address; the mails for an account are counted by the address itself.
UNKNOWN_EVERY = 3600


def account_of(email: str) -> User | None:
    """Whose address it is. An address that somebody wants to change to belongs to nobody yet."""
    return User.objects.filter(email=email.lower()).first()


@job("accounts.signed_up", queue=MAIL)
def signed_up(payload: dict[str, Any]) -> None:
    attempt = SignUp.objects.filter(pk=payload["sign_up"]).first()
    if attempt is None:  # another link was opened in the meantime
        return
    if account_of(attempt.email) is None:
        _send_link(attempt)
        return
    mails.send(
        "account_already_exists",
        to=attempt.email,
        signup_url=reverse("account_signup"),
        password_reset_url=reverse("account_reset_password"),
    )
    attempt.delete()


@job("accounts.new_link", queue=MAIL)
def new_link(payload: dict[str, Any]) -> None:
    """The link of this browser's sign-up, or of the newest one; or of an account made on the command line."""
    waiting = sign_ups.waiting(payload["email"], timezone.now())
    attempt = waiting.filter(pk=payload["sign_up"]).first() or waiting.first()
    account = account_of(payload["email"])
    if account is None and attempt is not None:
        _send_link(attempt)
    elif account is not None and account.is_active:
        address = EmailAddress.objects.filter(user=account, email=account.email, verified=False).first()
        if address is not None:
            key = EmailConfirmationHMAC.create(address).key
            mails.send(
                "email_confirmation_signup",
                to=account.email,
                own=True,
                activate_url=reverse("account_confirm_email", args=[key]),
            )


def _send_link(attempt: SignUp) -> None:
    key = sign_ups.new_key(attempt, timezone.now())
    mails.send("email_confirmation_signup", to=attempt.email, activate_url=reverse("account_activate", args=[key]))


@job("accounts.reset_password", queue=MAIL)
def reset_password(payload: dict[str, Any]) -> None:
    account = account_of(payload["email"])
    if account is None or not account.is_active:
        hour = int(time.time()) // UNKNOWN_EVERY
        enqueue("accounts.unknown_address", payload, key=f"unknown-address:{hour}:{_mailbox(payload['email'])}")
    else:
        mails.send(
            "password_reset_key",
            to=account.email,
            password_reset_url=_reset_url(account),
            minutes=settings.PASSWORD_RESET_TIMEOUT // 60,
        )


@job("accounts.unknown_address", queue=MAIL)
def unknown_address(payload: dict[str, Any]) -> None:
    mails.send("unknown_account", to=payload["email"], signup_url=reverse("account_signup"))


def _mailbox(email: str) -> str:
    """Where mail to the address ends up: ada+1@… and ada+2@… are ada's. In 64 characters, as part of a job's key."""
    name, _, domain = email.lower().rpartition("@")
    return hashlib.sha256(f"{name.partition('+')[0]}@{domain}".encode()).hexdigest()


def _reset_url(account: User) -> str:
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(account), "key": default_token_generator.make_token(account)},
    )


@job("accounts.password_known", queue=MAIL)
def password_known(payload: dict[str, Any]) -> None:
    user = User.objects.get(pk=payload["user"])
    mails.send(
        "password_known",
        to=user.email,
        ip=payload["ip"],
        user_agent=payload["user_agent"],
        timestamp=datetime.fromisoformat(payload["at"]),
        password_reset_url=reverse("account_reset_password"),
    )


@job("accounts.password_retired", queue=MAIL)
def password_retired(payload: dict[str, Any]) -> None:
    user = User.objects.get(pk=payload["user"])
    mails.send("password_retired", to=user.email, password_reset_url=reverse("account_reset_password"))
