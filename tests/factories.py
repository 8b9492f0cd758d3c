"""Minimal valid rows, made through the portal's own services where there is one."""

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from portal.accounts.models import User
from projects.actor import SYSTEM, Actor
from projects.models import Membership, Project, Role
from projects.services import create_project

PASSWORD = "correct horse battery staple"
_serial = itertools.count(1)


def make_user(**extra: Any) -> User:
    """A person with a verified e-mail address; no second factor yet (see :func:`sign_in`)."""
    n = next(_serial)
    email = extra.pop("email", f"person{n}@customer.example")
    user = User.objects.create_user(email, PASSWORD, full_name=extra.pop("full_name", f"Person {n}"), **extra)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_project(owner: User | None = None, **extra: Any) -> Project:
    owner = owner or make_user()
    return create_project(name=extra.pop("name", "Acme Demo"), owner=owner, by=actor(owner))


def add_member(project: Project, role: str = Role.READ_ONLY, user: User | None = None) -> User:
    user = user or make_user()
    Membership.objects.create(project=project, user=user, role=role)
    return user


def actor(user: User) -> Actor:
    return Actor("user", user.email, user.pk, "127.0.0.1")


def make_number(e164: str | None = None, **extra: Any) -> Any:
    from numbers.models import Number

    n = next(_serial)
    values = {
        "country": "US",
        "region": "New York",
        "city": "New York",
        "type": "did",
        "sms": True,
        "voice": True,
        "setup_price": Decimal("1.00"),
        "monthly_price": Decimal("2.00"),
        "supplier": "demo",
        "supplier_ref": f"n{n}",
    } | extra
    return Number.objects.create(e164=e164 or f"+1212555{n % 10000:04d}", **values)


def make_document_type(code: str = "address_proof", **extra: Any) -> Any:
    """The type with this code; made when it is not there yet."""
    from numbers.models import DocumentType

    values = {"name": code.replace("_", " ").capitalize(), "has_expiry": False} | extra
    return DocumentType.objects.get_or_create(code=code, defaults=values)[0]


def make_regulation(
    country: str = "GB", holder: str = "business", lines: Iterable[Any] = ("address_proof",), **extra: Any
) -> Any:
    """A regulation in force since 2020. A line is the code of a document type, or a dict: ``types`` (codes), ``title``,
    ``count``, ``address_scope``, ``explanation``."""
    from numbers.models import Regulation, Requirement

    values = {"valid_from": date(2020, 1, 1)} | extra
    regulation = Regulation.objects.create(country=country, holder=holder, **values)
    for position, line in enumerate(lines, 1):
        wanted = {"types": [line]} if isinstance(line, str) else dict(line)
        types = [make_document_type(code) for code in wanted.pop("types")]
        rule = {"title": types[0].name, "position": position} | wanted
        Requirement.objects.create(regulation=regulation, **rule).document_types.set(types)
    return regulation


def make_document(project: Project, type: Any = "address_proof", **extra: Any) -> Any:
    """The row of an uploaded document, without its file. ``type`` is a document type or its code."""
    from numbers.models import Document

    n = next(_serial)
    values = {
        "name": f"Document {n}",
        "original_name": f"document-{n}.pdf",
        "storage_name": f"test/{n}",
        "wrapped_key": "x",
        "content_type": "application/pdf",
        "size": 1000,
        "sha256": f"{n:064x}",
        "uploaded_by": project.created_by,
    } | extra
    return Document.objects.create(
        project=project, type=make_document_type(type) if isinstance(type, str) else type, **values
    )


def fund(project: Project, amount: Decimal | str) -> None:
    """Puts money into the project's wallet through the ledger."""
    from billing.ledger import services

    services.post(
        key=f"test-grant:{project.pk}:{next(_serial)}",
        kind="grant",
        project_id=project.pk,
        debit="goodwill",
        credit="wallet",
        amount=Decimal(amount),
        occurred_at=datetime.now(UTC),
        memo="Test credit",
        cause=("grant", next(_serial)),
    )


def sign_in(client: Client, user: User) -> Client:
    """A session as the real sign-in leaves it: signed in and verified by an authenticator app."""
    from portal.accounts.models import AuthenticatorDevice

    device, _ = AuthenticatorDevice.objects.get_or_create(user=user, defaults={"name": "Authenticator app"})
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


__all__ = [
    "PASSWORD",
    "SYSTEM",
    "actor",
    "add_member",
    "fund",
    "make_document",
    "make_document_type",
    "make_number",
    "make_project",
    "make_regulation",
    "make_user",
    "sign_in",
]
