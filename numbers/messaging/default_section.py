"""The card "Set Message Post URL" of Number Settings: the URL of every number without one of its own."""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.urls import reverse

from numbers.messaging.forms import MessagingForm
from numbers.messaging.messaging_context import VERSIONS, VERSIONS_TITLE
from numbers.messaging.queries import SetUrl, default_settings
from numbers.routing.settings_context import PAGE, Section, section
from numbers.routing.version_pages import PAGE_SIZE, begins_before, page_of
from projects.models import Project
from projects.webhooks.targets import TargetSettings


@dataclass(frozen=True, slots=True)
class Facts:
    """``used_by``: how many numbers use it, or would."""

    settings: TargetSettings
    to: SetUrl | None
    used_by: int


@section
def default_url(project: Project, form: forms.Form | None, query: QueryDict) -> Section:
    """One query."""
    before = begins_before(query, VERSIONS)
    found = default_settings(project, before=before, most=PAGE_SIZE + 1)
    mine = form if isinstance(form, MessagingForm) else MessagingForm(stored=found.settings)
    here = reverse(PAGE, args=[project.pid])
    return Section(
        template="numbers/messaging/_default_card.html",
        form=mine,
        facts=Facts(found.settings, found.to, found.used_by),
        versions=page_of(found.versions, here, before, name=VERSIONS, title=VERSIONS_TITLE),
        restore_url=reverse("numbers:messaging_default_restore", args=[project.pid]),
    )
