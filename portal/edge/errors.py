"""How errors reach people and programs: one handler per edge."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse, UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.html import escape

from portal.accounts import session_expiry
from portal.core import outage
from portal.core.errors import INVALID, DomainError
from portal.core.htmx import is_htmx
from portal.core.logging import without_django_log
from portal.core.request_id import request_id
from portal.edge import form_resubmission

log = logging.getLogger("portal.edge.errors")
GetResponse = Callable[[HttpRequest], HttpResponse]
DOMAIN_PAGES = {404: "errors/404.html", 403: "errors/403.html"}


class MalformedInputMiddleware:
    """Refuses what no browser sends (a NUL byte in the address) before anything looks it up, with a 400."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path_info or "%00" in query or "\x00" in query:
            raise BadRequest("The address holds a NUL byte.")
        return self.get_response(request)


class DomainErrorMiddleware:
    """A DomainError that a view did not turn into a form error becomes a page with the same words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return _method_not_allowed(request, response) if isinstance(response, HttpResponseNotAllowed) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            template = DOMAIN_PAGES.get(error.status, "errors/domain.html")
            response = answer(request, template, status=error.page_status, message=error.message, error=error)
            if "retry_after" in error.extra:
                response["Retry-After"] = str(error.extra["retry_after"])
            return response
        if isinstance(error, UnicodeEncodeError) or (isinstance(error, DataError) and "NUL" in str(error)):
            log.info("malformed text in a request", extra={"path": request.path})
            return bad_request(request, error)
        if isinstance(error, UnreadablePostError):  # the client went away in the middle of its body
            log.warning("request.refused", extra={"path": request.path, "error": "UnreadablePostError"})
            response = bad_request(request, error)
            without_django_log(response)  # else Django writes a second line
            return response
        refusal = outage.as_domain_error(error)
        return None if refusal is None else unavailable(request, refusal, error, again=True)


class RefusedFormMiddleware:
    """A refused form is 422, as in our own views (``portal.core.forms.form_status``): allauth's pages and the admin
    site's would say 200."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        shown = response.context_data or {}
        form, errors = shown.get("form"), shown.get("errors")  # the admin site gathers those of its formsets, too
        if request.method == "POST" and response.status_code == 200 and (errors or (form is not None and form.errors)):
            response.status_code = INVALID
        return response


def answer(request: HttpRequest, template: str, *, status: int, message: str, **context: Any) -> HttpResponse:
    """An error as its reader wants it: a page, a notification for htmx, JSON for a program."""
    reference = request_id.get()
    if is_htmx(request):
        words = {"text": message, "tags": "error"} | _next_step(request, context.get("error"))
        response = render(request, "errors/_fragment.html", words, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
        return response
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"status": "Error", "code": status, "message": message}, status=status)
    return render(request, template, context | {"message": message, "reference": reference}, status=status)


def _next_step(request: HttpRequest, error: DomainError | None) -> dict[str, str]:
    """A refusal may carry ``url`` and ``url_label`` in its extras: where to go from here."""
    return {key: str(error.extra[key]) for key in ("url", "url_label") if error and key in error.extra}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        message = f"That was too much at once. A file can have at most {settings.DOCUMENT_MAX_MB} MB."
        return answer(request, "errors/413.html", status=413, message=message)
    return answer(request, "errors/400.html", status=400, message="The request could not be read.")


def _method_not_allowed(request: HttpRequest, refused: HttpResponseNotAllowed) -> HttpResponse:
    message = "This address cannot be opened in this way."
    response = answer(request, "errors/405.html", status=405, message=message)
    response["Allow"] = refused["Allow"]
    without_django_log(response)  # the first one was
    return response


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, "errors/403.html", status=403, message="You may not open this page.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, "errors/404.html", status=404, message="This page does not exist.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Also what an old tab meets after its person signed in again elsewhere: the page, with what was typed."""
    recovered = session_expiry.recover_form(request)
    if recovered is not None:
        return recovered
    message = "This form is out of date. Reload the page and repeat your last step."
    if session_expiry.is_other_users_form(request):
        message = "This form is of another account: you are now signed in as someone else in this browser."
    return answer(request, "errors/csrf.html", status=403, message=message)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    message = "Too many attempts in a short time. Please wait a moment and try again."
    return answer(request, "errors/429.html", status=429, message=message)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks nobody: no database, no session, no context processor; if even that fails, bare HTML.

    Django calls it inside its ``except``. Middleware meets a part that is away too, and its exceptions come here.
    """
    exception = sys.exception()
    refusal = outage.as_domain_error(exception)
    if refusal is not None:
        return unavailable(request, refusal, exception)
    return HttpResponse(_page("errors/500.html"), status=500)


def unavailable(
    request: HttpRequest, error: DomainError, cause: BaseException | None, *, again: bool = False
) -> HttpResponse:
    """The one answer while a part is away or busy, in the reader's form. It needs none of the parts.

    ``again``: the view was reached, so that its form was not a forged one and may be offered again.
    """
    log.warning(
        "request.out_of_service", extra={"path": request.path, "outage": error.code, "error": type(cause).__name__}
    )
    if is_htmx(request):
        toast = render_to_string("errors/_fragment.html", {"text": error.message, "tags": "error"})
        response = HttpResponse(toast, headers={"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"})
    elif request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response = JsonResponse({"status": "Error", "code": 503, "error": error.code, "message": error.message})
    else:
        fields = form_resubmission.resubmittable_fields(request) if again else None
        response = HttpResponse(
            _page(
                "errors/503.html",
                message=error.message,
                code=error.code,
                method=request.method,
                path=request.get_full_path(),
                fields=fields,
            )
        )
    response.status_code = error.status
    response.headers["Retry-After"] = str(error.extra["retry_after"])
    without_django_log(response)  # Django would add a traceback to each
    return response


def _page(template: str, **words: Any) -> str:
    reference = request_id.get()
    names = {"SITE_NAME": settings.SITE_NAME, "SUPPORT_EMAIL": settings.SUPPORT_EMAIL, "reference": reference}
    try:
        return str(render_to_string(template, names | words))
    except Exception:
        log.exception("the page for a server error failed")
        return f"<!doctype html><title>Error</title><h1>Something went wrong</h1><p>{escape(reference)}</p>"
