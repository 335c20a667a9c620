"""Reading documents through for a battle: what was read, what is left, and what can be told of it.

A reading says that everything its words say of the battle is recorded. Where a whole document was
so read, and that is published, what no statement tells of it is its silence. Readers are told of
it by `battles.publication` alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from battles.models import Battle, Reading
from sources.anchoring import Span
from sources.models import Document, Source
from sources.paragraphs import paragraph_starts


class Unit(models.TextChoices):
    """What a document can be read by."""

    DOCUMENT = "document", "the whole document"
    PAGES = "pages", "pages"
    PARAGRAPHS = "paragraphs", "paragraphs"


class Parts:
    """The pages and paragraphs of a text, numbered from 1 as in the reader."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        # What stands before the first paragraph belongs to it.
        self.paragraphs = [0, *paragraph_starts(text)[1:], self.length]
        breaks = [at + 1 for at, character in enumerate(text) if character == "\f"]
        self.pages = [0, *(at for at in breaks if at < self.length), self.length]

    @property
    def units(self) -> list[Unit]:
        has_pages = len(self.pages) > 2
        return [Unit.DOCUMENT, *([Unit.PAGES] if has_pages else []), Unit.PARAGRAPHS]

    def span(self, unit: Unit, first: int | None, last: int | None) -> Span:
        """Return the place of some pages or paragraphs; refuse numbers that the text lacks."""
        if unit == Unit.DOCUMENT:
            return Span(0, self.length)
        edges = self.pages if unit == Unit.PAGES else self.paragraphs
        number = len(edges) - 1
        last = first if last is None else last
        if first is None or last is None or not 1 <= first <= last <= number:
            raise ValidationError(
                f"Give the first and the last of the {unit.label}; this document has {number}, "
                "counted from 1."
            )
        return Span(edges[first - 1], edges[last])

    def numbers(self, span: Span) -> tuple[int, int]:
        """Return the first and the last paragraph that a span has words of."""
        inside = self._inside(self.paragraphs, span)
        return inside[0], inside[-1]

    @staticmethod
    def _inside(edges: list[int], span: Span) -> list[int]:
        return [
            number
            for number, (start, end) in enumerate(pairwise(edges), 1)
            if start < span.end and end > span.start
        ]

    def told(self, span: Span) -> str:
        """Name a span by its pages if it is whole pages, and by its paragraphs if not."""
        if span == (0, self.length):
            return Unit.DOCUMENT.label
        whole_pages = len(self.pages) > 2 and {*span} <= {*self.pages}
        edges, name = (self.pages, "page") if whole_pages else (self.paragraphs, "paragraph")
        inside = self._inside(edges, span)
        first, last = inside[0], inside[-1]
        return f"{name} {first}" if first == last else f"{name}s {first}–{last}"


@dataclass(slots=True)
class Progress:
    """How far a document was read through for one battle."""

    battle: Battle
    readings: list[Reading]
    unread: list[Span]

    @property
    def is_read(self) -> bool:
        return not self.unread

    @property
    def is_published(self) -> bool:
        return all(reading.state == Reading.State.PUBLISHED for reading in self.readings)

    @property
    def standing(self) -> str:
        return "read through" if self.is_read else "partly read"


def progress(document: Document) -> list[Progress]:
    """Return how far a document was read through for each battle, in one query."""
    by_battle: dict[UUID, list[Reading]] = defaultdict(list)
    rows = Reading.objects.standing().filter(document=document).select_related("battle")
    for reading in rows.order_by("battle__sort_key", "battle", "start"):
        by_battle[reading.battle_id].append(reading)
    whole = Span(0, document.text_length)
    return [
        Progress(readings[0].battle, readings, list(_gaps(readings, whole)))
        for readings in by_battle.values()
    ]


def _gaps(readings: Iterable[Reading], span: Span) -> Iterator[Span]:
    """Yield the parts of a span that no reading covers; the readings are in order."""
    at = span.start
    for reading in readings:
        if reading.end <= at or reading.start >= span.end:
            continue
        if reading.start > at:
            yield Span(at, reading.start)
        at = reading.end
    if at < span.end:
        yield Span(at, span.end)


def mark(document: Document, battle: Battle, span: Span, *, by: User | None) -> list[Reading]:
    """Mark a span of a document as read through for a battle, as far as it was not yet."""
    if not 0 <= span.start < span.end <= document.text_length:
        raise ValidationError("This is no place in the document.")
    with transaction.atomic():
        # One marks at a time, so that readings never overlap.
        Battle.objects.select_for_update().order_by("pk").get(pk=battle.pk)
        standing = Reading.objects.standing().filter(document=document, battle=battle)
        made = [
            Reading(
                document=document,
                battle=battle,
                start=gap.start,
                end=gap.end,
                by=by,
                by_name=by.get_username() if by else "",
            )
            for gap in _gaps(standing.order_by("start"), span)
        ]
        if not made:
            raise ValidationError(f"This was marked as read through for {battle} already.")
        for reading in made:
            reading.save()
    return made


def follow(merged: Battle, kept: Battle) -> None:
    """Let what was read through for a battle be marked for the one that it is merged into.

    Who read it, and when, stays as it is. What readers were told of stays where they were told.
    """
    standing = Reading.objects.standing()
    for reading in standing.filter(battle=merged).order_by("document", "start"):
        there = standing.filter(document=reading.document_id, battle=kept).order_by("start")
        for gap in _gaps(there, Span(reading.start, reading.end)):
            Reading(
                document_id=reading.document_id,
                battle=kept,
                start=gap.start,
                end=gap.end,
                at=reading.at,
                by_id=reading.by_id,
                by_name=reading.by_name,
            ).save()
    Reading.objects.filter(battle=merged, state=Reading.State.MARKED).delete()


def unread_or_partly_read(documents: Any) -> QuerySet[Document]:
    """Return the documents with words that were read through for no battle, or not to their end.

    Tables of datasets are left out: their mapping reads every row.
    """
    here = Reading.objects.standing().filter(document=OuterRef("pk")).added_up()
    whole = here.filter(read__gte=F("document__text_length"))
    partial = here.filter(read__lt=F("document__text_length"))
    return (
        documents.with_words()
        .exclude(source__kind=Source.Kind.DATASET)
        .filter(~Exists(whole) | Exists(partial))
    )
