"""Sentences: where they end in English, Chinese and Korean, and that nothing falls between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.sentences import sentences


def read(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["The ford was held.", "Nobody crossed it!", "Who knew?"],
        ["Gen. Walter G. Hale met Lt. Col. J. R. Dow at St. Albans.", "He left."],
        ["The U.S. Army came.", "It stayed in the U.S.", "The others went home."],
        ["They met in Ford City, D.C., at 9 a.m. sharp.", "Nobody spoke."],
        ["It lost 2.5 million and No. 4 Company, cf. p. 12.", "The rest fled."],
        ["“Hold the ford!” he said.", "“Why?”", "“Because.”"],
        ['He wrote, "There is no ford."', "The king laughed."],
        ["They waited... and waited.", "Then it began…", "Nothing was left."],
        ["The ford fell.[7]", "The bridge held.[8][9]", "So it went.¹²", "The end."],
        ["(It was higher than before.)", "Many had died."],
        ["It broke out in 1453.", "The ford burned until July 16.", "Rain fell."],
        ["1. The ford is closed.", "2. The bridge is open."],
        ["The firm of Hale & Co. sold it.", "Hale Jr. wept."],
        ["He was out of it.", "I was not."],
        ["敌军渡河。", "我军死守！", "谁胜了？"],
        ["他说：“守住渡口。”", "众人不语。"],
        ["“谁守渡口？”他问。", "无人回答。"],
        ["敌军渡河。[3]", "我军……死守……。", "天亮了。"],
        ["伤亡约3.2万人。", "其余撤退。"],
        ["적이 강을 건넜다.", "우리는 지켰다!", "누가 이겼는가?"],
        ["1453. 5. 29. 전투가 끝났다.", "비가 내렸다."],
        ['왕은 "강을 지켜라."라고 말했다.', "아무도 없었다."],
    ],
)
def test_text_is_parted_where_its_sentences_end(parts):
    joiner = (
        " " if parts[0][0].isascii() or "가" <= parts[0][0] <= "힣" or parts[0][0] == "“" else ""
    )
    for between in {joiner, " "}:
        assert read(between.join(parts)) == parts


def test_sentence_does_not_go_beyond_its_paragraph():
    assert read("The Ford\n\nThe army crossed.\u00a0 It won.\n  • A line \n") == [
        "The Ford",
        "The army crossed.",
        "It won.",
        "• A line",
    ]


def test_sentence_goes_on_over_the_lines_of_a_page_and_over_its_end():
    text = "The army crossed\nthe ford at\fdawn. It\nwon.\n\nThe end."
    assert read(text) == ["The army crossed\nthe ford at\fdawn.", "It\nwon.", "The end."]


def test_full_line_goes_on_in_the_next_though_lines_elsewhere_are_paragraphs():
    wrapped = (
        "The army of the north came down to the ford before the sun\n"
        "had risen and found nobody there to meet it but a fisherman\n"
        "and his dog. Nobody spoke."
    )
    long = "It was a long day for them all, and nobody who was there forgot it. " * 40
    found = read(f"{long}\n\nThe Ford\n{wrapped}\n\nThe End")
    assert found[40:] == [
        "The Ford",
        wrapped.removesuffix(" Nobody spoke."),
        "Nobody spoke.",
        "The End",
    ]


def test_text_without_words_has_no_sentence():
    assert sentences("") == sentences(" \n\u00a0\n") == []


PROSE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                ". ",
                "。",
                "? ",
                "!” ",
                "… ",
                ".[7] ",
                " U.S. ",
                "\n",
                "\n\n",
                "\f",
                " ",
                "\u00a0",
                "a",
                "The",
            ]
        ),
        st.text(max_size=12),
    ),
    max_size=40,
).map("".join)


@given(PROSE)
def test_sentences_stand_in_order_and_hold_every_character_but_white_space(text):
    found = sentences(text)
    before = 0
    for start, end in found:
        assert before <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert not text[before:start].strip()
        before = end
    assert not text[before:].strip()
