"""What documents say: origins, works, documents, passages."""

from sources.models.bases import FormerSlug, StaleSave
from sources.models.counter import Counter
from sources.models.displacements import Displacement
from sources.models.documents import Document, File, ImmutableError, Text
from sources.models.footnotes import Footnote
from sources.models.origins import Origin
from sources.models.passages import Gloss, Passage
from sources.models.search import SearchEntry
from sources.models.works import Contribution, Derivation, Source, SourceIdentifier

__all__ = [
    "Contribution",
    "Counter",
    "Derivation",
    "Displacement",
    "Document",
    "File",
    "Footnote",
    "FormerSlug",
    "Gloss",
    "ImmutableError",
    "Origin",
    "Passage",
    "SearchEntry",
    "Source",
    "SourceIdentifier",
    "StaleSave",
    "Text",
]
