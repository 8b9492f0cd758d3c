"""What the audit trail says of webhooks."""

from projects.events import Event, declare

declare(
    Event("webhook.switched_off", "webhook", "stopped sending to {subject}"),
    Event("webhook.switched_on", "webhook", "switched {subject} on again"),
    Event("webhook.events_set", "webhook", "changed where events are sent: {subject}"),
    Event("webhook_secret.revealed", "key", "revealed the signing secret {subject}"),
    Event("webhook_secret.rotated", "key", "rotated the signing secret, now {subject}"),
    Event("webhook_secret.ended", "key", "ended the former signing secret"),
)
