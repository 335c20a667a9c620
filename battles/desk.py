"""The desk: a document with every passage marked, and citing from it.

A curator's selection arrives as code points with the words selected. It is stored if these stand
there, letter by letter, and refused otherwise.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.safestring import SafeString

from battles.marking import Block, NoteLink, Span, blocks, marked
from battles.models import Battle, Citation, Statement
from battles.noted import note_links
from battles.publication import open_revision
from battles.querysets import StatementQuerySet
from sources import anchoring
from sources.forms import known_or_new
from sources.models import Document, Footnote, Passage
from sources.sentences import sentences

_LARGEST = 4000  # code points of lines without passages laid out together
_PROPOSED = 12  # statements proposed at once


# Reading ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Mark:
    """A passage and the citations that rest on it, with their statements in any state."""

    number: int
    passage: Passage
    citations: list[Citation]


@dataclass(slots=True)
class Stretch:
    """Some lines of a text as HTML, and the passages marked in them."""

    start: int
    html: SafeString
    marks: list[Mark]
    notes: list[Footnote]  # called for first here


def lay_out(
    text: str, spans: Iterable[Span], links: Sequence[NoteLink] = ()
) -> list[tuple[Block, SafeString]]:
    """Return a text as stretches of HTML, cut at ends of lines.

    Read back from the HTML, one stretch after the other, the characters are those of the text.
    """
    found = []
    page = 1
    for block in blocks(text, spans):
        for piece in [block] if block.spans else _pieces(text, block):
            found.append((piece, marked(text, piece, page, links=links)))
            page += text.count("\f", piece.start, piece.end)
    return found


def _pieces(text: str, block: Block) -> Iterable[Block]:
    """Cut a long block without passages at the ends of its lines."""
    start = block.start
    while block.end - start > _LARGEST:
        cut = text.rfind("\n", start, start + _LARGEST) + 1
        cut = cut or text.find("\n", start + _LARGEST, block.end) + 1
        if not cut or cut == block.end:
            break
        yield Block(start, cut, ())
        start = cut
    yield Block(start, block.end, ())


def read(document: Document, text: str, notes: Iterable[Footnote] = ()) -> list[Stretch]:
    """Return a document as curators read it, in three queries whatever its length.

    Markers lead to the notes that are given, supplied or still missing.
    """
    citations: dict[UUID, list[Citation]] = defaultdict(list)
    rows = Citation.objects.filter(passage__document=document).select_related("claimant")
    beside = Citation.objects.filter(passage__document=document).order_by().values("statement")
    statements = Statement.objects.filter(pk__in=beside).with_values().in_bulk()
    for row in rows.order_by("created", "pk"):
        if row.statement_id in statements:
            row.statement = statements[row.statement_id]
            citations[row.passage_id].append(row)
    passages = sorted(
        Passage.objects.filter(document=document),
        key=lambda row: (row.span.start, -row.span.end, str(row.pk)),
    )
    marks = {row.pk: Mark(number, row, citations[row.pk]) for number, row in enumerate(passages, 1)}
    spans = [Span(row.pk, *row.span) for row in passages]
    by_id = {note.pk: note for note in notes}
    links = note_links(
        text, [(note, note.words or "This note is missing.") for note in by_id.values()]
    )
    first = [link for link in links if link.is_first]
    return [
        Stretch(
            block.start,
            html,
            [marks[UUID(str(span.passage))] for span in block.spans],
            [by_id[link.note] for link in first if block.start <= link.start < block.end],
        )
        for block, html in lay_out(text, spans, links)
    ]


def uncited_sentences(text: str, stretches: Iterable[Stretch]) -> list[anchoring.Span]:
    """Return the sentences in which no passage is marked, in order."""
    marks = (mark.passage.span for stretch in stretches for mark in stretch.marks)
    cited = sorted(marks)
    found = []
    reach = at = 0  # how far marks reach that begin before the sentence ends
    for start, end in sentences(text):
        while at < len(cited) and cited[at].start < end:
            reach = max(reach, cited[at].end)
            at += 1
        if reach <= start:
            found.append(anchoring.Span(start, end))
    return found


def in_steps(spans: Iterable[anchoring.Span]) -> str:
    """Write spans that do not overlap as the gap before each and its length."""
    steps: list[str] = []
    at = 0
    for start, end in spans:
        steps += [str(start - at), str(end - start)]
        at = end
    return " ".join(steps)


# Selecting -------------------------------------------------------------------------------------


class Selection(NamedTuple):
    """Words as they were selected, and where."""

    start: int
    end: int
    quote: str

    @classmethod
    def loads(cls, value: str) -> Self:
        """Read a selection from JSON, in which no browser changes the ends of lines."""
        try:
            start, end, quote = json.loads(value)
        except (ValueError, TypeError) as error:
            raise ValidationError("This is not a selection.") from error
        numbers = all(type(number) is int for number in (start, end))
        if not numbers or type(quote) is not str:
            raise ValidationError("This is not a selection.")
        return cls(start, end, quote)

    def dumps(self) -> str:
        return json.dumps(self)

    @property
    def span(self) -> anchoring.Span:
        return anchoring.Span(self.start, self.end)


def check(selection: Selection, text: str) -> None:
    """Refuse a selection that is not, letter by letter, what stands there."""
    try:
        anchor = anchoring.make_anchor(text, selection.start, selection.end)
    except anchoring.AnchorError as error:
        raise ValidationError("This is no place in the document. Select the words anew.") from error
    if anchor.quote != selection.quote:
        raise ValidationError(
            "The words selected do not stand there in the document as it is stored. Nothing was "
            "saved; select them anew."
        )


# Choosing statements ---------------------------------------------------------------------------


class Choice(NamedTuple):
    """A statement as the curator saw it, with the version of its open revision if it has one."""

    statement: UUID
    version: int
    revision: int | None

    @classmethod
    def of(cls, statement: Statement) -> Self:
        revision = getattr(statement, "revision", None)
        return cls(statement.pk, statement.version, revision and revision.version)

    @classmethod
    def loads(cls, value: str) -> Self:
        try:
            statement, version, revision = value.split(":")
            return cls(UUID(statement), int(version), int(revision) if revision else None)
        except ValueError as error:
            raise ValidationError(
                "A statement was chosen without saying which version of it you saw."
            ) from error

    def __str__(self) -> str:
        return f"{self.statement}:{self.version}:{self.revision or ''}"


def proposed(battle: Battle, wanted: str) -> StatementQuerySet:
    """Return statements about a battle that a search finds, the newest first.

    Revisions are not among them: what they revise stands for them.
    """
    found = _choosable().filter(battle=battle)
    for word in wanted.replace("\0", "").split():
        holds = Q()
        for column in ("text", "printed", "date_edtf", "date_reason", "kind", "category", "role"):
            holds |= Q(**{f"{column}__icontains": word})
        for column in ("entity", "side", "place", "party", "victor", "parent"):
            holds |= Q(**{f"{column}__name__icontains": word})
        digits = word.replace(",", "")
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            holds |= Q(value=int(digits)) | Q(low=int(digits)) | Q(high=int(digits))
        found = found.filter(holds)
    return found.order_by("-created", "pk")[:_PROPOSED]


def chosen(choices: Iterable[Choice]) -> StatementQuerySet:
    """Return the statements that were chosen, as they are stored now."""
    ids = [choice.statement for choice in choices]
    return _choosable().filter(pk__in=ids).order_by("-created", "pk")


def _choosable() -> StatementQuerySet:
    return (
        Statement.objects.exclude(state=Statement.State.WITHDRAWN)
        .filter(revises__isnull=True)
        .with_values()
        .select_related("revision")
    )


# Citing ----------------------------------------------------------------------------------------


class StaleChoiceError(ValidationError):
    """Statements were chosen that somebody else has changed since."""


@dataclass(slots=True)
class Saved:
    """What one save made, so that it can be told and taken back."""

    passage: UUID
    made_passage: bool = False
    citations: list[UUID] = field(default_factory=list)
    made: list[UUID] = field(default_factory=list)  # statements and revisions
    versions: dict[UUID, int] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return {
            "passage": str(self.passage),
            "made_passage": self.made_passage,
            "citations": [str(pk) for pk in self.citations],
            "made": [str(pk) for pk in self.made],
            "versions": {str(pk): version for pk, version in self.versions.items()},
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            UUID(data["passage"]),
            data["made_passage"],
            [UUID(pk) for pk in data["citations"]],
            [UUID(pk) for pk in data["made"]],
            {UUID(pk): version for pk, version in data["versions"].items()},
        )


def cite(
    document: Document,
    selection: Selection,
    choices: Sequence[Choice],
    new: Statement | None = None,
    *,
    locator: str = "",
    **cited: Any,
) -> Saved:
    """Cite a selection by the statements chosen and by a new one: all of it or nothing.

    A published statement is cited by its revision, which is opened if there is none.
    """
    with transaction.atomic():
        passage = known_or_new(document, selection.span, locator)
        passage.quote = selection.quote  # refused if it is not what stands there
        saved = Saved(passage.pk, passage._state.adding)
        targets = [_target(row, saved) for row in _as_seen(choices)]
        if new is not None:
            new.save()
            saved.made.append(new.pk)
            targets.append(new)
        if passage._state.adding:
            passage.save()
        else:
            passage.anchor()
        for target in targets:
            if Citation.objects.filter(statement=target, passage=passage).exists():
                raise ValidationError(f"“{target}” cites this passage already.")
            citation = Citation.objects.create(statement=target, passage=passage, **cited)
            saved.citations.append(citation.pk)
        ids = [target.pk for target in targets]
        versions = Statement.objects.filter(pk__in=ids).order_by().values_list("pk", "version")
        saved.versions = dict(versions)
    return saved


def _as_seen(choices: Sequence[Choice]) -> list[Statement]:
    """Return the statements chosen, held until the transaction ends, if nobody changed them."""
    seen = {choice.statement: choice for choice in choices}
    held = Q(pk__in=seen) | Q(revises__in=seen)
    list(Statement.objects.filter(held).select_for_update().order_by("pk").values_list("pk"))
    rows = {row.pk: row for row in chosen(choices)}
    stale = [pk for pk, choice in seen.items() if pk not in rows or Choice.of(rows[pk]) != choice]
    if stale:
        named = "; ".join(f"“{rows[pk]}”" for pk in stale if pk in rows)
        raise StaleChoiceError(
            f"Somebody else changed what you chose{f': {named}' if named else ''}. Nothing was "
            "saved, and what you typed is still here. Below is what is stored now; save again "
            "if it is still what you mean."
        )
    return list(rows.values())


def _target(statement: Statement, saved: Saved) -> Statement:
    if not statement.is_published:
        return statement
    had_revision = getattr(statement, "revision", None) is not None
    revision = open_revision(statement)
    if not had_revision:
        saved.made.append(revision.pk)
    return revision


def take_back(saved: Saved) -> None:
    """Undo a save whose statements are as it left them and not public; refuse any other."""
    with transaction.atomic():
        rows = Statement.objects.filter(pk__in=saved.versions).select_for_update().order_by("pk")
        now = {row.pk: row for row in rows}
        if any(
            pk not in now or now[pk].version != version or now[pk].is_public_or_was
            for pk, version in saved.versions.items()
        ):
            raise ValidationError(
                "It was changed, reviewed or published since, so it cannot be taken back here."
            )
        for citation in Citation.objects.filter(pk__in=saved.citations).order_by("pk"):
            citation.delete()
        for pk in saved.made:
            now[pk].delete()
        passage = Passage.objects.filter(pk=saved.passage).first()
        if saved.made_passage and passage and not passage.seen:
            still_used = passage.citations.exists() or passage.glosses.exists()
            if not still_used:
                passage.delete()
