"""The register of what a bundle brings, kept on the disk so that a bundle may have any size."""

import sqlite3
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Model

CACHE = 8 * 1024  # KiB of memory; what does not fit waits on the disk

_TABLES = """
CREATE TABLE row (model TEXT, id BLOB, place TEXT, PRIMARY KEY (model, id)) WITHOUT ROWID;
CREATE TABLE wanted (model TEXT, id BLOB, place TEXT, name TEXT);
"""


class Register:
    """Which rows of which models came so far, at which place in the bundle, and which must follow.

    An instance is for one import, and forgets everything when it is closed.
    """

    def __init__(self) -> None:
        # Without a name it is a temporary file, which SQLite removes. Nothing is ever committed.
        self._database = sqlite3.connect("")
        self._database.execute(f"PRAGMA cache_size = -{CACHE}")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        self._database.close()

    def add(self, model: type[Model], pk: UUID, place: str) -> bool:
        """Note where a row stands, and say whether it is new; else it stays where it was."""
        added = self._database.execute(
            "INSERT OR IGNORE INTO row VALUES (?, ?, ?)", (*_key(model, pk), place)
        )
        return added.rowcount == 1

    def holds(self, model: type[Model], pk: UUID) -> bool:
        """Say whether a row came."""
        return self._place(model, pk) is not None

    def place_of(self, model: type[Model], pk: UUID) -> str:
        """Return where a row stands in the bundle; raises KeyError if it did not come."""
        place = self._place(model, pk)
        if place is None:
            raise KeyError(pk)
        return place

    def batches(self, model: type[Model], size: int) -> Iterator[list[UUID]]:
        """Yield the ids of a model's rows in their order, so many at a time."""
        ids = self._database.execute("SELECT id FROM row WHERE model = ? ORDER BY id", _key(model))
        while batch := ids.fetchmany(size):
            yield [UUID(bytes=pk) for (pk,) in batch]

    def want(self, model: type[Model], pk: UUID, place: str, name: str) -> None:
        """Note that the field of that name, at a place, needs a row which may still come."""
        self._database.execute(
            "INSERT INTO wanted VALUES (?, ?, ?, ?)", (*_key(model, pk), place, name)
        )

    def missing(self, model: type[Model]) -> tuple[UUID, str, str] | None:
        """Return the first row of a model that was wanted and did not come, its place and field."""
        found = self._database.execute(
            "SELECT id, place, name FROM wanted WHERE model = ? AND NOT EXISTS "
            "(SELECT 1 FROM row WHERE row.model = wanted.model AND row.id = wanted.id) "
            "ORDER BY wanted.rowid LIMIT 1",
            _key(model),
        ).fetchone()
        return found and (UUID(bytes=found[0]), *found[1:])

    def _place(self, model: type[Model], pk: UUID) -> str | None:
        found = self._database.execute(
            "SELECT place FROM row WHERE model = ? AND id = ?", _key(model, pk)
        ).fetchone()
        return found and found[0]


def _key(model: type[Model], *pks: UUID) -> tuple[str | bytes, ...]:
    return (model._meta.label_lower, *(pk.bytes for pk in pks))
