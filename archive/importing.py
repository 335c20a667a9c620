"""Reading an exchange bundle into the archive: all of it, or nothing.

Bytes are hashed and synced first. Then, in one transaction, rows are written in the order of
`bundle.KINDS`: statements as drafts, their citations, and only then are they published, as their
last publication says. What is already here must be the same; a second import changes nothing.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import prefetch_related_objects

from archive.bundle import FORMAT, KINDS, MANIFEST, VERSION, RecordKind, contents
from archive.exporting import BATCH, sha256_of
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

Progress = Callable[[str, int], None]


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
        with transaction.atomic():
            report = _Import(folder, progress).run()
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
    """One import under way: what was read so far, and where each row stands in the bundle."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        self.report = ImportReport()
        self.seen: dict[type[models.Model], set[UUID]] = {}
        self.lines: dict[UUID, str] = {}  # of statements
        self.battles: dict[UUID, UUID] = {}  # statement → the battle it is about
        self.published: dict[UUID, tuple[int, str]] = {}  # statement → edition, evidence

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
        self.seen.setdefault(model, set())
        added = unchanged = 0
        forward: list[tuple[str, str, UUID]] = []
        for batch in self._batches(kind):
            public = kind.public_rows().filter(pk__in=[record["id"] for _, record in batch])
            here = {str(row.pk): row for row in public}
            new: list[tuple[str, models.Model]] = []
            for place, record in batch:
                row = self._load(kind, place, record)
                forward += self._check_keys(kind, place, row)
                if existing := here.get(record["id"]):
                    self._refuse_difference(kind, place, record, existing)
                    unchanged += 1
                else:
                    new.append((place, row))
                self._remember(place, row)
            self._add(model, new)
            added += len(new)
            self.progress(kind.name, added + unchanged)
        for place, name, key in forward:
            if key not in self.seen[model]:
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
            row.clean_fields(exclude=_not_cleaned(row))
            if isinstance(row, SluggedModel):
                row.refuse_former_slug()
        except SchemaError as error:
            raise ImportRefused([f"{place}: {error}."]) from error
        except ValidationError as error:
            raise ImportRefused([f"{place}: {_in_words(error)}"]) from error
        if row.pk in self.seen[kind.schema.model]:
            raise ImportRefused([f"{place}: the id {row.pk} stands in the bundle twice."])
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

    def _check_keys(
        self, kind: RecordKind, place: str, row: models.Model
    ) -> list[tuple[str, str, UUID]]:
        """Refuse keys to what the bundle lacks; return those to rows of its own kind, for later."""
        forward = []
        for column in row._meta.concrete_fields:
            if column.name not in kind.schema.fields or not column.is_relation:
                continue
            key = row.serializable_value(column.name)
            target: Any = column.related_model
            if key is None or key in self.seen.get(target, ()):
                continue
            if target is not kind.schema.model:
                raise ImportRefused([f"{place}: {column.name} {key} is not in the bundle."])
            forward.append((place, column.name, key))
        if isinstance(row, FormerSlug):
            self._check_former_slug(place, row)
        return forward

    def _check_former_slug(self, place: str, row: FormerSlug) -> None:
        owner: Any = next((model for model, ids in self.seen.items() if row.target in ids), None)
        if owner is None or owner._meta.label_lower != row.kind:
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

    def _remember(self, place: str, row: models.Model) -> None:
        self.seen[type(row)].add(row.pk)
        if isinstance(row, Statement):
            self.lines[row.pk] = place
            self.battles[row.pk] = row.battle_id
        if (
            isinstance(row, Publication)
            and row.action == Publication.Action.PUBLISHED
            and row.battle_id == self.battles.get(row.statement_id)
        ):
            edition, _ = self.published.get(row.statement_id, (0, ""))
            if row.edition > edition:
                evidence = row.record.get("evidence", "") if isinstance(row.record, dict) else ""
                self.published[row.statement_id] = row.edition, evidence

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
        came = [path.name for path in (self.folder / "files").glob("*")]
        File._base_manager.filter(sha256__in=came, held=False).update(held=True)

    def _add_texts(self) -> None:
        documents = Document.objects.filter(
            pk__in=self.seen[Document], file__held=True, text__isnull=True
        )
        for document in documents.order_by("pk"):
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
        documents = Document.objects.filter(text__isnull=False, passages__quote="").distinct()
        for document in documents.order_by("pk"):
            content = Text.objects.get(document=document).content
            try:
                passages = verified_passages(document, content)
            except IngestError as error:
                raise ImportRefused([str(error)]) from error
            _write(Passage, passages, ["quote", "prefix", "suffix"])

    def _publish(self) -> None:
        for ids in _batches_of(self.lines):
            drafts = list(Statement.objects.filter(pk__in=ids, state=Statement.State.DRAFT))
            for statement in drafts:
                statement.evidence_id = self._evidence_of(statement)
                statement.state = Statement.State.PUBLISHED
            _write(Statement, drafts, ["state", "evidence"])
        for ids in _batches_of(self.seen[Question]):
            questions.settle(ids)
        indexing.index_battles(self.seen[Battle])
        indexing.index_entities(self.seen[Entity])
        indexing.index_sources(self.seen[Source])

    def _index(self) -> None:
        follow_sources(sorted(self.seen[Source]))
        follow_texts(sorted(self.seen[Source]))
        for ids in _batches_of(self.seen[Statement]):
            search.follow_statements(ids)

    def _evidence_of(self, statement: Statement) -> UUID:
        _, evidence = self.published.get(statement.pk, (0, ""))
        try:
            return UUID(str(evidence))
        except ValueError:
            place = self.lines[statement.pk]
            raise ImportRefused(
                [f"{place}: no publication in the bundle says what its evidence is."]
            ) from None

    def _check(self) -> None:
        faults = [
            f"{self.lines[UUID(fault.which)]}: {fault.problem}."
            for ids in _batches_of(self.lines)
            for fault in verify_statements(Statement.objects.filter(pk__in=ids))
        ]
        faults += [
            str(fault)
            for ids in _batches_of(self.seen[Battle])
            for fault in verify_editions(Battle.objects.filter(pk__in=ids))
        ]
        faults += [
            str(fault)
            for ids in _batches_of(self.seen[Reading])
            for fault in verify_readings(Reading.objects.filter(pk__in=ids))
        ]
        if faults:
            raise ImportRefused(faults)


def _batches_of(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    """Yield ids in lists short enough for one query."""
    waiting = sorted(ids)
    for start in range(0, len(waiting), BATCH):
        yield waiting[start : start + BATCH]


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
