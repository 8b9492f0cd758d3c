"""The calls of switches. They come through portal.edge.machine: no session, no cookies, no redirects."""

import json

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


@require_safe
def route(request: HttpRequest, called: str) -> HttpResponse:
    """``GET /carrier/v1/routes/{e164}?from=``; ``call_id`` may follow and is not needed."""
    presented = credentials.parse_authorization(request.headers.get("Authorization", ""))
    now, caller = timezone.now(), _caller(request)
    secret, state = look_up_route(phone_numbers.from_machine(called) or "", caller, presented.secret_digest, now)
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


def _caller(request: HttpRequest) -> str | None:
    presented = request.GET.get("from")
    return None if presented is None else block_list.caller_of(presented)


def _matches(if_none_match: str, etag: str) -> bool:
    """Also without quotes: a switch copies the tag from the body."""
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
