"""Reading the words out of stored bytes: one extractor for each kind of file, each in a box."""

from sources.extraction.bases import Extraction, ExtractionError, Extractor
from sources.extraction.box import extract
from sources.extraction.docx import DocxExtractor
from sources.extraction.epub import EpubExtractor
from sources.extraction.formats import media_type_of, refuse_another_format
from sources.extraction.html import HtmlExtractor
from sources.extraction.pdf import PdfExtractor
from sources.extraction.plain_text import PlainTextExtractor

__all__ = [
    "EXTRACTORS",
    "Extraction",
    "ExtractionError",
    "Extractor",
    "PlainTextExtractor",
    "extract",
    "extractor_for",
    "extractor_named",
    "media_type_of",
    "refuse_another_format",
]

EXTRACTORS: tuple[Extractor, ...] = (
    PlainTextExtractor(),
    HtmlExtractor(),
    PdfExtractor(),
    DocxExtractor(),
    EpubExtractor(),
)


def extractor_for(media_type: str) -> Extractor:
    """Return the extractor for a media type; raise ExtractionError if there is none."""
    for extractor in EXTRACTORS:
        if media_type in extractor.media_types:
            return extractor
    known = ", ".join(extractor.name for extractor in EXTRACTORS)
    raise ExtractionError(f"Files of the type {media_type} cannot be read; {known} can.")


def extractor_named(name: str, version: str) -> Extractor:
    """Return the extractor that made a document; raise ExtractionError if it is not here."""
    for extractor in EXTRACTORS:
        if (extractor.name, extractor.version) == (name, version):
            return extractor
    raise ExtractionError(f"The extractor “{name}” {version} is not part of this archive.")
