"""Numbers › Overview: what a project's numbers cost in a month."""

from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.console.overview import spend
from numbers.console.overview.forms import MonthForm
from portal.core.forms import form_status
from portal.core.paging import page_urls
from projects.access import Right, project_view
from projects.models import Project
from projects.request import PortalRequest


@require_safe
@project_view(Right.VIEW)
def overview(request: PortalRequest, project: Project) -> HttpResponse:
    now = timezone.now()
    form = MonthForm(request.GET)
    form.is_valid()
    month = form.cleaned_data.get("month") or now.date().replace(day=1)
    after = form.cleaned_data.get("after") or ""
    months = _months(project, now)
    spent = spend.month_spend(project, month, after=after)
    here = reverse("numbers:overview", args=[project.pid])
    context = {
        "form": form,
        "spend": spent,
        "pager_note": f"{spent.quantity:,} numbers, in numerical order",
        "months": months if month in months else [month, *months],
        "earlier": spend.preceding(month) if month > months[-1] else None,
        "later": spend.following(month) if month < months[0] else None,
    } | page_urls(here, {"month": f"{month:%Y-%m}"}, cursor="after", current=after, following=spent.next_after)
    return render(request, "numbers/overview/overview.html", context, status=form_status(form))


def _months(project: Project, now: datetime) -> list[date]:
    """From this month back to the one in which the project began, five years at most."""
    month, first = now.date().replace(day=1), project.created_at.date().replace(day=1)
    months = [month]
    while months[-1] > first and len(months) < 60:
        months.append(spend.preceding(months[-1]))
    return months
