"""Reads held files with the extractors of today."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sources.ingest import IngestError, Outcome, read_again, readings_of_the_past
from sources.models import Source


class Command(BaseCommand):
    help = (
        "Read held files again that an earlier version of an extractor read. A text that differs "
        "becomes a new version of its source; earlier versions, and what cites them, stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", metavar="SLUG", help="only the files of this source")
        parser.add_argument("--dry-run", action="store_true", help="report, and record nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        documents = readings_of_the_past()
        if slug := options["source"]:
            source = Source.objects.filter(slug=slug).first() or Source.moved_to(slug)
            if source is None:
                raise CommandError(f"There is no source “{slug}”.")
            documents = documents.filter(source=source)
        failed = 0
        total = documents.count()
        for number, document in enumerate(documents.iterator(), start=1):
            which = f"[{number}/{total}] {document.source.slug} v{document.number}"
            try:
                report = read_again(document, dry_run=options["dry_run"])
            except IngestError as error:
                failed += 1
                self.stderr.write(f"{which}: not read. {error}")
                continue
            if report.outcome is Outcome.READS_THE_SAME:
                self.stdout.write(f"{which}: reads the same as v{report.number}.")
                continue
            self.stdout.write(f"{which}: v{report.number} was made. {report.lacks}".rstrip())
            changed = [one for one in report.passages if one.outcome != "same"]
            for passage in changed:
                quote = f"“{passage.quote[:60]}” ({passage.passage})"
                self.stdout.write(f"  {passage.outcome}: {quote}")
        if failed:
            raise CommandError(f"{failed} of {total} files could not be read.")
