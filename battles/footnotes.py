"""What statements cite by a note's marker, once the note is supplied."""

from django.db.models import Q

from battles.models import Citation, Statement
from battles.querysets import CitationQuerySet
from sources.models import Footnote
from sources.notes import RAISED_DIGITS


def calling(note: Footnote) -> CitationQuerySet:
    """Return the citations of the document whose passage has the note's marker."""
    called = Q(note_marker__contains=note.marker)
    if note.marker[0] in RAISED_DIGITS:  # ¹ does not call for it in ¹²
        apart = f"(^|[^{RAISED_DIGITS}]){note.marker}($|[^{RAISED_DIGITS}])"
        called = Q(note_marker__regex=apart)
    rows = Citation.objects.filter(called, passage__document=note.document_id)
    return rows.order_by("created", "pk")


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
