"""What the index of the search holds."""

from django.db import models


class SearchEntry(models.Model):
    """One thing that search finds, and the tokens that find it.

    Its id is its place among the results, so that both databases can walk the entries that hold a
    word in the order in which readers see them: see `sources.search.place_in_order`. The full-text
    index beside it is made by the migration: a table of its own on SQLite, columns on PostgreSQL.
    """

    id = models.BigIntegerField(primary_key=True)
    owner = models.UUIDField(db_index=True, help_text="The row that was indexed.")
    start = models.PositiveBigIntegerField(
        default=0, help_text="Of a paragraph: its first code point in the document's text."
    )
    text = models.TextField(blank=True, help_text="What a result quotes from.")
    words = models.TextField(help_text="The tokens of what it says itself.")
    context = models.TextField(blank=True, help_text="The tokens of what belongs to it.")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "search entries"
        default_permissions = ()  # written by code alone

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else f"{self.text[:59]}…"
