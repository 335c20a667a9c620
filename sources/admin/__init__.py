"""The curators' admin of what documents say."""

from sources.admin import documents, origins, passages, works

__all__ = ["documents", "origins", "passages", "works"]
