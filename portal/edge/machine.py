"""The short way for programs: addresses of machines pass no session, cookie, CSRF or login machinery.

Each edge has its own way to say no (an *envelope*): whatever goes wrong behind its addresses, a refused rule,
a wrong method, an unknown path or a bug, is answered in it as one line of JSON. Nothing here redirects.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.core import signals
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import get_resolver

from numbers.carrier import errors as carrier
from numbers.guide_api import envelopes as guide
from numbers.guide_api.parameters import MAX_BODY_BYTES
from portal.core import outage
from portal.core.errors import DomainError
from portal.core.logging import without_django_log
from portal.core.request_id import request_id

log = logging.getLogger(__name__)
Envelope = Callable[[DomainError], HttpResponse]

# Beside those of portal.core.headers.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def problem(error: DomainError) -> HttpResponse:
    """RFC 9457, for the addresses of ``/api/`` that have no envelope of their own."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
    } | ({"field": error.field} if error.field else {})
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


@dataclass(frozen=True, slots=True)
class Edge:
    """``prefix`` counts alone or before a slash; ``most_bytes`` is the longest body that is read."""

    prefix: str
    envelope: Envelope
    most_bytes: int

    def covers(self, path: str) -> bool:
        return path == self.prefix or path.startswith(f"{self.prefix}/")


# The first that covers a path has it.
EDGES = (
    Edge("/carrier", carrier.error_response, 1_000_000),
    Edge("/listnewnumbers", guide.list_error, MAX_BODY_BYTES),
    Edge("/purchasenumber", guide.purchase_error, MAX_BODY_BYTES),
    Edge("/api/callrouting", guide.routing_error, MAX_BODY_BYTES),
    Edge("/api", problem, 1_000_000),
)


class MachinePathMiddleware:
    """Answers the addresses of ``EDGES`` itself; everything else goes on to the machinery for people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        edge = next((edge for edge in EDGES if edge.covers(request.path_info)), None)
        return self.get_response(request) if edge is None else finish(request, answer(request, edge))


def answer(request: HttpRequest, edge: Edge) -> HttpResponseBase:
    try:
        if _content_length(request) > edge.most_bytes:
            raise RequestDataTooBig
        match = get_resolver().resolve(request.path_info)
        request.resolver_match = match
        response = match.func(request, *match.args, **match.kwargs)
    except Exception as exception:
        return _refusal(request, edge, exception)
    return _wrong_method(request, edge, response) if isinstance(response, HttpResponseNotAllowed) else response


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _refusal(request: HttpRequest, edge: Edge, exception: Exception) -> HttpResponse:
    error = as_domain_error(exception)
    if error.code in outage.CODES:  # expected while a part is away; one line is enough
        log.warning(
            "machine.out_of_service",
            extra={"path": request.path_info, "outage": error.code, "error": type(exception).__name__},
        )
    elif error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.exception("machine.failed", extra={"path": request.path_info, "status": error.status})
        signals.got_request_exception.send(sender=MachinePathMiddleware, request=request)
    response = edge.envelope(error)
    without_django_log(response)  # Django would log each refusal again
    if "retry_after" in error.extra:
        response.headers["Retry-After"] = str(error.extra["retry_after"])
    if error.status == HTTPStatus.UNAUTHORIZED and edge.envelope is carrier.error_response:
        response.headers["WWW-Authenticate"] = 'Basic realm="carrier", Bearer'
    return response


def as_domain_error(exception: Exception) -> DomainError:
    """What went wrong, in words that tell a stranger nothing about the inside."""
    match exception:
        case DomainError():
            return exception
        case Http404():
            return DomainError("not_found", "There is nothing at this address.", status=404)
        case PermissionDenied():
            return DomainError("forbidden", "This is not allowed.", status=403)
        case RequestDataTooBig():
            return DomainError("too_large", "The body of the request is too large.", status=413)
        case BadRequest() | SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return DomainError("bad_request", "The request could not be read.", status=400)
    return outage.as_domain_error(exception) or DomainError(
        "internal_error", f"Something went wrong here. Mention {request_id.get()} to our support.", status=500
    )


def _wrong_method(request: HttpRequest, edge: Edge, response: HttpResponseNotAllowed) -> HttpResponse:
    allowed = response.headers["Allow"]
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": f"{allowed}, OPTIONS"})
    refused = edge.envelope(DomainError("method_not_allowed", f"Use {allowed}.", status=405))
    refused.headers["Allow"] = allowed
    without_django_log(refused)
    return refused


def finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        if request.method == "HEAD":
            response.content = b""
    return response
