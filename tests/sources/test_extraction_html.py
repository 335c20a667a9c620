"""A page gives its words in reading order, and none of its furniture."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.extraction import ExtractionError
from sources.extraction.html import HtmlExtractor

KOREAN = "금성 전투는 1953년 7월에 있었다."
CHINESE = "金城战役发生于一九五三年七月。"


def read(tmp_path: Path, page: str | bytes, charset: str | None = None) -> str:
    path = tmp_path / "page.html"
    path.write_bytes(page.encode() if isinstance(page, str) else page)
    return HtmlExtractor().extract(path, charset).text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<h1>The Ford</h1><p>At dawn.<p>At dusk.", "The Ford\n\nAt dawn.\n\nAt dusk."),
        ("<p>at\n  dawn,<br> at <b>dusk</b></p>", "at dawn,\nat dusk"),
        ("<p>2,689&nbsp;killed &amp; 3 &lt; 4", "2,689\xa0killed & 3 < 4"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<ul><li>one<li>two</ul>", "one\n\ntwo"),
        ("<p>10<sup>3</sup> men, H<sub>2</sub>O, the 1<sup>st</sup>", "10³ men, H₂O, the 1st"),
        ("<ruby>金<rp>(</rp><rt>금</rt><rp>)</rp></ruby>城", "金(금)城"),
        ("<p>1941&#150;45", "1941–45"),
        ("<div>before<p>inside</p>after</div>", "before\n\ninside\n\nafter"),
    ],
)
def test_words_stand_as_a_reader_sees_them(tmp_path, page, text):
    assert read(tmp_path, page) == text


def test_a_table_is_read_cell_by_cell(tmp_path):
    page = (
        "<table><caption>Losses</caption><thead><tr><th>Side<th>Killed<th>Wounded</thead>"
        "<tbody><tr><td>North<td><td>32,253<tr><td>South<td>2,689<td></tbody></table><p>End."
    )
    assert read(tmp_path, page) == (
        "Losses\n\nSide\tKilled\tWounded\nNorth\t\t32,253\nSouth\t2,689\n\nEnd."
    )


def test_a_page_laid_out_as_a_table_keeps_its_paragraphs(tmp_path):
    page = "<table><tr><td>Menu<td><p>At dawn.</p><p>At dusk.</p></table>"
    assert read(tmp_path, page) == "Menu\n\nAt dawn.\n\nAt dusk."


def test_a_table_within_a_table_loses_nothing(tmp_path):
    page = "<table><tr><td>Losses<td><table><tr><td>North<td>7<tr><td>South<td>9</table></table>"
    assert read(tmp_path, page).split() == ["Losses", "North", "7", "South", "9"]


def test_scripts_styles_and_furniture_are_left_out(tmp_path):
    page = """<!doctype html><html><head><title>Title</title><style>p{}</style></head><body>
      <header>Site</header><nav>Menu</nav><div role="navigation">More menu</div>
      <main><article><header><h1>The Ford</h1></header><p>At dawn.</p>
      <aside>A word aside.</aside><footer>By a chronicler.</footer></article></main>
      <aside>Advertisement</aside><div hidden>Hidden</div><p style="display: none">Unseen</p>
      <script>alert(1)</script><noscript>Switch it on</noscript><button>Share</button>
      <svg><text>logo</text></svg><!-- a comment --><footer>Imprint</footer></body></html>"""
    assert read(tmp_path, page) == "The Ford\n\nAt dawn.\n\nA word aside.\n\nBy a chronicler."


def test_a_page_without_body_tags_loses_none_of_its_main_part(tmp_path):
    page = "<title>T</title><header>Site</header><main><p>At dawn.</p></main>"
    assert read(tmp_path, page) == "At dawn."


def test_notes_stand_with_their_marks_and_a_raised_mark_joins_no_figure(tmp_path):
    page = """<p>Killed: 2,689<sup><a href="#n1" id="r1">1</a></sup> and 7<a href="#n2">[2]</a></p>
      <ol><li id="n1"><a href="#r1">↑</a> A chronicle.</li><li id="n2">1953, p. 2.</li></ol>"""
    assert read(tmp_path, page) == (
        "Killed: 2,689[1] and 7[2]\n\n[1] A chronicle.\n\n[2] 1953, p. 2."
    )


def test_a_note_that_prints_its_own_mark_has_it_once(tmp_path):
    page = '<p>Killed<sup><a href="#n1">1</a></sup></p><ol><li id="n1">1. A chronicle.</ol>'
    assert read(tmp_path, page).endswith("\n\n1. A chronicle.")


@pytest.mark.parametrize(
    ("text", "declared", "charset"),
    [
        (KOREAN, "euc-kr", "cp949"),
        (KOREAN, "ks_c_5601-1987", "cp949"),
        (CHINESE, "gb2312", "gb18030"),
        (CHINESE, "utf-8", "utf-8"),
        ("dawn – dusk", "iso-8859-1", "cp1252"),
    ],
)
def test_the_character_set_is_the_one_the_page_declares(tmp_path, text, declared, charset):
    page = f'<html><head><meta charset="{declared}"></head><body><p>{text}</body></html>'
    assert read(tmp_path, page.encode(charset)) == text
    page = page.replace("charset=", 'http-equiv="Content-Type" content="text/html; charset=')
    assert read(tmp_path, page.replace('=""', "=").encode(charset)) == text


def test_a_byte_order_mark_goes_before_what_the_page_says(tmp_path):
    page = f'<meta charset="euc-kr"><p>{CHINESE}'
    assert read(tmp_path, b"\xef\xbb\xbf" + page.encode()) == CHINESE


def test_a_curator_goes_before_what_the_page_says(tmp_path):
    page = f'<meta charset="utf-8"><p>{CHINESE}'.encode("gb18030")
    with pytest.raises(ExtractionError, match=r"It says that it is utf-8, but byte \d+ is not"):
        read(tmp_path, page)
    assert read(tmp_path, page, "gb18030") == CHINESE


def test_an_undeclared_character_set_is_proposed_and_not_guessed(tmp_path):
    with pytest.raises(ExtractionError, match=r"none was declared.*(cp949|euc_kr)"):
        read(tmp_path, f"<p>{KOREAN * 4}".encode("euc_kr"))


def test_an_element_of_no_possible_name_breaks_nothing(tmp_path):
    assert read(tmp_path, "<p>At <PK\x03\x04td>dawn") == "At dawn"


def test_a_page_without_words_says_so(tmp_path):
    with pytest.raises(ExtractionError, match="holds no words"):
        read(tmp_path, "<body><script>fill()</script><div id=app></div>")


@pytest.mark.parametrize("page", ["<div>" * 300 + "deep", "<b>" * 300 + "deep"])
def test_a_page_nested_too_deep_is_refused_and_not_cut(tmp_path, page):
    with pytest.raises(ExtractionError, match="nested too deep"):
        read(tmp_path, "<p>At dawn.</p>" + page)


@pytest.mark.parametrize(
    "entity", ['<!ENTITY a "b">', '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY % a "b">']
)
def test_entities_in_xhtml_are_refused(tmp_path, entity):
    page = f'<?xml version="1.0"?><!DOCTYPE html [{entity}]><html><body>&a;</body></html>'
    with pytest.raises(ExtractionError, match="declares the entity “a”"):
        read(tmp_path, page)


def test_named_characters_of_xhtml_are_known_without_fetching_anything(tmp_path):
    page = (
        '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" '
        '"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd"><html '
        'xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><script/>'
        "<p>2,689&nbsp;killed &mdash; &amp; more &unknown;</p></body></html>"
    )
    assert read(tmp_path, page) == "2,689\xa0killed — & more &unknown;"


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=["C", "Z"], exclude_characters="0123456789<&"),
            min_size=1,
        ),
        min_size=1,
    )
)
def test_paragraphs_come_back_as_they_were(tmp_path_factory, paragraphs):
    page = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    found = read(tmp_path_factory.mktemp("pages"), f'<meta charset="utf-8">{page}')
    assert found == "\n\n".join(paragraphs)
