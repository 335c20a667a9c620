"""Whatever is done to a document, it is read or refused, and whoever asked lives on."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sources.extraction import EXTRACTORS, ExtractionError, Extractor, extract
from tests.fuzz.fuzzing import fuzz
from tests.sample_files import PICTURE, docx, epub, epub_page, pdf, word_paragraph, word_table

SAMPLES = {
    "plain text": ["At dawn, 金城.\f금성".encode(), "At dawn, 金城.".encode("utf-16")],
    "HTML": [
        epub_page("<p>At dawn<sup><a href='#n'>1</a></sup></p><ol><li id='n'>Note</ol>").encode(),
        "<meta charset=gb2312><table><tr><td>金城<td>7</table><pre> x".encode("gb18030"),
    ],
    "PDF": [pdf([["At dawn, 金城."], PICTURE, ["금성"]])],
    "DOCX": [docx(word_paragraph("금성", note=1) + word_table([["a", "b"]]), notes=["A note."])],
    "EPUB": [epub({"one.xhtml": "<p>At dawn.</p>", "two.xhtml": "<h1>金城</h1>"})],
}


def archive_part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return packed.read(name)


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda extractor: extractor.name)
def test_every_extractor_reads_or_refuses_whatever_it_is_given(
    extractor: Extractor, tmp_path: Path
):
    path = tmp_path / "document"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        extract(extractor, path, None, seconds=20)

    fuzz(read, SAMPLES[extractor.name], refusals=(ExtractionError,))


# Damage to an archive is nearly always found by its checksums; these reach what is inside.
INSIDE: dict[str, tuple[str, Callable[[bytes], bytes], bytes]] = {
    "plain text": ("plain text", bytes, SAMPLES["plain text"][0]),
    "HTML": ("HTML", bytes, SAMPLES["HTML"][0]),
    "HTML in Chinese": ("HTML", bytes, SAMPLES["HTML"][1]),
    "DOCX": ("DOCX", bytes, SAMPLES["DOCX"][0]),
    "text of a DOCX": (
        "DOCX",
        lambda data: docx("", notes=["A note."], extra={"word/document.xml": data}),
        archive_part(SAMPLES["DOCX"][0], "word/document.xml"),
    ),
    "EPUB": ("EPUB", bytes, SAMPLES["EPUB"][0]),
    "chapter of an EPUB": (
        "EPUB",
        lambda data: epub({"one.xhtml": ""}, extra={"OEBPS/one.xhtml": data}),
        epub_page("<p>At dawn<sup><a href='#n'>1</a></sup></p><aside id='n'>Note</aside>").encode(),
    ),
    "list of the chapters of an EPUB": (
        "EPUB",
        lambda data: epub({"one.xhtml": "<p>At dawn."}, extra={"OEBPS/book.opf": data}),
        archive_part(epub({"one.xhtml": ""}), "OEBPS/book.opf"),
    ),
}


@pytest.mark.parametrize("what", INSIDE)
def test_every_extractor_but_that_of_pdf_refuses_by_name_without_its_box(what: str, tmp_path: Path):
    """Many times as many files; PDFium alone could take the tests down with it."""
    name, packed, sample = INSIDE[what]
    [extractor] = [one for one in EXTRACTORS if one.name == name]
    path = tmp_path / "document"

    def read(data: bytes) -> None:
        path.write_bytes(packed(data))
        extractor.extract(path, None)

    fuzz(read, [sample], refusals=(ExtractionError,))
