from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from billing.payments import reconcile


class Command(BaseCommand):
    help = "Asks the payment gateway about every open top-up, and takes in events that never arrived."

    def handle(self, *args: Any, **options: Any) -> None:
        done = reconcile.run(now=timezone.now())
        self.stdout.write(f"{done.top_ups} top-ups looked at, {done.events} lost events taken in.")
