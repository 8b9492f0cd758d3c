"""``manage.py import_numbers FEED.csv``: brings the catalogue up to date with a supplier's feed."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from numbers.inventory import feed, places, stats
from numbers.inventory.feed_checks import Offer, Rejected, check
from numbers.inventory.feed_duplicates import without_duplicates
from numbers.inventory.loading import ImportRequest, ImportResult, load
from numbers.inventory.models import FeedImport
from numbers.inventory.supplier_changes import Permission
from portal.core import spreadsheet

PROGRESS_STEP = 20_000  # rows between two signs of life
SHOWN_ROWS = 20  # bad rows on the screen; the report has them all


class Command(BaseCommand):
    help = "Loads a supplier's feed (format: docs/inventory.md): adds, updates and, if asked, withdraws numbers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--withdraw-missing", action="store_true", help="take off sale what the feed's suppliers no longer offer"
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="with --withdraw-missing: also more than WITHDRAW_LIMIT_PERCENT of a supplier",
        )
        parser.add_argument(
            "--move-from",
            action="append",
            default=[],
            metavar="SUPPLIER",
            help="numbers on sale or leased may go over from this supplier to the feed's",
        )
        parser.add_argument(
            "--reuse-ids",
            action="store_true",
            help="ids may go over to other numbers, also when their numbers are on sale or leased",
        )
        parser.add_argument("--dry-run", action="store_true", help="check and count, change nothing")
        parser.add_argument("--skip-bad", action="store_true", help="exit with 0 although rows were rejected")
        parser.add_argument("--report", type=Path, help="write the rejected rows to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["force"] and not options["withdraw_missing"]:
            raise CommandError("--force goes with --withdraw-missing.")
        self.read, self.rejected = 0, list[Rejected]()
        try:
            with feed.opened(options["file"]) as file:
                result = load(self.offers(file), rejected=self.rejected, request=self.request(options))
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except feed.FeedError as error:
            if not options["dry_run"]:
                FeedImport.objects.create(
                    file=options["file"].name[-200:], options=self.request(options).options, outcome=str(error)
                )
            raise CommandError(str(error)) from error
        if not options["dry_run"]:
            self.refresh_catalogue()
        self.report_result(result, options)
        if result.withdrawal.reason or (result.rejected and not options["skip_bad"]):
            sys.exit(1)

    def request(self, options: dict[str, Any]) -> ImportRequest:
        given = [
            f"--{name.replace('_', '-')}"
            for name in ("withdraw_missing", "force", "reuse_ids", "skip_bad")
            if options[name]
        ] + [f"--move-from {supplier}" for supplier in options["move_from"]]
        return ImportRequest(
            file=options["file"].name,
            options=" ".join(given)[:400],
            withdraw_missing=options["withdraw_missing"],
            force=options["force"],
            dry_run=options["dry_run"],
            permission=Permission(options["move_from"], options["reuse_ids"]),
        )

    def offers(self, file: TextIO) -> Iterator[Offer]:
        """The good rows, while the bad ones gather in ``rejected``."""
        checked = (self.count_row(check(line)) for line in feed.lines(file))
        for row in without_duplicates(checked):
            if isinstance(row, Offer):
                yield row
            else:
                self.rejected.append(row)
        if not self.read:
            raise feed.FeedError("The file has no numbers, only the line that names the columns.")
        self.stderr.write(f"  {self.read:,} rows checked, {len(self.rejected):,} rejected; merging …")

    def count_row(self, row: Offer | Rejected) -> Offer | Rejected:
        self.read += 1
        if self.read % PROGRESS_STEP == 0:
            self.stderr.write(f"  {self.read:,} rows checked", ending="\r" if sys.stderr.isatty() else "\n")
        return row

    def refresh_catalogue(self) -> None:
        """One spelling of each place, also in numbers stored before; fresh statistics for the planner, a visibility
        map for index-only scans, counts for router and pickers."""
        places.repair()
        if not connection.in_atomic_block:  # VACUUM cannot run inside a transaction
            with connection.cursor() as cursor:
                cursor.execute("VACUUM (ANALYZE) numbers_number")
        stats.refresh()

    def report_result(self, result: ImportResult, options: dict[str, Any]) -> None:
        rejected = sorted(result.rejected, key=lambda row: row.line)
        if options["report"]:
            with options["report"].open("w", encoding="utf-8", newline="") as file:
                table = [("line", "e164", "reason"), *((row.line, row.e164, row.reason) for row in rejected)]
                file.writelines(spreadsheet.lines(table))
        for row in rejected[:SHOWN_ROWS]:
            self.stderr.write(f"  line {row.line}: {row.e164} {row.reason}")
        if len(rejected) > SHOWN_ROWS:
            where = f"see {options['report']}" if options["report"] else "--report FILE lists them all"
            self.stderr.write(f"  … and {len(rejected) - SHOWN_ROWS:,} more; {where}")
        for text in result.in_words():
            self.stderr.write(text)
        self.stdout.write(f"{'dry run: ' if options['dry_run'] else ''}{result}")
