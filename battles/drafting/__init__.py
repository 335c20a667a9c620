"""Drafting from a document: what its sentences and lines could become, for a curator to decide."""
