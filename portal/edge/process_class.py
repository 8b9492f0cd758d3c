"""A web server answers the addresses of its class of callers (``PROCESS_CLASS``) and no others.

The front sends each address to its class; whoever finds another way to a listener finds nothing there. Health is
answered by all of them. A process without a class of web callers (tests, ``runserver``) answers everything.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from numbers.carrier import errors as carrier
from portal.core.errors import DomainError
from portal.edge.machine import EDGES, finish, problem
from portal.serve import LISTENERS


def class_of(path: str) -> str:
    edge = next((edge for edge in EDGES if edge.covers(path)), None)
    if edge is None:
        return "people"
    return "carrier" if edge.prefix == "/carrier" else "rest"


class ProcessClassMiddleware:
    """Anything of another class is a 404 in the words of this one's callers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if settings.PROCESS_CLASS not in LISTENERS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if class_of(request.path_info) == settings.PROCESS_CLASS:
            return self.get_response(request)
        error = DomainError("not_found", "There is nothing at this address.", status=404)
        return finish(request, carrier.error_response(error) if settings.PROCESS_CLASS == "carrier" else problem(error))
