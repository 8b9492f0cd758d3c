"""The event about endpoints themselves."""

from projects.webhooks.event_types import EventType, declare

SWITCHED_OFF = "endpoint.switched_off"
declare(
    EventType(
        SWITCHED_OFF,
        "We stopped sending to one of your URLs, because it asked us to stop or only failed for five days.",
        {"url": "https://example.com:443/incomingsms", "reason": "failing"},
    )
)
