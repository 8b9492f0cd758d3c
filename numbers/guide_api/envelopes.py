"""The responses of the guide: its success bodies, and each call's error body (guide tables 2, 3 and 9)."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from numbers.guide_api.json_encoder import encode
from numbers.guide_api.listing import row
from numbers.inventory.search import SearchPage
from portal.core.errors import DomainError, OwnerInactive, ProjectSuspended

INVALID_KEYS = "Invalid Project ID/Auth Token"
# Every other error status is what the guide calls "User Creation Failed": understood, but not to be routed so.
KEPT_ROUTING_STATUSES = {400, 404, 405, 413, 415, 429}


class InvalidKeysError(DomainError):
    """Wrong Project ID or wrong Auth Token: one answer, so that neither can be guessed alone."""

    def __init__(self) -> None:
        super().__init__("invalid_keys", INVALID_KEYS, status=401)


def json_response(body: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(encode(body), status=status, content_type="application/json")


def list_response(page: SearchPage) -> HttpResponse:
    """``count`` is the total of all pages: exact up to 10,000, above it 10000 with ``count_capped``."""
    body = {
        "status": "Success",
        "count": page.total,
        "code": 200,
        "data": [row(number) for number in page.rows],
    }
    return json_response(body | ({"count_capped": True} if page.total_is_capped else {}))


def list_error(error: DomainError) -> HttpResponse:
    """Of GET /listnewnumbers."""
    return json_response(_failure(error) | {"count": 0, "data": []}, error.status)


def purchase_response(resp: dict[str, Any], code: int) -> HttpResponse:
    return json_response({"status": "Success", "code": code, "resp": resp}, code)


def purchase_error(error: DomainError) -> HttpResponse:
    """Of POST /purchasenumber."""
    return json_response(_failure(error), error.status)


def routing_response(message: str) -> HttpResponse:
    return json_response({"data": {"code": 200, "message": message}})


def routing_error(error: DomainError) -> HttpResponse:
    """Of POST /api/callrouting.

    404 wrong keys, 403 keys that do not work now, 401 this number cannot be routed so, 400 a bad parameter.
    """
    code, message = error.status, error.message
    if isinstance(error, InvalidKeysError):
        code = HTTPStatus.NOT_FOUND.value
    elif isinstance(error, OwnerInactive | ProjectSuspended):
        pass  # nothing is wrong with this request: no other one would be answered
    elif code < HTTPStatus.INTERNAL_SERVER_ERROR and code not in KEPT_ROUTING_STATUSES:
        code, message = HTTPStatus.UNAUTHORIZED.value, f"User Creation Failed: {message}"
    return json_response(
        {
            "data": {"code": code, "message": message, "error": error.code}
            | ({"field": error.field} if error.field else {})
        },
        code,
    )


def _failure(error: DomainError) -> dict[str, Any]:
    status = "No Data" if error.code == "no_data" else HTTPStatus(error.status).phrase
    body: dict[str, Any] = {
        "status": status,
        "code": error.status,
        "error": error.code,
        "message": error.message,
    }
    if error.field:
        body["field"] = error.field
    facts = {key: value for key, value in error.extra.items() if isinstance(value, str | int | Decimal)}
    return facts | body
