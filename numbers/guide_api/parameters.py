"""Reading what clients of the guide's calls send: JSON, form or multipart bodies, and query strings.

Values are texts without surrounding white space (the guide's own curl line has a line break inside its body).
"""

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, QueryDict

from portal.core.errors import DomainError

MAX_VALUE_LENGTH = 200  # characters of one value
MAX_PARAMETERS = 50
MAX_BODY_BYTES = 16_384  # of a body


def invalid_request(message: str, field: str | None = None) -> DomainError:
    return DomainError("invalid_parameter" if field else "bad_request", message, field=field, status=400)


def from_query(request: HttpRequest) -> dict[str, str]:
    return _clean((name, values) for name, values in request.GET.lists())


def from_body(request: HttpRequest) -> dict[str, str]:
    """The parameters of a POST. A body that begins with a brace is JSON: ``curl -d`` calls everything a form.

    Raises ``bad_request``, ``invalid_parameter`` (400) and ``unsupported_media_type`` (415).
    """
    kind = request.content_type or ""
    if kind == "multipart/form-data":
        if request.FILES:
            raise invalid_request("Files have no place in this call.")
        return _clean((name, values) for name, values in request.POST.lists())
    if kind == "application/json" or request.body.lstrip().startswith(b"{"):
        return _clean((name, [value]) for name, value in _json(request.body))
    if kind in ("application/x-www-form-urlencoded", "text/plain", ""):
        form = QueryDict(_text(request.body), encoding="utf-8")
        return _clean((name, values) for name, values in form.lists())
    raise DomainError(
        "unsupported_media_type", "Send application/json or application/x-www-form-urlencoded.", status=415
    )


def required(parameters: dict[str, str], name: str) -> str:
    """Raises ``missing_parameter`` when it is missing or empty."""
    value = parameters.get(name, "")
    if not value:
        raise DomainError("missing_parameter", f"The parameter {name} is required.", field=name, status=400)
    return value


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise invalid_request("The body is not valid UTF-8.") from None


def _json(body: bytes) -> list[tuple[str, Any]]:
    """The members of the object, repeated names included. Whole numbers stay texts, digit by digit."""
    try:
        members = json.loads(_text(body), object_pairs_hook=_Members, parse_int=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise invalid_request("The body is not valid JSON.") from None
    if not isinstance(members, _Members):
        raise invalid_request("The body must be a JSON object.")
    return members


class _Members(list[tuple[str, Any]]):
    """An object's members, told apart from an array."""


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _clean(members: Iterable[tuple[str, list[Any]]]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, values in members:
        _check_text(name, None)
        if name in parameters or len(values) > 1:
            raise invalid_request(f"The parameter {name} is given more than once.", name)
        value = "" if values[0] is None else values[0]
        if not isinstance(value, str):
            raise invalid_request(f"The parameter {name} must be a text.", name)
        _check_text(value, name)
        parameters[name] = value.strip()
        if len(parameters) > MAX_PARAMETERS:
            raise invalid_request("There are too many parameters.")
    return parameters


def _check_text(value: str, field: str | None) -> None:
    """No control characters (white space apart), no half characters, nothing endless."""
    if len(value) > MAX_VALUE_LENGTH:
        raise invalid_request(f"A value may have at most {MAX_VALUE_LENGTH} characters.", field)
    if any((ord(char) < 32 and char not in "\t\r\n") or 0xD800 <= ord(char) <= 0xDFFF for char in value):
        raise invalid_request("A value holds characters that no text has.", field)
