"""SMS › Settings: what holds for all messages of a project, and its numbers with SMS capability."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.inventory import number_filter
from numbers.leases.models import Lease
from numbers.messaging.queries import default_target, set_url, summaries, with_sms
from portal.core.forms import form_status
from portal.core.htmx import htmx_target
from portal.core.paging import page_urls
from projects.access import Right, project_view
from projects.models import Project
from projects.request import PortalRequest
from projects.webhooks import secrets

PAGE = "numbers:sms_settings"
PAGE_SIZE = 50


class SmsNumbersForm(forms.Form):
    """What stands in the address of the page."""

    q = forms.CharField(
        label="Search by digits or name",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Digits or name", "autocomplete": "off"}),
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class SmsNumbers:
    """``leases`` have ``message_url``; ``following`` is where the next page begins."""

    leases: list[Lease]
    following: int | None


def sms_numbers(project: Project, *, q: str = "", before: int | None = None) -> SmsNumbers:
    """One query, or two when ``q`` has digits."""
    leases = with_sms(project).annotate(**summaries())
    if q:
        leases = leases.filter(
            Q(friendly_name__icontains=q) | (number_filter.digits_filter(q, "number__e164") or Q(pk__in=[]))
        )
    if before:
        leases = leases.filter(pk__lt=before)
    rows = list(leases[: PAGE_SIZE + 1])
    for lease in rows:
        lease.message_url = set_url(lease)
    return SmsNumbers(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None)


@require_safe
@project_view(Right.VIEW)
def sms_settings(request: PortalRequest, project: Project) -> HttpResponse:
    form = SmsNumbersForm(request.GET)
    form.is_valid()
    q, before = form.cleaned_data.get("q") or "", form.cleaned_data.get("before")
    page = sms_numbers(project, q=q, before=before)
    here = reverse(PAGE, args=[project.pid])
    context: dict[str, Any] = {"form": form, "page": page, "filtered": bool(q)} | page_urls(
        here, {"q": q}, cursor="before", current=before, following=page.following, fragment="sms-numbers"
    )
    if htmx_target(request) == "sms-list":
        return render(request, "numbers/messaging/_sms_list.html", context, status=form_status(form))
    signing = secrets.current(project, timezone.now())
    whole = {"default": default_target(project.pk), "secret": signing[0] if signing else None}
    return render(request, "numbers/messaging/sms_settings.html", context | whole, status=form_status(form))
