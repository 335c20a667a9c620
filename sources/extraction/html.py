"""Web pages, and every other format that becomes one: their words in the order they are read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

from sources.characters import CONTROL_CHARACTER
from sources.extraction import formats, markup
from sources.extraction.bases import Extraction, ExtractionError
from sources.extraction.markup import local_name

_INVISIBLE = frozenset(
    # Not “head”: a page that opens no body leaves all of it to the parser's guess.
    "title script style template noscript iframe object embed svg canvas audio video map "
    "button select textarea input datalist dialog".split()
)
_FURNITURE_ROLES = frozenset("navigation banner contentinfo search complementary".split())
_SECTIONS = frozenset("article section main blockquote figure dialog details".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav "
    "ol optgroup p section summary table tbody td tfoot th thead tr ul".split()
)
_NOTE_TYPES = frozenset(
    "footnote endnote rearnote footnotes endnotes rearnotes doc-footnote doc-endnote "
    "doc-endnotes".split()
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\r\n\f]+")  # what HTML collapses; a no-break space is none of it
_NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,4}|[a-z]{1,3}|[ivxlc]{1,6}|[*†‡§¶]{1,3})[\])]?\.?")
_BACK_LINK = re.compile(r"[\s↑↩⏎^\ufe0e\ufe0f]+")
_RAISED = re.compile(r"(?=.*\d)[\d\s,.+−-]+")
_SUPERSCRIPTS = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_SUBSCRIPTS = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
# What old pages mean by the control characters that their numeric references name.
_MEANT = {
    number: bytes([number]).decode("cp1252")
    for number in range(0x80, 0xA0)
    if number not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
_CLOSED = re.compile(r"[ \t]*\n[ \t]*")


class HtmlExtractor:
    """HTML: paragraphs, tables and notes, without scripts, styles, navigation and furniture."""

    name = "HTML"
    version = "1"
    media_types = frozenset({formats.HTML, formats.XHTML})

    def extract(self, path: Path, charset: str | None) -> Extraction:
        page, charset = markup.decoded(path.read_bytes(), charset)
        is_xml = page.lstrip().startswith("<?xml")
        text = text_of(markup.parse_xhtml(page) if is_xml else markup.parse_html(page))
        if not text:
            raise ExtractionError(
                "The page holds no words. Perhaps a script puts them there: open it in a browser "
                "and save or print it from there."
            )
        return Extraction(text, charset)


def text_of(root: Any, note_marks: dict[str, str] | None = None) -> str:
    """Return the words of a page: blocks parted by empty lines, rows of tables by tabs.

    `note_marks` are the marks of notes by the ids of these, where another page links to them.
    """
    if root is None:
        return ""
    marks = {link.target: link.text for link in note_links(root) if not link.page}
    return "\n\n".join(_Reader(marks | (note_marks or {})).read(root))


@dataclass(frozen=True)
class NoteLink:
    """A link to a note: the page and id it leads to, and its mark, such as “[3]” or “*”."""

    page: str
    target: str
    text: str


def note_links(root: Any) -> Iterator[NoteLink]:
    """Yield the links of a page that are marks of notes."""
    for element in root.iter():
        if local_name(element) == "a" and (mark := _note_mark(element)):
            page, _, target = element.get("href").partition("#")
            yield NoteLink(page, unquote(target), mark)


def _note_mark(link: Any) -> str:
    """Return the mark of a note that a link prints, "" if it is another link.

    A raised figure gets brackets: 2,689¹ must not become 26,891, nor hide 2,689 from a search.
    """
    text = "".join(link.itertext()).strip()
    if "#" not in (link.get("href") or "") or not _NOTE_MARK.fullmatch(text):
        return ""
    bracketed = text[0] in "[("
    raised = any(local_name(near) == "sup" for near in (*link.iterancestors(), *link.iter()))
    if not (bracketed or raised or not _types(link).isdisjoint({"noteref", "doc-noteref"})):
        return ""
    return f"[{text}]" if text.isalnum() else text


class _Reader:
    """Walks a tree and collects its blocks."""

    def __init__(self, note_marks: dict[str, str]) -> None:
        self.note_marks = note_marks
        self.blocks: list[str] = []
        self.line: list[str] = []
        self.mark = ""  # of a note, which the next block begins with

    def read(self, root: Any) -> list[str]:
        """Return the blocks of an element."""
        self._inside(root)
        self._close()
        return self.blocks

    def _inside(self, element: Any) -> None:
        self._say(element.text)
        for child in element:
            if child.tag is etree.Entity:
                self._say(child.text)  # one that nobody declared stands as it is written
            elif local_name(child) and not _is_left_out(child):
                self._element(child)
            self._say(child.tail)

    def _element(self, element: Any) -> None:
        match local_name(element):
            case "br":
                self.line.append("\n")
            case "table":
                self._close()
                self._table(element)
            case "pre" | "listing" | "xmp" | "plaintext":
                self._close()
                self._keep("".join(element.itertext()).replace("\r\n", "\n").strip("\n"))
            case "sup" | "sub" as name:
                table = _SUPERSCRIPTS if name == "sup" else _SUBSCRIPTS
                self._aside(element, lambda text: _raised(text, table))
            case "a" if mark := _note_mark(element):
                self.line.append(mark)
            case "rt":
                self._aside(element, lambda text: f"({text})" if text.strip() else "")
            case "rp" | "wbr" | "img":
                pass
            case name if name in _BLOCKS:
                self._close()
                self.mark = self._mark_of(element) or self.mark
                self._inside(element)
                self._close()
            case _:
                self._inside(element)

    def _say(self, text: str | None) -> None:
        if text:
            self.line.append(_WHITE.sub(" ", text))

    def _aside(self, element: Any, change: Any) -> None:
        """Read what stands within a line, and change how it is written."""
        kept, self.line = self.line, []
        self._inside(element)
        inner, self.line = "".join(self.line), kept
        self.line.append(change(inner))

    def _close(self) -> None:
        line = _CLOSED.sub("\n", re.sub(" {2,}", " ", "".join(self.line)))
        self.line = []
        self._keep(line.strip(" \n"))

    def _keep(self, block: str) -> None:
        block = CONTROL_CHARACTER.sub("\ufffd", block.translate(_MEANT)).replace("\f", "\n")
        if block.strip():
            self.blocks.append(self.mark + block)
            self.mark = ""

    def _mark_of(self, element: Any) -> str:
        """Return what a note begins with, where the page leaves the counting to the browser."""
        mark = self.note_marks.get(element.get("id") or "")
        if mark and (local_name(element) == "li" or _is_note(element)):
            said = "".join(element.itertext()).strip()
            if not re.match(rf"[\[(]?{re.escape(mark.strip('[]().'))}(?!\w)", said):
                return f"{mark} "
        return ""

    def _table(self, table: Any) -> None:
        rows: list[str] = []
        for row in _rows(table):
            cells = [_Reader(self.note_marks).read(cell) for cell in row]
            # A page laid out as a table keeps its paragraphs; so does a caption.
            if len(cells) == 1 or any(len(blocks) > 1 for blocks in cells):
                self._keep("\n".join(rows))
                rows = []
                for blocks in cells:
                    self.blocks += blocks
            else:
                line = "\t".join(" ".join(blocks).replace("\n", " ") for blocks in cells)
                if line.strip():
                    rows.append(line.rstrip("\t"))
        self._keep("\n".join(rows))


def _rows(table: Any) -> Iterator[list[Any]]:
    """Yield the rows of a table, each a list of cells; what stands outside cells is a row too."""
    for child in table:
        match local_name(child):
            case "" | "colgroup" | "col":
                pass
            case _ if _is_left_out(child):
                pass
            case "thead" | "tbody" | "tfoot":
                yield from _rows(child)
            case "tr":
                yield [cell for cell in child if local_name(cell) and not _is_left_out(cell)]
            case _:
                yield [child]


def _is_left_out(element: Any) -> bool:
    name = local_name(element)
    if name in _INVISIBLE or element.get("hidden") is not None:
        return True
    if _HIDDEN_STYLE.search(element.get("style") or ""):
        return True
    if name == "a" and "#" in (element.get("href") or ""):
        text = "".join(element.itertext())
        return bool(_BACK_LINK.fullmatch(text))
    if _is_note(element):
        return False
    if name == "nav" or element.get("role") in _FURNITURE_ROLES:
        return True
    # Inside an article they hold its title, its byline, its notes.
    return name in ("header", "footer", "aside") and not any(
        local_name(above) in _SECTIONS for above in element.iterancestors()
    )


def _types(element: Any) -> set[str]:
    types = (element.get("epub:type"), element.get("{http://www.idpf.org/2007/ops}type"))
    return {word for value in (*types, element.get("role")) for word in (value or "").split()}


def _is_note(element: Any) -> bool:
    return not _types(element).isdisjoint(_NOTE_TYPES)


def _raised(text: str, table: dict[int, int]) -> str:
    """Return figures that stand above or below the line as such: 10³ is not 103."""
    return text.translate(table) if _RAISED.fullmatch(text) else text
