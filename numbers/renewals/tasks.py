"""What beat starts: the monthly charges, and dunning. Each is harmless twice, at once or late."""

from celery import shared_task
from django.utils import timezone

from numbers.renewals import charging, dunning, low_credit
from portal.jobs import outbox
from portal.jobs.queues import DEFAULT


@shared_task(name="numbers.charge_months")
def charge_months() -> None:
    if charging.charge_months(now=timezone.now()).unfinished:
        # Behind what came meanwhile. Should it get lost, beat comes again.
        outbox.send("numbers.charge_months", DEFAULT)


@shared_task(name="numbers.watch_credit")
def watch_credit() -> None:
    low_credit.watch_credit(now=timezone.now())


@shared_task(name="numbers.follow_unpaid")
def follow_unpaid() -> None:
    dunning.run_dunning(now=timezone.now())
