"""The reader: a document with its public passages marked, and what rests on them beside it.

A text that is open is shown whole. Of a protected one only the cited passages leave the archive,
with a little context; the rest of it is never part of the page. Of one that is not held
there is nothing but the places.
"""

import itertools
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import OuterRef, Subquery, prefetch_related_objects
from django.utils.safestring import SafeString

from battles.kinds import Kind
from battles.marking import NoteLink, Span, blocks, marked
from battles.models import Citation
from battles.noted import note_links
from battles.shown import ShownStatement, number_citations, shown_beside
from sources.addresses import address
from sources.anchoring import page_of
from sources.models import Document, Footnote, Passage, Source, Text
from sources.paragraphs import paragraph_starts
from sources.prepared import Prepared
from sources.search import FOUND, address_of_words

CONTEXT = 60  # code points of a protected text shown around a passage
_SHORT = 200  # code points of a block, some three lines

_passages_of = Prepared(
    lambda document: Passage.objects.public().filter(document=document).order_by(), UUID
)

# Each with the reason of the withdrawal, or nothing if a revision dropped it.
_no_longer_public_of = Prepared(
    lambda document: (
        Passage.objects.no_longer_public()
        .filter(document=document)
        .order_by("start", "pk")
        .values_list(
            "pk",
            "start",
            "end",
            Subquery(
                Citation.objects.withdrawn()
                .filter(passage=OuterRef("pk"))
                .values("statement__withdrawn_because")[:1]
            ),
        )
    ),
    UUID,
)

_notes_of = Prepared(
    lambda document: Footnote.objects.supplied().filter(document=document).order_by("number", "pk"),
    UUID,
)


@dataclass(slots=True)
class Entry:
    """A passage, what rests on it, and the way to the passages before and after it.

    Passages are numbered in the order in which their marks begin. A statement that rests on
    several is told beside the first of them, and the others say where.
    """

    number: int
    passage: Passage
    statements: list[ShownStatement]
    told: list[tuple[ShownStatement, "Entry"]]
    live: str = ""  # the words in the original on the web, if it is there
    previous: "Entry | None" = None
    following: "Entry | None" = None

    @property
    def href(self) -> str:
        return f"#p-{self.passage.pk}"


class PlaceError(ValueError):
    """A place that a text does not have, or not for readers."""


@dataclass(slots=True)
class MarkedBlock:
    """Some lines of the text, and the passages in them."""

    html: SafeString
    entries: list[Entry]
    is_short: bool  # there is little room beside it

    @property
    def numbers(self) -> str:
        first, last = self.entries[0].number, self.entries[-1].number
        return f"{first}–{last}" if last > first else str(first)


@dataclass(slots=True)
class Excerpt:
    """A stretch of the text without omissions."""

    blocks: list[MarkedBlock]
    page: int
    is_first_of_page: bool  # and so bears the address of the page
    is_cut_before: bool
    is_cut_after: bool


@dataclass(slots=True)
class Note:
    """A note that the text lacks and a curator supplied, as far as readers may see it."""

    note: Footnote
    words: str
    is_called: bool = False  # by a marker in what is shown

    @property
    def named_source(self) -> Source | None:
        return self.note.named_source

    @property
    def passage_href(self) -> str:
        """Where in the text it stands after all, if that is marked."""
        passage = self.note.public_passage
        return f"#p-{passage.pk}" if passage else ""


@dataclass(frozen=True, slots=True)
class FormerPassage:
    """A passage on which nothing rests any more; its address says so, and why."""

    passage: UUID
    reason: str  # of the withdrawal; nothing if a revision dropped it
    words_href: str  # in a text that is open, where a revision dropped it

    @property
    def href(self) -> str:
        return address("sources:passage-detail", self.passage)


@dataclass(slots=True)
class Reading:
    """What readers see of a document."""

    document: Document
    is_held: bool
    is_whole: bool
    entries: list[Entry]
    battles: list[tuple[str, str]]  # names and slugs of what it is cited for, the most first
    has_pages: bool = False
    excerpts: list[Excerpt] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    former: list[FormerPassage] = field(default_factory=list)


def read(document: Document, found: tuple[int, int] | None = None) -> Reading:
    """Return what readers may see of a document, in as many queries whatever its length.

    The words that were `found`, by the places of the first and after the last, are marked like a
    passage. Raises PlaceError if readers may not see that place, or if there is none.
    """
    passages = _passages_of(document.pk)
    prefetch_related_objects(passages, "glosses")
    beside = resting_on(shown_beside(document.pk))
    entries = _entries(document, passages, beside)
    _number_markers(entries)
    reading = Reading(document, False, False, entries, _battles(entries))
    text = Text.objects.filter(document=document).values_list("content", flat=True).first()
    if found and not (text and document.source.is_open and 0 <= found[0] < found[1] <= len(text)):
        raise PlaceError
    is_whole = text is not None and document.source.is_open
    reading.former = _former(document, is_whole=is_whole)
    if text is None:
        return reading
    spans = [Span(entry.passage.pk, *entry.passage.span) for entry in entries]
    if found:
        spans.append(Span(FOUND, *found))
    reading.is_held, reading.is_whole = True, is_whole
    reading.has_pages = "\f" in text
    windows = [(0, len(text))] if reading.is_whole else windows_around(text, spans)
    notes = _notes(document)
    links = _links(text, windows, notes)
    called = {link.note for link in links}
    for note in notes:
        note.is_called = note.note.pk in called
    reading.notes = [note for note in notes if note.is_called or reading.is_whole]
    reading.excerpts = _excerpts(text, windows, spans, entries, links)
    return reading


def _former(document: Document, *, is_whole: bool) -> list[FormerPassage]:
    """Return the passages that are no longer public.

    What was withdrawn may have been wrong to cite: nothing leads to its words.
    """
    return [
        FormerPassage(
            pk,
            reason or "",
            address_of_words(document.pk, start, end) if is_whole and not reason else "",
        )
        for pk, start, end, reason in _no_longer_public_of(document.pk)
    ]


def _notes(document: Document) -> list[Note]:
    """Return the notes that were supplied, if readers may see anything of them.

    Of a protected text that is the source that a note names, and its words if they are a passage
    that readers see anyway.
    """
    found = []
    for note in _notes_of(document.pk):
        note.document = document
        if note.public_words or note.named_source:
            found.append(Note(note, note.public_words))
    return found


def _links(text: str, windows: Sequence[tuple[int, int]], notes: Sequence[Note]) -> list[NoteLink]:
    """Return the markers in what is shown that lead to notes; each note's first has an address."""
    found = []
    seen: set[UUID] = set()
    for link in note_links(text, [(note.note, note.words) for note in notes]):
        if any(start <= link.start and link.end <= end for start, end in windows):
            found.append(link._replace(is_first=link.note not in seen))
            seen.add(link.note)
    return found


def _entries(
    document: Document,
    passages: Iterable[Passage],
    beside: dict[UUID, list[ShownStatement]],
) -> list[Entry]:
    """Return the passages of a document in the order in which `marking` opens them."""
    in_order = sorted(passages, key=lambda row: (row.span.start, -row.span.end, str(row.pk)))
    entries: list[Entry] = []
    first: dict[UUID, Entry] = {}
    for number, passage in enumerate(in_order, 1):
        entry = Entry(number, passage, [], [], passage.address_at(document.source.url))
        entries.append(entry)
        # The archive's own notes come after what the document says.
        for row in sorted(beside.get(passage.pk, []), key=lambda row: row.kind == Kind.NOTE):
            if first.setdefault(row.pk, entry) is entry:
                entry.statements.append(row)
            else:
                entry.told.append((row, first[row.pk]))
    for one, other in itertools.pairwise(entries):
        one.following, other.previous = other, one
    return entries


def _battles(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    about = Counter(
        (row.values.battle__name, row.values.battle__slug)
        for entry in entries
        for row in entry.statements
    )
    return sorted(about, key=lambda battle: (-about[battle], battle))


def _number_markers(entries: Sequence[Entry]) -> None:
    """Give each marker the number of its passage, and the markers of a statement their order.

    Those of passages in other documents go on from the last.
    """
    numbers = {entry.passage.pk: entry.number for entry in entries}
    for entry in entries:
        for statement in entry.statements:
            for citation in statement.citations:
                citation.number = numbers.setdefault(citation.passage, len(numbers) + 1)
            statement.citations.sort(key=lambda citation: citation.number)


def resting_on(statements: list[ShownStatement]) -> dict[UUID, list[ShownStatement]]:
    """Number the citations of statements; return these by each passage that they cite."""
    found: dict[UUID, list[ShownStatement]] = defaultdict(list)
    number_citations(statements)
    for statement in statements:
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


def _excerpts(
    text: str,
    windows: Sequence[tuple[int, int]],
    spans: Sequence[Span],
    entries: Sequence[Entry],
    links: Sequence[NoteLink],
) -> list[Excerpt]:
    """Return what windows onto a text show; `spans` and `entries` are in one order."""
    entry_of: dict[UUID | str, Entry] = {entry.passage.pk: entry for entry in entries}
    starts = paragraph_starts(text)
    found: list[Excerpt] = []
    last_page = 0
    for start, end in windows:
        inside = [span for span in spans if start <= span.start and span.end <= end]
        page = first_page = page_of(text, start)
        shown_blocks = []
        for block in blocks(text, inside, start, end):
            first, last = bisect_left(starts, block.start), bisect_left(starts, block.end)
            html = marked(text, block, page, starts[first:last], first + 1, links)
            inside_it = [entry_of[span.passage] for span in block.spans if span.passage != FOUND]
            is_short = block.end - block.start < _SHORT
            shown_blocks.append(MarkedBlock(html, inside_it, is_short))
            page += text.count("\f", block.start, block.end)
        found.append(
            Excerpt(
                shown_blocks,
                first_page,
                is_first_of_page=first_page > last_page,
                is_cut_before=start > 0,
                is_cut_after=end < len(text),
            )
        )
        last_page = page
    return found
