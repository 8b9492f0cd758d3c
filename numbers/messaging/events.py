"""Message settings in the audit trail."""

from projects.events import Event, declare

declare(
    Event("message.redelivered", "message", "delivered a message to {number} again"),
    Event("message.redelivery_started", "message", "delivered messages again: {subject}"),
    Event("message_settings.changed", "message", "changed the incoming messages of {number}: {changes}"),
    Event("message_settings.default_changed", "message", "changed the messaging URL of the project: {changes}"),
)
