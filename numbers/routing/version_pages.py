"""The list of versions, for the page of a number and for the settings of a project."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
NAME, TITLE = "versions", "Versions of the call settings"
_LARGEST = 2**31 - 1
_FIELD = forms.IntegerField(min_value=1, max_value=_LARGEST)


def read_version(data: QueryDict, name: str) -> int | None:
    """Of an address (where the page begins) or of a button (which is gone back to). None for what is no version."""
    try:
        return int(_FIELD.clean(data.get(name)))
    except forms.ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class VersionList:
    """A page of versions, newest first, for templates/numbers/routing/_versions.html. ``name`` is its id."""

    name: str
    title: str
    rows: Sequence[SettingVersion]
    is_newest: bool
    urls: dict[str, str]


def begins_before(data: QueryDict, name: str = NAME) -> int | None:
    """Where the page of the list ``name`` begins that an address asks for."""
    return read_version(data, _cursor(name))


def _cursor(name: str) -> str:
    return f"{name.replace('-', '_')}_before"


def page_of(
    rows: Sequence[SettingVersion], here: str, before: int | None = None, *, name: str = NAME, title: str = TITLE
) -> VersionList:
    """``rows``: one more than a page, from ``before`` on; ``here`` is the address of the page that it stands on."""
    following = rows[PAGE_SIZE - 1].version if len(rows) > PAGE_SIZE else None
    urls = page_urls(here, {}, cursor=_cursor(name), current=before, following=following, fragment=name)
    return VersionList(name, title, rows[:PAGE_SIZE], not before, urls)


def version_list(
    versions: QuerySet[Any], here: str, data: QueryDict | None = None, *, name: str = NAME, title: str = TITLE
) -> VersionList:
    """A page of them, as :func:`page_of`. One query."""
    before = begins_before(data, name) if data is not None else None
    found = versions.filter(version__lt=before) if before else versions
    return page_of(list(found[: PAGE_SIZE + 1]), here, before, name=name, title=title)


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
