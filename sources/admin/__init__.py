"""The curators' admin of what documents say."""

from sources.admin import displacements, documents, footnotes, origins, passages, works

__all__ = ["displacements", "documents", "footnotes", "origins", "passages", "works"]
