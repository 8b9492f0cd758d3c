"""The cast: people of the portal, made as the sign-up leaves them."""

import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP

from portal.accounts.models import AuthenticatorDevice, User
from projects.actor import Actor

PASSWORD = "correct horse battery staple"
_serial = itertools.count(1)


def make_user(**extra: Any) -> User:
    """A person with a verified e-mail address; no second factor yet (see :func:`sign_in`)."""
    n = next(_serial)
    email = extra.pop("email", f"person{n}@customer.example")
    user = User.objects.create_user(email, PASSWORD, full_name=extra.pop("full_name", f"Person {n}"), **extra)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def actor(user: User) -> Actor:
    return Actor("user", user.email, user.pk, "127.0.0.1")


def staff_actor(user: User) -> Actor:
    """A reviewer, as customers read of them."""
    return Actor("staff", "Provisioning team", user.pk, "127.0.0.1")


def sign_in(client: Client, user: User) -> Client:
    """A session as the real sign-in leaves it: signed in and verified by an authenticator app."""
    device, _ = AuthenticatorDevice.objects.get_or_create(user=user, defaults={"name": "Authenticator app"})
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def browser_of(user: User) -> Client:
    """A browser in which this person is signed in."""
    return sign_in(Client(), user)


def freshen(client: Client, seconds_ago: int = 0) -> Client:
    """The session as a second factor that was entered so long ago leaves it."""
    request = HttpRequest()
    request.session = client.session
    user = User.objects.get(pk=request.session["_auth_user_id"])
    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=seconds_ago)):
        record_authentication(request, user, method="mfa", reauthenticated=True)
    request.session.save()
    return client


def totp(device: AuthenticatorDevice, at: float | None = None) -> str:
    """What the authenticator app shows, now or at another time (seconds since 1970)."""
    codes = TOTP(device.secret)
    codes.time = at or time.time()
    return f"{codes.token():06d}"


def make_staff(team: str = "", **extra: Any) -> User:
    """A member of the staff; ``team`` is the group's name."""
    user = make_user(is_staff=True, **extra)
    if team:
        user.groups.add(Group.objects.get(name=team))
    return user


def make_superuser() -> User:
    """Who may open everything in the admin site."""
    return make_staff(is_superuser=True, full_name="Sue Superuser")


def staff_client(team: str = "", client: Client | None = None) -> Client:
    """The browser of a member of the staff, signed in."""
    return sign_in(client or Client(), make_staff(team))
