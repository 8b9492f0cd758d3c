"""The list of versions, for the page of a number and for the settings of a project."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from numbers.leases.setting_versions import SettingVersion
from portal.core.errors import DomainError
from portal.core.paging import page_urls
from projects.actor import from_request
from projects.request import PortalRequest

PAGE_SIZE = 10
CURSOR, FRAGMENT = "versions_before", "versions"
_LARGEST = 2**31 - 1


class VersionForm(forms.Form):
    """Of an address (where the page begins) or of a button (which version is gone back to)."""

    versions_before = forms.IntegerField(required=False, min_value=1, max_value=_LARGEST)
    version = forms.IntegerField(required=False, min_value=1, max_value=_LARGEST)


def read_version(data: QueryDict, name: str) -> int | None:
    """None for what is no version."""
    form = VersionForm(data)
    form.is_valid()
    found = form.cleaned_data.get(name)
    return int(found) if found else None


def version_page(versions: QuerySet[Any], here: str, data: QueryDict | None = None) -> dict[str, Any]:
    """A page of them, newest first; ``here`` is the address of the page that it stands on. One query."""
    before = read_version(data, CURSOR) if data is not None else None
    found = versions.filter(version__lt=before) if before else versions
    rows = list(found[: PAGE_SIZE + 1])
    following = rows[PAGE_SIZE - 1].version if len(rows) > PAGE_SIZE else None
    urls = page_urls(here, {}, cursor=CURSOR, current=before, following=following, fragment=FRAGMENT)
    return {"versions": rows[:PAGE_SIZE], "newest": not before, "version_urls": urls}


def given(request: PortalRequest) -> dict[str, Any]:
    """Who acts and when, for a service."""
    return {"by": from_request(request), "now": timezone.now()}


def go_back(request: PortalRequest, versions: QuerySet[Any], restore: Callable[[int], object]) -> None:
    """To the version of the button that was sent; ``versions`` are all of them, newest first. Says what was done."""
    version, before = read_version(request.POST, "version") or 0, versions.first()
    try:
        restore(version)
    except DomainError as error:
        messages.error(request, f"Version {version} cannot be set any more. {error.message}")
    else:
        messages.success(request, _gone_back(version, before, versions.first()))


def _gone_back(version: int, before: SettingVersion | None, newest: SettingVersion | None) -> str:
    """What is said after going back; ``before`` and ``newest`` are the newest versions then and now."""
    if newest is None or newest == before:
        return f"Nothing to change: what stands now is what version {version} said."
    return f"Went back to version {version}. {' '.join(newest.changes)}"
