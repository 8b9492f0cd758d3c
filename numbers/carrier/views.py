"""The calls of switches. They come through portal.edge.machine: no session, no cookies, no redirects."""

import json
import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.carrier import credentials
from numbers.carrier.lookup import look_up_route
from numbers.carrier.models import SwitchCredential
from numbers.carrier.route_response import route_body
from numbers.routing import block_list
from numbers.routing.decision import decide
from portal.accounts import phone_numbers
from portal.core.headers import cacheable
from portal.core.rate_limit import client_address

_PLAIN_E164 = re.compile(r"[+ ]?([1-9][0-9]{6,14})")


@require_safe
def route(request: HttpRequest, called: str) -> HttpResponse:
    """``GET /carrier/v1/routes/{e164}?from=``; ``call_id`` may follow and is not needed."""
    presented = credentials.parse_authorization(request.headers.get("Authorization", ""))
    now, caller = timezone.now(), _caller(request)
    secret, state = look_up_route(_e164(called), caller, presented.secret_digest, now)
    address = client_address(request)
    credentials.authorize(secret, presented, scope=SwitchCredential.Scope.ROUTES, address=address, now=now)
    body = route_body(decide(state, caller))
    headers = {"ETag": f'"{body["etag"]}"'}
    if _matches(request.headers.get("If-None-Match", ""), body["etag"]):
        response = HttpResponse(status=304, headers=headers)
    else:
        text = json.dumps(body, separators=(",", ":"))
        response = HttpResponse(text, content_type="application/json", headers=headers)
    return cacheable(response, f"private, max-age={body['ttl']}")


def _e164(called: str) -> str:
    """As switches write it at once; as people would, by the rules for people. "" for nonsense."""
    if found := _PLAIN_E164.fullmatch(called):
        return f"+{found[1]}"
    return phone_numbers.international(called) or ""


def _caller(request: HttpRequest) -> str | None:
    presented = request.GET.get("from")
    return None if presented is None else block_list.caller_of(presented)


def _matches(if_none_match: str, etag: str) -> bool:
    """Also without quotes: a switch copies the tag from the body."""
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
