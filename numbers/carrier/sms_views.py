"""Messages that gateways hand over. They come through portal.edge.machine: no session, no cookies, no redirects.

An answer of 200 or 202 says that the message is stored. 4xx is for what can never be; everything else is 5xx, and the
gateway sends it again.
"""

import logging

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from numbers.carrier import sms_forms
from numbers.carrier.models import SwitchCredential
from numbers.carrier.requests import body_of, json_of, switch_of
from numbers.messaging.intake import store
from portal.core.errors import DomainError
from portal.core.pages import post_only

log = logging.getLogger(__name__)
SMS = SwitchCredential.Scope.SMS


@post_only()
def inbound(request: HttpRequest) -> HttpResponse:
    """``POST /carrier/v1/sms/inbound``: 202 for a message that is new, 200 for one that is stored already."""
    now = timezone.now()
    gateway = switch_of(request, SMS, now)
    key = request.headers.get("Idempotency-Key", "")
    sms = sms_forms.read_json(json_of(body_of(request)), key, gateway.switch_id, now)
    stored = store(sms=sms, now=now)
    word, status = ("stored", 202) if stored.is_new else ("already_stored", 200)
    return HttpResponse(f'{{"status":"{word}"}}', status=status, content_type="application/json")


@require_http_methods(["GET"])
def kannel(request: HttpRequest) -> HttpResponse:
    """``GET /carrier/v1/sms/kannel``: a body would be sent back to the sender as an SMS.

    ``refused=200``: what can never be stored is answered with 200 as well. Kannel knows no "never again" and repeats
    whatever was not 200."""
    now = timezone.now()
    gateway = switch_of(request, SMS, now)
    fields = sms_forms.fields_of(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
    try:
        store(sms=sms_forms.read_kannel(fields, gateway.switch_id, now), now=now)
    except DomainError as refused:
        if fields.get("refused") != b"200":
            raise
        log.warning("messages.refused", extra={"switch": gateway.switch_id, "code": refused.code})
    return HttpResponse(content_type="text/plain")


@post_only()
def jasmin(request: HttpRequest, secret: str = "") -> HttpResponse:
    """``POST /carrier/v1/sms/jasmin``, or with the secret behind it: Jasmin sends no credentials of its own."""
    now = timezone.now()
    gateway = switch_of(request, SMS, now, secret=secret)
    fields = sms_forms.fields_of(body_of(request))
    store(sms=sms_forms.read_jasmin(fields, gateway.switch_id, now), now=now)
    return HttpResponse("ACK/Jasmin", content_type="text/plain")
