"""Takes bibliographies into the archive."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from sources.bibliographies.entry import BibliographyError
from sources.bibliographies.importing import Choices, Plan, carry_out, decoded, plan, read
from sources.models import StaleSave


class Command(BaseCommand):
    help = (
        "Make sources of the new entries of BibTeX, BibLaTeX, RIS and CSL-JSON files: drafts, "
        "without an origin. Nothing that is here already is changed; what differs from it is "
        "reported, and chosen from field by field in the admin. All or nothing for each file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="report, and record nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        unread = 0
        for path in options["paths"]:
            try:
                reading = read(decoded(path.read_bytes()), path.name)
                proposed = plan(reading)
                if not options["dry_run"]:
                    carry_out(reading, Choices(), proposed.digest)
            except (OSError, BibliographyError) as error:
                unread += 1
                self.stderr.write(f"{path}: refused. {error}")
            except (StaleSave, ValidationError) as error:
                raise CommandError(f"{path}: nothing was recorded. {error}") from error
            else:
                unread += len(proposed.unreadable)
                self._print(path, proposed)
        if unread:
            raise CommandError(f"{unread} files or entries could not be read, as said above.")

    def _print(self, path: Path, proposed: Plan) -> None:
        counts = Counter(proposal.outcome for proposal in proposed.proposals)
        counts["unreadable"] = len(proposed.unreadable)
        summary = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
        self.stdout.write(f"{path}: {summary}")
        for proposal in proposed.proposals:
            entry = proposal.entry
            said = f"  {entry.where} {entry.key}: {proposal.outcome}: {entry.values['title']}"
            self.stdout.write(said)
            for source in proposal.matched:
                self.stdout.write(f"    by {proposal.known_by}: {source.slug}")
            if proposal.repeats:
                first = proposal.repeats
                self.stdout.write(f"    by {proposal.known_by}: {first.where} {first.key}")
            for found in proposal.differences:
                self.stdout.write(f"    {found.label}: “{found.stored}” here, “{found.incoming}”")
            for remark in proposal.remarks:
                self.stdout.write(f"    {remark}")
            for name, value in entry.unplaced:
                self.stdout.write(f"    no place for {name}: {value[:200]}")
        for lost in proposed.unreadable:
            self.stderr.write(f"  {lost.where} {lost.key}: not read: {lost.reason}")
