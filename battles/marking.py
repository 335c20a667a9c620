"""A text as HTML in which every passage can be opened and highlighted by its own address.

Passages overlap, nest and begin at the same place. Those that nest become nested `<mark>`
elements. Of two that cross, the one that begins later is cut where the other ends; its first
piece carries its id, and all its pieces share a `data-thread`, a number by which the style
sheet finds the other pieces when the first is the target.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from html import escape
from typing import NamedTuple
from uuid import UUID

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

THREADS = 8  # the style sheet knows as many in one block; more are marked, but lit in part


class Span(NamedTuple):
    """A passage's place in a text, in code points, its end excluded.

    A place that is marked but is no passage has a name instead.
    """

    passage: UUID | str
    start: int
    end: int


class NoteLink(NamedTuple):
    """A marker in a text that leads to its note, with what the note says if that may be shown.

    The first of a note's markers has an address, so that the note can lead back.
    """

    start: int
    end: int
    note: UUID
    words: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of a text, and the passages in them, none of which leaves it."""

    start: int
    end: int
    spans: tuple[Span, ...]


def blocks(text: str, spans: Iterable[Span], start: int = 0, end: int | None = None) -> list[Block]:
    """Cut a text at the ends of lines that no passage crosses: where passages are, as finely
    as that allows, and nowhere else."""
    end = len(text) if end is None else end
    found: list[Block] = []
    at = start
    waiting = sorted(spans, key=_in_order)
    while waiting:
        first = waiting.pop(0)
        inside, last = [first], first.end
        line = max(text.rfind("\n", at, first.start) + 1, at)
        while True:
            stop = text.find("\n", last - 1, end) + 1 or end
            if not waiting or waiting[0].start >= stop:
                break
            inside.append(waiting.pop(0))
            last = max(last, inside[-1].end)
        reach = waiting[0].start if waiting else end
        while stop < reach and text[stop] == "\n":  # the blank lines after it
            stop += 1
        if line > at:
            found.append(Block(at, line, ()))
        found.append(Block(line, stop, tuple(inside)))
        at = stop
    if at < end:
        found.append(Block(at, end, ()))
    return found


def marked(
    text: str,
    block: Block,
    page: int = 1,
    starts: Sequence[int] = (),
    paragraph: int = 1,
    links: Sequence[NoteLink] = (),
) -> SafeString:
    """Return a block of a text as HTML, its passages marked, its pages and paragraphs addressed.

    `page` is the one it begins on; `starts` are the places in it where paragraphs begin, the first
    of them that of the number `paragraph`. Markers lead to their notes by `links`, but for one that
    a passage cuts. Read back from the HTML, the characters are those of the text, all and alone.
    """
    inside = [link for link in links if block.start <= link.start < block.end]
    pieces = _pieces(block.spans)
    threads = {
        passage: number
        for number, passage in enumerate(
            dict.fromkeys(piece.passage for piece in pieces if not piece.is_first), 1
        )
        if number <= THREADS
    }
    edges = sorted({block.start, block.end, *(p.start for p in pieces), *(p.end for p in pieces)})
    opening: dict[int, list[_Piece]] = {}
    closing: dict[int, int] = {}
    for piece in pieces:
        opening.setdefault(piece.start, []).append(piece)
        closing[piece.end] = closing.get(piece.end, 0) + 1
    html: list[str] = []
    paragraphs = zip([*starts, block.end], itertools.count(paragraph), strict=False)
    start, number = next(paragraphs)
    for at, following in itertools.pairwise([*edges, block.end]):
        html += ["</mark>"] * closing.get(at, 0)
        if start == at < block.end:
            html.append(_address(number))
            start, number = next(paragraphs)
        html += [_opened(piece, threads) for piece in opening.get(at, [])]
        while start < following:
            html.append(f"{_words(text, at, start, inside)}{_address(number)}")
            at = start
            start, number = next(paragraphs)
        html.append(_words(text, at, following, inside))
    return _with_pages("".join(html), page)


def _words(text: str, start: int, end: int, links: Sequence[NoteLink]) -> str:
    """Return words with the markers in them that lead to notes."""
    if not links:
        return escape(text[start:end])
    html = []
    for link in links:
        if start <= link.start and link.end <= end:
            place = format_html(' id="call-{}"', link.note) if link.is_first else ""
            said = format_html(' title="{}"', link.words) if link.words else ""
            html.append(escape(text[start : link.start]))
            html.append(f'<a class="call" href="#note-{link.note}"{place}{said}>')
            html.append(f"{escape(text[link.start : link.end])}</a>")
            start = link.end
    html.append(escape(text[start:end]))
    return "".join(html)


def _address(paragraph: int) -> str:
    """Return a paragraph's link to itself; it has no words, since they would not be the text's."""
    return (
        f'<a class="par" id="par-{paragraph}" href="#par-{paragraph}" '
        f'aria-label="paragraph {paragraph}"></a>'
    )


def _with_pages(html: str, page: int) -> SafeString:
    """Put a page's link to itself where the form feed stands that ends the page before it."""
    first, *parts = html.split("\f")
    broken = (
        f'<a class="page-break" id="page-{number}" href="#page-{number}" '
        f'aria-label="page {number}" data-page="{number}">\f</a>{part}'
        for number, part in enumerate(parts, page + 1)
    )
    # A carriage return would reach the reader as a line feed if it were not written as a number.
    whole = "".join([first, *broken]).replace("\r", "&#13;")
    return mark_safe(whole)  # noqa: S308  each part was escaped above


class _Piece(NamedTuple):
    passage: UUID | str
    start: int
    end: int
    is_first: bool


def _in_order(span: Span | _Piece) -> tuple[int, int, str]:
    return span.start, -span.end, str(span.passage)


def _pieces(spans: Sequence[Span]) -> list[_Piece]:
    """Cut spans until any two nest or stand apart; return them in the order of their tags."""
    waiting = [(_in_order(span), _Piece(*span, is_first=True)) for span in spans]
    heapify(waiting)
    found: list[_Piece] = []
    open_ends: list[int] = []
    while waiting:
        _, piece = heappop(waiting)
        while open_ends and open_ends[-1] <= piece.start:
            open_ends.pop()
        if open_ends and piece.end > open_ends[-1]:
            cut = open_ends[-1]
            rest = piece._replace(start=cut, is_first=False)
            heappush(waiting, (_in_order(rest), rest))
            piece = piece._replace(end=cut)
        found.append(piece)
        open_ends.append(piece.end)
    return found


def _opened(piece: _Piece, threads: dict[UUID | str, int]) -> SafeString:
    thread = threads.get(piece.passage)
    woven = format_html(' data-thread="{}"', thread) if thread else ""
    name = "id" if piece.is_first else "data-passage"
    value = f"p-{piece.passage}" if piece.is_first else piece.passage
    return format_html('<mark {}="{}"{}>', name, value, woven)
