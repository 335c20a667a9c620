"""The curators' admin of what the archive asserts."""

from battles.admin import battles, citations, entities, publications, readings, statements

__all__ = ["battles", "citations", "entities", "publications", "readings", "statements"]
