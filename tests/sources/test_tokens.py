"""What texts are searched by."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.tokens import (
    LONGEST_PARAGRAPH,
    LONGEST_TOKEN,
    paragraphs,
    phrases,
    placed,
    tokens,
    written_together,
)

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
WRITTEN = st.text(
    st.sampled_from("aeńŏŭøßĳ’', -1,0金城战役戰國금성전투ガｶ\u0301\u0306\n"), max_size=40
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Battle of Kumsong", ["the", "battle", "of", "kumsong"]),
        ("Jīn Chéng Zhàn Yì", ["jin", "cheng", "zhan", "yi"]),
        ("Ｋｕｍｓｏｎｇ", ["kumsong"]),
        ("P’yŏngyang, P'yongyang", ["pyongyang", "pyongyang"]),
        ("the army’s guns", ["the", "army", "guns"]),
        ("Łódź, Straße, Œuvre", ["lodz", "strasse", "oeuvre"]),
        ("32,253 of 1,000,000; 1953,7", ["32253", "of", "1000000", "1953", "7"]),
        ("well-known x_y", ["well", "known", "x", "y"]),
        ("soft\u00adhyphen", ["softhyphen"]),
        ("金城战役", ["金城", "城战", "战役", "役"]),
        ("金城戰役", ["金城", "城战", "战役", "役"]),
        ("朝鮮戰爭、韓國", ["朝鲜", "鲜战", "战争", "争", "韩国", "国"]),
        ("金城 battle", ["金城", "城", "battle"]),
        ("금성전투", ["금성", "성전", "전투", "투"]),
        ("ガｶﾞ", ["カカ", "カ"]),
        ("役", ["役"]),
        ("— … \0", []),
    ],
)
def test_a_text_becomes_these_tokens(text, found):
    assert tokens(text) == found
    assert tokens(unicodedata.normalize("NFD", text)) == found


@given(ANY_TEXT)
def test_tokens_are_folded_letters_and_digits_of_bounded_length(text):
    for token in tokens(text):
        assert 0 < len(token) <= LONGEST_TOKEN
        assert not set(token) & set(" \t\n'\",:&|!()*%_¦\\\0")
        assert not any(unicodedata.category(character) == "Mn" for character in token)


@given(ANY_TEXT | WRITTEN)
def test_how_a_text_is_composed_makes_no_difference(text):
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(unicodedata.normalize("NFC", text))


@given(
    st.text(
        st.characters(categories=["Lo"], min_codepoint=0x3400, max_codepoint=0x9FFF), max_size=20
    )
)
def test_every_character_is_folded_to_one(text):
    assert len(tokens(text)) == len(text)


@given(WRITTEN)
def test_case_makes_no_difference(text):
    assert tokens(text.upper()) == tokens(text)


@given(st.lists(ANY_TEXT, max_size=4))
def test_lines_are_read_one_after_the_other(lines):
    # A line may begin with a mark or a medial letter, which nothing before it may take up.
    lines = [f"x {line}" for line in lines]
    assert tokens("\n".join(lines)) == [token for line in lines for token in tokens(line)]


@given(ANY_TEXT | WRITTEN)
def test_every_token_is_placed_in_the_text_as_it_is_stored(text):
    found = placed(text)
    assert [one.token for one in found] == tokens(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


@given(st.lists(st.sampled_from(["Kŭmsŏng", "金城战役", "금성", "32,253", "the", "ｶﾞ"])))
def test_a_token_stands_where_its_letters_are(words):
    text = " ".join(words)
    for form in ("NFC", "NFD"):
        there = unicodedata.normalize(form, text)
        for one in placed(there):
            assert tokens(there[one.start : one.end])[0] == one.token


@given(st.text(st.sampled_from("金城战役금성"), min_size=1, max_size=8), WRITTEN, WRITTEN)
def test_a_run_of_characters_is_found_within_a_longer_one(asked, before, after):
    [phrase] = phrases(asked)
    whole = tokens(f"{before}{asked}{after}")
    size = len(phrase.tokens)
    pieces = [tuple(whole[at : at + size]) for at in range(len(whole))]
    if phrase.is_open:
        assert any(piece and piece[0].startswith(asked) for piece in pieces)
    else:
        assert phrase.tokens in pieces


def test_the_words_of_a_name_are_written_together_as_its_writer_likes():
    assert written_together(["jin", "cheng", "zhan", "yi"]) == [
        "jincheng",
        "jinchengzhan",
        "jinchengzhanyi",
        "chengzhan",
        "chengzhanyi",
        "zhanyi",
    ]


# Paragraphs


def test_paragraphs_end_at_blank_lines_and_with_their_page():
    text = "One\ntwo.\n\n  \nThree.\fFour.\n"
    assert [text[a:b] for a, b in paragraphs(text)] == ["One\ntwo.", "Three.", "Four.\n"]


def test_a_long_paragraph_is_cut_after_a_sentence():
    text = "A short sentence. " * 200
    pieces = [text[a:b] for a, b in paragraphs(text)]
    assert len(pieces) > 2
    assert all(piece.endswith("sentence. ") for piece in pieces)


@given(
    st.lists(
        st.sampled_from(["word ", "end. ", "金城。", "\n", "\n\n", "\f", "x" * 300, "役" * 500])
    )
)
def test_paragraphs_hold_every_word_once_in_order(pieces):
    text = "".join(pieces)
    found = list(paragraphs(text))
    assert all(0 < end - start <= LONGEST_PARAGRAPH for start, end in found)
    edges = [edge for place in found for edge in place]
    assert edges == sorted(edges)
    assert "".join("".join(text[a:b].split()) for a, b in found) == "".join(text.split())
