"""The confirm dialog of a purchase or an order: a fragment for htmx, a page without it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from numbers.leases.models import Lease
from numbers.orders import ending, queries, services
from numbers.orders.forms import ConfirmForm, new_form_token
from numbers.orders.models import Order
from portal.accounts.telephone import international
from projects.access import Right, project_view
from projects.actor import from_request
from projects.errors import DomainError
from projects.models import Project


@require_http_methods(["GET", "HEAD", "POST"])
@project_view(Right.MANAGE_NUMBERS)
def buy(request: HttpRequest, project: Project, e164: str) -> HttpResponse:
    if request.method != "POST":
        return _dialog(request, project, e164, token=new_form_token())
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        refusal = DomainError(
            "form_outdated", "This form is out of date. Check the price and confirm again.", status=422
        )
        return _dialog(request, project, e164, token=form.token(), refusal=refusal)
    wanted: dict[str, Any] = {
        "project": project,
        "e164": f"+{e164}",
        "by": from_request(request),
        "now": timezone.now(),
        "purchase_key": form.cleaned_data["form_token"],
        "expected_total": form.cleaned_data["expected_total"],
    }
    try:
        taken = services.place_order(**wanted) if "order" in request.POST else services.purchase(**wanted)
    except DomainError as error:
        return _dialog(request, project, e164, token=form.token(), refusal=error)
    return _taken(request, project, taken, f"+{e164}")


def _dialog(
    request: HttpRequest, project: Project, e164: str, *, token: str, refusal: DomainError | None = None
) -> HttpResponse:
    """``refusal`` is why the last try failed; the offer is as it stands now, so the next try is informed."""
    htmx = bool(getattr(request, "htmx", False))
    now = timezone.now()
    offer = queries.offer(project, f"+{e164}", now)
    context = {"offer": offer, "number": offer.number, "refusal": refusal or offer.refusal, "form_token": token}
    template = "numbers/orders/_buy_dialog.html" if htmx else "numbers/orders/buy.html"
    response = render(request, template, context, status=refusal.status if refusal else 200)
    if htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#modal", "innerHTML"
    return response


def _taken(request: HttpRequest, project: Project, taken: Lease | Order, e164: str) -> HttpResponse:
    to = reverse("numbers:purchased", args=[project.pid])
    if isinstance(taken, Lease):
        messages.success(request, f"Number {international(e164)} purchased successfully.")
        to += f"?new={taken.pk}"
    else:
        ordered = f"Number {international(e164)} ordered."
        messages.success(request, f"{ordered} We have reserved it; documentation is required.")
        to += "#ordered"
    return HttpResponseClientRedirect(to) if getattr(request, "htmx", False) else redirect(to)


@require_POST
@project_view(Right.MANAGE_NUMBERS)
def cancel(request: HttpRequest, project: Project, ref: uuid.UUID) -> HttpResponse:
    order = get_object_or_404(Order.objects.select_related("number"), project=project, ref=ref)
    try:
        ending.cancel_order(order=order, by=from_request(request), now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Order of {international(order.number.e164)} cancelled; nothing was charged.")
    return redirect("numbers:purchased", project.pid)
