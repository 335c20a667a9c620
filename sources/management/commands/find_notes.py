"""Finds what notes the texts of an archive lack, that came before notes were looked for."""

from typing import Any

from django.core.management.base import BaseCommand

from sources.footnotes import find_in
from sources.models import Text


class Command(BaseCommand):
    help = "Record the notes that texts call for and do not hold. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        texts = Text.objects.select_related("document").order_by("pk")
        for text in texts.iterator(chunk_size=20):
            found += find_in(text.document, text.content)
        self.stdout.write(f"Missing notes that are new: {found:,}.")
