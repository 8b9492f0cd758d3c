"""``manage.py import_requirements FILE.json``: what countries ask for; format: numbers/regulations/importing.py."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from numbers.regulations.importing import ImportProblem, load


class Command(BaseCommand):
    help = "Loads document types and regulations from a JSON file: all of it, or nothing and the reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--demo", action="store_true", help="flag everything as demo data")
        parser.add_argument("--only-new", action="store_true", help="leave alone what exists, as staff keep it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = options["file"].read_text(encoding="utf-8-sig")
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['file']}: not UTF-8 text.") from error
        try:
            result = load(text, demo=options["demo"], only_new=options["only_new"])
        except ImportProblem as problem:
            raise CommandError(f"{options['file']}: {problem} Nothing was changed.") from problem
        self.stdout.write(str(result))
