"""The two pages that look at everything at once: the list of projects, and a project's dashboard."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.ledger import queries as ledger
from billing.ledger.models import Account, AccountKind, Transfer
from billing.mode import livemode
from numbers.leases import queries as leases
from numbers.leases.models import Lease
from numbers.routing.models import CallRoute
from portal import activity
from projects import audit, tokens
from projects.access import RIGHTS, Right, project_view
from projects.models import Membership, Project, Role

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
def project_list(request: HttpRequest) -> HttpResponse:
    """Every project the person is a member of; three queries however many there are."""
    memberships = list(
        Membership.objects.filter(user_id=request.user.pk or 0)
        .select_related("project").order_by("project__status", "project__name", "project_id")
    )
    ids = [membership.project_id for membership in memberships]
    balances, counts = _balances(ids), _numbers(ids)
    rows = [
        ProjectRow(each.project, Role(each.role).label, counts.get(each.project_id, 0),
                   balances.get(each.project_id, ledger.ZERO))
        for each in memberships
    ]
    return render(request, "projects/list.html", {"rows": rows})


def _balances(project_ids: Iterable[int]) -> dict[int, Decimal]:
    wallets = Account.objects.filter(project_id__in=project_ids, kind=AccountKind.WALLET,
                                     currency=settings.CURRENCY, livemode=livemode())
    return dict(wallets.values_list("project_id", "balance"))


def _numbers(project_ids: Iterable[int]) -> dict[int, int]:
    held = Lease.objects.filter(project_id__in=project_ids, status__in=Lease.LIVE)
    return dict(held.values_list("project_id").annotate(count=Count("id")).order_by())


@require_safe
@project_view(Right.VIEW)
def dashboard(request: HttpRequest, project: Project) -> HttpResponse:
    today = timezone.now().date()
    summary = leases.number_summary(project)
    facts = _facts(project)
    steps = checklist(project, had_credit=facts["had_credit"], routed=facts["routed"],
                      has_number=bool(summary.active or summary.ordered))
    spend = ledger.spend_by_day(project.pk, today - timedelta(days=CHART_DAYS - 1), today)
    return render(request, "dashboard/dashboard.html", {
        "steps": [] if all(step.done for step in steps) else steps,
        "steps_done": sum(step.done for step in steps),
        "token": tokens.live(project).get("primary"),
        "may_reveal": Right.MANAGE_KEYS in project.my_rights,
        "may_buy": Right.MANAGE_NUMBERS in project.my_rights and project.is_active,
        "may_add_credits": Right.MANAGE_CREDITS in project.my_rights and project.is_active,
        "role": Role(project.my_role).label,
        "members": facts["people"],
        "numbers": summary,
        "charges": leases.next_charges(project, CHARGES_SHOWN) if summary.active else [],
        "spend": spend,
        "spent": sum((amount for _, amount in spend), Decimal(0)),
        "chart": spend_chart(spend),
        "entries": [activity.line(entry) for entry in audit.recent(project.pk)],
    })


def _facts(project: Project) -> dict[str, Any]:
    """What the dashboard wants to know of the project in passing, in one query."""
    credited = Transfer.objects.filter(credit__project=OuterRef("pk"), credit__kind=AccountKind.WALLET)
    routed = CallRoute.objects.filter(
        ~Q(kind=CallRoute.Kind.NONE), lease__project=OuterRef("pk"), lease__status__in=Lease.LIVE)
    return dict(Project.objects.filter(pk=project.pk)
                .annotate(had_credit=Exists(credited), routed=Exists(routed), people=Count("memberships"))
                .values("had_credit", "routed", "people").get())


def checklist(project: Project, *, had_credit: bool, has_number: bool, routed: bool) -> list[Step]:
    """The way from nothing to a number that rings; credit that was spent still counts as added."""
    plan = [
        ("Create a project", "It has its own keys, credits and numbers.", "folder-plus", True, Right.VIEW, "", ""),
        ("Add credits", "Numbers are paid from the project’s balance.", "wallet", had_credit,
         Right.MANAGE_CREDITS, "billing:credits", "Add credits"),
        ("Buy a number", "Search by country, city, digits or letters.", "phone-plus", has_number,
         Right.MANAGE_NUMBERS, "numbers:search", "Find a number"),
        ("Route its calls", "Say which phone rings when it is called.", "route", routed,
         Right.MANAGE_NUMBERS, "numbers:purchased", "Set up routing"),
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
