"""Taking files in: bytes stored, text read, a document made; all or nothing for each file.

Knows neither console nor HTTP. Reading, hashing and comparing happen before the transaction,
which only writes rows; bytes are synced before it begins.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.text import slugify

from sources import anchoring, footnotes, search, storage
from sources.anchoring import Anchor, SearchableText, Span
from sources.extraction import (
    EXTRACTORS,
    Extraction,
    ExtractionError,
    Extractor,
    extract,
    extractor_for,
    extractor_named,
    media_type_of,
    refuse_another_format,
)
from sources.models import Displacement, Document, File, Passage, Source, Text
from sources.querysets import DocumentQuerySet


class IngestError(Exception):
    """A file that was not taken in; the message says why. Nothing of it was recorded."""


class Outcome(StrEnum):
    """What became of a file."""

    NEW_SOURCE = "new source"
    NEW_VERSION = "new version"
    RECEIVED = "received"
    ALREADY_HELD = "already held"
    READ_AGAIN = "read again"
    READS_THE_SAME = "reads the same"


@dataclass(frozen=True)
class PassageReport:
    """What a new version does to a passage of an earlier one. Nothing is re-pointed."""

    passage: UUID
    quote: str
    outcome: str  # same, moved, edited, ambiguous, lost; or not verified, as its words are unknown
    places: tuple[Span, ...]


@dataclass(frozen=True)
class Report:
    """What became of one file."""

    name: str
    outcome: Outcome
    sha256: str
    source: str
    title: str
    document: UUID | None
    number: int
    charset: str
    text_length: int
    lacks: str = ""
    passages: list[PassageReport] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return the report as JSON-able data."""
        data = asdict(self)
        data["document"] = str(self.document) if self.document else None
        for passage in data["passages"]:
            passage["passage"] = str(passage["passage"])
        return data


def ingest(
    path: Path,
    *,
    source: Source | None = None,
    transcribes: Document | None = None,
    charset: str | None = None,
    dry_run: bool = False,
) -> Report:
    """Take in one file, as a new source or, with `source`, as that source's next version.

    With `transcribes`, a document of that source that lacks text, the file holds its words as
    somebody wrote them down. A file known by its hash but not held is received: its text and every
    passage of it must be what they were recorded to be. Raises IngestError, and leaves no row, if
    anything is wrong.
    """
    try:
        with path.open("rb") as stream:
            if dry_run:
                stored, bytes_at = storage.digest(stream), path
            else:
                stored = storage.store(stream)
                bytes_at = storage.path_of(stored.sha256)
    except OSError as error:
        raise IngestError(f"It cannot be read: {error.strerror}.") from error
    return _take_in(stored, bytes_at, path.name, source, transcribes, charset, dry_run=dry_run)


def ingest_upload(
    upload: BinaryIO,
    name: str,
    *,
    source: Source | None = None,
    transcribes: Document | None = None,
    charset: str | None = None,
) -> Report:
    """Take in an upload piece by piece, as `ingest` takes in a file of that name."""
    try:
        stored = storage.store(upload)
    except OSError as error:
        raise IngestError(f"It cannot be kept: {error.strerror}.") from error
    bytes_at = storage.path_of(stored.sha256)
    return _take_in(stored, bytes_at, name, source, transcribes, charset, dry_run=False)


def _take_in(
    stored: storage.StoredBytes,
    bytes_at: Path,
    name: str,
    source: Source | None,
    transcribes: Document | None,
    charset: str | None,
    *,
    dry_run: bool,
) -> Report:
    if not name.isprintable():
        raise IngestError(f"Its name {name!a} is not plain text; rename the file.")
    if transcribes:
        _refuse_to_transcribe(transcribes, source, stored)
    file = File.objects.filter(sha256=stored.sha256).first()
    if file and not file.held and file.documents.exists():
        if transcribes:
            raise IngestError(
                "This file is known by its hash; take it in for its own source first."
            )
        return _receive(file, bytes_at, name, dry_run=dry_run)
    if already := _already_held(stored.sha256, name, source):
        return already
    try:
        media_type = media_type_of(name)
        extractor = extractor_for(media_type)
        refuse_another_format(bytes_at, media_type)
        extraction = extract(extractor, bytes_at, charset)
    except ExtractionError as error:
        raise IngestError(str(error)) from error
    passages = _follow_passages(source, extraction.text) if source else []
    return _record(
        stored,
        name,
        source,
        extractor,
        extraction,
        passages,
        transcribes=transcribes,
        dry_run=dry_run,
    )


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Return the files of some paths, those of folders in the order of their names.

    What is hidden, and what is a link, is left out of a folder: neither was put there to be read.
    """
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        for found in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
            if found.is_file() and not found.is_symlink() and not hidden:
                files.append(found)
    return files


def readings_of_the_past() -> DocumentQuerySet:
    """Return the latest document of each source and held file, if no extractor here made it."""
    today = Q(pk__in=[])
    for extractor in EXTRACTORS:
        today |= Q(extractor=extractor.name, extractor_version=extractor.version)
    later = Document.objects.filter(
        source=OuterRef("source"), file=OuterRef("file"), number__gt=OuterRef("number")
    )
    return (
        Document.objects.filter(~today, ~Exists(later), file__held=True)
        .select_related("source", "file", "transcribes")
        .order_by("source__slug", "number", "pk")
    )


def read_again(document: Document, *, dry_run: bool = False) -> Report:
    """Read a document's file with today's extractor; a text that differs becomes a new version.

    Raises IngestError if the file is not held or cannot be read.
    """
    file, source = document.file, document.source
    if not file.held:
        raise IngestError("Its file is not held here.")
    try:
        extractor = extractor_for(file.media_type)
        bytes_at = storage.path_of(file.sha256)
        extraction = extract(extractor, bytes_at, document.charset or None)
    except ExtractionError as error:
        raise IngestError(str(error)) from error
    if same := _same_reading(document, extraction):
        return same
    passages = _follow_passages(source, extraction.text)
    with transaction.atomic():
        Source.objects.select_for_update().get(pk=source.pk)
        # Somebody else may have read the same file again meanwhile.
        if same := _same_reading(document, extraction):
            return same
        again = _new_document(source, file, extractor, extraction, transcribes=document.transcribes)
        _record_displacements(again, passages)
        report = _report(Outcome.READ_AGAIN, file.sha256, file.name, again, passages)
        if dry_run:
            transaction.set_rollback(True)
    return report


def sweep_stray_bytes() -> list[Path]:
    """Remove bytes that an interrupted ingest left behind."""
    return storage.sweep(set(File.objects.filter(held=True).values_list("sha256", flat=True)))


def _already_held(sha256: str, name: str, source: Source | None) -> Report | None:
    documents = Document.objects.filter(file__sha256=sha256, file__held=True)
    if source:
        documents = documents.filter(source=source)
    document = documents.select_related("source").order_by("created", "pk").first()
    return _report(Outcome.ALREADY_HELD, sha256, name, document) if document else None


def _new_source(name: str) -> Source:
    """Make a source with the slug that a file's name gives."""
    slug = slugify(Path(name).stem, allow_unicode=True)[:120]
    if not slug:
        raise IngestError(
            "Its name gives no address; name the source it belongs to (--source SLUG)."
        )
    try:
        with transaction.atomic():
            return Source.objects.create(slug=slug, title=Path(name).stem)
    except (IntegrityError, ValidationError) as error:
        raise IngestError(
            f"There is a source “{slug}” already, or there was one. If this is its next version, "
            f"say so with --source {slug}; if not, rename the file."
        ) from error


def _follow_passages(source: Source, text: str) -> list[PassageReport]:
    """Look for each passage of a source's earlier documents in a new text."""
    searchable = SearchableText(text)
    reports = []
    for passage in Passage.objects.filter(source=source, document__isnull=False).iterator():
        if not passage.is_verified:
            reports.append(PassageReport(passage.pk, "", "not verified", ()))
            continue
        anchor = Anchor(*passage.span, passage.quote, passage.prefix, passage.suffix)
        found = anchoring.resolve(anchor, searchable)
        outcome = "same" if found.outcome is anchoring.Outcome.EXACT else found.outcome.value
        reports.append(PassageReport(passage.pk, passage.quote, outcome, found.places))
    return reports


def _record_displacements(document: Document, passages: list[PassageReport]) -> None:
    """Keep what a new version displaced until a curator has looked at it.

    What waited about an earlier version waits no more: the newest one alone can be cited anew.
    """
    Displacement.objects.waiting().filter(document__source=document.source_id).delete()
    Displacement.objects.bulk_create(
        Displacement(
            passage_id=report.passage,
            document=document,
            outcome=report.outcome,
            start=report.places[0].start if report.places else None,
            end=report.places[0].end if report.places else None,
        )
        for report in passages
        if report.outcome in Displacement.Outcome.values
    )


def _record(
    stored: storage.StoredBytes,
    name: str,
    source: Source | None,
    extractor: Extractor,
    extraction: Extraction,
    passages: list[PassageReport],
    *,
    transcribes: Document | None,
    dry_run: bool,
) -> Report:
    with transaction.atomic():
        file, _ = File.objects.get_or_create(
            sha256=stored.sha256,
            defaults={
                "length": stored.length,
                "media_type": media_type_of(name),
                "name": name,
                "held": True,
            },
        )
        # Somebody else may have taken in the same bytes while these were being read.
        if already := _already_held(stored.sha256, name, source):
            return already
        outcome = Outcome.NEW_VERSION if source else Outcome.NEW_SOURCE
        if source is None:
            source = _new_source(name)
        File._base_manager.filter(pk=file.pk, held=False).update(held=True)
        document = _new_document(source, file, extractor, extraction, transcribes=transcribes)
        _record_displacements(document, passages)
        report = _report(outcome, stored.sha256, name, document, passages)
        if dry_run:
            transaction.set_rollback(True)
    return report


def _new_document(
    source: Source,
    file: File,
    extractor: Extractor,
    extraction: Extraction,
    *,
    transcribes: Document | None,
) -> Document:
    """Make a source's next document with its text, within a transaction."""
    Source.objects.select_for_update().get(pk=source.pk)
    latest = source.documents.aggregate(latest=Max("number"))["latest"] or 0
    document = Document.objects.create(
        source=source,
        file=file,
        number=latest + 1,
        extractor=extractor.name,
        extractor_version=extractor.version,
        charset=extraction.charset,
        text_sha256=anchoring.quote_hash(extraction.text),
        text_length=len(extraction.text),
        lacks=extraction.lacks,
        transcribes=transcribes,
    )
    Text.objects.create(document=document, content=extraction.text)
    footnotes.find_in(document, extraction.text)
    return document


def _same_reading(document: Document, extraction: Extraction) -> Report | None:
    """Report the source's latest document of the same file that holds what was read now."""
    same = document.source.documents.filter(
        file=document.file,
        text_sha256=anchoring.quote_hash(extraction.text),
        lacks=extraction.lacks,
    )
    known = same.select_related("source").order_by("number").last()
    if known is None:
        return None
    return _report(Outcome.READS_THE_SAME, document.file.sha256, document.file.name, known)


def _refuse_to_transcribe(
    document: Document, source: Source | None, stored: storage.StoredBytes
) -> None:
    if source is None or document.source_id != source.pk:
        raise IngestError("A transcription belongs to the source of the document it transcribes.")
    if not document.lacks:
        raise IngestError(f"Version {document.number} has its text; it needs no transcription.")
    if already := source.documents.filter(file__sha256=stored.sha256).first():
        raise IngestError(f"This file is version {already.number} of the source already.")


def _receive(file: File, bytes_at: Path, name: str, *, dry_run: bool) -> Report:
    """Complete the documents of a file that was known by its hash alone."""
    documents = list(file.documents.select_related("source").order_by("created", "pk"))
    texts = [
        Text(document=document, content=_same_text(document, bytes_at)) for document in documents
    ]
    passages = [
        passage for text in texts for passage in verified_passages(text.document, text.content)
    ]
    with transaction.atomic():
        received = File._base_manager.filter(pk=file.pk, held=False).update(held=True)
        if received:
            Text.objects.bulk_create(texts)
            for text in texts:
                footnotes.find_in(text.document, text.content)
            Passage._base_manager.bulk_update(
                passages, ["quote", "prefix", "suffix"], batch_size=500
            )
            Passage._base_manager.filter(document__in=documents).update(version=F("version") + 1)
            search.follow_texts({document.source_id for document in documents})
        outcome = Outcome.RECEIVED if received else Outcome.ALREADY_HELD
        reports = [PassageReport(row.pk, row.quote, "same", (row.span,)) for row in passages]
        report = _report(outcome, file.sha256, name, documents[0], reports)
        if dry_run:
            transaction.set_rollback(True)
    return report


def _same_text(document: Document, bytes_at: Path) -> str:
    try:
        extractor = extractor_named(document.extractor, document.extractor_version)
        text = extract(extractor, bytes_at, document.charset or None).text
    except ExtractionError as error:
        raise IngestError(str(error)) from error
    if anchoring.quote_hash(text) != document.text_sha256 or len(text) != document.text_length:
        raise IngestError(
            f"Its bytes are those of “{document.source}” v{document.number}, but the text read "
            "from them is not the recorded one."
        )
    return text


def verified_passages(document: Document, text: str) -> list[Passage]:
    """Return the document's passages with their words; raise IngestError naming each mismatch."""
    verified, wrong = [], []
    for passage in document.passages.all():
        start, end = passage.span
        quote = text[start:end]
        if end > len(text) or anchoring.quote_hash(quote) != passage.quote_sha256:
            wrong.append(f"{passage.pk} at [{start}, {end})")
            continue
        anchor = anchoring.make_anchor(text, start, end)
        passage.quote, passage.prefix, passage.suffix = anchor.quote, anchor.prefix, anchor.suffix
        verified.append(passage)
    if wrong:
        raise IngestError(
            f"It is “{document.source}” v{document.number}, but {len(wrong)} of its passages do "
            f"not stand where they are recorded: {'; '.join(wrong)}."
        )
    return verified


def _report(
    outcome: Outcome,
    sha256: str,
    name: str,
    document: Document,
    passages: list[PassageReport] | None = None,
) -> Report:
    return Report(
        name=name,
        outcome=outcome,
        sha256=sha256,
        source=document.source.slug,
        title=document.source.title,
        document=document.pk,
        number=document.number,
        charset=document.charset,
        text_length=document.text_length,
        lacks=document.lacks,
        passages=passages or [],
    )


def ingest_all(
    paths: list[Path],
    *,
    source: Source | None = None,
    transcribes: Document | None = None,
    charset: str | None = None,
    dry_run: bool = False,
) -> Iterator[tuple[Path, Report | IngestError]]:
    """Take in files one after the other; yield each with its report or the reason against it."""
    for path in paths:
        try:
            yield (
                path,
                ingest(
                    path,
                    source=source,
                    transcribes=transcribes,
                    charset=charset,
                    dry_run=dry_run,
                ),
            )
        except IngestError as error:
            yield path, error
