"""Loads the demo archive into an empty one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from archive.importing import import_archive
from battles.models import Battle
from sources.models import Source

DEMO = Path(__file__).resolve().parents[2] / "demo"


class Command(BaseCommand):
    help = "Load the demo archive, unless this archive holds something already."

    def handle(self, *args: Any, **options: Any) -> None:
        if Battle.objects.exists() or Source.objects.exists():
            return
        report = import_archive(DEMO)
        self.stdout.write(f"Loaded the demo archive: {sum(report.added.values()):,} records.")
