"""What a switch asks. Called through portal.edge.machine: no session, no cookies, no redirects."""

import json
import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.carrier import credentials
from numbers.carrier.document import document
from numbers.carrier.lookup import find
from numbers.carrier.models import SwitchCredential
from portal.accounts import phone_numbers
from portal.core.headers import cacheable
from projects.rate_limit import client_address

_USUAL = re.compile(r"[+ ]?([1-9][0-9]{6,14})")


@require_safe
def route(request: HttpRequest, called: str) -> HttpResponse:
    """``GET /carrier/v1/routes/{e164}``; ``call_id`` and ``from`` may follow and are not needed."""
    shown = credentials.presented(request.headers.get("Authorization", ""))
    credential, number = find(_e164(called), shown.secret_digest)
    credential = credentials.check(
        credential, shown, scope=SwitchCredential.Scope.ROUTES, address=client_address(request)
    )
    credentials.note_use(credential, timezone.now())
    body = document(number)
    headers = {"ETag": f'"{body["etag"]}"'}
    if _matches(request.headers.get("If-None-Match", ""), body["etag"]):
        answer = HttpResponse(status=304, headers=headers)
    else:
        text = json.dumps(body, separators=(",", ":"))
        answer = HttpResponse(text, content_type="application/json", headers=headers)
    return cacheable(answer, f"private, max-age={body['ttl']}")


def _e164(called: str) -> str:
    """As switches write it at once; as people would, by the rules for people. "" for nonsense."""
    if found := _USUAL.fullmatch(called):
        return f"+{found[1]}"
    return phone_numbers.international(called) or ""


def _matches(if_none_match: str, etag: str) -> bool:
    """Also without quotes: a switch copies the tag from the body."""
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
