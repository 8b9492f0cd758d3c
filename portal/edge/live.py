"""``/live/taken``: open search pages ask every second or so which numbers others have just taken.

Answered before sessions, like health: 200 open pages are 170 requests a second, and most of them learn nothing new.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.utils import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.models import Device

from numbers.inventory.live.taken_numbers import TAKEN_NUMBERS_FEED
from numbers.inventory.live.tokens import PATH, project_of
from portal.accounts.models import User
from portal.core.logging import without_django_log
from portal.core.sessions import SessionStore
from portal.edge.machine import finish

log = logging.getLogger(__name__)
TRUST_SECONDS, MOST_PAGES = 60.0, 5000
# So often a process looks, for all its pages at once, which of their sessions have ended.
ENDED_SECONDS = 3.0


class ProjectAccess:
    """Whether a browser may still see a project. One per process, which looks once a minute for each page; a page of
    somebody who was put on hold or left the project gets nothing more after that, and one whose session was ended
    nothing after three seconds.

    It only looks: it neither renews a session nor ends one, as the machinery for pages would.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[tuple[str, int], float] = {}  # by session and project: until when that is trusted
        self._looked_at = float("-inf")

    def allows(self, request: HttpRequest, project_id: int) -> bool:
        """Raises what the database raises."""
        page, now = (request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), project_id), self._clock()
        if now - self._looked_at >= ENDED_SECONDS:
            self._looked_at = now
            self._open = {each: until for each, until in self._open.items() if until > now}
            alive = _alive({key for key, _ in self._open})
            self._open = {each: until for each, until in self._open.items() if each[0] in alive}
        if self._open.get(page, now) > now:
            return True
        if len(self._open) >= MOST_PAGES:
            self._open = {}
        self._open.pop(page, None)
        if not _is_member(*page):
            return False
        self._open[page] = now + TRUST_SECONDS
        return True


def _alive(keys: set[str]) -> set[str]:
    """Of the sessions with these keys, those that were not ended: on the sessions page, by signing out."""
    return set(Session.objects.filter(session_key__in=keys).values_list("session_key", flat=True)) if keys else set()


def _is_member(session_key: str, project_id: int) -> bool:
    session = SessionStore(session_key)
    user = User.objects.filter(
        pk=session.get(SESSION_KEY) or 0, is_active=True, memberships__project_id=project_id
    ).first()
    if user is None:
        return False
    device = Device.from_persistent_id(session.get(DEVICE_ID_SESSION_KEY) or "/")
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return (
        device is not None
        and device.user_id == user.pk
        and any(constant_time_compare(session.get(HASH_SESSION_KEY, ""), known) for known in hashes)
    )


ACCESS = ProjectAccess()


class LiveMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != PATH:
            return self.get_response(request)
        response = answer(request)
        without_django_log(response)  # a page left open asks often, whatever it gets
        return finish(request, response)


def answer(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    project_id = project_of(request.headers.get("X-Live-Token", ""))
    if project_id is None:
        return HttpResponse(status=403)
    try:
        if not ACCESS.allows(request, project_id):
            return HttpResponse(status=403)
        news = TAKEN_NUMBERS_FEED.latest().for_project(project_id)
    except Error as error:
        log.warning("live.unavailable", extra={"error": type(error).__name__})
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    if request.headers.get("If-None-Match") == news.etag:
        return HttpResponse(status=304, headers={"ETag": news.etag})
    return HttpResponse(news.body, content_type="application/json", headers={"ETag": news.etag})
