"""The two pages that look at everything at once: the list of projects, and a project's dashboard."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.ledger import queries as ledger
from billing.ledger.models import Account, AccountKind, Transfer
from billing.mode import livemode
from numbers.console.purchased.listing import NumberSummary
from numbers.leases.models import Lease
from numbers.orders.models import Order
from numbers.renewals.forecast import USAGE_DAYS
from numbers.renewals.summary import renewal_summary
from numbers.routing.models import CallRoute
from portal.shell import activity
from projects import audit, tokens
from projects.access import RIGHTS, Right, project_view
from projects.app_users.models import AppUser
from projects.models import Membership, Project, Role
from projects.push import queries as push
from projects.request import PortalRequest

CHART_DAYS = 30
CHARGES_SHOWN = 7


@dataclass(frozen=True)
class ProjectRow:
    project: Project
    role: str
    numbers: int
    balance: Decimal


@dataclass(frozen=True)
class Step:
    """One line of the first-run checklist."""

    title: str
    text: str
    icon: str
    done: bool
    url: str = ""  # where to do it; "" when it is done, or the person's role may not
    action: str = ""


@require_safe
def project_list(request: PortalRequest) -> HttpResponse:
    """Every project the person is a member of; three queries however many there are."""
    memberships = list(
        Membership.objects.filter(user_id=request.user.pk)
        .select_related("project")
        .order_by("project__status", "project__name", "project_id")
    )
    ids = [membership.project_id for membership in memberships]
    balances, counts = _balances(ids), _numbers(ids)
    rows = [
        ProjectRow(
            each.project,
            Role(each.role).label,
            counts.get(each.project_id, 0),
            balances.get(each.project_id, ledger.ZERO),
        )
        for each in memberships
    ]
    return render(request, "projects/list.html", {"rows": rows})


def _balances(project_ids: Iterable[int]) -> dict[int, Decimal]:
    wallets = Account.objects.filter(
        project_id__in=project_ids, kind=AccountKind.WALLET, currency=settings.CURRENCY, livemode=livemode()
    )
    return dict(wallets.values_list("project_id", "balance"))


def _numbers(project_ids: Iterable[int]) -> dict[int, int]:
    held = Lease.objects.filter(project_id__in=project_ids, status__in=Lease.LIVE)
    return dict(held.values_list("project_id").annotate(count=Count("id")).order_by())


@require_safe
@project_view(Right.VIEW)
def dashboard(request: PortalRequest, project: Project) -> HttpResponse:
    now = timezone.now()
    today = now.date()
    facts = _facts(project, now)
    renewals = renewal_summary(
        project,
        now,
        balance=facts["balance"] or ledger.ZERO,
        used=facts["used"] or ledger.ZERO,
        charges=CHARGES_SHOWN,
    )
    summary = NumberSummary(renewals.active, facts["ordered"], renewals.monthly_cost)
    steps = checklist(
        project,
        had_credit=facts["had_credit"],
        routed=facts["routed"],
        has_number=bool(summary.active or summary.ordered),
    )
    spend = ledger.spend_by_day(project.pk, today - timedelta(days=CHART_DAYS - 1), today)
    return render(
        request,
        "dashboard/dashboard.html",
        {
            "steps": [] if all(step.done for step in steps) else steps,
            "steps_done": sum(step.done for step in steps),
            "token": tokens.live(project).get("primary"),
            "may_reveal": Right.MANAGE_KEYS in project.my_rights,
            "may_buy": Right.MANAGE_NUMBERS in project.my_rights and project.is_active,
            "may_add_credits": Right.MANAGE_CREDITS in project.my_rights and project.takes_credits,
            "role": Role(project.my_role).label,
            "members": facts["people"],
            "app_users": facts["app_user_count"],
            "numbers": summary,
            "charges": renewals.charges,
            "forecast": renewals.forecast if renewals.active else None,
            "unpaid": renewals.unpaid,
            "spend": spend,
            "spent": sum((amount for _, amount in spend), Decimal(0)),
            "chart": spend_chart(spend),
            "push": push.platforms(facts["push"], now),
            "may_manage_keys": Right.MANAGE_KEYS in project.my_rights and project.is_active,
            "entries": [activity.line(entry) for entry in audit.recent(project.pk)],
        },
    )


def _facts(project: Project, now: datetime) -> dict[str, Any]:
    """What the dashboard wants to know of the project in passing, in one query."""
    ordered = (
        Order.objects.filter(project=OuterRef("pk"), status__in=Order.OPEN)
        .order_by()
        .values("project")
        .annotate(count=Count("pk"))
        .values("count")
    )
    used = (
        Transfer.objects.filter(
            credit__project=OuterRef("pk"),
            credit__kind=AccountKind.USAGE,
            credit__currency=settings.CURRENCY,
            credit__livemode=livemode(),
            occurred_at__gte=now - timedelta(days=USAGE_DAYS),
        )
        .order_by()
        .values("credit__project")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    credited = Transfer.objects.filter(credit__project=OuterRef("pk"), credit__kind=AccountKind.WALLET)
    routed = CallRoute.objects.filter(
        ~Q(kind=CallRoute.Kind.NONE), lease__project=OuterRef("pk"), lease__status__in=Lease.LIVE
    )
    ringing = (
        AppUser.objects.filter(project=OuterRef("pk"), is_active=True)
        .order_by()
        .values("project")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return dict(
        Project.objects.filter(pk=project.pk)
        .annotate(
            had_credit=Exists(credited),
            routed=Exists(routed),
            people=Count("memberships"),
            app_user_count=Coalesce(Subquery(ringing), 0),
            ordered=Coalesce(Subquery(ordered), 0),
            used=Subquery(used),
            balance=Subquery(ledger.balance_of(project.pk, AccountKind.WALLET)),
            push=push.summaries(),
        )
        .values("had_credit", "routed", "people", "app_user_count", "ordered", "used", "balance", "push")
        .get()
    )


def checklist(project: Project, *, had_credit: bool, has_number: bool, routed: bool) -> list[Step]:
    """The way from nothing to a number that rings; credit that was spent still counts as added."""
    plan = [
        ("Create a project", "It has its own keys, credits and numbers.", "folder-plus", True, Right.VIEW, "", ""),
        (
            "Add credits",
            "Numbers are paid for from the project’s credits.",
            "wallet",
            had_credit,
            Right.MANAGE_CREDITS,
            "billing:credits",
            "Add credits",
        ),
        (
            "Buy a number",
            "Search by country, city, digits or letters.",
            "phone-plus",
            has_number,
            Right.MANAGE_NUMBERS,
            "numbers:search",
            "Find a number",
        ),
        (
            "Forward its calls",
            "Choose the phone that rings when it is called.",
            "route",
            routed,
            Right.MANAGE_NUMBERS,
            "numbers:purchased",
            "Set up routing",
        ),
    ]
    steps, open_step_seen = [], False
    for title, text, icon, done, right, url_name, action in plan:
        may = not done and not open_step_seen and right in RIGHTS[project.my_role] and project.is_active
        open_step_seen = open_step_seen or not done
        steps.append(Step(title, text, icon, done, reverse(url_name, args=[project.pid]) if may else "", action))
    return steps


def spend_chart(spend: list[tuple[date, Decimal]]) -> dict[str, Any]:
    """Data of the chart component. Floats are right here: a picture, not an amount."""
    return {
        "type": "bar",
        "labels": [f"{day:%b} {day.day}" for day, _ in spend],
        "series": [{"label": "Spent", "values": [float(amount) for _, amount in spend]}],
        "unit": settings.CURRENCY,
    }
