"""The curators' admin of what the archive asserts."""

from battles.admin import (
    battles,
    citations,
    entities,
    footnotes,
    publications,
    readings,
    statements,
)

__all__ = [
    "battles",
    "citations",
    "entities",
    "footnotes",
    "publications",
    "readings",
    "statements",
]
