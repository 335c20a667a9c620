"""Rows that are part of one another: whole families, and the order in which a list shows them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

Row = TypeVar("Row")
Key = TypeVar("Key", UUID, str)  # what names a row: its id or its slug


def families(parents: Mapping[Key, Key | None]) -> dict[Key, set[Key]]:
    """Return each row with all that is part of it, itself included, however far down."""
    found = {row: {row} for row in parents}
    for row in parents:
        for above in with_ancestors(row, parents):
            found[above].add(row)
    return found


def with_ancestors(row: Key, parents: Mapping[Key, Key | None]) -> set[Key]:
    """Return `row` and all that it is part of, as far up as is known."""
    found: set[Key] = set()
    current: Key | None = row
    while current is not None and current in parents and current not in found:
        found.add(current)
        current = parents[current]
    return found


def in_tree_order(
    rows: Iterable[Row], key: Callable[[Row], Key], parent: Callable[[Row], Any]
) -> list[tuple[Row, int]]:
    """Return rows with their depth, each followed by its parts; siblings keep their order."""
    known = {key(row): row for row in rows}
    children: dict[Key | None, list[Row]] = {}
    for row in known.values():
        above = parent(row)
        children.setdefault(above if above in known else None, []).append(row)
    found: list[tuple[Row, int]] = []
    waiting = [(row, 0) for row in reversed(children.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        found.append((row, depth))
        waiting += [(part, depth + 1) for part in reversed(children.get(key(row), []))]
    return found
