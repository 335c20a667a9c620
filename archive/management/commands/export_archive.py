"""Writes the public archive as an exchange bundle."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.exporting import ExportError, export_archive
from archive.pace import Pace


class Command(BaseCommand):
    help = (
        "Write all that is public to a new folder, as an exchange bundle: records, editions, and "
        "the bytes and texts of what is held. No drafts, users or history."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--without-text",
            action="store_true",
            help="leave out bytes and texts of sources that are not open",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        def tell(kind: str, rows: int) -> None:
            if options["verbosity"] > 1:
                self.stderr.write(f"{kind}: {rows:,}")

        pace = Pace()
        try:
            counts = export_archive(
                options["folder"], without_text=options["without_text"], progress=tell
            )
        except ExportError as error:
            raise CommandError(str(error)) from error
        rows = sum(counts.values())
        self.stdout.write(f"Exported {rows:,} records to {options['folder']} ({pace.of(rows)}).")
