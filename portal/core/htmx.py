"""Whether htmx sent a request, and for which element. Read from the headers: it holds before any middleware ran."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def htmx_target(request: HttpRequest) -> str:
    """The id of the element that htmx puts the answer into; "" without htmx or id."""
    return HtmxDetails(request).target or "" if is_htmx(request) else ""
