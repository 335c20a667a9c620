"""What a document could be made into, statement by statement, each with its place in the text.

Pure functions of a text: nothing here is stored, so a better reading proposes better at once.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from battles.drafting import infobox
from battles.drafting.infobox import Item, Label, label_of
from battles.drafting.lines import (
    Line,
    ends_a_sentence,
    is_furniture,
    is_heading,
    is_lead_in,
    is_note,
    lines,
    work_in,
)
from battles.kinds import FIGURE_KINDS, Kind
from sources.anchoring import Span
from sources.notes import calls, markers_between
from sources.paragraphs import paragraph_starts
from sources.sentences import sentences

SOURCE = "source"  # what a line of a bibliography could become
_NEAR = 3  # lines within which another label makes an infobox
_LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """A statement, or a source, that a passage could become; [start, end) is that passage.

    `values` are columns of a statement, `names` the printed names of rows they could hold.
    `voice` is where an earlier line says whose word this one still is.
    """

    start: int
    end: int
    kind: str
    printed: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    markers: str = ""
    voice: tuple[int, int] | None = None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


def paragraphs_in(text: str, first: int, last: int) -> Span:
    """Return the part from one paragraph to another, counted from 1 as the reader counts them."""
    starts = [*paragraph_starts(text), len(text)]
    return Span(starts[min(first, len(starts)) - 1], starts[min(last, len(starts) - 1)])


def pages_in(text: str, first: int, last: int) -> Span:
    """Return the part from one page to another."""
    breaks = [match.start() for match in re.finditer("\f", text)]
    starts, ends = [0, *(place + 1 for place in breaks)], [*breaks, len(text)]
    return Span(starts[min(first, len(starts)) - 1], ends[min(last, len(ends)) - 1])


def proposals(text: str, reach: Span | None = None, known: Iterable[str] = ()) -> list[Proposal]:
    """Return what a text, or what begins within a part of it, could become, in its order.

    None overlaps another. `known` are names of parties, by which a flattened line is parted.
    """
    typed, taken = _typed(text, list(known))
    prose = [Proposal(start, end, Kind.NARRATIVE) for start, end in _prose(text, taken)]
    start, end = reach or (0, len(text))
    called = calls(text)
    found = [
        one if one.kind == SOURCE else replace(one, markers=markers_between(called, *one.span))
        for one in (*typed, *prose)
        if start <= one.start < end
    ]
    return sorted(found, key=lambda one: one.start)


# Prose -----------------------------------------------------------------------------------------


def _prose(text: str, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the sentences that stand outside what was taken by other readings of its line."""
    for start, end in sentences(text):
        for piece in _outside(text, start, end, taken):
            words = text[slice(*piece)]
            is_a_heading = _stands_alone(text, *piece) and is_heading(words)
            if not is_a_heading and not is_lead_in(words):
                yield piece


def _outside(
    text: str, start: int, end: int, taken: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    first = start
    at = max(0, bisect_right(taken, (start, 0)) - 1)
    while at < len(taken) and taken[at][0] < end:
        if taken[at][1] > first:
            yield from _trimmed(text, first, taken[at][0])
            first = max(first, taken[at][1])
        at += 1
    yield from _trimmed(text, first, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = text[start:end]
    if words.strip():
        yield start + len(words) - len(words.lstrip()), start + len(words.rstrip())


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a sentence is the whole of its line."""
    line = text.rfind("\n", 0, start) + 1
    after = text.find("\n", end)
    return not text[line:start].strip() and not text[end : after if after >= 0 else None].strip()


# Infobox, bibliography and furniture -----------------------------------------------------------


def _typed(text: str, known: list[str]) -> tuple[list[Proposal], list[tuple[int, int]]]:
    """Return what lines that are no prose could become, and the spans of all such lines."""
    rows = list(lines(text))
    labels = [_believed(rows, at) for at in range(len(rows))]
    found: list[Proposal] = []
    taken: list[tuple[int, int]] = []
    group: Kind | None = None
    voice: tuple[int, int] | None = None
    last_end = 0
    for at, row in enumerate(rows):
        gap = text.count("\n", last_end, row.start) if at else 0
        last_end = row.end
        label = labels[at]
        if label is None and (is_furniture(row.words) or is_note(row.words)):
            taken.append((row.start, row.end))
            group = None
            continue
        if work := work_in(row):
            found.append(Proposal(*work, SOURCE, printed=text[slice(*work)]))
            taken.append((row.start, row.end))
            group = None
            continue
        if label is not None:
            taken.append((row.start, row.end))
            voice = None
            group = label.kind if label.heads_a_group or not label.rest else None
            if label.rest:
                found += _items(row, label.kind, row.words[-len(label.rest) :], whole=True)
            continue
        if outer := infobox.part_of(row.words):
            if at and not _is_taken(taken, rows[at - 1]) and _is_title(rows, at - 1, text):
                title = rows[at - 1]
                found.append(_of(title, Item(Kind.NAME, title.words, {"text": title.words})))
                taken.append((title.start, title.end))
            found.append(_of(row, Item(Kind.PART_OF, outer, names={"parent": outer})))
            taken.append((row.start, row.end))
            group = None
            continue
        if group is None and _are_parties(row, labels[at - 1 : at], labels[at + 1 : at + 2]):
            found += _items(row, Kind.BELLIGERENT, row.words)
            taken.append((row.start, row.end))
            continue
        if group is None:
            continue
        is_item = gap <= 2 and not _is_prose(row) and infobox.may_follow(group, row.words)
        speaks = group in FIGURE_KINDS and row.words.endswith((":", "："))
        if gap <= 2 and speaks and not infobox.is_figure(row.words):
            voice = (row.start, row.end)
            taken.append((row.start, row.end))
            continue
        if not is_item:
            group = None
            continue
        items = _items(row, group, row.words)
        if group in FIGURE_KINDS:
            if infobox.speaker(row.words):
                voice = (row.start, row.end)
            elif voice:
                items = [replace(item, voice=voice) for item in items]
        found += items
        taken.append((row.start, row.end))
        if group not in (Kind.BELLIGERENT, Kind.COMMANDER, Kind.UNIT, *FIGURE_KINDS):
            group = None
    return _with_parties(found, known), sorted(taken)


def _believed(rows: list[Line], at: int) -> Label | None:
    """Return the label of a line that is one of an infobox and no sentence that begins like it."""
    row = rows[at]
    label = label_of(row.words)
    if label is None or (_is_prose(row) and not label.is_marked):
        return None
    if not label.rest:
        follower = rows[at + 1] if at + 1 < len(rows) else None
        follows = follower is not None and (
            label_of(follower.words) is not None
            or (not _is_prose(follower) and infobox.may_follow(label.kind, follower.words))
        )
        return label if follows else None
    if label.is_marked or infobox.speaks_for_itself(label):
        return label
    near = [*rows[max(0, at - _NEAR) : at], *rows[at + 1 : at + 1 + _NEAR]]
    begins = label.rest[:1]
    if begins.islower() or not any(label_of(one.words) for one in near if not _is_prose(one)):
        return None
    return label


def _is_prose(row: Line) -> bool:
    words = infobox.without_markers(row.words)
    if len(words) > 120:
        return True
    ends = ends_a_sentence(words) and not re.search(r"\b(?:Jr|Sr|[A-Z])\.$", words)
    return ends and (len(words.split()) > 3 or not words.isascii())


def _is_taken(taken: list[tuple[int, int]], row: Line) -> bool:
    return (row.start, row.end) in taken[-2:]


def _is_title(rows: list[Line], at: int, text: str) -> bool:
    """Whether a line is the title of the infobox that begins in the next one."""
    row, following = rows[at], rows[at + 1]
    directly = text.count("\n", row.end, following.start) == 1
    return directly and len(row.words) <= _LONGEST_TITLE and not _is_prose(row)


def _are_parties(row: Line, before: list[Label | None], after: list[Label | None]) -> bool:
    """Whether a line without a label between two labelled ones has a party in each of its cells."""
    between = bool(before and before[0] and after and after[0])
    return between and len(infobox.cells(Kind.BELLIGERENT, row.words)) > 1 and not _is_prose(row)


def _items(row: Line, kind: Kind, words: str, *, whole: bool = False) -> list[Proposal]:
    """Return what the cells of a line could state; a line of one cell is cited with its label."""
    offset = row.end - len(words)
    spans = infobox.cells(kind, words)
    if whole and len(spans) == 1:
        reading = infobox.read(kind, words)
        return [_of(row, reading)]
    return [
        _of(
            Line(offset + start, offset + end, words[start:end]),
            infobox.read(kind, words[start:end]),
        )
        for start, end in spans
    ]


def _of(row: Line, reading: Item) -> Proposal:
    return Proposal(
        row.start,
        row.end,
        reading.kind,
        printed=reading.printed,
        values=reading.values,
        names=reading.names,
    )


def _with_parties(found: list[Proposal], known: list[str]) -> list[Proposal]:
    """Part the party from the person or the unit, where every line of a list begins with one."""
    known = [*known, *(one.printed for one in found if one.kind == Kind.BELLIGERENT)]
    persons_and_units = [one for one in found if one.kind in (Kind.COMMANDER, Kind.UNIT)]
    parted = {}
    for one in persons_and_units:
        others = [other.printed for other in persons_and_units if other is not one]
        parted[one.span] = infobox.part_from_party(one.printed, others, known)
    for kind in (Kind.COMMANDER, Kind.UNIT):
        of_kind = [one.span for one in persons_and_units if one.kind == kind]
        if not all(parted[span][0] and parted[span][1] for span in of_kind):
            for one in (one for one in persons_and_units if one.kind == kind):
                parted[one.span] = infobox.part_from_party(one.printed, [], known)
    return [_parted(one, *parted[one.span]) if one.span in parted else one for one in found]


def _parted(proposal: Proposal, party: str, name: str) -> Proposal:
    if not party:
        return proposal
    return replace(proposal, names={"party": party, "entity": name})
