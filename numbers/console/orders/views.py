"""The page of one order, and what can be done there: answer, submit a document, cancel."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.compliance import checklist, history, submissions
from numbers.compliance.models import OrderRequirement
from numbers.console.documents import inspection_progress
from numbers.console.orders import order_context
from numbers.console.orders.forms import AnswerForm, SubmissionForm
from numbers.documents.models import Document
from numbers.orders import closing, conversation
from numbers.orders.models import Order
from portal.accounts.telephone import international
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.forms import call_service, form_status
from portal.core.pages import post_only
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project


def _order(project: Project, ref: uuid.UUID) -> Order:
    orders = Order.objects.select_related("number", "lease", "ordered_by").prefetch_related(*checklist.WITH_CHECKLIST)
    order = get_object_or_404(orders, project=project, ref=ref)
    order.project = project  # read already, with the rights of whoever looks
    return order


@require_safe
@project_view(Right.VIEW)
def order(request: HttpRequest, project: Project, ref: uuid.UUID) -> HttpResponse:
    return _page(request, _order(project, ref))


def _page(request: HttpRequest, order: Order, *, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    found = order_context.order_summary(order, now)
    context = {
        "order": order,
        "number": order.number,
        "summary": found,
        "requirements": order_context.requirement_rows(found),
        "steps": order_context.steps(found.checklist),
        "conversation": history.messages(order),
        "history": history.history(order),
        "checks": inspection_progress.checks(order.project, user_id=request.user.pk, now=now),
        "form": AnswerForm(),
    }
    return render(request, "numbers/orders/order.html", context | more, status=status)


@post_only("numbers:order", "pid", "ref")
@project_view(Right.MANAGE_NUMBERS)
def answer(request: HttpRequest, project: Project, ref: uuid.UUID) -> HttpResponse:
    found = _order(project, ref)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=form_status(form))
    words = {"text": form.cleaned_data["text"], "by": from_request(request), "now": timezone.now()}
    if not call_service(form, partial(conversation.answer, order=found, **words)):
        return _page(request, _order(project, ref), form=form, status=form_status(form))
    messages.success(request, "Sent to our team.", extra_tags=BRIEF)
    return redirect(reverse("numbers:order", args=[project.pid, ref]) + "#conversation")


@post_only("numbers:order", "pid", "ref")
@project_view(Right.MANAGE_NUMBERS)
def submit(request: HttpRequest, project: Project, ref: uuid.UUID) -> HttpResponse:
    found, form = _order(project, ref), SubmissionForm(request.POST)
    if not form.is_valid():
        return _page(
            request, found, rejected_for=request.POST.get("line"), error="Choose a document.", status=form_status(form)
        )
    requirement = get_object_or_404(OrderRequirement, order=found, pk=form.cleaned_data["line"])
    document = get_object_or_404(Document, project=project, ref=form.cleaned_data["document"])
    try:
        submissions.submit_document(
            order=found, requirement=requirement, document=document, by=from_request(request), now=timezone.now()
        )
    except DomainError as error:
        again = _order(project, ref)
        return _page(request, again, rejected_for=str(requirement.pk), error=error.message, status=error.page_status)
    messages.success(request, f"“{document.name}” submitted for “{requirement.title}”.", extra_tags=BRIEF)
    return redirect(reverse("numbers:order", args=[project.pid, ref]) + "#documents")


@post_only("numbers:order", "pid", "ref")
@project_view(Right.MANAGE_NUMBERS)
def cancel(request: HttpRequest, project: Project, ref: uuid.UUID) -> HttpResponse:
    order = get_object_or_404(Order.objects.select_related("number"), project=project, ref=ref)
    try:
        closing.cancel_order(order=order, by=from_request(request), now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("numbers:order", project.pid, ref)
    messages.success(request, f"Order of {international(order.number.e164)} cancelled; nothing was charged.")
    return redirect("numbers:purchased", project.pid)
