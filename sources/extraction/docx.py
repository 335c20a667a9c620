"""DOCX, the files of word processors."""

import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.parsers import expat

from sources.extraction import formats, markup
from sources.extraction.archives import Archive
from sources.extraction.bases import Extraction, ExtractionError
from sources.extraction.html import text_of

_XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
_DEEPEST = 200  # elements within elements; a table in a table in a table takes 30
_IGNORED_ELEMENT = re.compile(r"An unrecognised element was ignored: (?:\{.*\}|\w+:)?(?P<name>.+)")
# Parts of a text that only say how it looks, or where somebody once stood in it.
_WITHOUT_WORDS = frozenset({"proofErr", "lastRenderedPageBreak", "permStart", "permEnd"})


class DocxExtractor:
    """DOCX: paragraphs, tables, footnotes and endnotes, without headers, footers and comments."""

    name = "DOCX"
    version = "1"
    media_types = frozenset({formats.DOCX})

    def extract(self, path: Path, charset: str | None) -> Extraction:
        # Here, so that only a process in the box ever loads it.
        import mammoth

        with Archive(path) as archive:
            if "META-INF/container.xml" in archive.names:
                raise ExtractionError("Its name says DOCX, but it is an EPUB.")
            if "[Content_Types].xml" not in archive.names:
                raise ExtractionError("Its name says DOCX, but it is some other ZIP archive.")
            for name in sorted(archive.names):
                data = archive.read(name)
                # Not by its name: a document may call its parts as it likes.
                if _XML.match(data) or name.endswith((".xml", ".rels")):
                    _refuse_harmful(data, name)
        pictures = 0

        def count_picture(_: Any) -> dict[str, str]:
            nonlocal pictures
            pictures += 1
            return {}

        try:
            with path.open("rb") as stream:
                page = mammoth.convert_to_html(
                    stream,
                    convert_image=mammoth.images.img_element(count_picture),
                    # Headings and lists are paragraphs of the text like any other.
                    include_default_style_map=False,
                    external_file_access=False,
                )
        except (MemoryError, RecursionError):
            raise
        # A damaged document breaks the reader in whatever line expects the missing part.
        except Exception as error:
            raise ExtractionError(
                f"The document is damaged, or no text document: {type(error).__name__}: {error}."
            ) from error
        text = text_of(markup.parse_html(page.value))
        if not text and not pictures:
            raise ExtractionError("The document holds no words.")
        if not text:
            return Extraction("", lacks="It has no text: pictures are all it holds.")
        return Extraction(text, lacks=_left_out(page.messages))


def _refuse_harmful(data: bytes, name: str) -> None:
    """Refuse a part with a DOCTYPE, which the format forbids, or nested deeper than one can read.

    ECMA-376, part 2, section 8.1.4.
    """
    depth = 0

    def refuse(*_: Any) -> None:
        raise ExtractionError(f"“{name}” has a DOCTYPE, which no honest DOCX has.")

    def down(*_: Any) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise ExtractionError(f"“{name}” is nested over {_DEEPEST} elements deep.")

    def up(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = down, up
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise ExtractionError(f"“{name}” is no good XML: {error}.") from error


def _left_out(messages: list[Any]) -> str:
    """Say which elements of the document could not be read, formulas for example."""
    names = Counter(
        found["name"] for message in messages if (found := _IGNORED_ELEMENT.match(message.message))
    )
    left = [name for name in sorted(names) if name not in _WITHOUT_WORDS]
    if not left:
        return ""
    return f"Left out, as it could not be read: {', '.join(left)}."
