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
from numbers.desk import actions, order_version, presence, review, viewing
from numbers.desk import order_context as pages
from numbers.desk import queue as queues
from numbers.desk.forms import QueueForm, ticked
from numbers.documents import preview, storage
from numbers.orders.models import Order
from portal.accounts.models import User
from portal.accounts.telephone import international
from portal.core.errors import DomainError
from portal.core.forms import add_domain_error
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
        if not may_review(request):
            raise PermissionDenied
        return view(request, *args, **given)

    return guarded


def may_review(request: HttpRequest) -> bool:
    return review.is_reviewer(_me(request))


def queue(request: HttpRequest) -> HttpResponse:
    """The list; a reload shows it as it is now."""
    me, now, failed = _me(request), timezone.now(), queues.failed_handovers()
    team = [(each.pk, each.get_full_name()) for each in queues.reviewers()]
    form = QueueForm(request.GET, countries_there=queues.countries(), team=team, auto_id="filter-%s")
    filters = form.filters()
    first = (filters["page"] - 1) * queues.PER_PAGE
    found = queues.find(filters, me=me, failed=failed)[first : first + queues.PER_PAGE + 1]
    rows = queues.rows(found, now=now, failed=failed)
    more = len(rows) > queues.PER_PAGE
    context = {
        "title": "Orders", "form": form, "filters": filters, "rows": rows[: queues.PER_PAGE], "now": now,
        "tabs": _tabs(request, filters, queues.counts(failed)), "may_review": may_review(request), "me": me,
        "newer": _query(request, page=filters["page"] - 1) if filters["page"] > 1 else "",
        "older": _query(request, page=filters["page"] + 1) if more else "",
        "filtered": any(filters[name] for name in ("q", "country", "type", "who")),
    }  # fmt: skip
    return _answer(request, "admin/desk/queue.html", context)


@post_only("admin:numbers_order_changelist")
@reviewer
def take(request: HttpRequest) -> HttpResponse:
    """Assigns rows of the queue to whoever asks; what a colleague has stays with the colleague."""
    me, one = _me(request), request.POST.getlist("one")
    ids = ticked(one or request.POST.getlist("order"))
    taken, refused = [], []
    for order in queues.in_order(ids):
        try:
            review.assign(order=order, to=me, held_by=None, by=_by(request), now=timezone.now())
            taken.append(order)
        except DomainError as error:
            refused.append(f"{international(order.number.e164)}: {error.message}")
    if taken:
        words = international(taken[0].number.e164) + " is" if len(taken) == 1 else f"{len(taken)} orders are"
        messages.success(request, f"{words} assigned to you.")
    for words in refused:
        messages.warning(request, words)
    if not ids:
        messages.warning(request, "Choose at least one order.")
    return redirect(reverse("admin:numbers_order_changelist") + _query(request))


def show(request: HttpRequest, order_id: int, *, bound: pages.Bound | None = None, status: int = 200) -> HttpResponse:
    """The page of an order. ``bound`` is a refused form, with what was typed."""
    me, now, may = _me(request), timezone.now(), may_review(request)
    order = _order(order_id)
    if may:
        presence.arrive(order.pk, me, seconds=presence.READS_SECONDS)
    page = pages.Page(order, me=me, now=now, may_review=may, bound=bound)
    sent = request.POST if request.method == "POST" else request.GET
    context = {
        "title": international(order.number.e164), "page": page, "order": order, "number": order.number,
        "viewer": pages.viewer(order, _number(sent.get("view")), _number(sent.get("page"))) if may else None,
        "others": presence.others(order.pk, me, page.team) if may else [], "beat": presence.BEAT_SECONDS,
        "problems": [text for form in (bound or {}).values() for text in form.non_field_errors()],
    }  # fmt: skip
    return _answer(request, "admin/desk/order.html", context, status=status)


@post_only("admin:numbers_order_change", "order_id")
@reviewer
def do(request: HttpRequest, order_id: int, deed: str) -> HttpResponse:
    if deed not in actions.DEEDS:
        raise Http404
    order, status = _order(order_id), 422
    key, form = actions.bind(deed, request.POST)
    if form.is_valid():
        try:
            told = actions.DEEDS[deed].act(actions.Doing(order, form, _me(request), _by(request), timezone.now()))
        except DomainError as error:
            add_domain_error(form, error)
            status = error.status
        else:
            messages.success(request, told)
            return redirect(_back(order_id, deed, form.cleaned_data))
    return show(request, order_id, bound={key: form}, status=status)


def _back(order_id: int, deed: str, sent: dict[str, Any]) -> str:
    """The page again, with the same document open, at what comes next."""
    anchor = actions.DEEDS[deed].anchor
    if deed in ("accept", "refuse"):
        following = pages.first_to_check(pages.lines_of(order_id, timezone.now()))
        anchor = f"document-{following}" if following else anchor
    query = f"?view={sent['view']}&page={sent['page'] or 1}" if sent["view"] else ""
    return reverse("admin:numbers_order_change", args=[order_id]) + f"{query}#{anchor}"


@part_of("admin:numbers_order_change", "order_id")
@require_GET
@reviewer
def viewer(request: HttpRequest, order_id: int, submission: int) -> HttpResponse:
    """The viewer by itself, for desk.js. Its picture is asked for by the browser, and that is the opening."""
    order = _order(order_id)
    opened = pages.viewer(order, submission, _number(request.GET.get("page")))
    if opened is None:
        raise Http404
    return TemplateResponse(request, "admin/desk/_viewer.html", {"viewer": opened, "order": order})


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
    viewing.record(request, found, by=_by(request))
    return viewing.private(content, content_type="image/png", name=f"page-{number}.png", attachment=False)


def _being_drawn(request: HttpRequest) -> HttpResponse:
    """desk.js asks again; a tab of its own does so by itself."""
    turn = (_number(request.GET.get("turn")) or 0) + 1
    words = "The page is being prepared…" if turn < MOST_TURNS else "The page is not ready yet. Please reload it later."
    answer = viewing.private(
        words.encode(), content_type="text/plain; charset=utf-8", name="page.txt", attachment=False
    )
    answer.status_code = 202
    if turn < MOST_TURNS:
        query = request.GET.copy()
        query["turn"] = str(turn)
        answer["Refresh"] = f"1; url={request.path}?{query.urlencode()}"
    return answer


@part_of("admin:numbers_order_change", "order_id")
@require_GET
@reviewer
def download(request: HttpRequest, order_id: int, submission: int) -> HttpResponse:
    """The file that was built anew from what the customer uploaded; it is never shown in the browser."""
    found = _submission(order_id, submission)
    content = storage.read(found.document)
    viewing.record(request, found, by=_by(request), download=True)
    document = found.document
    return viewing.private(content, content_type=document.content_type, name=document.original_name, attachment=True)


@post_only("admin:numbers_order_change", "order_id")
@reviewer
def beat(request: HttpRequest, order_id: int) -> HttpResponse:
    """The page is open: who else has it open, and what others changed since it was loaded."""
    me, order = _me(request), Order.objects.filter(pk=order_id).first()
    if order is None:
        raise Http404
    if "leaving" in request.POST:
        presence.leave(order.pk, me)
        return HttpResponse(status=204)
    presence.arrive(order.pk, me)
    now, was = order_version.mark(order.pk), order_version.Mark.parse(request.POST.get("seen", ""))
    told = order_version.since(order, was, now, besides=me.pk) if was and was != now else []
    return JsonResponse({"others": presence.others(order.pk, me, queues.reviewers()), "changes": told})


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _by(request: HttpRequest) -> Actor:
    return for_staff(request, TEAM)


def _order(order_id: int) -> Order:
    order = pages.find(order_id)
    if order is None:
        raise Http404
    return order


def _submission(order_id: int, submission_id: int) -> Submission:
    """A document of this order that is still there."""
    found = pages.find_submission(order_id, submission_id)
    if found is None or not found.document.is_there:
        raise Http404
    return found


def _number(text: str | None) -> int | None:
    return next(iter(ticked([text or ""])), None)


def _query(request: HttpRequest, **changed: Any) -> str:
    """The address's query with other values, ready to be appended."""
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = str(value)
    return f"?{query.urlencode()}" if query else ""


def _tabs(request: HttpRequest, filters: dict[str, Any], counts: dict[str, int]) -> list[dict[str, Any]]:
    shown = [tab for tab in queues.TABS if tab != "all" or filters["tab"] == "all" or filters["q"]]
    return [
        {
            "name": tab,
            "label": queues.TABS[tab],
            "count": counts.get(tab),
            "here": tab == filters["tab"],
            "query": _query(request, tab=tab, page=1),
        }
        for tab in shown
    ]


def _answer(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    around = admin.site.each_context(request) | {"is_nav_sidebar_enabled": False}
    return TemplateResponse(request, template, around | context, status=status)
