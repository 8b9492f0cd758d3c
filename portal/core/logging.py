"""Structured JSON logs: one object per line, with the request id, and without secrets.

The scrubber works in two ways: by pattern (whatever looks like one of our secrets, or stands after a name
such as ``password=``), and by value (whatever the running request itself sent under such a name), so that a
secret is removed even where an exception quotes it bare.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pythonjsonlogger.json import JsonFormatter as BaseFormatter

from portal.core.request_id import current_request, request_id

SCRUBBED = "[scrubbed]"
SECRET = re.compile(
    r"(?:ptk|swk)_[0-9A-Za-z]{8,}|(?:sk|rk|whsec)_[0-9A-Za-z_]{8,}|[Bb]earer\s+\S+|[Bb]asic\s+[A-Za-z0-9+/=]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?"
    r"|(?<=/sms/jasmin/)[^\s\"'?]+"  # of a gateway that cannot send headers, whatever else is wrong with the address
    r"|(?i:otpauth://\S+)|(?<=://)[^/@\s:]*:[^/@\s]+(?=@)"
    r"|(?i:(?:authtoken|password\w*|secret\w*|token|otp_token|csrfmiddlewaretoken|sessionid)"
    r"[\"']?\s*[=:]\s*(?:\"[^\"]*\"|'[^']*'|[^\s&\"',}]+))"
)
SECRET_NAME = re.compile(r"(?i)pass|secret|token|authorization|otp|recovery|^code$|signature|session|^key$|uidb36")
SHORTEST = 4  # a shorter value would blank out half of every line


def scrub(text: str, values: Iterable[str] = ()) -> str:
    for value in values:
        text = text.replace(value, SCRUBBED)
    return SECRET.sub(SCRUBBED, text)


def without_django_log(response: HttpResponseBase) -> None:
    """Django writes no line of its own about this answer: the access log has one."""
    vars(response)["_has_been_logged"] = True


def secret_values(request: HttpRequest) -> set[str]:
    """What the request itself sent as a secret. Reads nothing that the view has not read before."""
    found = set(_under_secret_names(_query(request)))
    if hasattr(request, "_post"):
        found |= set(_under_secret_names(request.POST.lists()))
    if hasattr(request, "_body") and request.content_type == "application/json":
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict):
            found |= set(_under_secret_names(_single(body)))
    if request.resolver_match is not None:  # links in mails: /accounts/confirm-email/<key>/
        found |= set(_under_secret_names(_single(request.resolver_match.kwargs)))
    found |= set(request.META.get("HTTP_AUTHORIZATION", "").split())  # scheme and credentials
    found |= set(request.COOKIES.values())
    return {value for value in found if len(value) >= SHORTEST}


def _query(request: HttpRequest) -> Iterable[tuple[str, list[Any]]]:
    """Of an address with more fields than Django reads, too: what is refused is logged like everything else."""
    try:
        return request.GET.lists()
    except SuspiciousOperation:
        return parse_qs(request.META.get("QUERY_STRING", "")).items()


def _single(values: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    return ((name, [value]) for name, value in values.items())


def _under_secret_names(pairs: Iterable[tuple[str, list[Any]]]) -> Iterator[str]:
    for name, values in pairs:
        if SECRET_NAME.search(name):
            yield from (str(value) for value in values)


def scrub_tree(value: Any, secrets: Iterable[str]) -> Any:
    if isinstance(value, str):
        return scrub(value, secrets)
    if isinstance(value, dict):
        return {
            str(key): SCRUBBED
            if isinstance(inner, str) and SECRET_NAME.search(str(key))
            else scrub_tree(inner, secrets)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set):
        return [scrub_tree(inner, secrets) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub(str(value), secrets)


class RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class ClientFault(logging.Filter):
    """What a client did wrong (a foreign Host, a body too large) is one warning with its path and the error's name.

    Django logs it as an error with a traceback, for which nobody has to get up.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        ours = record.name == "django.request" or record.name.startswith("django.security.")
        if ours and record.exc_info and getattr(record, "status_code", 500) < 500:
            error, request = record.exc_info[1], getattr(record, "request", None)
            record.msg, record.args = "request.refused", ()
            record.error, record.path = type(error).__name__, getattr(request, "path", "")
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True


class JsonFormatter(BaseFormatter):
    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            timestamp="at",
            rename_fields={"levelname": "level", "name": "logger"},
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        log_data.pop("request", None)  # Django's own records carry the whole request, query and all
        request = current_request.get()
        secrets = sorted(secret_values(request), key=len, reverse=True) if request is not None else []
        scrubbed: dict[str, Any] = scrub_tree(super().process_log_record(log_data), secrets)
        return scrubbed
