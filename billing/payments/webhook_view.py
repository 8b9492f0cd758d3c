"""``POST /payments/stripe/webhook``: the gateway tells that something happened. No login; the signature is the key."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from billing.payments import gateway, webhooks
from portal.core.errors import DomainError
from portal.core.pages import post_only

LARGEST = 256 * 1024  # bytes; real events have a few thousand
log = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@post_only()
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Verifies, stores, queues; everything else happens in a worker, so that the answer is quick."""
    try:
        if _declared_length(request) > LARGEST:
            raise DomainError("too_large", "The body is too large.", status=413)
        event = gateway.verify(request.body, request.headers.get("Stripe-Signature", ""))
        webhooks.accept(event)
    except DomainError as error:
        log.warning("payments.webhook_refused", extra={"code": error.code, "reason": error.message})
        return JsonResponse({"error": error.code}, status=error.status)
    return HttpResponse(status=200)


def _declared_length(request: HttpRequest) -> int:
    """Django reads no more than this; a body without a length is taken as empty."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return LARGEST + 1
