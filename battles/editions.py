"""A battle's earlier editions, and what changed from one to another.

What stood there, on whose word and from which passage, is read back from the publications' records
alone. Only addresses, and the words of passages that are public or in an open text, are looked up
as they are today. What was withdrawn since shows the reason and nothing else.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q

from battles import wording
from battles.kinds import OF_A_SIDE, Kind, Section
from battles.models import Battle, Citation, Publication, Statement
from battles.pages import BattlePage, in_runs, page_of
from battles.publication import edition
from battles.questions import Relation, compare
from battles.schemas import filing_record
from battles.shown import (
    Cited,
    ShownCitation,
    ShownStatement,
    Values,
    citation_of,
    foreign,
    in_words,
    number_citations,
)
from sources import dates
from sources.addresses import address
from sources.models import Origin, Passage, Source
from sources.search import address_of_words

Record = Mapping[str, Any]

_LOOKED_AT = 20  # battles that may have cited a passage


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What is left of a statement that was withdrawn: that it was, and why it is no more."""

    kind: str
    reason: str
    notes: Collection[int]  # the numbers that its markers had

    @property
    def markers(self) -> str:
        return in_runs(self.notes)


@dataclass(frozen=True, slots=True)
class Edition:
    """A battle's page as one edition told it.

    Its filing and the origins of sources are of today if its records do not hold them.
    """

    number: int
    at: datetime
    name: str
    scale: str
    above: list[tuple[str, str]]  # names and addresses of what it was filed under
    page: BattlePage
    withdrawn: list[Withdrawn]
    has_filing: bool
    has_origins: bool


@dataclass(slots=True)
class EditionSummary:
    """One line of a battle's history."""

    number: int
    at: datetime
    did: Counter[str] = field(default_factory=Counter)  # published, revised, withdrawn


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stayed, came or went."""

    change: str  # nothing, “ins” or “del”
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a statement said otherwise."""

    label: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one statement between two editions."""

    what: str
    kind: str
    statement: ShownStatement | None = None  # nothing of one that was withdrawn
    differences: Sequence[Difference] = ()
    reason: str = ""
    edition: int = 0  # in which it was withdrawn, if that is not after both


def read_edition(battle: Battle, number: int) -> Edition:
    """Read an edition back. Raises Publication.DoesNotExist if there is none of that number."""
    at = Publication.objects.filter(battle=battle, edition=number).aggregate(at=Max("at"))["at"]
    if at is None:
        raise Publication.DoesNotExist(f"There is no edition {number} of “{battle}”.")
    reasons = _withdrawn_since(battle)
    published = edition(battle, number)
    kept = [one for one in published if one.statement_id not in reasons]
    gone = {one.statement_id: one for one in published if one.statement_id in reasons}
    page = page_of(battle, as_recorded(_in_order(kept)))
    numbers = _numbers_once(battle, published) if gone else {}
    for statement in page.statements:
        for citation in statement.citations:
            citation.number = numbers.get(citation.pk, citation.number)
    newest = max(kept, key=lambda one: one.edition, default=None)
    name = newest.record["labels"][str(battle.pk)] if newest else battle.name
    withdrawn = [
        Withdrawn(
            wording.kind(kind),
            reasons[pk],
            [numbers[UUID(row["id"])] for row in gone[pk].record.get("citations", ())],
        )
        for pk, kind in _kinds(gone)
    ]
    filing = (newest.record if newest else {}).get("filing")
    recorded = filing or filing_record(battle)
    return Edition(
        number=number,
        at=at,
        name=name,
        scale=str(Battle.Scale(recorded["scale"]).label),
        above=_found_today(recorded["above"]),
        page=page,
        withdrawn=withdrawn,
        has_filing=filing is not None,
        has_origins=all("origins" in one.record for one in kept),
    )


def _found_today(above: Sequence[Record]) -> list[tuple[str, str]]:
    """Return the names of battles as recorded, with the addresses that they have today."""
    if not above:
        return []
    seen = Battle.objects.seen_by_readers().filter(pk__in=[row["id"] for row in above])
    slugs = _by_id(seen.values_list("pk", "slug"))
    return [
        (row["name"], address("battles:battle-detail", slugs[row["id"]]))
        for row in above
        if row["id"] in slugs
    ]


def _numbers_once(battle: Battle, published: Iterable[Publication]) -> dict[UUID, int]:
    """Return the numbers that the markers of an edition had before any of it was withdrawn.

    Readers cite them. Of what was withdrawn in the archive that a bundle came from, no record tells
    how many it had.
    """
    page = page_of(battle, as_recorded(_in_order(one for one in published if one.record)))
    return {one.pk: one.number for statement in page.statements for one in statement.citations}


def last_citing(passage: Passage) -> Publication | None:
    """Return the last publication whose statement cited a passage that a revision dropped.

    It is looked for among the battles that cite the source still, if they are not too many.
    """
    resting = Statement.objects.seen_by_readers().filter(citations__passage__source=passage.source)
    battles = list(resting.order_by().values_list("battle", flat=True).distinct()[:_LOOKED_AT])
    revised = Publication.objects.filter(battle__in=battles).superseded().order_by("-at", "pk")
    for pk, cited in revised.values_list("pk", "record__passages"):
        if any(one["id"] == str(passage.pk) for one in cited or ()):
            return Publication.objects.select_related("battle", "statement").get(pk=pk)
    return None


def _in_order(publications: Iterable[Publication]) -> list[Record]:
    return sorted((one.record for one in publications), key=_place)


def history_of(battle: Battle) -> list[EditionSummary]:
    """Return what each edition of a battle did, the newest first."""
    editions: dict[int, EditionSummary] = {}
    rows = Publication.objects.filter(battle=battle).telling_revisions().order_by("edition", "pk")
    columns: Any = ("edition", "at", "action", "is_revision")
    for number, at, action, is_revision in rows.values_list(*columns):
        one = editions.setdefault(number, EditionSummary(number, at))
        one.at = max(one.at, at)
        one.did["revised" if is_revision else action] += 1
    return list(reversed(editions.values()))


def changes_between(battle: Battle, first: int, last: int) -> list[Change]:
    """Return what one edition says otherwise than an earlier one, statement by statement.

    What was published after the one and withdrawn before the other is in neither.
    """
    publications = Publication.objects.filter(battle=battle)
    touched = publications.filter(edition__gt=first, edition__lte=last).values("statement")
    before, after = (
        {
            one.statement_id: one
            for one in publications.latest_for_each_statement(number).filter(statement__in=touched)
        }
        for number in (first, last)
    )
    reasons = _withdrawn_since(battle)
    told = [
        one
        for one in (*before.values(), *after.values())
        if one.action == Publication.Action.PUBLISHED and one.statement_id not in reasons
    ]
    in_words_by_publication = dict(
        zip([one.pk for one in told], as_recorded([one.record for one in told]), strict=True)
    )
    kinds = dict(_kinds(after))
    found = []
    for now in sorted(after.values(), key=lambda one: _kind_and_place(kinds, one)):
        pk, then = now.statement_id, before.get(now.statement_id)
        if not {one.action for one in (then, now) if one} & {Publication.Action.PUBLISHED}:
            continue
        new = in_words_by_publication.get(now.pk)
        old = in_words_by_publication.get(then.pk) if then else None
        found.append(_change(now, kinds[pk], old, new, reasons.get(pk, "")))
    number_citations([change.statement for change in found if change.statement])
    return found


def _change(
    now: Publication,
    kind: str,
    old: ShownStatement | None,
    new: ShownStatement | None,
    withdrawn_because: str,
) -> Change:
    name = wording.kind(kind)
    if now.action == Publication.Action.WITHDRAWN:
        return Change("withdrawn", name, reason=now.reason, edition=now.edition)
    if new is None:
        return Change("withdrawn since", name, reason=withdrawn_because)
    if old is None:
        return Change("added", name, new)
    return Change("changed", name, new, _differences(old, new))


def as_recorded(records: Sequence[Record]) -> list[ShownStatement]:
    """Return statements in words as records tell them, in the order of the records."""
    today = _Today(records)
    statements = [_statement(record, today) for record in records]
    tell_disputes(statements)
    return statements


def tell_disputes(statements: Iterable[ShownStatement]) -> None:
    """Let statements say whether those among them that answer the same question differ."""
    answers: dict[UUID, list[ShownStatement]] = {}
    for statement in statements:
        if statement.values.question_id:
            answers.setdefault(statement.values.question_id, []).append(statement)
    for rivals in answers.values():
        is_disputed = _is_disputed(rivals)
        for statement in rivals:
            statement.values = statement.values._replace(question__disputed=is_disputed)


class _Today:
    """Where what records name is found today, and the words of passages that are still open."""

    def __init__(self, records: Sequence[Record]) -> None:
        citations = [citation for record in records for citation in record["citations"]]
        passages = [passage for record in records for passage in record["passages"]]
        parents = {record["statement"]["parent"] for record in records} - {None}
        sources = {passage["source"] for passage in passages}
        sources |= {citation["named_source"] for citation in citations} - {None}
        origins = {pk for record in records for pk in record.get("origins", {}).values()}
        words = (
            Passage.objects.filter(pk__in={passage["id"] for passage in passages})
            .filter(Q(public=True) | _words_stay_open())
            .values_list("pk", "quote", "public")
        )
        self.quotes = {str(pk): quote for pk, quote, _ in words}
        self.former = {str(pk) for pk, _, is_public in words if not is_public}
        self.slugs = _by_id(
            Battle.objects.public().filter(pk__in=parents).values_list("pk", "slug")
            if parents
            else ()
        )
        self.slugs |= _by_id(
            Origin.objects.public()
            .filter(pk__in={citation["claimant"] for citation in citations} | origins)
            .values_list("pk", "slug")
        )
        self.sources = {
            str(source.pk): source
            for source in Source.objects.public().filter(pk__in=sources).select_related("origin")
        }


def _words_stay_open() -> Q:
    """Return the condition that an open text shows the words of a passage that a revision dropped.

    To those of what was withdrawn, which may have been wrong to cite, nothing leads.
    """
    withdrawn = Citation.objects.withdrawn().filter(passage=OuterRef("pk"))
    in_open_text = Q(seen=True, quote__gt="", source__rights__in=Source.OPEN_RIGHTS)
    return in_open_text & Q(~Exists(withdrawn))


def _by_id(rows: Iterable[tuple[UUID, str]]) -> dict[str, str]:
    return {str(pk): value for pk, value in rows}


def _statement(record: Record, today: _Today) -> ShownStatement:
    passages = {passage["id"]: passage for passage in record["passages"]}
    citations = sorted(record["citations"], key=_made)
    first = passages[citations[0]["passage"]]
    language = today.sources[first["source"]].language
    statement = in_words(_values(record, today), foreign(language))
    for citation in citations:
        passage = passages[citation["passage"]]
        statement.citations.append(_citation(citation, passage, record, statement, today))
    return statement


def _made(citation: Record) -> tuple[datetime, str]:
    return datetime.fromisoformat(citation["created"]), citation["id"]


def _values(record: Record, today: _Today) -> Values:
    """Read the columns that a page shows from a record, by the names they have in the database."""
    row, labels = record["statement"], record["labels"]

    def read(name: str) -> Any:
        column, _, attribute = name.partition("__")
        match attribute:
            case "name" | "wording":
                return labels.get(row[column], "")
            case "slug":
                return today.slugs.get(row[column], "")
            case "position":
                return record.get("positions", {}).get(row[column], 0)
            case "disputed":
                return False  # until the other answers are known
        if column.endswith("_id"):
            value = row[column.removesuffix("_id")]
            return UUID(value) if value else None
        return row[column]

    days = dates.parse(row["date_edtf"]) if row["date_edtf"] else None
    known = {
        "id": UUID(row["id"]),
        "is_quotation": row.get("is_quotation", False),
        "date_earliest": days.earliest if days else None,
        "date_latest": days.latest if days else None,
    }
    return Values._make(known[name] if name in known else read(name) for name in Values._fields)


def _citation(
    citation: Record, passage: Record, record: Record, statement: ShownStatement, today: _Today
) -> ShownCitation:
    labels, source = record["labels"], today.sources[passage["source"]]
    named = today.sources.get(citation["named_source"])
    is_open = passage["id"] in today.quotes
    origin_id, origin, origin_slug = _origin(record, source, today)
    if not is_open:  # a revision dropped it: the statement's own page tells what it rests on now
        href = statement.href
    elif passage["id"] in today.former:
        href = address_of_words(UUID(passage["document"]), passage["start"], passage["end"])
    elif passage["document"]:
        page = address("sources:document-detail", UUID(passage["document"]))
        href = f"{page}#p-{passage['id']}"
    else:
        href = address("sources:passage-detail", UUID(passage["id"]))
    read = {
        "pk": UUID(citation["id"]),
        "bearing": citation["bearing"],
        "claimant_id": UUID(citation["claimant"]),
        "claimant__name": labels[citation["claimant"]],
        "claimant__slug": today.slugs[citation["claimant"]],
        "note_marker": citation["note_marker"],
        "note": citation["note"],
        "named_source__title": labels.get(citation["named_source"]),
        "named_source__slug": named.slug if named else "",
        "named_source__public": named is not None,
        "passage_id": UUID(passage["id"]),
        "passage__document_id": passage["document"],
        "passage__quote": today.quotes.get(passage["id"], ""),
        "passage__source__title": labels[passage["source"]],
        **{
            f"passage__source__{name}": getattr(source, name)
            for name in ("title_original", "slug", "language", "proximity")
        },
        "passage__source__origin_id": origin_id,
        "passage__source__origin__name": origin,
        "passage__source__origin__slug": origin_slug,
    }
    shown = citation_of(Cited._make(read[name] for name in Cited._fields), statement, href, [])
    shown.is_closed = not is_open
    return shown


def _origin(record: Record, source: Source, today: _Today) -> tuple[UUID | None, str, str]:
    """Return the id, name and slug of a source's origin; as it is today, if no record tells."""
    if recorded := record.get("origins", {}).get(str(source.pk)):
        return UUID(recorded), record["labels"][recorded], today.slugs.get(recorded, "")
    if source.origin is None:
        return None, "", ""
    return source.origin.pk, source.origin.name, source.origin.slug


def _is_disputed(answers: Sequence[ShownStatement]) -> bool:
    """Say of recorded answers what `questions.answers_differ` says of published ones."""
    if any(c.bearing == "disputes" for answer in answers for c in answer.citations):
        return True
    for one, other in combinations(answers, 2):
        if one.kind == other.kind == Kind.NARRATIVE:
            if _claimants(one).isdisjoint(_claimants(other)):
                return True
        else:
            found = compare(one.values, other.values)
            if found.relation is Relation.DIFFERS:
                return True
    return False


def _claimants(statement: ShownStatement) -> set[UUID]:
    return {citation.claimant_id for citation in statement.citations if not citation.bearing}


def _withdrawn_since(battle: Battle) -> dict[UUID, str]:
    """Return the reasons of all that is withdrawn today, by statement; it may have moved before."""
    told = Publication.objects.filter(battle=battle).order_by().values("statement")
    rows = Statement.objects.filter(pk__in=told, state=Statement.State.WITHDRAWN)
    return dict(rows.values_list("pk", "withdrawn_because"))


def _kinds(statements: Iterable[UUID]) -> Collection[tuple[UUID, str]]:
    """Return statements with their kinds, which a record that says nothing does not give."""
    rows = (
        Statement.objects.seen_by_readers().filter(pk__in=list(statements)).order_by("kind", "pk")
    )
    return list(rows.values_list("pk", "kind"))


def _place(record: Record) -> tuple[Any, ...]:
    """Return what orders a battle's statements on its page."""
    row = record["statement"]
    return row["section"], row["position"], datetime.fromisoformat(row["created"]), row["id"]


def _kind_and_place(kinds: Mapping[UUID, str], publication: Publication) -> tuple[Any, ...]:
    # Of what was withdrawn elsewhere, no record says the place.
    place = _place(publication.record) if publication.record else ()
    return Kind.values.index(kinds[publication.statement_id]), *place


def _differences(old: ShownStatement, new: ShownStatement) -> list[Difference]:
    before, after = _told(old), _told(new)
    return [
        Difference(label, list(pieces(before.get(label, ""), after.get(label, ""))))
        for label in dict.fromkeys([*before, *after])
        if before.get(label, "") != after.get(label, "")
    ]


def _told(statement: ShownStatement) -> dict[str, str]:
    """Return all that is said of a statement, in words, each under what it is called."""
    values = statement.values
    told = {
        "What": statement.heading,
        "Said": statement.text,
        "Form": statement.form,
        "Read as": statement.reading,
        "As printed": statement.printed,
        "Inferred": statement.inference,
        "Side": values.side__name if values.kind in OF_A_SIDE else "",
        "Section": str(Section(values.section).label) if values.section else "",
        "Question": values.question__wording if values.kind == Kind.NARRATIVE else "",
    }
    for number, citation in enumerate(statement.citations, start=1):
        words = f"{citation.on_whose_word} {citation.claimant}, reported in {citation.source}"
        named = f"which names {citation.named_source}" if citation.named_source else ""
        quote = f"“{wording.shortened(citation.quote, 120)}”" if citation.quote else ""
        details = (words, named, citation.note_marker, quote, citation.note)
        told[f"Source {number}"] = "; ".join(filter(None, details))
    return {label: words for label, words in told.items() if words}


def pieces(old: str, new: str) -> Iterator[Piece]:
    """Yield the words of two texts in order: those that stayed, went and came."""
    one, other = old.split(), new.split()
    for _, start, end, from_, to in SequenceMatcher(None, one, other, False).get_opcodes():
        gone, come = " ".join(one[start:end]), " ".join(other[from_:to])
        if gone == come:
            yield Piece("", gone)
            continue
        if gone:
            yield Piece("del", gone)
        if come:
            yield Piece("ins", come)
