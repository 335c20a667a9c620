"""Takes files into the archive."""

import json
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sources.ingest import IngestError, Report, ingest_all, sweep_stray_bytes
from sources.models import Source


class Command(BaseCommand):
    help = (
        "Take files into the archive: each as a new source or, with --source, one file as the "
        "next version of a source. All or nothing for each file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--source", metavar="SLUG", help="the source the file is a version of")
        parser.add_argument("--charset", help="the character set the files are in")
        parser.add_argument("--dry-run", action="store_true", help="report, and record nothing")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        paths: list[Path] = options["paths"]
        source = self._source(options["source"], paths)
        sweep_stray_bytes()
        reports, refused = [], 0
        for number, (path, result) in enumerate(
            ingest_all(
                paths,
                source=source,
                charset=options["charset"],
                dry_run=options["dry_run"],
            ),
            start=1,
        ):
            if isinstance(result, IngestError):
                refused += 1
                reports.append({"name": path.name, "outcome": "refused", "reason": str(result)})
            else:
                reports.append(result.as_data())
            if not options["json"]:
                progress = f"[{number}/{len(paths)}] " if len(paths) > 1 else ""
                self._print(progress, path, result)
        if options["json"]:
            self.stdout.write(json.dumps(reports, ensure_ascii=False, indent=2))
        if refused:
            raise CommandError(f"{refused} of {len(paths)} files refused.")

    def _source(self, slug: str | None, paths: list[Path]) -> Source | None:
        if slug is None:
            return None
        if len(paths) != 1:
            raise CommandError("--source takes one file: the next version of that source.")
        source = Source.objects.filter(slug=slug).first() or Source.moved_to(slug)
        if source is None:
            raise CommandError(f"There is no source “{slug}”.")
        return source

    def _print(self, progress: str, path: Path, result: Report | IngestError) -> None:
        if isinstance(result, IngestError):
            self.stderr.write(f"{progress}{path}: refused. {result}")
            return
        self.stdout.write(
            f"{progress}{path}: {result.outcome}: {result.source} v{result.number}, "
            f"{result.text_length:,} characters, {result.charset}"
        )
        if not result.passages:
            return
        counts = Counter(passage.outcome for passage in result.passages)
        summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        self.stdout.write(f"  passages: {summary}")
        for passage in result.passages:
            if passage.outcome != "same":
                places = ", ".join(f"[{place.start}, {place.end})" for place in passage.places)
                self.stdout.write(
                    f"  {passage.outcome}: “{passage.quote[:60]}” ({passage.passage}) {places}"
                )
