"""Releasing one number: the confirmation, the release, its undo, and the lock against it."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from numbers.console.number.release_forms import ReleaseForm
from numbers.leases import queries, releasing
from numbers.leases.models import Lease
from portal.accounts.telephone import international
from portal.core import dialogs, times
from portal.core.actions import act_and_redirect
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.forms import add_domain_error, form_status, sent
from portal.core.htmx import redirect_page
from portal.core.pages import post_only
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@read_and_write
@project_view(Right.MANAGE_NUMBERS)
def release(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    """GET says what would happen, in a dialog or on a page; POST needs the number typed and a fresh code."""
    found = queries.find(project, lease)
    form = ReleaseForm(sent(request), lease=found)
    return _release(request, found, form) if form.is_valid() else _confirm(request, found, form)


@reauthentication_required
def _release(request: HttpRequest, lease: Lease, form: ReleaseForm) -> HttpResponse:
    """Without a fresh code the request is kept until there is one, and then made again."""
    try:
        lease = releasing.release(
            lease=lease, at_period_end=form.at_period_end, by=from_request(request), now=timezone.now()
        )
    except DomainError as error:
        if error.code == "lease_ended":  # a second click, or a colleague: what was wanted is done
            messages.warning(request, error.message)
            return redirect_page(request, reverse("numbers:lease", args=[lease.project.pid, lease.pk]))
        add_domain_error(form, error)
        return _confirm(request, queries.find(lease.project, lease.pk), form)
    messages.success(request, _done(lease), extra_tags=BRIEF)
    return redirect_page(request, reverse("numbers:lease", args=[lease.project.pid, lease.pk]))


def _confirm(request: HttpRequest, lease: Lease, form: ReleaseForm) -> HttpResponse:
    now = timezone.now()
    context = {
        "lease": lease,
        "number": lease.number,
        "form": form,
        "may_wait": releasing.may_wait(lease),
        "at_once": releasing.release_terms(lease, at_period_end=False, now=now),
        "later": releasing.release_terms(lease, at_period_end=True, now=now),
    }
    return dialogs.show(
        request,
        "numbers/number/_release_dialog.html",
        "numbers/number/release.html",
        context,
        status=form_status(form),
    )


def _done(lease: Lease) -> str:
    number = international(lease.number.e164)
    if lease.release_on is None:
        return f"{number} was released."
    return f"{number} will be released on {times.long_date(lease.release_on)}; it works until then."


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def undo(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found = queries.find(project, lease)
    return act_and_redirect(
        request,
        lambda: releasing.undo(lease=found, by=from_request(request), now=timezone.now()),
        done=f"{international(found.number.e164)} is yours again, with its settings.",
        to=reverse("numbers:lease", args=[project.pid, found.pk]),
        refused=messages.WARNING,
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def cancel_release(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found = queries.find(project, lease)
    return act_and_redirect(
        request,
        lambda: releasing.cancel_release(lease=found, by=from_request(request), now=timezone.now()),
        done=f"{international(found.number.e164)} is kept and will be renewed each month.",
        to=reverse("numbers:lease", args=[project.pid, found.pk]),
        refused=messages.WARNING,
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def lock(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    return _set_lock(request, queries.find(project, lease), locked=True)


@read_and_write
@project_view(Right.MANAGE_NUMBERS)
def unlock(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    """GET comes from who entered a code first; nothing happens then."""
    found = queries.find(project, lease)
    if request.method != "POST":
        return redirect("numbers:lease", project.pid, found.pk)
    return _unlock(request, found)


@reauthentication_required
def _unlock(request: HttpRequest, lease: Lease) -> HttpResponse:
    return _set_lock(request, lease, locked=False)


def _set_lock(request: HttpRequest, lease: Lease, *, locked: bool) -> HttpResponse:
    words = "is locked: nobody can release it by mistake." if locked else "is unlocked and can be released."
    return act_and_redirect(
        request,
        lambda: releasing.set_lock(lease=lease, locked=locked, by=from_request(request), now=timezone.now()),
        done=f"{international(lease.number.e164)} {words}",
        to=reverse("numbers:lease", args=[lease.project.pid, lease.pk]),
        refused=messages.WARNING,
    )
