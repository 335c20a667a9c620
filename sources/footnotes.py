"""The notes missing from texts, found when a text arrives."""

from sources.models import Document, Footnote
from sources.notes import unresolved


def find_in(document: Document, text: str) -> int:
    """Record the notes that a text calls for and does not hold; return how many are new."""
    known = set(Footnote.objects.filter(document=document).values_list("number", flat=True))
    missing = [call for call in unresolved(text) if call.number not in known]
    Footnote.objects.bulk_create(
        Footnote(document=document, number=call.number, times=call.times, first=call.first)
        for call in missing
    )
    return len(missing)
