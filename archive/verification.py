"""Checking that every public statement still opens the words it rests on.

Rows ↔ bytes ↔ text ↔ anchors ↔ supporting evidence ↔ publications. Works document by document
and statement batch by statement batch, so that memory stays bounded however large the archive.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from archive.models import KnownFault, Verification
from battles import indexing, questions
from battles.models import Battle, Citation, Entity, Publication, Question, Reading, Statement
from battles.publication import can_be_evidence
from battles.querysets import StatementQuerySet
from battles.schemas import publication_record
from battles.search import FINDABLES as BATTLE_FINDABLES
from sources import anchoring, dates, storage
from sources.extraction import ExtractionError, extract, extractor_named
from sources.models import Document, File, FormerSlug, Origin, Passage, Source, Text
from sources.search import FINDABLES as SOURCE_FINDABLES
from sources.search import faults, index_fault
from sources.sorting import sort_key

BATCH = 1000  # rows
FINDABLES = BATTLE_FINDABLES + SOURCE_FINDABLES

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it must be: what kind of row, which one, and what is wrong."""

    what: str
    which: str
    problem: str

    def __str__(self) -> str:
        return f"{self.what} {self.which}: {self.problem}"


def record(faults: list[Fault], count: int, checked: dict[str, int], *, read_again: bool) -> None:
    """Keep what a verification found, in the place of what the one before it found.

    `count` is of all faults, of which `faults` may be the first.
    """
    with transaction.atomic():
        KnownFault.objects.all().delete()
        verification = Verification.objects.create(
            read_again=read_again, checked=checked, fault_count=count
        )
        KnownFault.objects.bulk_create(
            (KnownFault(verification=verification, **vars(fault)) for fault in faults),
            batch_size=BATCH,
        )


def _silent(what: str, count: int) -> None:
    """Tell nobody of the progress."""


def verify(progress: Progress = _silent, *, read_again: bool = False) -> Iterator[Fault]:
    """Yield every fault found; `progress` is told what is being checked and how many are done.

    With `read_again` the text of every held file is also read from its bytes anew.
    """
    yield from _broken_keys()
    yield from _files(progress)
    yield from _documents(progress)
    if read_again:
        yield from _readings(progress)
    yield from _locators()
    yield from _derived_dates()
    yield from _trees()
    yield from _mergers()
    yield from _public_flags()
    yield from _disputes(progress)
    yield from _index(progress)
    yield from verify_statements(
        Statement.objects.filter(
            Q(state__in=("published", "withdrawn")) | Exists(_publications_of_statement())
        ),
        progress,
    )
    yield from verify_editions(Battle.objects.all())
    yield from verify_readings(Reading.objects.standing())
    yield from _search(progress)


def _search(progress: Progress) -> Iterator[Fault]:
    """Check that the search finds what is public, and nothing else."""
    if fault := index_fault():
        yield Fault("search", "index", fault)
    for what, which, problem in faults(FINDABLES, progress):
        yield Fault("search", f"{what} {which}", problem)


def _broken_keys() -> Iterator[Fault]:
    """SQLite keeps keys only for those who ask; another program may have written without."""
    if connection.vendor == "sqlite":
        try:
            connection.check_constraints()
        except IntegrityError as error:
            yield Fault("database", "keys", str(error))
        with connection.cursor() as cursor:
            problems = cursor.execute("PRAGMA integrity_check").fetchall()
        for (problem,) in problems:
            if problem != "ok":
                yield Fault("database", "integrity", problem)


def _files(progress: Progress) -> Iterator[Fault]:
    for number, file in enumerate(File.objects.filter(held=True).iterator(BATCH), start=1):
        progress("files", number)
        try:
            with storage.open_stored(file.sha256) as stream:
                stored = storage.digest(stream)
        except FileNotFoundError:
            yield Fault("file", file.sha256, "its bytes are missing")
            continue
        if stored.sha256 != file.sha256:
            yield Fault("file", file.sha256, f"its bytes now hash to {stored.sha256}")
        if stored.length != file.length:
            sizes = f"{stored.length} bytes stored, {file.length} recorded"
            yield Fault("file", file.sha256, sizes)


def _documents(progress: Progress) -> Iterator[Fault]:
    documents = Document.objects.select_related("file").order_by("pk")
    for number, document in enumerate(documents.iterator(BATCH), start=1):
        progress("documents", number)
        content = Text.objects.filter(document=document).values_list("content", flat=True).first()
        which = str(document.pk)
        if content is None:
            if document.file.held:
                yield Fault("document", which, "its file is held but its text is missing")
            yield from _unverified_passages(document)
            continue
        if not document.file.held:
            yield Fault("document", which, "it has a text although its file is not held")
        if len(content) != document.text_length:
            yield Fault(
                "document", which, f"{len(content)} characters, {document.text_length} recorded"
            )
        if anchoring.quote_hash(content) != document.text_sha256:
            yield Fault("document", which, "its text is not the recorded one")
        yield from _anchored_passages(document, content)


def _readings(progress: Progress) -> Iterator[Fault]:
    """Check that each extractor still reads from the bytes the text that it once read.

    A document of an extractor that is no longer here is counted apart: it can only be kept.
    """
    checked = past = 0
    rows = Document.objects.filter(file__held=True).select_related("file").order_by("pk")
    for document in rows.iterator(BATCH):
        try:
            extractor = extractor_named(document.extractor, document.extractor_version)
        except ExtractionError:
            past += 1
            progress("documents of extractors that are no longer here", past)
            continue
        checked += 1
        progress("documents read again", checked)
        try:
            path = storage.path_of(document.file.sha256)
            extraction = extract(extractor, path, document.charset or None)
        except ExtractionError as error:
            yield Fault("document", str(document.pk), f"its file can no longer be read: {error}")
            continue
        if anchoring.quote_hash(extraction.text) != document.text_sha256:
            yield Fault("document", str(document.pk), "its file now gives another text")
        elif extraction.lacks != document.lacks:
            yield Fault("document", str(document.pk), "what its text lacks is not what it says")


def _anchored_passages(document: Document, content: str) -> Iterator[Fault]:
    for passage in Passage.objects.filter(document=document).iterator(BATCH):
        which, (start, end) = str(passage.pk), passage.span
        if end > len(content):
            yield Fault("passage", which, f"[{start}, {end}) lies beyond the text")
            continue
        context = anchoring.CONTEXT
        if not passage.quote:
            yield Fault("passage", which, "it was never verified although the text is held")
        elif content[start:end] != passage.quote:
            yield Fault("passage", which, f"its words do not stand at [{start}, {end})")
        elif (
            content[max(0, start - context) : start] != passage.prefix
            or content[end : end + context] != passage.suffix
        ):
            yield Fault("passage", which, "the words around it are not the recorded ones")
        if anchoring.quote_hash(content[start:end]) != passage.quote_sha256:
            yield Fault("passage", which, "the hash of its words is not the recorded one")
        if passage.source_id != document.source_id:
            yield Fault("passage", which, "its document is one of another source")


def _unverified_passages(document: Document) -> Iterator[Fault]:
    passages = Passage.objects.filter(document=document)
    for passage in passages.filter(~Q(quote="") | Q(end__gt=document.text_length)).iterator(BATCH):
        if passage.quote:
            yield Fault("passage", str(passage.pk), "it has words, but its text is not held")
        else:
            yield Fault("passage", str(passage.pk), "it lies beyond the recorded text")


def _locators() -> Iterator[Fault]:
    for passage in Passage.objects.filter(document__isnull=True, locator="").iterator(BATCH):
        yield Fault("passage", str(passage.pk), "it has neither a document nor a locator")


def _derived_dates() -> Iterator[Fault]:
    for model, what, edtf in ((Statement, "statement", "date"), (Source, "source", "issued")):
        names = (f"{edtf}_edtf", f"{edtf}_earliest", f"{edtf}_latest")
        rows = model._base_manager.exclude(**{names[0]: ""}).values_list("pk", *names)
        for pk, text, earliest, latest in rows.iterator(BATCH):
            try:
                span = dates.parse(text)
            except dates.DateError as error:
                yield Fault(what, str(pk), f"its date cannot be read: {error}")
                continue
            if (span.earliest, span.latest) != (earliest, latest):
                yield Fault(what, str(pk), f"the days recorded for “{text}” are not its days")


def _trees() -> Iterator[Fault]:
    for model, what, above in (
        (Origin, "origin", "part_of_id"),
        (Battle, "battle", "part_of_id"),
        (Source, "source", "contained_in_id"),
    ):
        parents = dict(model._base_manager.values_list("pk", above))
        for pk in parents:
            seen: set[UUID] = set()
            current: UUID | None = pk
            while current is not None and current not in seen:
                seen.add(current)
                current = parents.get(current)
            if current == pk:
                yield Fault(what, str(pk), "it is part of itself")
    for slugged in (Origin, Source, Battle, Entity):
        slugs = FormerSlug.objects.filter(kind=slugged._meta.label_lower).values("slug")
        for row in slugged._base_manager.filter(slug__in=slugs).iterator(BATCH):
            yield Fault("former slug", row.slug, f"it names a {slugged._meta.verbose_name} again")


def _mergers() -> Iterator[Fault]:
    """What was merged into another says nothing any more, and that other stands."""
    for model, what in ((Battle, "battle"), (Entity, "entity"), (Source, "source")):
        merged = model._base_manager.filter(merged_into__isnull=False)
        for row in merged.filter(merged_into__merged_into__isnull=False).iterator(BATCH):
            yield Fault(what, str(row.pk), "what it was merged into was merged itself")
    published = Statement.objects.published()
    telling = Battle._base_manager.filter(
        Exists(published.filter(battle=OuterRef("pk"))), merged_into__isnull=False
    )
    naming = Entity.objects.public().filter(merged_into__isnull=False)
    for battle in telling.iterator(BATCH):
        yield Fault("battle", str(battle.pk), "it was merged, but statements are published in it")
    for entity in naming.iterator(BATCH):
        yield Fault("entity", str(entity.pk), "it was merged, but published statements name it")


def _publications_of_statement() -> QuerySet[Publication]:
    return Publication.objects.filter(statement=OuterRef("pk"))


def _public_flags() -> Iterator[Fault]:
    """Check that what is marked as public is so by a publication, and names only the public."""
    cited = Citation.objects.public().filter(passage=OuterRef("pk"))
    for passage in Passage.objects.public().exclude(Exists(cited)).iterator(BATCH):
        yield Fault("passage", str(passage.pk), "it is public, but nothing published cites it")
    for source in Source.objects.public().filter(origin__public=False).iterator(BATCH):
        yield Fault("source", str(source.pk), "it is public, but its origin is not")
    for origin in Origin.objects.public().filter(part_of__public=False).iterator(BATCH):
        yield Fault("origin", str(origin.pk), "it is public, but what it is part of is not")
    hidden = Citation.objects.public().filter(
        Q(claimant__public=False) | Q(named_source__public=False)
    )
    for citation in hidden.iterator(BATCH):
        yield Fault("citation", str(citation.pk), "it is public, but whom it names is not")


def _disputes(progress: Progress) -> Iterator[Fault]:
    rows = Question.objects.prefetch_related("answers__citations")
    for batch in _batches(rows, "questions", progress):
        for question in batch:
            if question.disputed != questions.answers_differ(question):
                problem = "whether it is disputed is not so; run rebuild_index"
                yield Fault("question", str(question.pk), problem)


def _index(progress: Progress) -> Iterator[Fault]:
    """The index must say what published statements say, no more, and the order names have."""
    battles = Battle.objects.only("name", "sort_key")
    for batch in _batches(battles, "battles in the index", progress):
        yield from _unsorted("battle", batch)
        for battle in sorted(map(str, indexing.misfiled([row.pk for row in batch]))):
            yield Fault("battle", battle, "the index is not up to date; run rebuild_index")
    for batch in _batches(Entity.objects.only("name", "sort_key")):
        yield from _unsorted("entity", batch)
        for entity in Entity.objects.misnoted().filter(pk__in=[row.pk for row in batch]):
            yield Fault("entity", str(entity.pk), "the index is not up to date; run rebuild_index")
    for row in Source.objects.misnoting_words().iterator(BATCH):
        problem = "whether its words are here is not so; run rebuild_index"
        yield Fault("source", str(row.pk), problem)
    for batch in _batches(Source.objects.only("pk")):
        for source in sorted(map(str, indexing.misheard([row.pk for row in batch]))):
            yield Fault("source", source, "the index is not up to date; run rebuild_index")


def _unsorted(what: str, rows: list[Any]) -> Iterator[Fault]:
    for row in rows:
        if bytes(row.sort_key) != sort_key(row.name):
            problem = "lists do not sort it by its name; run rebuild_index"
            yield Fault(what, str(row.pk), problem)


def _batches(rows: Any, what: str = "", progress: Progress = _silent) -> Iterator[list[Any]]:
    """Yield lists of rows in the order of their ids, each fetched with what belongs to it.

    `progress` is told how many of what are done after each.
    """
    last, done = None, 0
    while True:
        batch = list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1].pk
        done += len(batch)
        progress(what, done)


def verify_statements(
    statements: StatementQuerySet, progress: Progress = _silent
) -> Iterator[Fault]:
    """Check what readers see, or have seen, against its evidence and its record."""
    rows = statements.with_values().with_evidence()
    for batch in _batches(rows, "statements", progress):
        latest = {
            publication.statement_id: publication
            for publication in Publication.objects.filter(
                statement__in=[statement.pk for statement in batch], battle=F("statement__battle")
            ).order_by("edition")
        }
        for statement in batch:
            for problem in _statement_faults(statement, latest.get(statement.pk)):
                yield Fault("statement", str(statement.pk), problem)


def _statement_faults(statement: Statement, latest: Publication | None) -> Iterator[str]:
    if latest is None:
        yield "no publication records it"
    elif latest.action != statement.state:
        yield f"it is {statement.state}, but was last {latest.action}"
    if not statement.is_published:
        return
    yield from _evidence_faults(statement)
    if statement.kind in questions.TYPED_KINDS:
        question = statement.question
        if question is None or question.key != questions.key_of(statement):
            yield "its question is not the one that its values answer"
    if latest is not None:
        now = publication_record(statement)
        for part in ("statement", "evidence", "citations", "passages"):
            if latest.record.get(part) != now[part]:
                yield f"its {part} differ from what edition {latest.edition} published"


def _evidence_faults(statement: Statement) -> Iterator[str]:
    citations = {citation.pk: citation for citation in statement.citations.all()}
    evidence = citations.get(statement.evidence_id) if statement.evidence_id else None
    if evidence is None:
        yield "its evidence is not one of its own citations"
    elif not can_be_evidence(evidence, statement.kind):
        yield "its evidence does not support it, or is the archive's own word"
    for citation in citations.values():
        if not citation.passage.public:
            yield f"its passage {citation.passage_id} is not public"
        if not citation.passage.source.public:
            yield f"its source {citation.passage.source_id} is not public"


def verify_editions(battles: QuerySet[Battle]) -> Iterator[Fault]:
    """Check that a battle's editions are numbered without a gap."""
    numbered = battles.annotate(
        last=Max("publications__edition"),
        numbers=Count("publications__edition", distinct=True),
    )
    for battle in numbered.order_by("pk").iterator(BATCH):
        if battle.edition != (battle.last or 0) or battle.numbers != battle.edition:
            yield Fault(
                "battle",
                str(battle.pk),
                f"it is in edition {battle.edition}, but {battle.numbers} editions are recorded, "
                f"the last of them {battle.last or 0}",
            )


def verify_readings(readings: QuerySet[Reading]) -> Iterator[Fault]:
    """Check that what was read through lies in its text, apart from what else was read of it."""
    others = Reading.objects.standing().filter(
        ~Q(pk=OuterRef("pk")),
        document=OuterRef("document"),
        battle=OuterRef("battle"),
        start__lt=OuterRef("end"),
        end__gt=OuterRef("start"),
    )
    rows = readings.filter(
        Q(end__gt=F("document__text_length"))
        | Exists(others)
        | Q(state=Reading.State.PUBLISHED, battle__edition=0)
    ).annotate(overlaps=Exists(others))
    for reading in rows.select_related("document").order_by("pk").iterator(BATCH):
        which, place = str(reading.pk), f"[{reading.start}, {reading.end})"
        if reading.end > reading.document.text_length:
            yield Fault("reading", which, f"{place} lies beyond the text")
        elif reading.overlaps:
            yield Fault("reading", which, f"{place} was read through twice")
        else:
            yield Fault("reading", which, "it is published, but nothing of its battle is")
