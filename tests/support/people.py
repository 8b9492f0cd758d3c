"""The cast: people of the portal, made as the sign-up leaves them."""

import itertools
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

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


def sign_in(client: Client, user: User) -> Client:
    """A session as the real sign-in leaves it: signed in and verified by an authenticator app."""
    device, _ = AuthenticatorDevice.objects.get_or_create(user=user, defaults={"name": "Authenticator app"})
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client
