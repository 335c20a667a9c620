from typing import Any

from django.core.management.base import BaseCommand

from battles import indexing


class Command(BaseCommand):
    help = "Make the index behind the lists, and what is in dispute, anew from what is published."

    def handle(self, **options: Any) -> None:
        indexing.rebuild(self._tell)
        self.stdout.write("The index says what is published.")

    def _tell(self, what: str, number: int) -> None:
        self.stdout.write(f"{number:,} {what} indexed")
