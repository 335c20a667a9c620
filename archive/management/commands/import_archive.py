"""Imports an exchange bundle."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.importing import ImportRefused, import_archive
from archive.pace import Pace


class Command(BaseCommand):
    help = (
        "Import an exchange bundle, all of it or nothing. What is already here must be the same; "
        "importing again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--dry-run", action="store_true", help="check, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        def tell(kind: str, rows: int) -> None:
            if options["verbosity"] > 0:
                self.stderr.write(f"{kind}: {rows:,}")

        pace = Pace()
        try:
            report = import_archive(options["folder"], dry_run=options["dry_run"], progress=tell)
        except ImportRefused as refused:
            raise CommandError(f"Nothing was imported.\n{refused}") from refused
        added, unchanged = sum(report.added.values()), sum(report.unchanged.values())
        done = "Would add" if options["dry_run"] else "Added"
        self.stdout.write(
            f"{done} {added:,} records; {unchanged:,} were already here "
            f"({pace.of(added + unchanged)})."
        )
