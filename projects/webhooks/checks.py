"""Start-up check of how many requests to customers' servers run at once, and how long their log is kept."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register
def webhook_limits(**kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    least = {"WEBHOOKS_PER_ENDPOINT": 1, "WEBHOOKS_PER_PROJECT": 1, "WEBHOOK_LOG_DAYS": 2}
    for name, number in least.items():
        if getattr(settings, name) < number:
            found.append(Error(f"{name} must be at least {number}.", id="projects.E020"))
    if settings.WEBHOOKS_AT_ONCE < settings.WEBHOOKS_PER_PROJECT:
        words = "WEBHOOKS_AT_ONCE must not be below WEBHOOKS_PER_PROJECT: one project could hold up all others."
        found.append(Error(words, id="projects.E021"))
    return found
