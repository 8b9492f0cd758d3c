"""How long deliveries and their log stay."""

from datetime import datetime

from projects.webhooks.models import WebhookDelivery

CHUNK = 2000


def forget_deliveries(*, before: datetime) -> int:
    """Removes what is older and finished, with its attempts; how many."""
    removed = 0
    old = WebhookDelivery.objects.filter(created_at__lt=before, finished_at__isnull=False).order_by("created_at")
    while ids := list(old.values_list("pk", flat=True)[:CHUNK]):
        WebhookDelivery.objects.filter(pk__in=ids).delete()
        removed += len(ids)
    return removed
