"""``manage.py import_call_prices FILE.csv``: what calls cost by country; format: billing/pricing/importing.py."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing.pricing import importing
from billing.pricing.models import CallPrice
from billing.pricing.services import set_prices


class Command(BaseCommand):
    help = "Sets prices of calls from a CSV file, from now on: all of it, or nothing and the reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--only-new", action="store_true", help="leave alone countries that ever had a price")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tariffs = importing.read(options["file"].read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['file']}: not UTF-8 text.") from error
        except importing.ImportProblem as problem:
            raise CommandError(f"{options['file']}: {problem} Nothing was changed.") from problem
        if options["only_new"]:
            known = set(CallPrice.objects.values_list("country", flat=True))
            tariffs = [tariff for tariff in tariffs if tariff.country not in known]
        changed = set_prices(tariffs=tariffs, by="", now=timezone.now())
        self.stdout.write(f"{len(tariffs)} prices read, {len(changed)} of them new.")
