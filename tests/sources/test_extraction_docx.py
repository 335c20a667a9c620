"""A DOCX gives its paragraphs, tables and notes; a hostile one is refused before it is read."""

from pathlib import Path

import pytest

from sources.extraction import Extraction, ExtractionError
from sources.extraction.docx import DocxExtractor
from tests.sample_files import archive, docx, epub, word_paragraph, word_table


def read(tmp_path: Path, data: bytes) -> Extraction:
    path = tmp_path / "report.docx"
    path.write_bytes(data)
    return DocxExtractor().extract(path, None)


def test_paragraphs_tables_and_footnotes_are_kept(tmp_path):
    data = docx(
        word_paragraph("금성 전투: 2,689", note=1)
        + word_table([["Side", "Killed"], ["North", "2,689"], ["South", "32,253"]])
        + word_paragraph("金城战役。"),
        notes=["A chronicle, p. 7."],
    )
    assert read(tmp_path, data) == Extraction(
        "금성 전투: 2,689[1]\n\nSide\tKilled\nNorth\t2,689\nSouth\t32,253\n\n金城战役。\n\n"
        "[1] A chronicle, p. 7."
    )


def test_what_was_struck_out_is_left_out(tmp_path):
    struck = "<w:p><w:del><w:r><w:delText>at dusk</w:delText></w:r></w:del></w:p>"
    assert read(tmp_path, docx(word_paragraph("At dawn.") + struck)).text == "At dawn."


def test_a_formula_that_cannot_be_read_is_reported(tmp_path):
    formula = (
        '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
        "<m:r><m:t>x</m:t></m:r></m:oMath></w:p>"
    )
    found = read(tmp_path, docx(word_paragraph("At dawn.") + formula))
    assert found.lacks == "Left out, as it could not be read: oMath."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (docx(word_paragraph("")), "holds no words"),
        (epub({"one.xhtml": "<p>At dawn.</p>"}), "Its name says DOCX, but it is an EPUB"),
        (archive({"notes.txt": "At dawn."}), "Its name says DOCX, but it is some other ZIP"),
        (docx(word_paragraph("At dawn."))[:-30], "damaged or cut short"),
        (docx("<w:p>"), "“word/document.xml” is no good XML"),
        (docx("<w:p>" * 300 + "</w:p>" * 300), "nested over 200 elements deep"),
        (archive({"[Content_Types].xml": "<Types/>"}), "damaged, or no text document"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path, data, said):
    with pytest.raises(ExtractionError, match=said):
        read(tmp_path, data)


@pytest.mark.parametrize(
    "part", ["word/footnotes.xml", "word/_rels/document.xml.rels", "word/picture.jpeg"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_wherever_it_stands(tmp_path, part, encoding):
    laughs = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><w>&b;</w>'
    data = docx(word_paragraph("At dawn."), extra={part: laughs.encode(encoding)})
    with pytest.raises(ExtractionError, match=f"“{part}” has a DOCTYPE"):
        read(tmp_path, data)


def test_a_picture_elsewhere_is_not_fetched(tmp_path):
    """A linked picture could name any file of this machine."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    body = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/'
        '2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/'
        'main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><a:graphic>'
        '<a:graphicData><pic:pic><pic:blipFill><a:blip r:link="r2"/></pic:blipFill></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r2" TargetMode="External" Type="http://schemas.openxmlformats.org/'
        f'officeDocument/2006/relationships/image" Target="file://{secret}"/></Relationships>'
    )
    data = docx(body, extra={"word/_rels/document.xml.rels": relation})
    assert read(tmp_path, data) == Extraction(
        "", lacks="It has no text: pictures are all it holds."
    )
