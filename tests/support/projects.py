"""Projects with their members and their credit."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal

from billing.ledger import services
from portal.accounts.models import User
from projects.models import Membership, Project, Role
from projects.services import create_project
from tests.support.people import actor, make_user

Money = Decimal | int | str
_serial = itertools.count(1)


def make_project(owner: User | None = None, *, name: str = "Acme Calls", credit: Money | None = None) -> Project:
    """Without ``credit`` nothing was ever booked in it."""
    owner = owner or make_user()
    project = create_project(name=name, owner=owner, by=actor(owner))
    if credit is not None:
        fund(project, credit)
    return project


def add_member(project: Project, role: str = Role.READ_ONLY, user: User | None = None) -> User:
    user = user or make_user()
    Membership.objects.create(project=project, user=user, role=role)
    return user


def fund(project: Project, amount: Money) -> None:
    """Puts money into the project's wallet through the ledger."""
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


def charge_usage(project: Project, amount: Money, at: datetime | None = None) -> None:
    """Calls and messages are charged; they may overdraw the wallet."""
    services.post(
        key=f"test-usage:{project.pk}:{next(_serial)}",
        kind="usage",
        project_id=project.pk,
        debit="wallet",
        credit="revenue_usage",
        amount=Decimal(amount),
        occurred_at=at or datetime.now(UTC),
        memo="Calls",
        cause=("usage", next(_serial)),
    )
