"""The headers of every answer, set in one place whoever answered: a view, a middleware, an error page, a file.

What a view has set itself stays, with one exception: ``Cache-Control`` counts only through :func:`cacheable`. An answer
that nobody declared so is kept by no cache and no browser.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import HEADER as CSP
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseFileResponse  # type: ignore[import-untyped]

PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
NO_STORE = "no-store"
NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'"


def cacheable(response: HttpResponse, policy: str) -> HttpResponse:
    """Declares that the answer may be kept, as ``policy`` (a value of Cache-Control) says."""
    response.headers["Cache-Control"] = policy
    vars(response)["may_be_kept"] = True
    return response


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same page for everybody: browsers may keep it and ask each time whether it is still current.

    For a browser with a session it shows whose it is, and stays private.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        known = settings.SESSION_COOKIE_NAME in request.COOKIES
        return response if known or response.status_code != 200 else cacheable(response, "no-cache")

    return wrapped


class HeadersMiddleware:
    """Stands outside of everything that answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.page_policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        if isinstance(response, WhiteNoiseFileResponse):  # a file of the release, the same for everybody
            return response
        if settings.DEBUG and response.status_code in (404, 500):  # Django's own pages, with styles in line
            return response
        page = headers.get("Content-Type", "").startswith("text/html")
        headers.setdefault(CSP, self.page_policy if page else NOT_A_PAGE)
        may_be_kept = getattr(response, "may_be_kept", False) and not response.cookies
        if not may_be_kept and NO_STORE not in headers.get("Cache-Control", ""):
            headers["Cache-Control"] = NO_STORE
        return response
