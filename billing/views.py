"""Pages of a project's credits."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from billing.forms import PRESETS, HistoryForm, TopUpForm, prefill
from billing.ledger import causes, queries
from billing.payments import checkout
from billing.payments.checkout import new_form_token, start_top_up
from billing.payments.config import is_configured
from billing.payments.models import TopUp
from portal.core.errors import DomainError, NotFound
from portal.core.forms import add_domain_error, form_status
from portal.core.htmx import is_htmx, redirect_page
from portal.core.pages import part_of, post_only
from portal.core.paging import page_urls
from portal.core.spreadsheet import download
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project
from projects.request import PortalRequest

RECENT = 8
# A page that waits for the gateway's address asks often at first, then less often, and in the end no more; seconds.
OFTEN, SELDOM = 20, 300


def _credits_page(
    request: PortalRequest, project: Project, form: TopUpForm, open_payments: Iterable[TopUp] = ()
) -> HttpResponse:
    movements, more = queries.history(project.pk, limit=RECENT)
    context = {
        "form": form,
        "presets": PRESETS,
        "next": form["next"].value() or "",
        "payments_on": is_configured(),
        "held": queries.held(project.pk),
        "movements": movements,
        "links": causes.links(project.pid, movements),
        "more": more,
        "waiting": TopUp.objects.filter(project=project, status=TopUp.Status.PROCESSING).order_by("-id")[:5],
        "open_payments": open_payments,
    }
    return render(request, "billing/credits.html", context, status=form_status(form))


@require_safe
@project_view(Right.VIEW)
def credits(request: PortalRequest, project: Project) -> HttpResponse:
    form = TopUpForm(
        initial={
            "amount": prefill(request.GET.get("amount", "")),
            "form_token": new_form_token(),
            "next": safe_return(project, request.GET.get("next", "")),
        }
    )
    return _credits_page(request, project, form)


@post_only("billing:credits", "pid")
@project_view(Right.MANAGE_CREDITS)
def top_up(request: PortalRequest, project: Project) -> HttpResponse:
    form = TopUpForm(request.POST)
    if not form.is_valid():
        return _credits_page(request, project, form)
    try:
        top_up = start_top_up(
            project=project,
            amount=form.cleaned_data["amount"],
            form_token=form.cleaned_data["form_token"],
            by=from_request(request),
            email=request.user.email,
            return_to=safe_return(project, form.cleaned_data["next"]),
            now=timezone.now(),
        )
    except DomainError as error:
        return _refused(request, project, form, error)
    return _see_other(reverse("billing:opening", args=[project.pid, top_up.ref]))


def _refused(request: PortalRequest, project: Project, form: TopUpForm, error: DomainError) -> HttpResponse:
    """The same page with what was typed. After ``form_used`` the next press is a new payment."""
    if error.code == "form_used":
        form.data = {**request.POST.dict(), "form_token": new_form_token()}
    add_domain_error(form, error)
    open_payments: Iterable[TopUp] = ()
    if error.code == "too_many_open_payments":
        open_payments = checkout.open_payments(timezone.now()).filter(project=project).order_by("-id")
    return _credits_page(request, project, form, open_payments)


def _see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@project_view(Right.MANAGE_CREDITS)
def opening(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    """Waits for the address of the payment page and goes on to it. A POST asks for another try at once."""
    top_up, now = _find(project, ref), timezone.now()
    here = reverse("billing:opening", args=[project.pid, ref])
    if request.method == "POST":
        checkout.try_again(top_up)
        return _see_other(here)
    if top_up.status != TopUp.Status.OPEN:
        return redirect_page(request, reverse("billing:return", args=[project.pid, ref]))
    found = checkout.checkout_status(top_up, now)
    since = min(_cursor(request.GET.get("since", "")) or int(now.timestamp()), int(now.timestamp()))
    pace = _pace(found.state, now.timestamp() - since)
    shown = f"{found.state}-{pace}"
    if is_htmx(request) and request.GET.get("shown") == shown:
        return HttpResponse(status=204)  # nothing new: the page stays as it is, and a screen reader quiet
    context: dict[str, Any] = {
        "top_up": top_up,
        "opening": found,
        "pace": pace,
        "here": here,
        "look": f"{here}?since={since}&shown={shown}",
    }
    template = "billing/_opening_status.html" if is_htmx(request) else "billing/opening.html"
    return render(request, template, context)


def _pace(state: str, seconds: float) -> int:
    """Milliseconds until the page looks again; 0 = never."""
    if state not in {"opening", "away"} or seconds > SELDOM:
        return 0
    return 500 if state == "opening" and seconds < OFTEN else 3000


@require_safe
@project_view(Right.VIEW)
def returned(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    """Where the gateway sends people back to. It only looks: credits are booked when the gateway says so itself."""
    top_up = _find(project, ref)
    context: dict[str, Any] = {"top_up": top_up, "back": _back(top_up.return_to)}
    template = "billing/_return_status.html" if is_htmx(request) else "billing/return.html"
    return render(request, template, context)


@require_safe
@project_view(Right.VIEW)
def cancelled(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    """The payer went back without paying. The payment page stays open until it expires by itself."""
    top_up = _find(project, ref)
    if top_up.status == TopUp.Status.OPEN:
        messages.info(request, "You left the payment page. Nothing was charged.")
    query = {"amount": f"{top_up.amount:.2f}"} | ({"next": top_up.return_to} if top_up.return_to else {})
    return redirect(reverse("billing:credits", args=[project.pid], query=query))


@require_safe
@project_view(Right.MANAGE_CREDITS)
def receipt(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    top_up = _find(project, ref)
    if top_up.paid_at is None:
        return redirect("billing:return", project.pid, ref)
    return render(request, "billing/receipt.html", {"top_up": top_up})


@require_safe
@project_view(Right.VIEW)
def history(request: PortalRequest, project: Project) -> HttpResponse:
    form = HistoryForm(request.GET)
    movements: list[queries.Movement] = []
    following = None
    before = _cursor(request.GET.get("before", ""))
    if form.is_valid():
        movements, following = queries.history(project.pk, only=form.filter(), before=before)
    filters = {name: request.GET[name] for name in ("kind", "since", "until") if request.GET.get(name)}
    context = {
        "form": form,
        "movements": movements,
        "links": causes.links(project.pid, movements),
        "filtered": bool(filters),
        "csv_url": _here(project, "history_csv", filters),
    } | page_urls(_here(project, "history"), filters, cursor="before", current=before, following=following)
    return render(request, "billing/history.html", context, status=form_status(form))


@part_of("billing:history", "pid")
@require_safe
@project_view(Right.VIEW)
def history_csv(request: PortalRequest, project: Project) -> HttpResponse | StreamingHttpResponse:
    form = HistoryForm(request.GET)
    if not form.is_valid():
        return redirect(_here(project, "history", request.GET.dict()))
    return download(request, _table(queries.whole_history(project.pk, form.filter())), f"credits-{project.pid}.csv")


def _table(movements: Iterator[queries.Movement]) -> Iterator[list[object]]:
    yield ["Movement", "Time (UTC)", "Kind", "Description", "Amount", "Balance", "Held change", "Held", "Charged"]
    for row in movements:
        time = row.occurred_at.strftime("%Y-%m-%d %H:%M:%S")
        changes = [row.change, row.balance, row.held_change, row.held]
        yield [row.id, time, row.label, row.memo, *changes, row.charged]


def safe_return(project: Project, path: str) -> str:
    """``path`` if it is a page of this project, else blank. Nobody can be sent elsewhere through the portal."""
    inside = re.fullmatch(r"/projects/([^/?#]+)/[A-Za-z0-9/_.~?=&%+-]*", path, re.ASCII)
    ours = inside is not None and inside[1] == project.pid and ".." not in path and len(path) <= 300
    return path if ours else ""


def _back(path: str) -> dict[str, str] | None:
    """Where the customer came from, with the number they were about to buy if it was one."""
    if not path:
        return None
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return None
    number = str(match.kwargs.get("e164", ""))
    return {"url": path, "number": f"+{number}" if number.isdecimal() else ""}


def _find(project: Project, ref: UUID) -> TopUp:
    top_up = TopUp.objects.select_related("created_by").filter(project=project, ref=ref).first()
    if top_up is None:
        raise NotFound("This project has no such payment.")
    return top_up


def _cursor(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else None


def _here(project: Project, name: str, query: dict[str, str] | None = None) -> str:
    return reverse(f"billing:{name}", args=[project.pid], query=query)
