"""The outermost layer: request ids and the access log."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]
# In a job: the id of the request that queued it, a dot, and the job's own id.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# For the log scrubber, which removes the secrets of the running request wherever they turn up.
current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)
access_log = logging.getLogger("portal.access")
_CLEAN = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
QUIET_PATHS = {"/healthz", "/readyz", "/live/taken"}


class RequestIdMiddleware:
    """Takes the proxy's ``X-Request-ID`` if it looks like one, else makes one; logs and answers carry it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        value = given if _CLEAN.match(given) else uuid.uuid4().hex
        id_token, request_token = request_id.set(value), current_request.set(request)
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = value
            if request.path not in QUIET_PATHS or response.status_code >= 500:
                _log_access(request, response, time.perf_counter() - started)
        finally:
            request_id.reset(id_token)
            current_request.reset(request_token)
        return response


def _log_access(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Never the query: it may hold a token. The person's id only if the request has looked it up anyway."""
    user = getattr(request, "_cached_user", None)
    access_log.info(
        "request",
        extra={
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "user_id": getattr(user, "pk", None),
        },
    )
