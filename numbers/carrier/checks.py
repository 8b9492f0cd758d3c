"""Start-up checks of what the route response is made of."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from numbers.carrier.route_response import sip_host


@register
def sip_hosts(**kwargs: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for value in [settings.SIP_DOMAIN, *settings.PSTN_GATEWAYS]:
        try:
            sip_host(value)
        except ImproperlyConfigured as error:
            problems.append(Error(str(error), id="numbers.E001"))
    if not settings.PSTN_GATEWAYS:
        problems.append(Error("PSTN_GATEWAYS is empty: no call could be sent to a phone.", id="numbers.E002"))
    return problems
