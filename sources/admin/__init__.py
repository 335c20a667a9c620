"""The curators' admin of what documents say."""

from sources.admin import displacements, documents, origins, passages, works

__all__ = ["displacements", "documents", "origins", "passages", "works"]
