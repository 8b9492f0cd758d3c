"""Message settings as versions keep them and as sentences. Values of own headers and passwords are in neither."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from projects.webhooks.targets import TargetSettings


def to_json(settings: TargetSettings) -> dict[str, Any]:
    return {
        "url": settings.url,
        "method": settings.method,
        "request_text": settings.request_text,
        "fallback_url": settings.fallback_url,
        "headers": [name for name, _ in settings.own.headers],
        "basic_user": settings.own.basic[0] if settings.own.basic else "",
    }


def restored(kept: dict[str, Any], now: TargetSettings) -> TargetSettings:
    """What a version said; own headers and credentials, which it does not know, stay as they are."""
    names = ("url", "method", "request_text", "fallback_url")
    return replace(now, **{name: kept[name] for name in names})


def differences(before: TargetSettings, after: TargetSettings) -> list[str]:
    return list(_differences(before, after))


def _differences(before: TargetSettings, after: TargetSettings) -> Iterator[str]:
    old, new = in_words(before), in_words(after)
    if old != new:
        yield f"Messages go to {new} instead of {old}."
    if before.request_text != after.request_text:
        yield f"Request text: {after.request_text} instead of {before.request_text}."
    if before.fallback_url != after.fallback_url:
        yield f"Fallback URL: {after.fallback_url or 'none'} instead of {before.fallback_url or 'none'}."
    if before.own.headers != after.own.headers:
        yield f"Own headers: {', '.join(name for name, _ in after.own.headers) or 'none'}."
    if before.own.basic != after.own.basic:
        yield f"Basic credentials: {after.own.basic[0] if after.own.basic else 'none'}."


def in_words(settings: TargetSettings) -> str:
    """``POST https://example.com:443/incomingsms``"""
    return f"{settings.method} {settings.url}" if settings.url else "no URL of their own"
