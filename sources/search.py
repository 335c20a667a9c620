"""The index of the search, and what it holds of sources and their texts.

Both databases hold the same tokens and walk them in the same order, that of the entries' ids: no
score of theirs is asked for. What is indexed starts from what is public and follows it in the same
transaction. Of a text that is not open only the public quotes and glosses are indexed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from sources import postings
from sources.addresses import address
from sources.models import Document, Passage, SearchEntry, Source, Text
from sources.prepared import PreparedForMany
from sources.query import Piece, Query, closest, marked, places, snippet, unmarked
from sources.tokens import BETWEEN_FIELDS, paragraphs, tokens

LIMIT = 1000  # results of one finder that can be seen, or counted
LONGEST_FIELD = 20_000  # code points of a quote, a note or a sentence that are indexed
FOUND = "found"  # what the reader calls the words that a result leads to

_ID_BITS = 60  # of the 63 that a positive id has; the kind is above them
_HIGHER = 1000  # places that an entry may stand above its own
_LOCK = 5_731_904_127  # any number that nothing else locks on PostgreSQL

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Findable:
    """A kind of row that search finds: which of them are public, and the entries of some."""

    kind: int
    name: str
    public: Callable[[], QuerySet[Any]]
    entries: Callable[[Sequence[UUID]], Iterable[SearchEntry]]
    batch: int = 500  # rows whose entries are made at once


class Found(NamedTuple):
    """What is read of an entry that was found."""

    owner: UUID
    start: int
    text: str


@dataclass(frozen=True)
class Result:
    """One thing found, in words: where it is, and the links beside it as words and addresses."""

    href: str
    title: list[Piece]
    lang: str = ""
    quoted: list[Piece] = field(default_factory=list)
    quoted_lang: str = ""
    about: str = ""
    links: list[tuple[list[Piece], str]] = field(default_factory=list)


@dataclass(frozen=True)
class Finder:
    """One list of results: its name in addresses and on the page, and what it finds."""

    slug: str
    label: str
    kinds: tuple[int, int]  # the first and the last
    results: Callable[[Query, list[Found]], list[Result]]


# The index -------------------------------------------------------------------------------------


def place_in_order(kind: int, *parts: tuple[int, int]) -> int:
    """Return the id of an entry: its kind, and the parts by which it is sorted, with their bits."""
    place = kind
    left = _ID_BITS
    for value, bits in parts:
        place = place << bits | min(max(value, 0), (1 << bits) - 1)
        left -= bits
    return place << left


def leading(pk: UUID, bits: int) -> int:
    """Return the first bits of an id, with which every order ends."""
    return pk.int >> (128 - bits)


def in_days(day: int | None) -> tuple[int, int]:
    """Return a day, or that it is not known, as part of an order; the unknown come last."""
    bits = 22
    return (1 << bits) if day is None else day + (1 << (bits - 1)), bits


def much_first(number: int) -> tuple[int, int]:
    """Return a number as part of an order in which each power of two comes before lower ones."""
    bits = 5
    return (1 << bits) - 1 - number.bit_length(), bits


def entry(
    owner: UUID,
    place: int,
    own: Iterable[str],
    belonging: Iterable[str] = (),
    *,
    text: str,
    start: int = 0,
) -> SearchEntry:
    """Return an unsaved entry, found by its own words first, then by those that belong to it."""
    return SearchEntry(
        id=place,
        owner=owner,
        start=start,
        text=text[:LONGEST_FIELD],
        words=joined(tokens(said[:LONGEST_FIELD]) for said in own),
        context=joined(tokens(said[:LONGEST_FIELD]) for said in belonging),
    )


def joined(fields: Iterable[list[str]]) -> str:
    """Return the tokens of several fields as one text in which no phrase leaves its field."""
    return f" {BETWEEN_FIELDS} ".join(" ".join(found) for found in fields if found)


def follow(what: Findable, ids: Iterable[UUID]) -> None:
    """Bring the index up to what readers may now find of some rows, public or not."""
    for batch in _batches(ids, what.batch):
        with transaction.atomic():
            lock()
            _remove(batch)
            _add(list(what.entries(batch)))


def rebuild(findables: Iterable[Findable], progress: Progress) -> None:
    """Make every entry anew, and remove those of rows that are not public."""
    for what in findables:
        done = 0
        for batch in _batches(_ids(what.public()), what.batch):
            follow(what, batch)
            done += len(batch)
            progress(what.name, done)
        for batch in _batches(_left_over(what), what.batch):
            follow(what, batch)


def faults(findables: Iterable[Findable], progress: Progress) -> Iterator[tuple[str, str, str]]:
    """Yield what kind of row, which and how, where the index is not what `rebuild` would make."""
    for what in findables:
        done = 0
        for batch in _batches(_ids(what.public()), what.batch):
            wanted = {_content(row): row.id for row in what.entries(batch)}
            there = {_content(row): row.id for row in SearchEntry.objects.filter(owner__in=batch)}
            wrong = {content[0] for content in wanted.keys() ^ there.keys()}
            wrong |= {
                content[0]
                for content in wanted.keys() & there.keys()
                # One may stand a little higher, where another one had its place.
                if not 0 <= there[content] - wanted[content] <= _HIGHER
            }
            for owner in sorted(wrong):
                yield what.name, str(owner), "the search has other words of it, or another place"
            done += len(batch)
            progress(f"{what.name} in the search", done)
        for owner in _left_over(what):
            yield what.name, str(owner), "the search finds it although it is not public"


def index_fault() -> str:
    """Return how a database's index differs from the entries, or nothing."""
    if connection.vendor == "postgresql":
        fault = postings.fault()
    else:
        fault = ""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO sources_searchindex(sources_searchindex, rank) "
                    "VALUES ('integrity-check', 1)"
                )
        except DatabaseError as error:
            fault = str(error)
    return f"{fault}; `rebuild_search` mends it" if fault else ""


@transaction.atomic
def mend_index() -> None:
    """Make a database's index anew from the entries."""
    lock()
    if connection.vendor == "postgresql":
        if postings.fault():  # far sooner said than mended
            postings.renew()
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO sources_searchindex(sources_searchindex) VALUES ('rebuild')"
            )


def _content(row: SearchEntry) -> tuple[Any, ...]:
    return row.owner, row.start, row.text, row.words, row.context


def _ids(rows: QuerySet[Any]) -> Iterator[UUID]:
    """Yield ids in their order, a page at a time: a cursor would not outlive a transaction."""
    last = None
    while True:
        page = rows if last is None else rows.filter(pk__gt=last)
        found = list(page.order_by("pk").values_list("pk", flat=True)[:1000])
        yield from found
        if not found:
            return
        last = found[-1]


def _left_over(what: Findable) -> Iterator[UUID]:
    first, last = what.kind << _ID_BITS, (what.kind + 1) << _ID_BITS
    entries = SearchEntry.objects.filter(id__gte=first, id__lt=last)
    # One by one: where all ids do not fit in its memory, PostgreSQL reads them for every entry.
    left = entries.filter(~Exists(what.public().order_by().filter(pk=OuterRef("owner"))))
    yield from list(left.order_by("owner").values_list("owner", flat=True).distinct())


def _batches(ids: Iterable[UUID], size: int) -> Iterator[list[UUID]]:
    waiting = iter(ids)
    while batch := list(islice(waiting, size)):
        yield batch


def lock() -> None:
    """Let one transaction at a time write to the index, as SQLite does by itself.

    Who holds it sees all that was committed, and nobody else indexes what it is about to change.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _remove(owners: Collection[UUID]) -> None:
    entries = SearchEntry.objects.filter(owner__in=owners)
    if connection.vendor == "postgresql":
        postings.remove(list(entries.values_list("id", flat=True)))
    else:
        # An index without content of its own has to be told what it is to forget.
        rows = list(entries.values_list("id", "words", "context"))
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO sources_searchindex(sources_searchindex, rowid, words, context) "
                "VALUES ('delete', %s, %s, %s)",
                rows,
            )
    entries.delete()


def _add(entries: list[SearchEntry]) -> None:
    for start in range(0, len(entries), 500):
        some = entries[start : start + 500]
        _find_room(some)
        SearchEntry.objects.bulk_create(some)
        if connection.vendor == "postgresql":
            postings.add([row.id for row in some])
        else:
            rows = [(row.id, row.words, row.context) for row in some]
            with connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO sources_searchindex(rowid, words, context) VALUES (%s, %s, %s)",
                    rows,
                )


def _find_room(entries: list[SearchEntry]) -> None:
    """Move up what would stand where another entry does: the bits of an order are not endless."""
    wanted = SearchEntry.objects.filter(id__in=[row.id for row in entries])
    taken = set(wanted.values_list("id", flat=True))
    for row in entries:
        first = row.id
        while row.id in taken or (
            row.id > first and SearchEntry.objects.filter(id=row.id).exists()
        ):
            row.id += 1
        taken.add(row.id)


# Asking ----------------------------------------------------------------------------------------


def found(query: Query, finder: Finder) -> list[int]:
    """Return the ids of what a finder finds, in order, and one more than LIMIT at most.

    Entries that say every term themselves come before those to which some of them only belong.
    """
    first, last = finder.kinds
    ask = postings.Asked if connection.vendor == "postgresql" else _AskedOfSQLite
    asked = ask(query, first << _ID_BITS, ((last + 1) << _ID_BITS) - 1)
    best = asked.own(LIMIT + 1)
    if len(best) > LIMIT:
        return best
    # Left out here, not by the database: it would look for one more through the whole index.
    known = set(best)
    rest = [place for place in asked.whole(LIMIT + 1) if place not in known]
    return [*best, *rest][: LIMIT + 1]


class _AskedOfSQLite:
    """A question, asked of the entries in a range of ids: FTS5 walks them in their order."""

    def __init__(self, query: Query, first: int, last: int) -> None:
        self._expression = query.for_sqlite()
        self._range = first, last

    def own(self, limit: int) -> list[int]:
        """Return the first entries that say every term themselves."""
        return self._walk(f"{{words}} : ({self._expression})", limit)

    def whole(self, limit: int) -> list[int]:
        """Return the first entries that have every term."""
        return self._walk(self._expression, limit)

    def _walk(self, expression: str, limit: int) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rowid FROM sources_searchindex WHERE sources_searchindex MATCH %s "
                "AND rowid BETWEEN %s AND %s ORDER BY 1 LIMIT %s",
                [expression, *self._range, limit],
            )
            return [place for (place,) in cursor.fetchall()]


def entries_of(ids: list[int]) -> list[Found]:
    """Return what results are made of, in the order of the ids given."""
    known = {row[0]: Found(*row[1:]) for row in _entries(ids)}
    return [known[one] for one in ids if one in known]


_entries = PreparedForMany(
    lambda ids: (
        SearchEntry.objects.filter(id__in=ids)
        .order_by()
        .values_list("id", "owner", "start", "text")
    ),
    int,
)


def address_of_passage(passage: UUID, document: UUID | None) -> str:
    """Return where a passage is read: in its document, or on a page of its own."""
    if document is None:
        return address("sources:passage-detail", passage)
    return f"{address('sources:document-detail', document)}#p-{passage}"


def address_of_words(document: UUID, start: int, end: int) -> str:
    """Return where words of an open text are read, whether they are a passage or not."""
    return f"{address('sources:document-detail', document)}?at={start}-{end}#p-{FOUND}"


# Sources and texts -----------------------------------------------------------------------------


def follow_sources(ids: Iterable[UUID]) -> None:
    """Follow the descriptions of sources."""
    follow(SOURCES, ids)


def follow_documents(ids: Iterable[UUID]) -> None:
    """Follow the texts of documents. They never change, but appear and disappear."""
    changed = []
    for pk in ids:
        first = next(iter(PARAGRAPHS.entries([pk])), None)
        there = SearchEntry.objects.filter(owner=pk).order_by("id").first()
        if (first and (first.id, first.words)) != (there and (there.id, there.words)):
            changed.append(pk)
    follow(PARAGRAPHS, changed)


def follow_passages(ids: Iterable[UUID]) -> None:
    """Follow the quotes and glosses of passages."""
    follow(PASSAGES, ids)


def follow_texts(sources: Iterable[UUID]) -> None:
    """Follow all that is to be read of sources: their documents and their passages."""
    for source in sources:
        documents = Document.objects.public().filter(source=source)
        follow_documents(documents.values_list("pk", flat=True))
        follow_passages(_ids(Passage.objects.public().filter(source=source)))


def _source_entries(ids: Sequence[UUID]) -> Iterator[SearchEntry]:
    rows = Source.objects.public().standing().filter(pk__in=ids).select_related("origin")
    cited = dict(
        Passage.objects.public()
        .filter(source__in=ids)
        .order_by()
        .values_list("source")
        .annotate(number=Count("pk"))
    )
    for source in rows.prefetch_related("contributions", "identifiers"):
        makers = [
            name
            for maker in source.contributions.all()
            for name in (maker.name, maker.name_original, maker.name_corrected)
        ]
        titles = [source.title, source.title_original, source.title_translated]
        about = [
            *makers,
            source.origin.name if source.origin else "",
            source.issued_printed,
            source.publisher,
            source.place_published,
            source.repository,
            source.fonds,
            source.box,
            source.note,
            *(identifier.value for identifier in source.identifiers.all()),
        ]
        place = place_in_order(
            SOURCES.kind,
            much_first(cited.get(source.pk, 0)),
            in_days(source.issued_earliest),
            (leading(source.pk, 33), 33),
        )
        text = " · ".join(filter(None, [*titles[1:], *about]))
        yield entry(source.pk, place, titles, about, text=text)


def _passage_entries(ids: Sequence[UUID]) -> Iterator[SearchEntry]:
    rows = Passage.objects.public().filter(pk__in=ids).select_related("source")
    for passage in rows.prefetch_related("glosses"):
        # The quote of an open text is found in its paragraph.
        quote = "" if passage.source.is_open and passage.is_verified else passage.quote
        said = [*filter(None, [quote]), *(gloss.text for gloss in passage.glosses.all())]
        if said:
            place = place_in_order(
                PASSAGES.kind, _year(passage.source), (leading(passage.pk, 47), 47)
            )
            yield entry(passage.pk, place, said, text=" · ".join(said))


def _paragraph_entries(ids: Sequence[UUID]) -> Iterator[SearchEntry]:
    for document in _open_documents().filter(pk__in=ids).select_related("source"):
        text = Text.objects.get(document=document).content
        for number, (start, end) in enumerate(paragraphs(text)):
            place = place_in_order(
                PARAGRAPHS.kind,
                _year(document.source),
                (leading(document.pk, 27), 27),
                (number, 20),
            )
            piece = text[start:end]
            yield entry(document.pk, place, [piece], text=piece, start=start)


def _open_documents() -> QuerySet[Document]:
    return Document.objects.public().filter(
        source__rights__in=Source.OPEN_RIGHTS, text__isnull=False
    )


def _year(source: Source) -> tuple[int, int]:
    bits = 13
    day = source.issued_earliest
    return (1 << bits) if day is None else day * 400 // 146_097 + (1 << (bits - 1)), bits


SOURCES = Findable(3, "sources", lambda: Source.objects.public().standing(), _source_entries)
PASSAGES = Findable(4, "passages", lambda: Passage.objects.public(), _passage_entries)
PARAGRAPHS = Findable(5, "texts", _open_documents, _paragraph_entries, batch=1)
FINDABLES = (SOURCES, PASSAGES, PARAGRAPHS)


_sources = PreparedForMany(
    lambda ids: Source.objects.public().select_related("origin").filter(pk__in=ids).order_by(), UUID
)
_documents = PreparedForMany(
    lambda ids: Document.objects.public().select_related("source").filter(pk__in=ids).order_by(),
    UUID,
)
_passages = PreparedForMany(
    lambda ids: Passage.objects.public().select_related("source").filter(pk__in=ids).order_by(),
    UUID,
)


def _source_results(query: Query, entries: list[Found]) -> list[Result]:
    rows = {source.pk: source for source in _sources({row.owner for row in entries})}
    return [
        Result(
            href=source.get_absolute_url(),
            title=marked(query, source.title),
            lang="" if source.title_original else source.language,
            quoted=snippet(row.text, places(query, row.text)),
            about=source.get_kind_display(),
            links=[(marked(query, source.origin.name), source.origin.get_absolute_url())]
            if source.origin
            else [],
        )
        for row in entries
        if (source := rows.get(row.owner))
    ]


def _text_results(query: Query, entries: list[Found]) -> list[Result]:
    owners = {row.owner for row in entries}
    documents = {document.pk: document for document in _documents(owners)}
    passages = {passage.pk: passage for passage in _passages(owners)}
    results = []
    for row in entries:
        here = places(query, row.text)
        if document := documents.get(row.owner):
            first, last = closest(here) if here else (0, len(row.text))
            href = address_of_words(document.pk, row.start + first, row.start + last)
            source, about = document.source, ""
        elif passage := passages.get(row.owner):
            source, about = passage.source, "cited passage"
            href = address_of_passage(passage.pk, passage.document_id)
        else:
            continue
        results.append(
            Result(
                href=href,
                title=unmarked(source.title),
                lang="" if source.title_original else source.language,
                quoted=snippet(row.text, here),
                quoted_lang="" if about else source.language,
                about=about,
                links=[(unmarked("About the source"), source.get_absolute_url())],
            )
        )
    return results


FINDERS = (
    Finder("sources", "Sources", (SOURCES.kind, SOURCES.kind), _source_results),
    Finder("texts", "Texts", (PASSAGES.kind, PARAGRAPHS.kind), _text_results),
)
