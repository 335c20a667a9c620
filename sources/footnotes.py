"""The notes missing from texts, found when a text arrives."""

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
