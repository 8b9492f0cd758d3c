"""The desk's addresses. The admin site lets in staff with a second factor; each view asks for its right besides."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from numbers.compliance.models import Submission
from numbers.desk import document_views, order_version, presence
from numbers.desk import order_context as context
from numbers.desk import queue as queues
from numbers.desk.actions import ACTIONS, ActionRequest, bind
from numbers.desk.file_response import file_response
from numbers.desk.forms import ticked
from numbers.desk.queue_context import query_with, queue_context
from numbers.desk.review.assignment import assign
from numbers.desk.review.guards import is_reviewer
from numbers.documents import preview, storage
from numbers.orders.models import Order
from portal.accounts.models import User
from portal.accounts.telephone import international
from portal.core.errors import DomainError
from portal.core.forms import add_domain_error, form_status
from portal.core.pages import part_of, post_only
from projects.actor import Actor, for_staff

TEAM = "Provisioning team"
WIDTHS = {"": preview.WIDTH, "large": preview.LARGE}
MOST_TURNS = 40  # seconds that a tab with a picture alone asks again for it
View = Callable[..., HttpResponse]


def reviewer(view: View) -> View:
    """Only for those who may decide: who may merely look gets 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        if not is_reviewer(_user(request)):
            raise PermissionDenied
        return view(request, *args, **given)

    return guarded


def queue(request: HttpRequest) -> HttpResponse:
    """The list; a reload shows it as it is now."""
    user = _user(request)
    shown = queue_context(request, user=user, now=timezone.now()) | {"may_review": is_reviewer(user)}
    return _render(request, "admin/desk/queue.html", shown, status=form_status(shown["form"]))


@post_only("admin:numbers_order_changelist")
@reviewer
def take(request: HttpRequest) -> HttpResponse:
    """Assigns rows of the queue to whoever asks; what a colleague has stays with the colleague."""
    ids = ticked(request.POST.getlist("one") or request.POST.getlist("order"))
    assigned, problems = [], []
    for order in queues.in_order(ids):
        try:
            assign(order=order, to=_user(request), expected_assignee=None, by=_by(request), now=timezone.now())
            assigned.append(international(order.number.e164))
        except DomainError as error:
            problems.append(f"{international(order.number.e164)}: {error.message}")
    if assigned:
        subject = f"{assigned[0]} is" if len(assigned) == 1 else f"{len(assigned)} orders are"
        messages.success(request, f"{subject} assigned to you.")
    for problem in problems if ids else ["Choose at least one order."]:
        messages.warning(request, problem)
    return redirect(reverse("admin:numbers_order_changelist") + query_with(request))


def show(
    request: HttpRequest, order_id: int, *, bound: context.BoundForms | None = None, status: int = 200
) -> HttpResponse:
    """The page of an order. ``bound`` is an invalid form, with what was typed."""
    user, now = _user(request), timezone.now()
    may, order = is_reviewer(user), _order(order_id)
    if may:
        presence.arrive(order.pk, user, seconds=presence.READS_SECONDS)
    page = context.OrderContext(order, user=user, now=now, may_review=may, bound=bound)
    fields = request.POST if request.method == "POST" else request.GET
    shown = {
        "title": international(order.number.e164), "page": page, "order": order, "number": order.number,
        "viewer": context.find_viewer(order, _number(fields.get("view")), _number(fields.get("page"))) if may else None,
        "others": presence.others(order.pk, user, page.team) if may else [], "beat": presence.BEAT_SECONDS,
        "problems": [text for form in (bound or {}).values() for text in form.non_field_errors()],
    }  # fmt: skip
    return _render(request, "admin/desk/order.html", shown, status=status)


@post_only("admin:numbers_order_change", "order_id")
@reviewer
def act(request: HttpRequest, order_id: int, *, action: str) -> HttpResponse:
    """One of ACTIONS, each at an address of its own; after an error the page again, with what was typed."""
    order = _order(order_id)
    key, form = bind(action, request.POST)
    if form.is_valid():
        try:
            message = ACTIONS[action].run(ActionRequest(order, form, _user(request), _by(request), timezone.now()))
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, message)
            return redirect(_after(order_id, action, form.cleaned_data))
    return show(request, order_id, bound={key: form}, status=form_status(form))


def _after(order_id: int, action: str, fields: dict[str, Any]) -> str:
    """The page again, with the same document open, at what comes next."""
    anchor = ACTIONS[action].anchor
    if ACTIONS[action].of_document:
        following = context.first_to_check(order_id, timezone.now())
        anchor = f"document-{following}" if following else anchor
    query = f"?view={fields['view']}&page={fields['page'] or 1}" if fields["view"] else ""
    return reverse("admin:numbers_order_change", args=[order_id]) + f"{query}#{anchor}"


@part_of("admin:numbers_order_change", "order_id")
@require_GET
@reviewer
def viewer(request: HttpRequest, order_id: int, submission: int) -> HttpResponse:
    """The viewer by itself, for htmx. Its picture is loaded by the browser, and that is the viewing."""
    order = _order(order_id)
    found = context.find_viewer(order, submission, _number(request.GET.get("page")))
    if found is None:
        raise Http404
    return TemplateResponse(request, "admin/desk/_viewer.html", {"viewer": found, "order": order})


@require_GET
@reviewer
def picture(request: HttpRequest, order_id: int, submission: int, number: int) -> HttpResponse:
    """One page of a document as a picture that we have drawn ourselves; 202 while a worker draws it."""
    found = _submission(order_id, submission)
    width = WIDTHS.get(request.GET.get("size", ""))
    if width is None or not 1 <= number <= found.document.pages:
        raise Http404
    content = preview.drawn(found.document, number, width, now=timezone.now())
    if content is None:
        return _being_drawn(request)
    document_views.record_view(request, found, by=_by(request))
    return file_response(content, content_type="image/png", name=f"page-{number}.png", attachment=False)


def _being_drawn(request: HttpRequest) -> HttpResponse:
    """desk.js asks again; a tab of its own does so by itself."""
    turn = (_number(request.GET.get("turn")) or 0) + 1
    text = "The page is being prepared…" if turn < MOST_TURNS else "The page is not ready yet. Please reload it later."
    response = file_response(text.encode(), content_type="text/plain; charset=utf-8", name="page.txt", attachment=False)
    response.status_code = 202
    if turn < MOST_TURNS:
        query = request.GET.copy()
        query["turn"] = str(turn)
        response["Refresh"] = f"1; url={request.path}?{query.urlencode()}"
    return response


@part_of("admin:numbers_order_change", "order_id")
@require_GET
@reviewer
def download(request: HttpRequest, order_id: int, submission: int) -> HttpResponse:
    """The file that was built anew from what the customer uploaded; it is never shown in the browser."""
    found = _submission(order_id, submission)
    content = storage.read(found.document)
    document_views.record_view(request, found, by=_by(request), download=True)
    document = found.document
    return file_response(content, content_type=document.content_type, name=document.original_name, attachment=True)


@post_only("admin:numbers_order_change", "order_id")
@reviewer
def heartbeat(request: HttpRequest, order_id: int) -> HttpResponse:
    """The page is open: who else has it open, and what others changed since it was loaded."""
    user, order = _user(request), Order.objects.filter(pk=order_id).first()
    if order is None:
        raise Http404
    if "leaving" in request.POST:
        presence.leave(order.pk, user)
        return HttpResponse(status=204)
    presence.arrive(order.pk, user)
    now = order_version.current_version(order.pk)
    before = order_version.OrderVersion.parse(request.POST.get("seen", ""))
    changes = order_version.changes_since(order, before, now, reviewer_id=user.pk) if before and before != now else []
    return JsonResponse({"others": presence.others(order.pk, user, queues.reviewers()), "changes": changes})


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _by(request: HttpRequest) -> Actor:
    return for_staff(request, TEAM)


def _order(order_id: int) -> Order:
    order = context.find_order(order_id)
    if order is None:
        raise Http404
    return order


def _submission(order_id: int, submission_id: int) -> Submission:
    """A document of this order that is still there."""
    found = context.find_submission(order_id, submission_id)
    if found is None or not found.document.is_there:
        raise Http404
    return found


def _number(text: str | None) -> int | None:
    return next(iter(ticked([text or ""])), None)


def _render(request: HttpRequest, template: str, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    around = admin.site.each_context(request) | {"is_nav_sidebar_enabled": False}
    return TemplateResponse(request, template, around | shown, status=status)
