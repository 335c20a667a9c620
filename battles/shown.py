"""Published statements as pages show them, each with every passage it rests on.

They are read by one joined query, and one for the glosses, however many there are; by their ids,
where a query within the query would be slow. All words are made here; templates print them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from battles import wording
from battles.kinds import FIGURE_KINDS, OF_A_SIDE, Aspect, Kind, left_empty
from battles.models import Citation, Statement
from battles.querysets import CitationQuerySet, StatementQuerySet
from sources.addresses import address, addresses
from sources.models import Gloss
from sources.prepared import Prepared, PreparedForMany

QUOTE_LENGTH = 320  # code points of a quote beside a statement; the passage's page has it whole
_LABEL_LENGTH = 80

# What a marker is called, and what stands before the claimant's name.
_BEARINGS: dict[str, tuple[str, str]] = {
    Citation.Bearing.SUPPORTS: ("source for", "On the word of"),
    Citation.Bearing.DISPUTES: ("disputing source for", "Disputed by"),
    Citation.Bearing.CONTEXT: ("context for", "Context from"),
}


class Values(NamedTuple):
    """What is read of a statement, under the names that its model gives them."""

    id: UUID
    kind: str
    battle_id: UUID
    battle__name: str
    battle__slug: str
    section: str
    position: int
    printed: str
    inference: str
    is_quotation: bool
    text: str
    language: str
    script: str
    romanises: str
    parent__name: str
    parent__slug: str
    date_edtf: str
    date_reason: str
    date_earliest: int | None
    date_latest: int | None
    aspect: str
    place_id: UUID | None
    place__name: str
    place_precision: str
    victor_id: UUID | None
    victor__name: str
    degree: str
    level: str
    side_id: UUID | None
    side__name: str
    side__position: int
    entity_id: UUID | None
    entity__name: str
    party__name: str
    role: str
    value: int | None
    low: int | None
    high: int | None
    bound: str
    counted: str
    category: str
    population: str
    scope: str
    question_id: UUID | None
    question__wording: str
    question__position: int
    question__disputed: bool


class Cited(NamedTuple):
    """What is read of a citation, its passage and source, and those it names."""

    pk: UUID
    bearing: str
    claimant_id: UUID
    claimant__name: str
    claimant__slug: str
    note_marker: str
    note: str
    named_source__title: str | None
    named_source__slug: str
    named_source__public: bool
    passage_id: UUID
    passage__document_id: UUID | None
    passage__quote: str
    passage__source__title: str
    passage__source__title_original: str
    passage__source__slug: str
    passage__source__language: str
    passage__source__proximity: str
    passage__source__origin_id: UUID | None  # none yet, of some drafts
    passage__source__origin__name: str | None
    passage__source__origin__slug: str | None


# Says where a page is: from its name, and the slug or id of its subject.
Address = Callable[[str, str | UUID], str]

_OF_STATEMENT = len(Values._fields)


class _Columns:
    """What is read of statements and their citations; of one kind, only what it may hold.

    Most tables that a statement is joined with are named by one kind or another: PostgreSQL plans
    a query without them several times faster.
    """

    def __init__(self, kind: Kind | None = None) -> None:
        empty = left_empty(kind) if kind else {}
        column_of = {name: name.partition("__")[0].removesuffix("_id") for name in Values._fields}
        read = [name for name in Values._fields if column_of[name] not in empty]
        known = [name for name in Values._fields if column_of[name] in empty]
        self.lookups = (*(f"statement__{name}" for name in read), *Cited._fields)
        self._known = tuple(empty[column_of[name]] for name in known)
        found = [*read, *Cited._fields, *known]
        self._in_order = itemgetter(*map(found.index, Values._fields + Cited._fields))

    def whole(self, rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
        """Return rows with the values of a statement, then those of a citation, none left out."""
        return [self._in_order((*row, *self._known)) for row in rows] if self._known else rows


_OF_ANY_KIND = _Columns()


@dataclass(slots=True)
class ShownCitation:
    """One passage under a statement: whose word it is, where it is reported, the way there."""

    pk: UUID
    href: str
    label: str
    passage: UUID
    bearing: str  # nothing where the passage supports the statement
    on_whose_word: str
    claimant: str
    claimant_href: str
    source: str
    source_lang: str
    source_href: str
    origin: str
    is_reported: bool  # the source passes on another voice's claim
    claimant_id: UUID
    claimant_slug: str
    origin_id: UUID | None  # that of the source
    origin_slug: str
    proximity: str  # of the source to the events
    quote: str
    lang: str
    gloss: Gloss | None
    named_source: str
    named_source_href: str  # nothing while readers may not see it
    note_marker: str
    note: str
    number: int = 0  # of its marker, given by the page
    is_closed: bool = False  # readers were shown the passage once, and are no more


@dataclass(slots=True)
class ShownStatement:
    """One published statement in words.

    `text` is what a page shows first, `reading` what we take it to mean where `text` is the
    document's own wording, `printed` that wording where `text` is ours.
    """

    pk: UUID
    kind: str
    heading: str
    text: str
    lang: str
    reading: str
    printed: str
    printed_lang: str
    inference: str
    values: Values
    citations: list[ShownCitation]
    other_names: list[tuple[str, str]] = field(default_factory=list)  # each with its language
    hidden: bool = False
    unpublished: str = ""  # its state, where curators look at what readers do not see yet
    where: Address = address

    @property
    def href(self) -> str:
        return self.where("battles:statement-detail", self.pk)

    @property
    def leads_to(self) -> str:
        """The page of what it names: the whole it was part of, a place, a party, person or unit."""
        values = self.values
        if values.parent__slug:
            return self.where("battles:battle-detail", values.parent__slug)
        named = values.entity_id if self.kind in OF_A_SIDE else values.place_id
        return self.where("battles:entity-detail", named) if named else ""

    @property
    def claimants(self) -> list[tuple[str, str]]:
        """The names and addresses of those on whose word it stands, each once."""
        return self._voices("")

    @property
    def disputed_by(self) -> list[tuple[str, str]]:
        """The names and addresses of those whose word is cited against it, each once."""
        return self._voices(Citation.Bearing.DISPUTES)

    def _voices(self, bearing: str) -> list[tuple[str, str]]:
        of_it = (c for c in self.citations if c.bearing == bearing)
        return list(dict.fromkeys((c.claimant, c.claimant_href) for c in of_it))

    @property
    def order_among_rivals(self) -> tuple[list[tuple[str, str]], float, int, str]:
        """By who says it; what one voice says, by its day and number."""
        values = self.values
        day = -inf if values.date_earliest is None else values.date_earliest
        return self.claimants, day, values.value or values.low or values.high or 0, str(self.pk)

    @property
    def machine_date(self) -> str:
        return wording.machine_date(self.values.date_edtf)

    @property
    def part_dated(self) -> str:
        """Which part of its battle a date is of: “the start”; nothing, of the whole."""
        aspect = self.values.aspect
        return str(Aspect(aspect).label) if aspect and aspect != Aspect.WHOLE else ""

    @property
    def form(self) -> str:
        """What is recorded of a form of a name: “Chinese, Latin script, for 金城战役”."""
        values = self.values
        return wording.form_of_name(values.language, values.script, values.romanises)

    @property
    def prints_more(self) -> bool:
        """Whether the document's wording is not already part of the text shown."""
        return bool(self.printed) and self.printed.casefold() not in self.text.casefold()

    @property
    def has_account(self) -> bool:
        """Whether anything is to be said beside its text; a sentence flows on without."""
        if self.kind == Kind.NARRATIVE:
            return False
        return bool(
            self.form or self.reading or self.prints_more or self.inference or self.other_names
        )


def shown(statements: StatementQuerySet) -> list[ShownStatement]:
    """Return published statements, in the order of sections and positions."""
    return told(statements.published())


def told(statements: StatementQuerySet, where: Address | None = None) -> list[ShownStatement]:
    """Return statements as readers are, or would be, shown them; uncited ones never are.

    Public pages ask `shown`, which leaves out what is not published.
    """
    # By their ids: asked by a query within the query, PostgreSQL joins all citations there are
    # with all that they name, since it reorders no more than eight tables.
    ids = list(statements.order_by().values_list("pk", flat=True))
    citations = Citation.objects.filter(statement__in=ids)
    return _put_together(_rows(citations), _glosses(citations), where)


def _rows(citations: CitationQuerySet, columns: _Columns = _OF_ANY_KIND) -> Any:
    return citations.order_by(
        "statement__section",
        "statement__position",
        "statement__created",
        "statement_id",
        "created",
        "pk",
    ).values_list(*columns.lookups)


def _glosses(citations: CitationQuerySet) -> Any:
    return Gloss.objects.filter(passage__in=citations.order_by().values("passage"))


def _prepared(
    prepare: type[Prepared | PreparedForMany],
    chosen: Callable[[Any], dict[str, Any]],
    kind: Kind | None = None,
) -> Callable[[Any], list[ShownStatement]]:
    """Return `shown` of the statements, perhaps of one kind, which a key, or some keys, choose."""
    columns = _Columns(kind)
    of_kind = {"statement__kind": kind} if kind else {}

    def citations(key: Any) -> CitationQuerySet:
        return Citation.objects.public().filter(**chosen(key), **of_kind)

    rows = prepare(lambda key: _rows(citations(key), columns), UUID)
    glosses = prepare(lambda key: _glosses(citations(key)), UUID)
    return lambda key: _put_together(columns.whole(rows(key)), glosses(key))


shown_of = _prepared(Prepared, lambda battle: {"statement__battle": battle})
dates_of = _prepared(PreparedForMany, lambda battles: {"statement__battle__in": battles}, Kind.DATE)
places_told = _prepared(
    PreparedForMany, lambda statements: {"statement__in": statements}, Kind.PLACE
)
_listed = _prepared(PreparedForMany, lambda statements: {"statement__in": statements})

_resting_on = Prepared(
    lambda document: (
        Statement.objects.published()
        .filter(citations__passage__document=document)
        .order_by()
        .values_list("pk", flat=True)
        .distinct()
    ),
    UUID,
)


def shown_beside(document: UUID) -> list[ShownStatement]:
    """Return the published statements that rest on a document."""
    return _listed(_resting_on(document))


def _put_together(
    rows: Iterable[tuple[Any, ...]], glosses_found: Iterable[Gloss], where: Address | None = None
) -> list[ShownStatement]:
    glosses: dict[UUID, list[Gloss]] = defaultdict(list)
    for gloss in glosses_found:
        glosses[gloss.passage_id].append(gloss)
    found: dict[UUID, ShownStatement] = {}
    where = cache(where) if where else addresses()
    for row in rows:
        cited = Cited._make(row[_OF_STATEMENT:])
        statement = found.get(row[0])
        if statement is None:
            values = Values._make(row[:_OF_STATEMENT])
            statement = found[values.id] = in_words(
                values, foreign(cited.passage__source__language)
            )
            statement.where = where
        if cited.passage__document_id:
            page = where("sources:document-detail", cited.passage__document_id)
            href = f"{page}#p-{cited.passage_id}"
        else:
            href = where("sources:passage-detail", cited.passage_id)
        statement.citations.append(
            citation_of(cited, statement, href, glosses.get(cited.passage_id, []))
        )
    return list(found.values())


def shown_listed(statements: Iterable[Statement]) -> list[ShownStatement]:
    """Return one page of published statements in the order given, their citations numbered."""
    order = [statement.pk for statement in statements]
    found = {one.pk: one for one in _listed(order)}
    rows = [found[pk] for pk in order if pk in found]
    number_citations(rows)
    return rows


def number_citations(statements: list[ShownStatement], after: int = 0) -> None:
    """Number the markers in the order in which a page shows the statements."""
    number = after
    for statement in statements:
        for citation in statement.citations:
            number += 1
            citation.number = number


def foreign(language: str) -> str:
    """Return the language a text has to be marked with on these English pages, or nothing."""
    return "" if language == "en" or language.startswith("en-") else language


def citation_of(
    cited: Cited,
    statement: ShownStatement,
    href: str,
    glosses: list[Gloss],
) -> ShownCitation:
    title, where = cited.passage__source__title, statement.where
    language = foreign(cited.passage__source__language)
    about = wording.shortened(statement.text, _LABEL_LENGTH)
    if statement.heading:
        about = f"{statement.heading}, {about}"
    role, on_whose_word = _BEARINGS[cited.bearing]
    return ShownCitation(
        pk=cited.pk,
        href=href,
        label=f"{role} {about}: {title}",
        passage=cited.passage_id,
        bearing="" if cited.bearing == Citation.Bearing.SUPPORTS else cited.bearing,
        on_whose_word=on_whose_word,
        claimant=cited.claimant__name,
        claimant_href=where("sources:origin-detail", cited.claimant__slug),
        source=title,
        # A title with an original beside it is not printed in the language of the text.
        source_lang="" if cited.passage__source__title_original else language,
        source_href=where("sources:source-detail", cited.passage__source__slug),
        origin=cited.passage__source__origin__name or "",
        is_reported=cited.passage__source__origin_id not in (None, cited.claimant_id),
        claimant_id=cited.claimant_id,
        claimant_slug=cited.claimant__slug,
        origin_id=cited.passage__source__origin_id,
        origin_slug=cited.passage__source__origin__slug or "",
        proximity=cited.passage__source__proximity,
        quote=wording.shortened(cited.passage__quote, QUOTE_LENGTH),
        lang=language,
        gloss=_gloss_for_readers(glosses) if glosses else None,
        named_source=cited.named_source__title or "",
        named_source_href=where("sources:source-detail", cited.named_source__slug)
        if cited.named_source__public
        else "",
        note_marker=cited.note_marker,
        note=cited.note,
    )


def _gloss_for_readers(glosses: list[Gloss]) -> Gloss:
    """Return an English gloss if there is one, and one by a person rather than a machine."""
    return min(
        glosses,
        key=lambda gloss: (bool(foreign(gloss.language)), gloss.by_machine, str(gloss.pk)),
    )


def in_words(values: Values, source_language: str) -> ShownStatement:
    heading, text, is_printed_first = _kind_in_words(values)
    reading = printed = ""
    if is_printed_first and values.printed:
        text, reading = values.printed, text
        reading = "" if reading.casefold() == text.casefold() else reading
    elif values.printed:
        printed = wording.without_quotation_marks(values.printed)
        printed = "" if printed.casefold() == text.casefold() else printed
    return ShownStatement(
        pk=values.id,
        kind=values.kind,
        heading=heading,
        text=text,
        lang=foreign(values.language) if values.kind == Kind.NAME else "",
        reading=reading,
        printed=printed,
        printed_lang=source_language,
        inference=values.inference,
        values=values,
        citations=[],
    )


def _kind_in_words(values: Values) -> tuple[str, str, bool]:
    """Return a heading, the value in words, and whether the printed words are shown instead."""
    heading = wording.kind(values.kind)
    match values.kind:
        case Kind.NARRATIVE if values.is_quotation:
            return "", wording.in_quotation_marks(values.text), False
        case Kind.NARRATIVE:
            return "", values.text, False
        case Kind.NAME | Kind.NOTE:
            return heading, values.text, False
        case Kind.PART_OF:
            return heading, values.parent__name, False
        case Kind.DATE:
            if values.aspect != Aspect.WHOLE:
                heading = f"{heading} of {Aspect(values.aspect).label}"
            return heading, wording.date(values.date_edtf, values.date_reason), True
        case Kind.PLACE:
            words = [values.place__name, values.place_precision]
            return heading, ", ".join(filter(None, words)), False
        case Kind.RESULT:
            victor = values.victor__name or ""
            return heading, wording.result(victor, values.degree, values.level), True
        case kind if kind in FIGURE_KINDS:
            whose = values.entity__name or values.side__name or "side not stated"
            details = wording.counted_as(values.category, "", values.population, values.scope)
            number = wording.figure(
                values.bound, values.value, values.low, values.high, values.counted
            )
            no_number = values.bound == "vague"
            return "; ".join(filter(None, (f"{heading}, {whose}", details))), number, no_number
        case _:
            details = ", ".join(filter(None, (values.party__name, values.role)))
            name = f"{values.entity__name} ({details})" if details else values.entity__name
            return heading, name, False
