"""One act on many of a project's numbers."""

from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from numbers.console.purchased import bulk
from numbers.console.purchased.bulk_forms import BulkForm, BulkReleaseForm, ChosenForm, phrase
from numbers.console.purchased.forms import ListingForm
from numbers.leases import releasing, services
from numbers.leases.models import Lease
from portal.core import dialogs, times
from portal.core.errors import DomainError
from portal.core.forms import form_status
from portal.core.htmx import is_htmx
from portal.core.pages import carries, post_only
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@post_only("numbers:purchased", "pid")
@project_view(Right.MANAGE_NUMBERS)
def act(request: HttpRequest, project: Project) -> HttpResponse:
    """Tags and locks at once; what needs a confirmation leads to its page or dialog."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        raise _selection_invalid(form, project)
    action, tag = form.cleaned_data["action"], form.cleaned_data["tag"]
    leases = bulk.select(project, form.cleaned_data["lease"])
    if action in ("release", "unlock"):
        if is_htmx(request):
            return _confirm(request, project, leases, action)
        return redirect(f"{reverse(f'numbers:bulk_{action}', args=[project.pid])}?{bulk.address(leases)}")
    given: dict[str, Any] = {"by": from_request(request), "now": timezone.now()}
    acts: dict[str, Callable[[Lease], str]] = {
        "tag": lambda lease: "Tagged." if services.add_tag(lease=lease, tag=tag, **given) else "Already had this tag.",
        "untag": lambda lease: (
            "Tag removed." if services.remove_tag(lease=lease, tag=tag, **given) else "Did not have this tag."
        ),
        "lock": lambda lease: "Locked." if releasing.set_lock(lease=lease, locked=True, **given) else "",
    }
    titles = {"tag": f"Add the tag “{tag}”", "untag": f"Remove the tag “{tag}”", "lock": "Lock"}
    return _results(request, titles[action], bulk.run(leases, acts[action]))


@carries("lease")
@read_and_write
@project_view(Right.MANAGE_NUMBERS)
def release(request: HttpRequest, project: Project) -> HttpResponse:
    if request.method != "POST":
        return _opened(request, project, "release")
    leases, form = _chosen(request.POST, project), BulkReleaseForm(request.POST)
    if not form.is_valid():
        return _confirm(request, project, leases, "release", form)
    return _release(request, project, leases, form)


@reauthentication_required
def _release(
    request: HttpRequest, project: Project, leases: dict[int, Lease | None], form: BulkReleaseForm
) -> HttpResponse:
    by, now = from_request(request), timezone.now()

    def release_one(lease: Lease) -> str:
        done = releasing.release(lease=lease, at_period_end=form.at_period_end, by=by, now=now)
        return f"Ends on {times.long_date(done.release_on)}." if done.release_on else "Released."

    return _results(request, "Release", bulk.run(leases, release_one))


@carries("lease")
@read_and_write
@project_view(Right.MANAGE_NUMBERS)
def unlock(request: HttpRequest, project: Project) -> HttpResponse:
    if request.method != "POST":
        return _opened(request, project, "unlock")
    return _unlock(request, _chosen(request.POST, project))


@reauthentication_required
def _unlock(request: HttpRequest, leases: dict[int, Lease | None]) -> HttpResponse:
    by, now = from_request(request), timezone.now()

    def unlock_one(lease: Lease) -> str:
        releasing.set_lock(lease=lease, locked=False, by=by, now=now)
        return "Unlocked."

    return _results(request, "Unlock", bulk.run(leases, unlock_one))


def _opened(request: HttpRequest, project: Project, action: str) -> HttpResponse:
    """By its address alone there is nothing to confirm."""
    if "lease" not in request.GET:
        return redirect("numbers:purchased", project.pid)
    return _confirm(request, project, _chosen(request.GET, project), action)


def _chosen(data: QueryDict, project: Project) -> dict[int, Lease | None]:
    form = ChosenForm(data)
    if not form.is_valid():
        raise _selection_invalid(form, project)
    return bulk.select(project, form.cleaned_data["lease"])


def _selection_invalid(form: ChosenForm, project: Project) -> DomainError:
    """A selection that makes no sense: there is nothing to show it beside."""
    message = " ".join(str(error) for errors in form.errors.values() for error in errors)
    url = reverse("numbers:purchased", args=[project.pid])
    return DomainError("selection_invalid", message, status=422, url=url, url_label="Purchased Numbers")


def _confirm(
    request: HttpRequest,
    project: Project,
    leases: dict[int, Lease | None],
    action: str,
    form: BulkReleaseForm | None = None,
) -> HttpResponse:
    """What can go lies in the form; what cannot is listed with the reason and left out."""
    form = form or BulkReleaseForm()
    rows = [(lease, _obstacle(lease, action)) for lease in leases.values() if lease is not None]
    going = [lease for lease, obstacle in rows if not obstacle]
    context = {
        "rows": rows,
        "going": going,
        "action": action,
        "form": form,
        "phrase": phrase(len(going)),
        "filters": _filters(request),
    }
    dialog, page = f"numbers/purchased/_bulk_{action}_dialog.html", f"numbers/purchased/bulk_{action}.html"
    return dialogs.show(request, dialog, page, context, status=form_status(form))


def _obstacle(lease: Lease, action: str) -> str:
    if lease.ended_at is not None:
        return "Already released"
    if action == "release":
        return "Locked: unlock it first" if lease.locked else ""
    return "" if lease.locked else "Not locked"


def _results(request: HttpRequest, title: str, results: Iterable[bulk.BulkResult]) -> HttpResponse:
    """A page with one line per number; in a dialog the list behind it is read anew."""
    rows = list(results)
    context = {"title": title, "results": rows, "done": sum(row.done for row in rows), "filters": _filters(request)}
    dialog, page = "numbers/purchased/_bulk_results_dialog.html", "numbers/purchased/bulk_results.html"
    answer = dialogs.show(request, dialog, page, context)
    if is_htmx(request):
        answer["HX-Trigger"] = "numbers:changed"
    return answer


def _filters(request: HttpRequest) -> str:
    """The list that the selection was made in, so that one comes back to it; only what the list's form understands."""
    return ListingForm(QueryDict(request.POST.get("filters", "")[:1000])).address()
