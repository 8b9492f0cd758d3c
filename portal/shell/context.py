"""What every template may use: the installation's names, and the shell around a signed-in page."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Subquery
from django.http import HttpRequest

from billing.ledger import queries as ledger
from billing.ledger.models import AccountKind
from portal.accounts.models import User
from portal.shell import nav
from projects.access import RIGHTS, Right
from projects.models import Membership, Project

SWITCHER_LIMIT = 100


@dataclass(frozen=True)
class SwitcherRow:
    name: str
    pid: str
    url: str
    current: bool
    project: Project


class Shell:
    """Navigation, project switcher and balance, each read only when a template asks for it.

    Costs one query: the balance comes with the switcher's projects.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.project: Project | None = getattr(request, "project", None)

    @property
    def view_name(self) -> str:
        match = self._request.resolver_match
        return match.view_name if match else ""

    @cached_property
    def rights(self) -> frozenset[Right]:
        return getattr(self.project, "my_rights", frozenset())

    @cached_property
    def nav(self) -> list[nav.Link]:
        if self.project is None:
            return []
        return nav.links(pid=self.project.pid, rights=self.rights, view_name=self.view_name)

    @cached_property
    def _memberships(self) -> list[Membership]:
        """The person's first ``SWITCHER_LIMIT``, each with the balances of the project that is open."""
        user = self._request.user
        if not isinstance(user, User):
            return []
        found = Membership.objects.filter(user=user).select_related("project")
        if self.project:
            found = found.annotate(
                open_wallet=Subquery(ledger.balance_of(self.project.pk, AccountKind.WALLET)),
                open_held=Subquery(ledger.balance_of(self.project.pk, AccountKind.HELD)),
            )
        return list(found.order_by("project__status", "project__name", "project_id")[:SWITCHER_LIMIT])

    def _open(self, balance: str) -> Decimal:
        first = next(iter(self._memberships), None) if self.project else None
        return getattr(first, balance, None) or ledger.ZERO

    @property
    def balance(self) -> Decimal:
        return self._open("open_wallet")

    @property
    def held(self) -> Decimal:
        """Set aside for orders."""
        return self._open("open_held")

    @property
    def may_add_credits(self) -> bool:
        return Right.MANAGE_CREDITS in self.rights

    @cached_property
    def projects(self) -> list[SwitcherRow]:
        """The person's projects, at most ``SWITCHER_LIMIT``; each leads to the page that is open now."""
        here = self.project.pk if self.project else None
        return [
            SwitcherRow(
                each.project.name,
                each.project.pid,
                nav.counterpart(pid=each.project.pid, rights=RIGHTS[each.role], view_name=self.view_name),
                each.project_id == here,
                each.project,
            )
            for each in self._memberships
        ]

    @property
    def is_staff(self) -> bool:
        return bool(getattr(self._request.user, "is_staff", False))


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "SUPPORT_EMAIL": settings.SUPPORT_EMAIL,
        "OPERATOR": settings.OPERATOR,
        "CURRENCY": settings.CURRENCY,
        "project": getattr(request, "project", None),
        "shell": Shell(request),
    }
