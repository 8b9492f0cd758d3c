"""Every address of the URL configuration as a path that can be called, whether or not it has a name."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from numbers.models import Lease
from tests.support.leases import DID, make_lease
from tests.support.people import make_superuser
from tests.support.projects import make_project

SAMPLES = {
    "ref": str(uuid.UUID(int=7)),
    "message_id": str(uuid.UUID(int=7)),
    "webhook_id": "test_1",
    "slot": "primary",
    "platform": "ios",
    "e164": "12125550100",
    "called": "+12125550100",
    "key": "not-a-key",
    "uidb36": "1",
    "app_label": "projects",
    "url": "nowhere",
}
SIGNS_OUT = ("/accounts/logout/", "/admin/logout/")
MACHINES = ("/api", "/carrier", "/listnewnumbers", "/purchasenumber", "/payments/")


def paths(**given: object) -> list[str]:
    """``given``: values for names in addresses, such as ``pid``; what is neither there nor in SAMPLES is 1."""
    values = SAMPLES | {name: str(value) for name, value in given.items()}
    return sorted(set(_walk(get_resolver(), "/", values)))


def lease_of_staff() -> Lease:
    """Of a project whose owner may open the admin site, too."""
    return make_lease(project=make_project(make_superuser()))


def everywhere(lease: Lease) -> list[str]:
    """What a browser may open or send a form to around this lease, without signing out."""
    project = lease.project
    found = paths(pid=project.pid, lease=lease.pk, object_id=project.pk, pk=project.pk, e164=DID.lstrip("+"))
    return [where for where in found if not where.startswith(MACHINES) and where not in SIGNS_OUT]


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Takes back what a call changes, in the database and in the browser's cookies, so that a walk goes on as the same
    person: an empty form, for one, takes all rights from the account that it is about."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def leads_to_sign_in(answer: HttpResponse) -> bool:
    targets = (answer.headers.get("Location", ""), answer.headers.get("HX-Redirect", ""))
    return answer.status_code == 401 or any(target.startswith("/accounts/login/") for target in targets)


def _walk(resolver: URLResolver, above: str, values: dict[str, str]) -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = above + _path(entry.pattern, values)
        if isinstance(entry, URLPattern):
            yield path
        else:
            yield from _walk(entry, path, values)


def _path(pattern: object, values: dict[str, str]) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], "1"), str(pattern))
    text = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: values.get(found[1], "1"), str(pattern))
    return text.removeprefix("^").removesuffix("$").removesuffix("/?").replace("\\", "")
