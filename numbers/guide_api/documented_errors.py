"""The errors of each of the guide's calls, for the API reference. Codes, statuses and words are those of
docs/errors.md; a test holds them together, and finds a code that the calls raise and this list lacks.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse

from numbers.guide_api import envelopes
from portal.core.errors import DomainError, OwnerInactive, ProjectSuspended

# code → status and meaning
MEANINGS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The body or the address cannot be read."),
    "missing_parameter": (400, "`field` is required."),
    "invalid_parameter": (400, "The value of `field` is not valid, or is given more than once."),
    "invalid_<field>": (400, "A search parameter (`field`) is not valid, e.g. `invalid_country`, `invalid_limit`."),
    "invalid_pattern": (400, "The pattern contains something other than digits, letters, `*` and `?`."),
    "search_too_broad": (422, "The pattern would take too long to search for."),
    "no_data": (404, "No numbers match, or there are no more."),
    "invalid_keys": (401, "Project ID and Auth Token do not belong together, or do not exist."),
    "project_suspended": (403, "Our team has suspended the project; the message gives the reason."),
    "owner_inactive": (403, "The account of the project's owner is closed, so its auth tokens do not work."),
    "project_archived": (409, "Nothing in an archived project can be changed."),
    "insufficient_credit": (402, "Not enough credit; `missing` is what has to be added."),
    "number_unknown": (404, "This number is not on sale."),
    "number_taken": (409, "Another customer has it, or the project itself."),
    "number_already_yours": (409, "The project holds or has ordered it already; nothing was charged."),
    "docs_not_required": (409, "The number needs no documents; purchase it instead."),
    "purchase_key_reused": (409, "The form or `Idempotency-Key` was used for another number."),
    "try_again": (409, "This number or project is busy at the moment."),
    "number_not_yours": (403, "The project does not hold this number."),
    "lease_ended": (409, "The number has been released."),
    "number_without_voice": (409, "The number is for SMS only."),
    "invalid_phone_number": (
        400,
        "Not a telephone number that can be called from abroad: letters, an extension, fewer than 7 or more than "
        "15 digits, or no such number.",
    ),
    "route_target_barred": (
        400,
        "A premium-rate or shared-cost number, a pager, or in a range barred by the operator: satellite phones, "
        "personal numbers and what staff add.",
    ),
    "route_target_loop": (400, "Calls would come back to the number itself."),
    "route_country_not_allowed": (400, "The project's Number Settings do not allow calls to this country."),
    "method_not_allowed": (405, "`Allow` names the methods of this address."),
    "too_large": (413, "The body is longer than this call needs."),
    "unsupported_media_type": (415, "The body is neither JSON nor a form."),
    "rate_limited": (429, "Too many requests; `Retry-After` says how many seconds to wait."),
    "internal_error": (500, "An error on our side; the message gives the request’s id."),
    "busy": (503, "A lock or a statement took too long; nothing was done. `Retry-After` says when to try again."),
    "read_only": (503, "Nothing can be changed at the moment (a standby, maintenance, a full disk); reading works."),
    "unavailable": (503, "Being restarted, or a part is away; `Retry-After` says when to send the same request again."),
}
_EVERY_CALL = (
    "bad_request",
    "missing_parameter",
    "invalid_parameter",
    "method_not_allowed",
    "too_large",
    "rate_limited",
    "internal_error",
    "busy",
    "read_only",
    "unavailable",
)
_WITH_KEYS = ("invalid_keys", "project_suspended", "owner_inactive", "project_archived", "unsupported_media_type")
LIST_ERRORS = (*_EVERY_CALL, "invalid_<field>", "invalid_pattern", "search_too_broad", "no_data")
PURCHASE_ERRORS = (
    *_EVERY_CALL,
    *_WITH_KEYS,
    "insufficient_credit",
    "number_unknown",
    "number_taken",
    "number_already_yours",
    "docs_not_required",
    "purchase_key_reused",
    "try_again",
)
ROUTING_ERRORS = (
    *_EVERY_CALL,
    *_WITH_KEYS,
    "number_not_yours",
    "lease_ended",
    "number_without_voice",
    "invalid_phone_number",
    "route_target_barred",
    "route_target_loop",
    "route_country_not_allowed",
)

Envelope = Callable[[DomainError], HttpResponse]


@dataclass(frozen=True, slots=True)
class DocumentedError:
    status: int  # as the call answers it
    code: str
    meaning: str  # with names in backticks

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The meaning in pieces: text, and whether it is a name."""
        return [(text, place % 2 == 1) for place, text in enumerate(self.meaning.split("`"))]


def errors_of_call(codes: tuple[str, ...], envelope: Envelope) -> list[DocumentedError]:
    """By status, as the call's own envelope answers: the guide has statuses of its own."""
    found = [DocumentedError(envelope(error(code)).status_code, code, MEANINGS[code][1]) for code in codes]
    return sorted(found, key=lambda row: row.status)


def error(code: str) -> DomainError:
    if code == "invalid_keys":
        return envelopes.InvalidKeysError()
    if code in ("project_suspended", "owner_inactive"):
        return ProjectSuspended("") if code == "project_suspended" else OwnerInactive()
    return DomainError(code, "", status=MEANINGS[code][0])


def pretty_body(response: HttpResponse) -> str:
    """The body of an answer on several lines, its numbers as they were written."""
    found = json.loads(response.content, parse_float=lambda number: f"\x00{number}\x00")
    return json.dumps(found, indent=2).replace('"\\u0000', "").replace('\\u0000"', "")
