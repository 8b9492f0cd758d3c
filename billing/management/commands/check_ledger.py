from typing import Any

from django.core.management.base import BaseCommand

from billing.ledger import integrity


class Command(BaseCommand):
    help = "Checks every account and transfer of the ledger; ends with code 1 when something is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        found = integrity.report()
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise SystemExit(1)
        self.stdout.write("The ledger is sound.")
