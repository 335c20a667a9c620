"""PDF."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from sources.characters import CONTROL_CHARACTER
from sources.extraction import formats
from sources.extraction.bases import Extraction, ExtractionError

# How PDFium marks a hyphen at the end of a line: it takes the line's end away with it.
_HYPHEN_AT_LINE_END = "\ufffe"


class PdfExtractor:
    """PDF: the text of its pages as they are printed, with a form feed between each two."""

    name = "PDF"
    version = "1"
    media_types = frozenset({formats.PDF})

    def extract(self, path: Path, charset: str | None) -> Extraction:
        # Here, so that only a process in the box ever loads it.
        import pypdfium2

        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            raise ExtractionError(_why_not_opened(error.err_code)) from error
        pages: list[str] = []
        silent: list[int] = []  # numbers of pages that show something, but hold no words
        garbled: list[int] = []  # numbers of pages with characters that stand for no letter
        for number in range(1, len(document) + 1):
            try:
                text, shows_something, is_garbled = _read_page(document, number - 1)
            except pypdfium2.PdfiumError as error:
                raise ExtractionError(f"Page {number} is damaged: {error}") from error
            pages.append(text)
            if not text and shows_something:
                silent.append(number)
            if is_garbled:
                garbled.append(number)
        if not any(pages):
            return Extraction("", lacks=_without_text(len(pages), blank=not silent))
        return Extraction("\f".join(pages), lacks=_lacking(len(pages), silent, garbled))


def _read_page(document: Any, index: int) -> tuple[str, bool, bool]:
    """Return a page's text, whether it shows anything at all, and whether letters are unknown."""
    from pypdfium2 import raw

    page = document[index]
    words = page.get_textpage()
    text = _as_printed(words.get_text_range(errors="replace"))
    unknown = any(
        raw.FPDFText_HasUnicodeMapError(words, at) == 1 for at in range(words.count_chars())
    )
    shows_something = raw.FPDFPage_CountObjects(page) > 0
    words.close()
    page.close()
    return text, shows_something, unknown or "\ufffd" in text


def _as_printed(text: str) -> str:
    text = text.replace(_HYPHEN_AT_LINE_END, "-\n").replace("\r\n", "\n").replace("\r", "\n")
    text = CONTROL_CHARACTER.sub("\ufffd", text.replace("\f", "\n"))  # a form feed ends a page
    return "\n".join(line.rstrip(" ") for line in text.split("\n")).strip("\n")


def _why_not_opened(code: int | None) -> str:
    from pypdfium2 import raw

    match code:
        case raw.FPDF_ERR_PASSWORD:
            return "The PDF is locked with a password; save it without one."
        case raw.FPDF_ERR_SECURITY:
            return "The PDF is locked in a way that cannot be opened here."
        case _:
            return "The PDF is damaged or cut short: its pages cannot be found."


def _without_text(number: int, *, blank: bool) -> str:
    which = "Its one page has no text" if number == 1 else f"None of its {number:,} pages has text"
    return f"{which}: {'nothing is printed there' if blank else 'they are pictures, it seems'}."


def _lacking(number: int, silent: list[int], garbled: list[int]) -> str:
    said = []
    if silent:
        verb = "has" if len(silent) == 1 else "have"
        said.append(f"{len(silent):,} of {number:,} pages {verb} no text: {_in_ranges(silent)}.")
    if garbled:
        said.append(
            f"Some letters are not known, since the PDF does not say what they are, on "
            f"{'page' if len(garbled) == 1 else 'pages'} {_in_ranges(garbled)}."
        )
    return " ".join(said)


def _in_ranges(numbers: Iterable[int]) -> str:
    """Return numbers as people list them: 2, 5, 7–9."""
    return ", ".join(
        f"{first}" if first == last else f"{first}{'–' if last - first > 1 else ', '}{last}"
        for first, last in _runs(list(numbers))
    )


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    first = numbers[0]
    for one, after in pairwise([*numbers, numbers[-1] + 2]):
        if after != one + 1:
            yield first, one
            first = after
