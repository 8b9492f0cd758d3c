"""The event about credit for customers' servers."""

from projects.webhooks.event_types import EventType, declare

LOW = "credits.low"
declare(
    EventType(
        LOW,
        "The credit does not cover the monthly charges of the next seven days.",
        {"balance": "4.50", "needed": "12.00", "currency": "USD"},
    )
)
