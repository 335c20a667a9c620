"""Checks the whole archive against itself."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from archive.pace import Pace
from archive.verification import Fault, record, verify

KEPT = 1000  # faults that the curators' work list can show; the console names all


class Command(BaseCommand):
    help = (
        "Check that bytes, texts, passages, statements and publications fit together. "
        "One line for each fault; the exit status is 1 if there is any."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="report as JSON lines")
        parser.add_argument(
            "--read-again",
            action="store_true",
            help="also read every text from its file anew; slow, and wise after an upgrade",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pace, faults = Pace(), 0
        kept: list[Fault] = []
        checked: dict[str, int] = {}

        def tell(what: str, count: int) -> None:
            checked[what] = count
            if options["verbosity"] > 0:
                pace.now_and_then(self.stderr.write, f"{what}: {count:,}")

        for fault in verify(tell, read_again=options["read_again"]):
            faults += 1
            if faults <= KEPT:
                kept.append(fault)
            self.stdout.write(
                json.dumps(vars(fault), ensure_ascii=False) if options["json"] else str(fault)
            )
        record(kept, faults, checked, read_again=options["read_again"])
        summary = ", ".join(f"{count:,} {what}" for what, count in checked.items())
        taken = pace.of(sum(checked.values()))
        self.stderr.write(f"Checked {summary or 'an empty archive'}: {faults} faults ({taken}).")
        if faults:
            sys.exit(1)
