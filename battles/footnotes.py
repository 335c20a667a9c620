"""What statements cite by a note's marker, once the note is supplied."""

from battles.models import Citation, Statement
from battles.querysets import CitationQuerySet
from sources.models import Footnote


def calling(note: Footnote) -> CitationQuerySet:
    """Return the citations of the document whose passage has the note's marker."""
    return Citation.objects.filter(
        passage__document=note.document_id, note_marker__contains=note.marker
    ).order_by("created", "pk")


def name_source(note: Footnote) -> list[Citation]:
    """Give the source that a note names to the drafts that cite its marker alone and name none.

    What is published keeps what it says; a revision of it names the source.
    """
    if note.named_source is None:
        return []
    unnamed = calling(note).filter(
        note_marker=note.marker,
        named_source=None,
        statement__state__in=(Statement.State.DRAFT, Statement.State.IN_REVIEW),
    )
    named = list(unnamed)
    for citation in named:
        citation.named_source = note.named_source
        citation.save()
    return named
