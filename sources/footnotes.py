"""The notes missing from texts, found when a text arrives."""

from collections.abc import Iterable
from typing import Any

from sources.models import Document, Footnote
from sources.notes import unresolved


def find_in(document: Document, text: str) -> int:
    """Record the notes that a text calls for and does not hold; return how many are new."""
    known = set(Footnote.objects.filter(document=document).values_list("marker", flat=True))
    missing = [one for one in unresolved(text) if one.marker not in known]
    Footnote.objects.bulk_create(
        Footnote(
            document=document,
            marker=one.marker,
            number=one.number,
            times=one.times,
            first=one.first,
        )
        for one in missing
    )
    return len(missing)


def make_room(supplied: Iterable[Any]) -> None:
    """Delete missing notes in the place of which come the same ones, supplied elsewhere."""
    places = {(note.document_id, note.marker) for note in supplied}
    missing = Footnote.objects.filter(
        document__in={document for document, _ in places}, supplied__isnull=True
    )
    rows = missing.order_by().values_list("pk", "document", "marker")
    Footnote.objects.filter(pk__in=[pk for pk, *place in rows if tuple(place) in places]).delete()
