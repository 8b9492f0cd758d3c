"""Deliveries of a project, and a dispatcher that runs until nothing is due."""

import itertools
from datetime import timedelta

from django.utils import timezone

from portal.outbound.client import Courier, Limits
from projects.models import WebhookDelivery
from projects.webhooks import queueing, targets
from projects.webhooks.dispatcher import Dispatcher
from projects.webhooks.models import DeliveryKind
from projects.webhooks.queueing import NewDelivery
from projects.webhooks.targets import TargetSettings

_serial = itertools.count(1)


def make_target(project, url, **settings):
    return targets.write(None, project.pk, TargetSettings(url=url, **settings), now=timezone.now())


def queue(target, kind=DeliveryKind.EVENT, webhook_id=None, now=None, **payload):
    """The delivery's id for receivers."""
    webhook_id = webhook_id or f"test-{next(_serial)}"
    new = NewDelivery(webhook_id, target.project_id, target.pk, kind, payload or {"message": "hello"})
    queueing.enqueue([new], now=now or timezone.now())
    return webhook_id


QUICK = Limits(connect=1.0, total=1.0)


def deliver(*, most=200, limits=QUICK):
    """What is due now; only answers are waited for."""
    with Courier(most=most, limits=limits) as courier:
        return Dispatcher(courier, linger=timedelta(0)).run()


def due_now(*webhook_ids):
    """As if the time of the next attempt had come."""
    due = WebhookDelivery.objects.filter(next_at__isnull=False)
    if webhook_ids:
        due = due.filter(webhook_id__in=webhook_ids)
    due.update(next_at=timezone.now() - timedelta(seconds=1))


def found(webhook_id):
    return WebhookDelivery.objects.get(webhook_id=webhook_id)
