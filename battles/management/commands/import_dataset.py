"""Takes a dataset into the archive."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from battles.datasets import mapping
from battles.datasets.planning import Outcome
from battles.datasets.reading import Unreadable
from battles.datasets.writing import ImportFailed, Report, import_dataset


class Command(BaseCommand):
    help = (
        "Take the tables of a dataset into the archive, as a mapping reads them: battles, sides, "
        "entities, and statements in draft, each cited to its row or passage. Rows that cannot be "
        "read are refused, by line and reason, and the rest goes in. The same rows again change "
        "nothing; changed rows change drafts, and open revisions of what is public."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "mapping", help=f"a file, or one that comes with the archive: {_shipped()}"
        )
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="report, and record nothing")
        parser.add_argument(
            "--strict", action="store_true", help="record nothing if any row is refused"
        )
        parser.add_argument(
            "--publish", action="store_true", help="publish what the rows speak for"
        )
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"] and options["publish"]:
            raise CommandError("--dry-run records nothing, so there is nothing to publish.")
        try:
            report = import_dataset(
                _load(options["mapping"]),
                options["files"],
                dry_run=options["dry_run"],
                strict=options["strict"],
                publish=options["publish"],
            )
        except (mapping.MappingError, Unreadable, ImportFailed) as error:
            raise CommandError(f"Nothing was taken in.\n{error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_data(), ensure_ascii=False, indent=2))
        else:
            self._print(report, dry_run=options["dry_run"])
        if report.plan.refusals:
            rest = "would go in" if options["dry_run"] else "went in"
            raise CommandError(f"{len(report.plan.refusals)} refused; the rest {rest}.")

    def _print(self, report: Report, *, dry_run: bool) -> None:
        plan = report.plan
        if dry_run:
            self.stdout.write("A dry run: nothing is recorded.")
        for kind, counts in plan.counts().items():
            said = ", ".join(f"{counts[one]:,} {one.value}" for one in Outcome if counts[one])
            self.stdout.write(f"{kind}: {said}")
        for refusal in plan.refusals:
            self.stderr.write(f"refused: {refusal}")
        for planned in plan.with_outcome(Outcome.KEPT):
            self.stdout.write(
                f"kept: {planned.row.file.name}, line {planned.row.line}: “{planned.here}” says "
                f"otherwise here, where somebody worked on it ({planned.statement.pk})"
            )
        for statement in plan.removed:
            self.stdout.write(
                f"in no row that was read, left as it is: {statement.battle}: “{statement}” "
                f"({statement.pk})"
            )
        if report.published:
            self.stdout.write(
                f"published: {report.published:,} statements, {report.editions:,} editions"
            )
        for statement, why in report.unpublished:
            self.stderr.write(f"not published: “{statement}” ({statement.pk}): {why}.")


def _load(named: str) -> mapping.Mapping:
    path = Path(named)
    if named in mapping.shipped() and not path.exists():
        path = mapping.SHIPPED / f"{named}.toml"
    return mapping.load(path)


def _shipped() -> str:
    return ", ".join(mapping.shipped())
