"""Whether htmx sent a request, and for which element; read from the headers, so it holds before any middleware ran."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def htmx_target(request: HttpRequest) -> str:
    """The id of the element that htmx puts the answer into; "" without htmx or id."""
    return HtmxDetails(request).target or "" if is_htmx(request) else ""


def redirect_page(request: HttpRequest, to: str) -> HttpResponse:
    """Of the whole page: htmx would put the page that an ordinary redirect leads to into its target."""
    return HttpResponseClientRedirect(to) if is_htmx(request) else redirect(to)
