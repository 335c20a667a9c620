"""Plain text is read strictly: never garbled, or refused with the reason."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.extraction import (
    ExtractionError,
    PlainTextExtractor,
    extractor_for,
    extractor_named,
    media_type_of,
)

KOREAN = "금성 전투는 1953년 7월에 있었다. 중국군이 금성 돌출부를 공격하였다.\n" * 4
CHINESE = "金城战役是朝鲜战争中的最后一次战役，发生于一九五三年七月。\n" * 4


def read(tmp_path: Path, data: bytes, charset: str | None = None) -> str:
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    return PlainTextExtractor().extract(path, charset).text


def test_utf8_is_read_without_being_declared(tmp_path):
    assert read(tmp_path, KOREAN.encode()) == KOREAN


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_a_byte_order_mark_is_obeyed_and_is_no_part_of_the_text(tmp_path, charset):
    data = CHINESE.encode(charset)
    if charset == "utf-16-le":
        data = b"\xff\xfe" + data
    assert read(tmp_path, data) == CHINESE


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_ends_become_line_feeds(tmp_path, ending):
    assert read(tmp_path, f"one{ending}two".encode()) == "one\ntwo"


def test_form_feeds_stay_because_they_are_page_breaks(tmp_path):
    assert read(tmp_path, b"one\n\x0ctwo") == "one\n\x0ctwo"


@pytest.mark.parametrize(
    ("text", "charset", "proposed"),
    [(KOREAN, "euc_kr", ("euc_kr", "cp949")), (CHINESE, "gb18030", ("gb18030", "gb2312", "gbk"))],
)
def test_another_character_set_is_proposed_and_not_guessed(tmp_path, text, charset, proposed):
    with pytest.raises(ExtractionError, match="It is not UTF-8") as refused:
        read(tmp_path, text.encode(charset))
    assert any(name in str(refused.value) for name in proposed)
    assert read(tmp_path, text.encode(charset), charset) == text


def test_a_declared_character_set_that_does_not_fit_is_refused_with_the_byte(tmp_path):
    with pytest.raises(ExtractionError, match=r"Byte 0 is not euc_kr"):
        read(tmp_path, b"\xff\xff", "EUC-KR")


@pytest.mark.parametrize("charset", ["klingon", "rot13", "hex"])
def test_what_is_no_character_set_is_refused_by_name(tmp_path, charset):
    with pytest.raises(ExtractionError, match=f"“{charset}” is not a known character set"):
        read(tmp_path, b"text", charset)


def test_a_nul_is_refused_with_its_place(tmp_path):
    with pytest.raises(ExtractionError, match="a NUL at character 3"):
        read(tmp_path, b"one\x00two")


def test_escape_sequences_of_old_encodings_are_refused(tmp_path):
    with pytest.raises(ExtractionError, match="control character"):
        read(tmp_path, KOREAN.encode("iso2022_kr"))


@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\xef\xbb\xbf"])
def test_a_file_without_words_is_refused(tmp_path, data):
    with pytest.raises(ExtractionError, match="no words"):
        read(tmp_path, data)


@given(
    st.text(
        st.characters(
            exclude_categories=["Cs"], exclude_characters=[chr(n) for n in range(32)] + ["\x7f"]
        ),
        min_size=1,
    ).filter(lambda text: text.strip() and not text.startswith("\ufeff"))
)
def test_any_text_comes_back_as_it_was(tmp_path_factory, text):
    assert read(tmp_path_factory.mktemp("texts"), text.encode()) == text


def test_a_format_that_cannot_be_read_is_named():
    with pytest.raises(ExtractionError, match="image/png cannot be read; plain text, HTML, PDF"):
        extractor_for(media_type_of("map.png"))


def test_an_extractor_of_another_version_is_named():
    assert extractor_named("plain text", "1").name == "plain text"
    with pytest.raises(ExtractionError, match="“plain text” 0 is not part"):
        extractor_named("plain text", "0")


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "undefined"])
def test_a_codec_that_gives_no_text_is_refused(tmp_path, charset):
    with pytest.raises(ExtractionError):
        read(tmp_path, b"+2AA- \\ud800", charset)
