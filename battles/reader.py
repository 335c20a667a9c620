"""The reader: a document with its public passages marked, and what rests on them beside it.

A text that is open is shown whole. Of a protected one only the cited passages leave the archive,
with a little context; the rest of it is never part of the page. Of one that is not held
there is nothing but the places.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.safestring import SafeString

from battles.marking import Span, blocks, marked
from battles.models import Statement
from battles.querysets import StatementQuerySet
from battles.shown import ShownStatement, number_citations, shown
from sources.anchoring import page_of
from sources.models import Document, Passage, Text
from sources.search import FOUND

CONTEXT = 60  # code points of a protected text shown around a passage


class PlaceError(ValueError):
    """A place that a text does not have, or not for readers."""


@dataclass(slots=True)
class MarkedBlock:
    """Some lines of the text, and the statements that rest on the passages in them."""

    html: SafeString
    statements: list[ShownStatement]


@dataclass(slots=True)
class Excerpt:
    """A stretch of the text without omissions."""

    blocks: list[MarkedBlock]
    page: int
    is_cut_before: bool
    is_cut_after: bool


@dataclass(slots=True)
class Entry:
    """A passage of a document that is not held, and the statements that rest on it."""

    passage: Passage
    statements: list[ShownStatement]


@dataclass(slots=True)
class Reading:
    """What readers see of a document."""

    document: Document
    is_held: bool
    is_whole: bool
    has_pages: bool = False
    excerpts: list[Excerpt] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


def read(document: Document, found: tuple[int, int] | None = None) -> Reading:
    """Return what readers may see of a document, in four queries whatever its length.

    The words that were `found`, by the places of the first and after the last, are marked like a
    passage. Raises PlaceError if readers may not see that place, or if there is none.
    """
    passages = list(
        Passage.objects.public()
        .filter(document=document)
        .prefetch_related("glosses")
        .order_by("start", "end", "pk")
    )
    beside = resting_on(Statement.objects.filter(citations__passage__document=document))
    in_order = {row.pk: row for passage in passages for row in beside.get(passage.pk, [])}
    number_citations(list(in_order.values()))
    text = Text.objects.filter(document=document).values_list("content", flat=True).first()
    if text is None:
        if found:
            raise PlaceError
        entries = [Entry(passage, beside.get(passage.pk, [])) for passage in passages]
        return Reading(document, is_held=False, is_whole=False, entries=entries)
    spans = [
        Span(passage.pk, passage.start, passage.end)
        for passage in passages
        if passage.start is not None and passage.end is not None
    ]
    is_whole = document.source.is_open
    if found:
        if not (is_whole and 0 <= found[0] < found[1] <= len(text)):
            raise PlaceError
        spans.append(Span(FOUND, *found))
    windows = [(0, len(text))] if is_whole else windows_around(text, spans)
    return Reading(
        document,
        is_held=True,
        is_whole=is_whole,
        has_pages="\f" in text,
        excerpts=[_excerpt(text, start, end, spans, beside) for start, end in windows],
    )


def resting_on(statements: StatementQuerySet) -> dict[UUID, list[ShownStatement]]:
    """Return published statements by each passage that they cite."""
    found: dict[UUID, list[ShownStatement]] = defaultdict(list)
    rows = shown(statements)
    number_citations(rows)
    for statement in rows:
        for citation in statement.citations:
            found[citation.passage].append(statement)
    return found


def windows_around(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return the stretches of a protected text that may be shown, joined where they meet."""
    found: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        start, end = max(0, span.start - CONTEXT), min(len(text), span.end + CONTEXT)
        # Not in the middle of a word, if a space is near.
        if start and (space := text.find(" ", start, min(start + 20, span.start))) >= 0:
            start = space + 1
        if end < len(text) and (space := text.rfind(" ", max(end - 20, span.end), end)) >= 0:
            end = space
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _excerpt(
    text: str,
    start: int,
    end: int,
    spans: Sequence[Span],
    beside: dict[UUID, list[ShownStatement]],
) -> Excerpt:
    inside = [span for span in spans if start <= span.start and span.end <= end]
    page = first_page = page_of(text, start)
    found = []
    for block in blocks(text, inside, start, end):
        here = [
            row
            for span in block.spans
            if isinstance(span.passage, UUID)
            for row in beside.get(span.passage, [])
        ]
        found.append(
            MarkedBlock(marked(text, block, page), list({row.pk: row for row in here}.values()))
        )
        page += text.count("\f", block.start, block.end)
    return Excerpt(found, first_page, is_cut_before=start > 0, is_cut_after=end < len(text))
