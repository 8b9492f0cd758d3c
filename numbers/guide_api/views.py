"""The guide's three REST calls, shown in docs/guide-api.md: thin adapters over the services of the pages.

Called through portal.edge.machine, which answers a DomainError in each call's own envelope.
"""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.guide_api import envelopes, parameters
from numbers.guide_api.authentication import authenticate
from numbers.guide_api.listing import listing
from numbers.guide_api.purchasing import purchase_or_order
from numbers.leases.models import Lease
from numbers.routing.services import set_pstn
from portal.accounts import phone_numbers
from portal.core import rate_limit
from portal.core.errors import DomainError
from portal.core.pages import post_only

CALL_FORWARD = "3"
_KEY = re.compile(r"[\x21-\x7e]{1,80}")


@require_safe
def list_new_numbers(request: HttpRequest) -> HttpResponse:
    """``GET /listnewnumbers`` (guide tables 1–3)."""
    rate_limit.hit("list-numbers", rate_limit.client_address(request), per_minute=settings.LIST_NUMBERS_PER_MINUTE)
    page = listing(parameters.from_query(request))
    return envelopes.list_response(page)


@post_only()
def purchase_number(request: HttpRequest) -> HttpResponse:
    """``POST /purchasenumber`` (guide tables 4–5)."""
    values = parameters.from_body(request)
    project, by = authenticate(request, values)
    if parameters.required(values, "action").lower() != "purchase":
        raise parameters.invalid_request("The only action is purchase.", "action")
    e164 = _number(values)
    key = request.headers.get("Idempotency-Key", "").strip()
    if key and not _KEY.fullmatch(key):
        raise parameters.invalid_request("An Idempotency-Key has 1 to 80 visible ASCII characters.", "Idempotency-Key")
    return purchase_or_order(project=project, e164=e164, by=by, key=f"api:{key}" if key else None, now=timezone.now())


@post_only()
def call_routing(request: HttpRequest) -> HttpResponse:
    """``POST /api/callrouting`` (guide tables 8–11): sets and changes where calls go."""
    values = parameters.from_body(request)
    project, by = authenticate(request, values)
    if parameters.required(values, "calltype") != CALL_FORWARD:
        raise parameters.invalid_request("calltype must be 3, call forward.", "calltype")
    e164, target = _number(values), parameters.required(values, "pstn_number")
    lease = Lease.objects.filter(project=project, number__e164=e164, status__in=Lease.LIVE).first()
    if lease is None:
        raise DomainError("number_not_yours", f"{e164} is not a number of this project.", field="number", status=403)
    route = set_pstn(lease=lease, target=target, by=by, now=timezone.now())
    return envelopes.routing_response(f"Calls to {e164} are forwarded to {route.pstn_target}.")


def _number(values: dict[str, str]) -> str:
    typed = parameters.required(values, "number")
    e164 = phone_numbers.international(typed)
    if e164 is None:
        reason = phone_numbers.why_not_international(typed)
        raise parameters.invalid_request(
            f"number must be in international format, for example +12125550100. {reason}", "number"
        )
    return e164
