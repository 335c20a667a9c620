"""Takes files into the archive."""

import json
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sources.ingest import IngestError, Report, files_in, ingest_all, sweep_stray_bytes
from sources.models import Document, Source


class Command(BaseCommand):
    help = (
        "Take files into the archive: each as a new source or, with --source, one file as the "
        "next version of a source. Plain text, HTML, PDF, DOCX and EPUB; of a folder, all files in "
        "it. All or nothing for each file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--source", metavar="SLUG", help="the source the file is a version of")
        parser.add_argument(
            "--transcribes",
            type=int,
            metavar="NUMBER",
            help="the version of that source that has no text, if the file is its transcription",
        )
        parser.add_argument("--charset", help="the character set the files are in")
        parser.add_argument("--dry-run", action="store_true", help="report, and record nothing")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = files_in(options["paths"])
        if not paths:
            raise CommandError("There is no file in it.")
        source = self._source(options["source"], paths)
        transcribes = self._transcribed(options["transcribes"], source)
        sweep_stray_bytes()
        reports, refused = [], 0
        for number, (path, result) in enumerate(
            ingest_all(
                paths,
                source=source,
                transcribes=transcribes,
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

    def _transcribed(self, number: int | None, source: Source | None) -> Document | None:
        if number is None:
            return None
        if source is None:
            raise CommandError("--transcribes needs --source: a version of which source?")
        document = source.documents.filter(number=number).first()
        if document is None:
            raise CommandError(f"“{source.slug}” has no version {number}.")
        return document

    def _print(self, progress: str, path: Path, result: Report | IngestError) -> None:
        if isinstance(result, IngestError):
            self.stderr.write(f"{progress}{path}: refused. {result}")
            return
        self.stdout.write(
            f"{progress}{path}: {result.outcome}: {result.source} v{result.number}, "
            f"{result.text_length:,} characters{f', {result.charset}' if result.charset else ''}"
        )
        if result.lacks:
            self.stdout.write(f"  {result.lacks}")
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
