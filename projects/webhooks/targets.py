"""What is set for deliveries of somebody: written by whoever keeps the target (a number, a project, its events)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.core.errors import DomainError
from portal.core.names import UNREADABLE, is_readable
from projects.webhooks import own_headers, sealing, secrets
from projects.webhooks.models import REQUEST_TEXT, WebhookEndpoint, WebhookMethod, WebhookTarget
from projects.webhooks.sealing import OwnHeaders

LONGEST_REQUEST_TEXT = 100
REQUEST_FIELD, METHOD_FIELD, FALLBACK_FIELD = "request_text", "method", "fallback_url"


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """``url`` and ``fallback_url`` as of portal.outbound.urls ("" = none). Without a URL nothing is delivered."""

    url: str = ""
    method: str = WebhookMethod.POST
    request_text: str = REQUEST_TEXT
    fallback_url: str = ""
    own: OwnHeaders = sealing.NONE


def settings_of(target: WebhookTarget | None) -> TargetSettings:
    """``target`` with its endpoints. A number without any has the usual ones, and no URL."""
    if target is None:
        return TargetSettings()
    return TargetSettings(
        url=target.endpoint.url,
        method=target.method,
        request_text=target.request_text,
        fallback_url=target.fallback.url if target.fallback else "",
        own=sealing.unseal(target.sealed),
    )


def check(settings: TargetSettings) -> None:
    """What holds besides the form of the URLs. Raises ``webhook_method_unknown``, ``request_text_invalid``,
    ``fallback_same_url`` with their fields, and what :func:`projects.webhooks.own_headers.check` raises."""
    if settings.method not in WebhookMethod.values:
        raise DomainError("webhook_method_unknown", "Choose POST or GET.", field=METHOD_FIELD, status=400)
    text = settings.request_text
    if not text or len(text) > LONGEST_REQUEST_TEXT or not is_readable(text):
        message = UNREADABLE if text and not is_readable(text) else f"Enter 1 to {LONGEST_REQUEST_TEXT} characters."
        raise DomainError("request_text_invalid", message, field=REQUEST_FIELD, status=400)
    if settings.fallback_url and settings.fallback_url == settings.url:
        message = "The fallback URL is the same as the first one. Enter another, or leave it empty."
        raise DomainError("fallback_same_url", message, field=FALLBACK_FIELD, status=400)
    own_headers.check(settings.own)


def write(target: WebhookTarget | None, project_id: int, settings: TargetSettings, *, now: datetime) -> WebhookTarget:
    """The target as ``settings`` (with a URL) say. Call with the project or the lease locked."""
    secrets.ensure(project_id, now)
    found = _endpoints(project_id, settings)
    columns: Mapping[str, object] = {
        "endpoint": found[settings.url],
        "fallback": found.get(settings.fallback_url),
        "method": settings.method,
        "request_text": settings.request_text,
        "sealed": sealing.seal(settings.own),
    }
    target = target or WebhookTarget(project_id=project_id)
    target.in_use = True
    for name, value in columns.items():
        setattr(target, name, value)
    target.save()
    return target


def _endpoints(project_id: int, settings: TargetSettings) -> dict[str, WebhookEndpoint]:
    urls = [url for url in (settings.url, settings.fallback_url) if url]
    missing = [WebhookEndpoint(project_id=project_id, url=url) for url in urls]
    WebhookEndpoint.objects.bulk_create(missing, ignore_conflicts=True)
    return {each.url: each for each in WebhookEndpoint.objects.filter(project=project_id, url__in=urls)}


def let_go(target: WebhookTarget) -> None:
    """Its holder sends nothing there any more; its log stays."""
    WebhookTarget.objects.filter(pk=target.pk).update(in_use=False, sealed="")
