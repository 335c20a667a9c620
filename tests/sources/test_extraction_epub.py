"""An EPUB gives its chapters in the order they are read."""

from pathlib import Path

import pytest

from sources.extraction import Extraction, ExtractionError
from sources.extraction.epub import EpubExtractor
from tests.sample_files import archive, docx, epub, word_paragraph


def read(tmp_path: Path, data: bytes) -> Extraction:
    path = tmp_path / "book.epub"
    path.write_bytes(data)
    return EpubExtractor().extract(path, None)


def test_chapters_stand_in_the_order_of_the_spine(tmp_path):
    data = epub({"z.xhtml": "<h1>金城</h1><p>At dawn.</p>", "a.xhtml": "<h1>금성</h1><p>At dusk."})
    assert read(tmp_path, data) == Extraction("金城\n\nAt dawn.\n\n\n금성\n\nAt dusk.")


def test_navigation_is_left_out_and_notes_in_other_chapters_keep_their_marks(tmp_path):
    data = epub(
        {
            "toc.xhtml": '<nav><ol><li><a href="one.xhtml">One</a></li></ol></nav>',
            "one.xhtml": '<p>2,689<sup><a href="notes.xhtml#n7">7</a></sup> killed.</p>',
            "notes.xhtml": '<aside epub:type="footnote" id="n7"><p>A chronicle.</p></aside>',
        }
    )
    assert read(tmp_path, data).text == "2,689[7] killed.\n\n\n[7] A chronicle."


def test_a_chapter_that_is_missing_or_a_picture_is_reported(tmp_path):
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="a" href="one.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="c" href="three.svg" media-type="image/svg+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/></spine></package>'
    )
    data = epub({"one.xhtml": "<p>At dawn.</p>"}, extra={"OEBPS/book.opf": book})
    assert read(tmp_path, data) == Extraction(
        "At dawn.",
        lacks="1 of 3 chapters is missing: OEBPS/two.xhtml. "
        "1 of 3 chapters is not written as text: OEBPS/three.svg.",
    )


def test_a_book_of_pictures_is_kept_and_says_that_it_has_no_text(tmp_path):
    data = epub({"one.xhtml": '<img src="one.jpg"/>', "two.xhtml": '<img src="two.jpg"/>'})
    assert read(tmp_path, data) == Extraction("", lacks="None of its 2 chapters has text.")


def test_a_book_elsewhere_is_not_fetched(tmp_path):
    container = '<container><rootfile full-path="../../../etc/passwd"/></container>'
    data = epub({"one.xhtml": "<p>At dawn.</p>"}, extra={"META-INF/container.xml": container})
    with pytest.raises(ExtractionError, match=r"“\.\./\.\./\.\./etc/passwd” is missing"):
        read(tmp_path, data)


def test_a_locked_book_is_refused_and_locked_fonts_are_not(tmp_path):
    def encryption(what: str) -> dict[str, str]:
        reference = f'<CipherReference URI="{what}"/>'
        return {"META-INF/encryption.xml": f"<encryption>{reference}</encryption>"}

    chapters = {"one.xhtml": "<p>At dawn.</p>"}
    assert read(tmp_path, epub(chapters, extra=encryption("OEBPS/font.otf"))).text == "At dawn."
    with pytest.raises(ExtractionError, match=r"its chapter “OEBPS/one\.xhtml” is encrypted"):
        read(tmp_path, epub(chapters, extra=encryption("OEBPS/one.xhtml")))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (docx(word_paragraph("At dawn.")), "Its name says EPUB, but it is a DOCX"),
        (archive({"a.txt": "At dawn."}), "Its name says EPUB, but it is another ZIP archive"),
        (archive({"META-INF/container.xml": "<container/>"}), "names no book"),
        (archive({"META-INF/container.xml": "<container>"}), "is no good XML"),
    ],
)
def test_what_is_no_book_is_refused_by_name(tmp_path, data, said):
    with pytest.raises(ExtractionError, match=said):
        read(tmp_path, data)


@pytest.mark.parametrize("part", ["META-INF/container.xml", "OEBPS/book.opf", "OEBPS/one.xhtml"])
def test_entities_are_refused_wherever_they_stand(tmp_path, part):
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    data = epub({"one.xhtml": "<p>At dawn.</p>"}, extra={part: outside})
    with pytest.raises(ExtractionError, match="declares the entity “x” in its DOCTYPE"):
        read(tmp_path, data)
