"""Writing the public archive as an exchange bundle."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from archive.bundle import (
    FOLDERS,
    FORMAT,
    KINDS,
    MANIFEST,
    OPTIONAL_KEYS,
    VERSION,
    RecordKind,
    contents,
    documents,
    opened_documents,
)
from battles.models import Publication, Statement
from sources import storage
from sources.models import File, Source, Text

BATCH = 1000  # rows


class ExportError(Exception):
    """The bundle cannot be written; the message says why."""


def as_line(record: dict[str, Any]) -> str:
    """Return a record as one line of JSON, always the same for the same record."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def export_archive(
    folder: Path,
    *,
    without_text: bool = False,
    progress: Callable[[str, int], None] = lambda kind, rows: None,
) -> dict[str, int]:
    """Write a bundle to a new folder and return the number of records of each kind.

    The same archive gives the same bytes. With `without_text`, bytes and texts of sources that
    are not open are left out; their documents arrive as not held.
    """
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder} is no folder.")
    if folder.exists() and any(folder.iterdir()):
        raise ExportError(f"{folder} is not empty.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with _snapshot():
            counts = {kind.name: _write_kind(partial, kind, progress) for kind in KINDS}
            _write_held(partial, without_text)
        _write_manifest(partial, counts)
        if folder.exists():
            folder.rmdir()
        partial.chmod(0o755)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return counts


@contextlib.contextmanager
def _snapshot() -> Iterator[None]:
    """Hold a transaction in which every query sees the same archive."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _write_kind(folder: Path, kind: RecordKind, progress: Callable[[str, int], None]) -> int:
    written = 0
    with (folder / kind.file_name).open("w", encoding="utf-8", newline="\n") as lines:
        for record in records(kind):
            lines.write(as_line(record))
            written += 1
            if written % BATCH == 0:
                progress(kind.name, written)
    progress(kind.name, written)
    return written


def records(kind: RecordKind) -> Iterator[dict[str, Any]]:
    """Yield the public records of a kind, in the order of their ids."""
    rows = kind.public_rows().order_by("pk")
    unknown = _keys_that_stay_behind(kind)
    withdrawn = (
        set(Statement.objects.filter(state=Statement.State.WITHDRAWN).values_list("pk", flat=True))
        if kind.schema.model is Publication
        else set()
    )
    for row in rows.iterator(BATCH):
        record = kind.schema.dump(row)
        for name, public in unknown.items():
            if record[name] is not None and row.serializable_value(name) not in public:
                record[name] = None
        if isinstance(row, Publication) and row.statement_id in withdrawn:
            record["record"] = {}  # of what was withdrawn, only the reason is ever shown
        yield record


def _keys_that_stay_behind(kind: RecordKind) -> dict[str, set[Any]]:
    """Return the optional keys that may point at a row which is not public, and those that are."""
    keys = OPTIONAL_KEYS.get(kind.schema.model, {})
    return {name: set(rows().values_list("pk", flat=True)) for name, rows in keys.items()}


def _write_held(folder: Path, without_text: bool) -> None:
    """Copy the bytes of held files and write the texts of their documents."""
    for name in FOLDERS:
        (folder / name).mkdir()
    shared = File.objects.filter(held=True, documents__in=opened_documents()).distinct()
    if without_text:
        closed = Source.objects.exclude(rights__in=Source.OPEN_RIGHTS)
        shared = shared.exclude(documents__source__in=closed)
    for file in shared.order_by("pk").iterator(BATCH):
        with (
            storage.open_stored(file.sha256) as stored,
            (folder / "files" / file.sha256).open("wb") as copy,
        ):
            shutil.copyfileobj(stored, copy, storage.CHUNK)
        readings = file.documents.filter(pk__in=documents().values("pk"))
        for text in Text.objects.filter(document__in=readings).select_related("document"):
            target = folder / "texts" / text.document.text_sha256
            target.write_text(text.content, encoding="utf-8", newline="")


def _write_manifest(folder: Path, counts: dict[str, int]) -> None:
    names = sorted((name for name, _ in contents(folder)), key=lambda name: name.partition("/"))
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "records": counts,
        "sha256": {name: sha256_of(folder / name) for name in names},
    }
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="\n") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=2)
        file.write("\n")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return storage.digest(stream).sha256
