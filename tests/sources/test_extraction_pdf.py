"""A PDF gives the text of each page, and says which pages have none."""

from pathlib import Path

import pytest

from sources.anchoring import page_of
from sources.extraction import Extraction, ExtractionError
from sources.extraction.pdf import PdfExtractor
from tests.sample_files import PICTURE, pdf, pdf_of_objects


def read(tmp_path: Path, data: bytes) -> Extraction:
    path = tmp_path / "report.pdf"
    path.write_bytes(data)
    return PdfExtractor().extract(path, None)


def test_lines_of_every_script_are_read(tmp_path):
    lines = [
        "The army crossed the ford at dawn: 2,689 killed.",
        "金城战役是朝鲜战争中的最后一次战役，发生于一九五三年七月。",
        "금성 전투는 1953년 7월에 있었다.",
        "𠀀𠀁 stands beyond the first plane.",
    ]
    read_ = read(tmp_path, pdf([lines]))
    assert read_ == Extraction("\n".join(lines))


def test_pages_are_parted_by_form_feeds(tmp_path):
    text = read(tmp_path, pdf([["One."], [], ["Three,", "and on."]])).text
    assert text == "One.\f\fThree,\nand on."
    assert page_of(text, text.index("and on")) == 3


def test_a_word_divided_at_the_end_of_a_line_stays_as_it_is_printed(tmp_path):
    assert read(tmp_path, pdf([["The arm-", "istice held."]])).text == "The arm-\nistice held."


def test_a_scanned_pdf_is_kept_and_says_that_it_has_no_text(tmp_path):
    assert read(tmp_path, pdf([PICTURE] * 12)) == Extraction(
        "", lacks="None of its 12 pages has text: they are pictures, it seems."
    )
    assert read(tmp_path, pdf([[]])).lacks == "Its one page has no text: nothing is printed there."


def test_pages_that_are_pictures_are_named_and_blank_ones_are_not(tmp_path):
    pages = [["One."], PICTURE, [], ["Four."], PICTURE, PICTURE, PICTURE, ["Eight."], PICTURE]
    found = read(tmp_path, pdf(pages))
    assert found.lacks == "5 of 9 pages have no text: 2, 5–7, 9."
    assert found.text.count("\f") == 8


def test_letters_that_the_pdf_does_not_explain_are_reported(tmp_path):
    data = pdf([["At dawn."], ["Unclear."]]).replace(
        b"1 beginbfchar <0003>", b"1 beginbfxxxx <0003>"
    )
    assert "Some letters are not known" in read(tmp_path, data).lacks


def test_a_locked_pdf_says_so(tmp_path):
    locked = "/Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >> /ID [(a) (a)]"
    data = pdf([["At dawn."]], trailer=locked % ("o" * 32, "u" * 32))
    with pytest.raises(ExtractionError, match="locked with a password"):
        read(tmp_path, data)


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", pdf([["At dawn."]])[:200]])
def test_a_pdf_cut_short_says_so(tmp_path, data):
    with pytest.raises(ExtractionError, match="damaged or cut short"):
        read(tmp_path, data)


def test_a_tree_of_pages_that_contains_itself_ends(tmp_path):
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>",
    ]
    with pytest.raises(ExtractionError):
        read(tmp_path, pdf_of_objects(objects))
