"""Reading an exchange bundle into the archive: all of it, or nothing.

Bytes are hashed and synced first. Then, in one transaction, rows are written in the order of
`bundle.KINDS`: statements as drafts, their citations, and only then are they published, as their
last publication says. What is already here must be the same; a second import changes nothing.

A bundle may have any number of rows: what is known of each is asked of the database or of the
register, a batch at a time, and no list of them is held in memory.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import F, prefetch_related_objects
from django.db.models.fields.json import KeyTextTransform

from archive.bundle import FORMAT, KINDS, MANIFEST, VERSION, RecordKind, contents
from archive.exporting import BATCH, sha256_of
from archive.register import Register
from archive.verification import verify_editions, verify_readings, verify_statements
from battles import indexing, questions, search
from battles.models import Battle, Entity, Publication, Question, Reading, Statement
from sources import footnotes, storage
from sources.anchoring import quote_hash
from sources.ingest import IngestError, verified_passages
from sources.models import Document, File, Footnote, FormerSlug, Origin, Passage, Source, Text
from sources.models.bases import SluggedModel
from sources.schemas import SchemaError
from sources.search import follow_sources, follow_texts

REASONS = 1000  # against a bundle that are told; as many may be wrong as it has rows

Progress = Callable[[str, int], None]

_SLUGGED = {
    kind.schema.model._meta.label_lower: kind.schema.model
    for kind in KINDS
    if issubclass(kind.schema.model, SluggedModel)
}


class ImportRefused(Exception):  # noqa: N818  it names what happened
    """A bundle that was not imported; `reasons` name file, line and what is wrong."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


@dataclass
class ImportReport:
    """How many records of each kind were added, and how many were already here."""

    added: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)


def import_archive(
    folder: Path, *, dry_run: bool = False, progress: Progress = lambda kind, rows: None
) -> ImportReport:
    """Import a bundle and report what was added; raises ImportRefused, and nothing is changed."""
    _check_manifest(folder)
    if not dry_run:
        _store_bytes(folder)
    try:
        with transaction.atomic(), closing(Register()) as register:
            report = _Import(folder, register, progress).run()
            if dry_run:
                transaction.set_rollback(True)
    except (IntegrityError, DataError) as error:
        raise ImportRefused([f"The database refused the bundle: {error}"]) from error
    return report


def _check_manifest(folder: Path) -> None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        named, version, hashes = manifest["format"], manifest["version"], manifest["sha256"]
    except FileNotFoundError as error:
        raise ImportRefused([f"{folder} is no bundle: it has no {MANIFEST}."]) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ImportRefused([f"{MANIFEST} cannot be read: {error}."]) from error
    if not isinstance(hashes, dict):
        raise ImportRefused([f"{MANIFEST} does not name the files and their hashes."])
    strange = sorted(name for name, is_plain in contents(folder) if not is_plain)
    if strange:
        raise ImportRefused([f"{name} is no plain file of a bundle." for name in strange])
    if (named, version) != (FORMAT, VERSION):
        raise ImportRefused(
            [f"{MANIFEST}: this is {named!r} {version!r}; {FORMAT!r} {VERSION} can be read."]
        )
    present = {name for name, _ in contents(folder)} - {MANIFEST}
    expected = set(hashes) | {kind.file_name for kind in KINDS}
    reasons = [f"{name} is missing." for name in sorted(expected - present)]
    reasons += [f"{name} is not in {MANIFEST}." for name in sorted(present - expected)]
    reasons += [
        f"{name} is damaged: its hash is not the one in {MANIFEST}."
        for name in sorted(present & expected)
        if sha256_of(folder / name) != hashes.get(name)
    ]
    if reasons:
        raise ImportRefused(reasons)


def _store_bytes(folder: Path) -> None:
    for name in sorted(path.name for path in (folder / "files").glob("*")):
        with (folder / "files" / name).open("rb") as stream:
            stored = storage.store(stream)
        if stored.sha256 != name:
            raise ImportRefused([f"files/{name} holds bytes of another hash."])


class _Import:
    """One import under way."""

    def __init__(self, folder: Path, register: Register, progress: Progress) -> None:
        self.folder = folder
        self.register = register
        self.progress = progress
        self.report = ImportReport()

    def run(self) -> ImportReport:
        for kind in KINDS:
            self._read_kind(kind)
            if kind.schema.model is File:
                self._hold_what_came()
            if kind.schema.model is Document:
                self._add_texts()
            if kind.schema.model is Passage:
                self._verify_passages()
        self._publish()
        connection.check_constraints()
        self._check()
        self._index()
        return self.report

    def _read_kind(self, kind: RecordKind) -> None:
        model = kind.schema.model
        added = unchanged = 0
        for batch in self._batches(kind):
            public = kind.public_rows().filter(pk__in=[record["id"] for _, record in batch])
            here = {str(row.pk): row for row in public}
            new: list[tuple[str, models.Model]] = []
            for place, record in batch:
                row = self._load(kind, place, record)
                if not self.register.add(model, row.pk, place):
                    raise ImportRefused([f"{place}: the id {row.pk} stands in the bundle twice."])
                self._check_keys(kind, place, row)
                if existing := here.get(record["id"]):
                    self._refuse_difference(kind, place, record, existing)
                    unchanged += 1
                else:
                    new.append((place, row))
            self._add(model, new)
            added += len(new)
            self.progress(kind.name, added + unchanged)
        if missing := self.register.missing(model):
            key, place, name = missing
            raise ImportRefused([f"{place}: {name} {key} is not in the bundle."])
        self.report.added[kind.name], self.report.unchanged[kind.name] = added, unchanged

    def _batches(self, kind: RecordKind) -> Iterator[list[tuple[str, dict[str, Any]]]]:
        batch: list[tuple[str, dict[str, Any]]] = []
        path = self.folder / kind.file_name
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                place = f"{kind.file_name}, line {number}"
                try:
                    record = json.loads(line.decode())
                    record["id"] = str(UUID(record["id"]))
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                    raise ImportRefused([f"{place}: it is no record with an id."]) from error
                batch.append((place, record))
                if len(batch) == BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _load(self, kind: RecordKind, place: str, record: dict[str, Any]) -> models.Model:
        try:
            row = kind.schema.load(record)
            # Not the model's own: what an archive holds came in when less was refused.
            models.Model.clean_fields(row, exclude=_not_cleaned(row))
            if isinstance(row, SluggedModel):
                row.refuse_former_slug()
        except SchemaError as error:
            raise ImportRefused([f"{place}: {error}."]) from error
        except ValidationError as error:
            raise ImportRefused([f"{place}: {_in_words(error)}"]) from error
        if isinstance(row, Origin | Source | Passage):
            row.public = True
        if isinstance(row, Passage | Entity):
            row.seen = True
        if isinstance(row, Reading):
            row.state = Reading.State.PUBLISHED
        if isinstance(row, File):
            row.held = (self.folder / "files" / row.sha256).is_file()
        if kind.name == "tombstones" and isinstance(row, Statement):
            row.state = Statement.State.WITHDRAWN
        return row

    def _check_keys(self, kind: RecordKind, place: str, row: models.Model) -> None:
        """Refuse keys to what the bundle lacks; those to rows of its own kind may still come."""
        for column in row._meta.concrete_fields:
            if column.name not in kind.schema.fields or not column.is_relation:
                continue
            key = row.serializable_value(column.name)
            target: Any = column.related_model
            if key is None or self.register.holds(target, key):
                continue
            if target is not kind.schema.model:
                raise ImportRefused([f"{place}: {column.name} {key} is not in the bundle."])
            self.register.want(target, key, place, column.name)
        if isinstance(row, FormerSlug):
            self._check_former_slug(place, row)

    def _check_former_slug(self, place: str, row: FormerSlug) -> None:
        owner = _SLUGGED.get(row.kind)
        if owner is None or not self.register.holds(owner, row.target):
            raise ImportRefused([f"{place}: target {row.target} is not in the bundle."])
        if owner._base_manager.filter(slug=row.slug).exists():
            raise ImportRefused([f"{place}: “{row.slug}” is the slug of something here."])

    def _refuse_difference(
        self, kind: RecordKind, place: str, record: dict[str, Any], existing: models.Model
    ) -> None:
        here = kind.schema.dump(existing)
        if isinstance(existing, Publication) and record["record"] == {}:
            here["record"] = {}
        differing = [name for name, value in here.items() if value != record[name]]
        if differing:
            raise ImportRefused(
                [f"{place}: {record['id']} is already here with another {', '.join(differing)}."]
            )

    def _add(self, model: type[models.Model], new: list[tuple[str, models.Model]]) -> None:
        if not new:
            return
        rows = [row for _, row in new]
        if model is Statement:
            prefetch_related_objects(rows, "entity", "party", "place")
            for place, row in new:
                self._clean_statement(place, row)
        if model is Footnote:
            footnotes.make_room(rows)
        try:
            with transaction.atomic():
                model._base_manager.bulk_create(rows)
        except IntegrityError:
            self._find_refused(model, new)

    def _clean_statement(self, place: str, row: models.Model) -> None:
        if isinstance(row, Statement) and row.state != Statement.State.WITHDRAWN:
            try:
                row.clean()
            except ValidationError as error:
                raise ImportRefused([f"{place}: {_in_words(error)}"]) from error

    def _find_refused(self, model: type[models.Model], new: list[tuple[str, models.Model]]) -> None:
        """Write rows one by one, to name the line that the database refuses."""
        for place, row in new:
            try:
                with transaction.atomic():
                    model._base_manager.bulk_create([row])
            except IntegrityError as error:
                why = _violated(model, str(error))
                raise ImportRefused([f"{place}: {why}"]) from error

    def _hold_what_came(self) -> None:
        """Mark as held the files that were known by their hash alone and came with the bundle."""
        for ids in self.register.batches(File, BATCH):
            unheld = File._base_manager.filter(pk__in=ids, held=False)
            came = [file.pk for file in unheld if (self.folder / "files" / file.sha256).is_file()]
            unheld.filter(pk__in=came).update(held=True)

    def _add_texts(self) -> None:
        for ids in self.register.batches(Document, BATCH):
            documents = Document.objects.filter(pk__in=ids, file__held=True, text__isnull=True)
            for document in documents.order_by("pk"):
                self._add_text(document)

    def _add_text(self, document: Document) -> None:
        path = self.folder / "texts" / document.text_sha256
        if not path.is_file():
            raise ImportRefused([f"texts/{path.name} is missing, although its file is held."])
        with path.open(encoding="utf-8", newline="") as stream:
            content = stream.read()
        if quote_hash(content) != document.text_sha256 or len(content) != document.text_length:
            raise ImportRefused([f"texts/{path.name} is not the recorded text."])
        Text.objects.create(document=document, content=content)
        footnotes.find_in(document, content)

    def _verify_passages(self) -> None:
        for ids in self.register.batches(Document, BATCH):
            waiting = Document.objects.filter(
                pk__in=ids, text__isnull=False, passages__quote=""
            ).distinct()
            for document in waiting.order_by("pk"):
                content = Text.objects.get(document=document).content
                try:
                    passages = verified_passages(document, content)
                except IngestError as error:
                    raise ImportRefused([str(error)]) from error
                _write(Passage, passages, ["quote", "prefix", "suffix"])

    def _publish(self) -> None:
        for ids in self.register.batches(Statement, BATCH):
            rows = Statement.objects.filter(pk__in=ids, state=Statement.State.DRAFT)
            drafts = list(rows.order_by("pk"))
            evidence = _recorded_evidence(drafts)
            for statement in drafts:
                statement.evidence_id = self._evidence_of(statement, evidence.get(statement.pk))
                statement.state = Statement.State.PUBLISHED
            _write(Statement, drafts, ["state", "evidence"])
        for ids in self.register.batches(Question, BATCH):
            questions.settle(ids)
        for ids in self.register.batches(Battle, BATCH):
            indexing.index_battles(ids)
        for ids in self.register.batches(Entity, BATCH):
            indexing.index_entities(ids)
        for ids in self.register.batches(Source, BATCH):
            indexing.index_sources(ids)

    def _index(self) -> None:
        for ids in self.register.batches(Source, BATCH):
            follow_sources(ids)
            follow_texts(ids)
        for ids in self.register.batches(Statement, BATCH):
            search.follow_statements(ids)

    def _evidence_of(self, statement: Statement, recorded: str | None) -> UUID:
        try:
            return UUID(str(recorded))
        except ValueError:
            place = self.register.place_of(Statement, statement.pk)
            raise ImportRefused(
                [f"{place}: no publication in the bundle says what its evidence is."]
            ) from None

    def _check(self) -> None:
        reasons = list(islice(self._faults(), REASONS + 1))
        if len(reasons) > REASONS:
            reasons[REASONS:] = [f"These are the first {REASONS} reasons; there are more."]
        if reasons:
            raise ImportRefused(reasons)

    def _faults(self) -> Iterator[str]:
        for ids in self.register.batches(Statement, BATCH):
            for fault in verify_statements(Statement.objects.filter(pk__in=ids)):
                place = self.register.place_of(Statement, UUID(fault.which))
                yield f"{place}: {fault.problem}."
        for ids in self.register.batches(Battle, BATCH):
            yield from map(str, verify_editions(Battle.objects.filter(pk__in=ids)))
        for ids in self.register.batches(Reading, BATCH):
            yield from map(str, verify_readings(Reading.objects.filter(pk__in=ids)))


def _recorded_evidence(statements: list[Statement]) -> dict[UUID, str | None]:
    """Return by statement which citation it rests on, as its last publication says."""
    published = Publication.objects.filter(
        statement__in=statements,
        action=Publication.Action.PUBLISHED,
        battle=F("statement__battle"),
    )
    evidence = KeyTextTransform("evidence", "record")
    return dict(published.order_by("edition").values_list("statement", evidence))


def _write(model: type[models.Model], rows: list[Any], columns: list[str]) -> None:
    """Write columns of rows that are there; for many rows `bulk_update` takes far longer."""
    model._base_manager.bulk_create(
        rows, BATCH, update_conflicts=True, unique_fields=["pk"], update_fields=columns
    )


def _not_cleaned(row: models.Model) -> set[str]:
    """Name the fields that other code checks: keys, and what no record carries."""
    return {
        column.name
        for column in row._meta.concrete_fields
        if column.is_relation or column.name in {"record", "version", "held"}
    }


def _in_words(error: ValidationError) -> str:
    if hasattr(error, "message_dict"):
        return " ".join(
            f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
        )
    return " ".join(error.messages)


def _violated(model: type[models.Model], problem: str) -> str:
    """Return a constraint's own message if the database's error names it, or its columns."""
    meta: Any = model._meta
    for constraint in meta.constraints:
        columns = ", ".join(
            f"{meta.db_table}.{meta.get_field(name).attname}"
            for name in getattr(constraint, "fields", ())
        )
        if constraint.name in problem or problem == f"UNIQUE constraint failed: {columns}":
            return str(constraint.get_violation_error_message())
    return f"the database refuses it: {problem.splitlines()[0]}."
