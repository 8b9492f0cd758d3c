"""A session that expired, or another one that began: to the sign-in page and back, with the form as it was typed.

One place for every road to the sign-in page: the middleware's, the admin site's, and views' own.
"""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from portal.accounts import form_drafts
from portal.accounts.form_restore import restore
from portal.core import pages
from portal.core.errors import INVALID
from portal.core.htmx import is_htmx, redirect_page

MESSAGE = "Your session has ended. Please sign in again."
# Pages of the way in: nobody is led back to them, but to where they lead.
_SIGN_IN_PAGES = {
    "account_login",
    "account_reauthenticate",
    "otp_reauthenticate",
    "second_factor",
    "second_factor_enrol",
    "second_factor_codes",
    "account_logout",
    "admin:login",
}


class SessionExpiryMiddleware:
    """Turns each redirect to the sign-in page into one that comes back to a page; fills the form there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = form_drafts.pop_key(request) if request.method == "GET" else ""
        response = self.get_response(request)
        target = urlsplit(response.headers.get("Location", ""))
        if target.path in (str(settings.LOGIN_URL), reverse("admin:login")) and not request.user.is_authenticated:
            return _to_sign_in(request, key) if "next=" in target.query else _followed_by_htmx(request, response)
        if target.path.startswith("/accounts/"):
            return _followed_by_htmx(request, response)
        return _with_draft(request, response, key) if key else response


def _to_sign_in(request: HttpRequest, key: str) -> HttpResponse:
    page = page_of(request)
    if request.method == "POST":
        page = form_drafts.save_draft(request, page)
    elif key and page:
        page = form_drafts.with_key(page, key)
    address = str(settings.LOGIN_URL) + (f"?{urlencode({'next': page})}" if page else "")
    if is_htmx(request):
        return HttpResponseClientRedirect(address)
    if pages.by_script(request):
        body = {"status": "Error", "code": 401, "error": "signed_out", "message": MESSAGE, "location": address}
        return JsonResponse(body, status=401)
    return redirect(address)


def page_of(request: HttpRequest) -> str:
    """Where to go back to after signing in; "" for the list of projects."""
    page = pages.current_page(request)
    match = pages.match_of(page) if page else None
    if match is not None and match.view_name in _SIGN_IN_PAGES:
        page = QueryDict(urlsplit(page).query).get("next", "")
        return page if page.startswith("/") and not page.startswith("//") and pages.is_page(page) else ""
    return page


def _followed_by_htmx(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """htmx would put the page that a redirect leads to into its target."""
    return HttpResponseClientRedirect(response.headers["Location"]) if is_htmx(request) else response


def _with_draft(request: HttpRequest, response: HttpResponseBase, key: str) -> HttpResponseBase:
    """The page with the draft of this person."""
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    is_page = is_html and response.status_code in (200, INVALID)
    form = form_drafts.find_draft(key, request.user) if is_page and isinstance(response, HttpResponse) else None
    if form is not None and isinstance(response, HttpResponse):
        response.content = restore(response.content.decode(), form, request.path).encode()
    return response


def is_other_users_form(request: HttpRequest) -> bool:
    """Whether the form stood on a page of another account than the one that is signed in now."""
    owner = form_drafts.owner_of(request)
    return request.user.is_authenticated and owner is not None and owner != request.user.pk


def recover_form(request: HttpRequest) -> HttpResponse | None:
    """After a form whose token is not (any more) this browser's: the same person gets the page with what was typed.

    None unless the browser says itself that a page of ours sent it: nobody else can put words into the form.
    """
    origin = f"{request.scheme}://{request.get_host()}"
    owner = form_drafts.owner_of(request) if request.headers.get("Origin") == origin else None
    if owner is None or not request.COOKIES.get(settings.CSRF_COOKIE_NAME):
        return None
    if not request.user.is_authenticated or not request.user.is_verified():
        return _to_sign_in(request, "")
    if request.user.pk != owner:
        return None
    address = form_drafts.save_draft(request, page_of(request)) or str(settings.LOGIN_REDIRECT_URL)
    return redirect_page(request, address)
