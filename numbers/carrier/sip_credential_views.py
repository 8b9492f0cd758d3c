"""The question of a switch where app users register. It comes through portal.edge.machine, like that for a route."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.carrier import credentials
from numbers.carrier.models import SwitchCredential
from numbers.carrier.sip_credentials import look_up_credentials, unknown_app_user
from portal.core.rate_limit import client_address


@require_safe
def sip_credentials(request: HttpRequest, domain: str, username: str) -> HttpResponse:
    """``GET /carrier/v1/sip-credentials/{domain}/{username}``"""
    presented = credentials.parse_authorization(request.headers.get("Authorization", ""))
    now, address = timezone.now(), client_address(request)
    secret, found = look_up_credentials(domain, username, presented.secret_digest, now)
    credentials.authorize(secret, presented, scope=SwitchCredential.Scope.ROUTES, address=address, now=now)
    if found is None:
        raise unknown_app_user()
    body = {"ha1": found.ha1(), "ttl": settings.CARRIER_CREDENTIALS_TTL}
    return HttpResponse(json.dumps(body, separators=(",", ":")), content_type="application/json")
