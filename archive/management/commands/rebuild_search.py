"""Makes the index of the search anew."""

from typing import Any

from django.core.management.base import BaseCommand

from archive.pace import Pace
from battles.search import FINDABLES as BATTLE_FINDABLES
from sources.models import SearchEntry
from sources.search import FINDABLES as SOURCE_FINDABLES
from sources.search import mend_index, rebuild


class Command(BaseCommand):
    help = (
        "Make the index of the search anew from what is public. Publishing keeps it up to date; "
        "this is for archives that had none, and for an index that `verify` finds at fault. "
        "Readers can go on searching meanwhile."
    )
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        def tell(what: str, rows: int) -> None:
            if options["verbosity"] > 0:
                self.stderr.write(f"{what}: {rows:,}")

        pace = Pace()
        mend_index()
        rebuild(BATTLE_FINDABLES + SOURCE_FINDABLES, tell)
        rows = SearchEntry.objects.count()
        self.stdout.write(f"The search finds {rows:,} entries ({pace.of(rows)}).")
