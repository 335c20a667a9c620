"""EPUB, the files of electronic books."""

import posixpath
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sources.extraction import formats, markup
from sources.extraction.archives import Archive
from sources.extraction.bases import Extraction, ExtractionError
from sources.extraction.html import note_links, text_of
from sources.extraction.markup import local_name

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_BETWEEN_CHAPTERS = "\n\n\n"


class EpubExtractor:
    """EPUB: its chapters in the order of the spine, each read as a page of HTML."""

    name = "EPUB"
    version = "1"
    media_types = frozenset({formats.EPUB})

    def extract(self, path: Path, charset: str | None) -> Extraction:
        with Archive(path) as archive:
            if _CONTAINER not in archive.names:
                other = (
                    "a DOCX" if "[Content_Types].xml" in archive.names else "another ZIP archive"
                )
                raise ExtractionError(f"Its name says EPUB, but it is {other}.")
            chapters, unread = _chapters(archive)
            _refuse_locked(archive, chapters)
            missing = [name for name in chapters if name not in archive.names]
            pages = {
                name: markup.parse_xhtml(markup.decoded(archive.read(name))[0])
                for name in chapters
                if name in archive.names
            }
        marks = _note_marks(pages)
        texts = {name: text_of(page, marks[name]) for name, page in pages.items()}
        total = len(chapters) + len(unread)
        lacks = _lacking(total, "missing", missing) + _lacking(total, "not written as text", unread)
        whole = _BETWEEN_CHAPTERS.join(text for text in texts.values() if text)
        if not whole:
            lacks = [f"None of its {total:,} chapters has text.", *lacks]
        return Extraction(whole, lacks=" ".join(lacks))


def _chapters(archive: Archive) -> tuple[list[str], list[str]]:
    """Return the paths of the chapters in reading order, and of those that are no pages."""
    container = markup.parse_xml(archive.read(_CONTAINER), _CONTAINER)
    packages = [one.get("full-path") for one in container.iter() if local_name(one) == "rootfile"]
    if not packages or not packages[0]:
        raise ExtractionError(f"{_CONTAINER} names no book.")
    name = packages[0]
    package = markup.parse_xml(archive.read(name), name)
    items: dict[str, tuple[str, str]] = {}
    spine: list[str] = []
    for element in package.iter():
        if local_name(element) == "item":
            where = _inside(name, element.get("href") or "")
            items[element.get("id") or ""] = where, element.get("media-type") or ""
        elif local_name(element) == "itemref":
            spine.append(element.get("idref") or "")
    if not spine:
        raise ExtractionError(f"{name} names no chapters.")
    found = dict.fromkeys(items.get(one, (f"“{one}”", formats.XHTML)) for one in spine)
    pages = [where for where, kind in found if kind in (formats.XHTML, formats.HTML)]
    return pages, [where for where, _ in found if where not in pages]


def _inside(base: str, href: str) -> str:
    """Return the path in the archive that a link leads to; an address elsewhere is none of it."""
    if ":" in href.partition("/")[0]:
        return href
    return posixpath.normpath(
        posixpath.join(posixpath.dirname(base), unquote(href.partition("#")[0]))
    )


def _refuse_locked(archive: Archive, chapters: list[str]) -> None:
    """Refuse a book whose chapters are encrypted; many only obfuscate their fonts."""
    if _ENCRYPTION not in archive.names:
        return
    root = markup.parse_xml(archive.read(_ENCRYPTION), _ENCRYPTION)
    for element in root.iter():
        if local_name(element) == "cipherreference":
            where = unquote(element.get("URI") or "")
            if where in chapters:
                raise ExtractionError(f"The book is locked: its chapter “{where}” is encrypted.")


def _note_marks(pages: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return for each chapter the marks that other chapters print for notes in it."""
    marks: dict[str, dict[str, str]] = defaultdict(dict)
    for name, page in pages.items():
        for link in note_links(page) if page is not None else ():
            if link.page:
                marks[_inside(name, link.page)][link.target] = link.text
    return marks


def _lacking(total: int, what: str, names: list[str]) -> list[str]:
    if not names:
        return []
    verb = "is" if len(names) == 1 else "are"
    return [f"{len(names):,} of {total:,} chapters {verb} {what}: {', '.join(names[:20])}."]
