"""The renewal order: which number is paid first when there is not enough credit for all."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.ledger import queries as ledger
from numbers.leases.models import Lease
from numbers.leases.queries import find
from numbers.renewals import queries, services
from numbers.renewals.forecast import USAGE_DAYS, forecast_of
from numbers.renewals.forms import MoveForm, PageForm
from numbers.renewals.groups import project_renewals
from portal.accounts.telephone import international
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.htmx import is_htmx
from portal.core.pages import post_only
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project
from projects.request import PortalRequest


@require_safe
@project_view(Right.VIEW)
def renewals(request: PortalRequest, project: Project) -> HttpResponse:
    query = PageForm(request.GET).values()
    now = timezone.now()
    context = _list(project, query["page"], query["moved"], query["by"])
    known, balance = project_renewals(project.pk), ledger.balance(project.pk)
    used = ledger.used_since(project.pk, now - timedelta(days=USAGE_DAYS))
    context |= {
        "forecast": forecast_of(project, known.groups, balance=balance, used=used, now=now),
        "unpaid": queries.unpaid_of(known, now, balance),
        "days": {"suspend": settings.SUSPEND_AFTER_DAYS, "release": settings.RELEASE_AFTER_DAYS},
    }
    return render(request, "numbers/renewals/renewals.html", context)


@post_only("numbers:renewals", "pid")
@project_view(Right.MANAGE_NUMBERS)
def move(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise DomainError("renewal_move_unknown", "Choose where to move the number.", status=400)
    change: dict[str, Any] = {"lease": found, "by": from_request(request), "now": timezone.now()}
    to = form.cleaned_data["to"]
    if to:
        place = services.move(to=services.Move(to), **change)
    else:
        place = services.place(place=form.cleaned_data["place"], **change)
    message = f"{international(found.number.e164)} is now number {place} in the renewal order."
    page = (place - 1) // queries.PAGE_SIZE + 1
    if is_htmx(request):
        context = _list(project, page, found.pk, to) | {"notice": message}
        return render(request, "numbers/renewals/_order_swap.html", context)
    messages.success(request, message, extra_tags=BRIEF)
    address = reverse("numbers:renewals", args=[project.pid])
    return redirect(f"{address}?{urlencode({'page': page, 'moved': found.pk, 'by': to})}")


def _list(project: Project, page: int, moved: int | None, by: str) -> dict[str, Any]:
    """``focus`` is the button that stays under the keyboard: the same one, or the next that is left at an end."""
    shown = queries.order_page(project, page)
    rows = [(shown.start_index() + n, lease) for n, lease in enumerate(shown)]
    last = shown.paginator.count
    place = next((place for place, lease in rows if lease.pk == moved), None)
    at_first, at_last = place == 1 and by in ("up", "top"), place == last and by in ("down", "bottom")
    focus = "down" if at_first else "up" if at_last else by
    may_move = Right.MANAGE_NUMBERS in project.my_rights and project.is_active and last > 1
    return {
        "page": shown,
        "rows": rows,
        "last": last,
        "moved": moved if place else None,
        "focus": focus,
        "may_move": may_move,
    } | _pager(project, shown)


def _pager(project: Project, page: Page[Lease]) -> dict[str, str]:
    here = reverse("numbers:renewals", args=[project.pid])
    return {
        "pager_note": f"{page.start_index():,} to {page.end_index():,} of {page.paginator.count:,}",
        "previous_url": f"{here}?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"{here}?page={page.next_page_number()}" if page.has_next() else "",
    }
