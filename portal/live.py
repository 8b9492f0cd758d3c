"""``/live/taken``: open search pages ask every second or so which numbers others have just taken.

Answered before sessions, like health: 200 open pages are 170 requests a second, and most of them learn nothing new.
"""

import logging
from collections.abc import Callable

from django.db.utils import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from numbers.live.feed import FEED
from numbers.live.tokens import PATH, project_of
from portal.machine import finish

log = logging.getLogger(__name__)


class LiveMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != PATH:
            return self.get_response(request)
        response = answer(request)
        response._has_been_logged = True  # type: ignore[attr-defined]  # a page left open asks often, whatever it gets
        return finish(request, response)


def answer(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    project_id = project_of(request.headers.get("X-Live-Token", ""))
    if project_id is None:
        return HttpResponse(status=403)
    try:
        news = FEED.news().for_project(project_id)
    except Error as error:
        log.warning("live.unavailable", extra={"error": type(error).__name__})
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    if request.headers.get("If-None-Match") == news.etag:
        return HttpResponse(status=304, headers={"ETag": news.etag})
    return HttpResponse(news.body, content_type="application/json", headers={"ETag": news.etag})
