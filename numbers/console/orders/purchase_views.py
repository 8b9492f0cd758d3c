"""The confirm dialog of a purchase or an order: a fragment for htmx, a page without it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from numbers.compliance import ordering
from numbers.console.orders import purchase_context
from numbers.console.orders.forms import ConfirmForm, new_form_token
from numbers.leases.models import Lease
from numbers.orders import services
from numbers.orders.models import Order
from portal.accounts.telephone import international
from portal.core import dialogs
from portal.core.errors import DomainError
from portal.core.htmx import redirect_page
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project


@require_http_methods(["GET", "HEAD", "POST"])
@project_view(Right.MANAGE_NUMBERS)
def buy(request: HttpRequest, project: Project, e164: str) -> HttpResponse:
    if request.method != "POST":
        return _dialog(request, project, e164, token=new_form_token(), holder=request.GET.get("holder", ""))
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        error = DomainError("form_outdated", "This form is out of date. Check the price and confirm again.", status=422)
        return _dialog(request, project, e164, token=form.token(), error=error)
    try:
        result = _purchase_or_order(request, project, f"+{e164}", form.cleaned_data)
    except DomainError as error:
        holder = form.cleaned_data["holder"]
        return _dialog(request, project, e164, token=form.token(), holder=holder, error=error)
    return _succeeded(request, project, result, f"+{e164}")


def _purchase_or_order(request: HttpRequest, project: Project, e164: str, sent: dict[str, Any]) -> Lease | Order:
    arguments: dict[str, Any] = {
        "project": project,
        "e164": e164,
        "by": from_request(request),
        "now": timezone.now(),
        "purchase_key": sent["form_token"],
        "expected_total": sent["expected_total"],
    }
    if "order" not in request.POST:
        return services.purchase(**arguments)
    return ordering.place_order(**arguments, holder=sent["holder"] or None)


def _dialog(
    request: HttpRequest,
    project: Project,
    e164: str,
    *,
    token: str,
    holder: str = "",
    error: DomainError | None = None,
) -> HttpResponse:
    """``error`` is why the last try failed; the quote is as of now, so the next try is informed."""
    quote = purchase_context.quote(project, f"+{e164}", timezone.now(), holder=holder)
    context = {"quote": quote, "number": quote.number, "error": error or quote.error, "form_token": token}
    return dialogs.show(
        request,
        "numbers/orders/_buy_dialog.html",
        "numbers/orders/buy.html",
        context,
        status=error.page_status if error else 200,
    )


def _succeeded(request: HttpRequest, project: Project, result: Lease | Order, e164: str) -> HttpResponse:
    if isinstance(result, Lease):
        messages.success(request, f"Number {international(e164)} purchased successfully.")
        to = reverse("numbers:purchased", args=[project.pid]) + f"?new={result.pk}"
    else:
        next_step = (
            "You don’t need to do anything: our team reviews the order."
            if result.status == Order.Status.IN_REVIEW
            else "It is reserved for you; documentation is required."
        )
        messages.success(request, f"Number {international(e164)} ordered. {next_step}")
        to = reverse("numbers:order", args=[project.pid, result.ref])
    return redirect_page(request, to)
