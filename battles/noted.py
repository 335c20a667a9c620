"""The markers in a text that lead to notes which curators supplied."""

from collections.abc import Iterable

from battles.marking import NoteLink
from sources.models import Footnote
from sources.notes import calls


def note_links(text: str, notes: Iterable[tuple[Footnote, str]]) -> list[NoteLink]:
    """Return the places of a text that call for some notes, each given with what it says."""
    by_marker = {note.marker: (note, words) for note, words in notes}
    if not by_marker:
        return []
    found = []
    seen: set[str] = set()
    for call in calls(text):
        if call.marker in by_marker:
            note, words = by_marker[call.marker]
            found.append(NoteLink(call.start, call.end, note.pk, words, call.marker not in seen))
            seen.add(call.marker)
    return found
