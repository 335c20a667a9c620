"""What a document could become: statements for its sentences and lines, sources for its works."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from battles.drafting.infobox import read
from battles.drafting.proposals import SOURCE, pages_in, paragraphs_in, proposals
from battles.kinds import Kind
from sources.notes import unresolved
from sources.sentences import sentences

ENTRY = """Battle of the Ford

From Wikipedia, the free encyclopedia
Jump to: navigation, search
Battle of the Ford
Part of the Northern War
Date 13–27 July 1453
Location The Ford, Northland
Result Northern victory[1][2]
\xa0North \xa0South
Commanders and leaders
North Duke Odo
North Count Bero[3]
South Anna of Lund
Units involved
North I Corps

South 2nd Army

two corps
Casualties and losses
Northern sources: 2,689 killed
7,548 wounded
4,136 missing[5]
Southern estimation: about 78,000[6]

Background[edit]
The army crossed the ford at dawn.[2] It met no one. By St. Odo's day, 3.5 miles were held.

The end

"We are there," he said. All was quiet.
  • Odo, Anna (1992), The Ford, Lund, NL: Ford Press, ISBN\xa00-16-035957-0\x20
  • Bero, Carl. Fords and Bridges. Lund: Ford House, 1999.
Text is available under a licence.
"""


def made(text: str, kind: str | None = None) -> list[str]:
    return [text[one.start : one.end] for one in proposals(text) if kind in (None, one.kind)]


def one_of(text: str, kind: str):
    [found] = [one for one in proposals(text) if one.kind == kind]
    return found


def test_each_line_of_an_infobox_and_each_sentence_is_proposed_once_in_order():
    assert [(one.kind, ENTRY[one.start : one.end]) for one in proposals(ENTRY)] == [
        ("name", "Battle of the Ford"),
        ("part_of", "Part of the Northern War"),
        ("date", "Date 13–27 July 1453"),
        ("place", "Location The Ford, Northland"),
        ("result", "Result Northern victory[1][2]"),
        ("belligerent", "North"),
        ("belligerent", "South"),
        ("commander", "North Duke Odo"),
        ("commander", "North Count Bero[3]"),
        ("commander", "South Anna of Lund"),
        ("unit", "North I Corps"),
        ("unit", "South 2nd Army"),
        ("strength", "two corps"),
        ("casualties", "Northern sources: 2,689 killed"),
        ("casualties", "7,548 wounded"),
        ("casualties", "4,136 missing[5]"),
        ("casualties", "Southern estimation: about 78,000[6]"),
        ("narrative", "The army crossed the ford at dawn.[2]"),
        ("narrative", "It met no one."),
        ("narrative", "By St. Odo's day, 3.5 miles were held."),
        ("narrative", '"We are there," he said.'),
        ("narrative", "All was quiet."),
        (
            "source",
            "Odo, Anna (1992), The Ford, Lund, NL: Ford Press, ISBN\xa00-16-035957-0",
        ),
        ("source", "Bero, Carl. Fords and Bridges. Lund: Ford House, 1999."),
    ]


def test_an_infobox_is_read_as_far_as_its_words_tell():
    found = {ENTRY[one.start : one.end]: one for one in proposals(ENTRY)}
    assert found["Part of the Northern War"].names == {"parent": "Northern War"}
    date = found["Date 13–27 July 1453"]
    assert date.values == {"aspect": "whole", "date_edtf": "1453-07-13/1453-07-27"}
    assert found["Location The Ford, Northland"].names == {"place": "The Ford, Northland"}
    result = found["Result Northern victory[1][2]"]
    assert (result.names, result.printed) == ({"victor": "Northern"}, "Northern victory")
    assert result.markers == "[1][2]"
    assert found["North Count Bero[3]"].names == {"party": "North", "entity": "Count Bero"}
    assert found["South 2nd Army"].names == {"party": "South", "entity": "2nd Army"}
    assert found["two corps"].values == {"value": 2, "counted": "corps", "bound": "exactly"}
    vague = found["Southern estimation: about 78,000[6]"].values
    assert vague == {
        "value": 78000,
        "counted": "persons",
        "bound": "about",
        "category": "unspecified",
    }


def test_a_line_without_a_voice_of_its_own_keeps_that_of_the_line_above():
    found = {ENTRY[one.start : one.end]: one for one in proposals(ENTRY)}
    assert found["Northern sources: 2,689 killed"].voice is None
    for words in ("7,548 wounded", "4,136 missing[5]"):
        start, end = found[words].voice
        assert ENTRY[start:end] == "Northern sources: 2,689 killed"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            "日期：1453年7月13日至27日\n地点：河口\n结果：北军决定性胜利\n"
            "参战方\n北国\t南国\n指挥官\n张三\t李四\n兵力\n约3万人\t24,000人\n"
            "伤亡与损失\n北方称：阵亡2,689人，受伤7,548人\n",
            "date place result belligerent belligerent commander commander strength strength "
            "casualties casualties",
        ),
        (
            "날짜: 1453년 7월 13일 ~ 7월 27일\n장소: 여울목\n"
            "결과: 북국의 승리\n교전국\n북국\t남국\n"
            "지휘관\n김철수\t이영희\n병력\n약 3만 명\t24,000명\n"
            "피해 규모\n북국 자료: 2,689명 전사\n",
            "date place result belligerent belligerent commander commander strength strength "
            "casualties",
        ),
    ],
)
def test_chinese_and_korean_labels_are_read_as_english_ones_are(text: str, kinds: str):
    found = proposals(text)
    assert [one.kind for one in found] == kinds.split()
    assert found[0].values["date_edtf"] == "1453-07-13/1453-07-27"
    strengths = [one.values["value"] for one in found if one.kind == "strength"]
    assert strengths == [30000, 24000]
    assert found[7].values["bound"] == "about"


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("10,000–12,000 killed", {"low": 10000, "high": 12000, "category": "killed_in_action"}),
        ("more than 1.5 million men", {"value": 1500000, "bound": "more_than"}),
        ("300 civilians killed", {"value": 300, "population": "civilian"}),
        ("at least 12 guns captured", {"value": 12, "counted": "guns", "category": "captured"}),
        ("heavy", {"bound": "vague"}),
        ("32,253 killed and wounded", {"value": 32253, "category": "killed_or_wounded"}),
        ("none", {"value": 0, "bound": "exactly"}),
    ],
)
def test_a_figure_is_read_with_its_bound_category_and_what_is_counted(words, values):
    found = read(Kind.CASUALTIES, words).values
    assert {name: found.get(name) for name in values} == values


@pytest.mark.parametrize(
    "prose",
    [
        "Location of the camp is not known.",
        "Date palms grew along the river, and the army rested there for two days.",
        "The result was a victory. Strength alone had not decided it.",
        "Losses were heavy on both sides that day.",
        "By the end, Odo (1380–1465), who led them, had an aim: It was a war of Lund: Ford House.",
    ],
)
def test_a_sentence_that_begins_like_a_label_or_a_work_stays_a_sentence(prose: str):
    assert {one.kind for one in proposals(f"{prose}\n")} == {"narrative"}


@pytest.mark.parametrize(
    "line",
    [
        "From Wikipedia, the free encyclopedia",
        "Jump to navigation",
        "Background[edit]",
        "READ MORE: The Bridge",
        "Categories: Battles | Fords",
        "© 2020 Ford House. All rights reserved.",
        "This page was last edited on 3 May 2020, at 10:00.",
        "维基百科，自由的百科全书",
        "背景[编辑]",
        "위키백과, 우리 모두의 백과사전",
        "The Course of the Battle",
        "Who won the battle?",
        "[4] Odo, p. 12.",
        "4. ^ Odo, p. 12.",
        "12",
    ],
)
def test_page_furniture_headings_and_notes_are_not_proposed(line: str):
    assert made(f"The army came.\n\n{line}\n\nIt left again.") == [
        "The army came.",
        "It left again.",
    ]


def test_a_range_of_paragraphs_or_pages_proposes_what_begins_there():
    text = "One came.\n\nTwo came.\n\nThree came.\fFour came.\fFive came."

    def within(reach) -> list[str]:
        return [text[one.start : one.end] for one in proposals(text, reach)]

    assert within(paragraphs_in(text, 2, 2)) == ["Two came."]
    assert within(paragraphs_in(text, 2, 99)) == made(text)[1:]
    assert within(pages_in(text, 2, 3)) == ["Four came.", "Five came."]
    assert within(pages_in(text, 9, 9)) == ["Five came."]


def test_markers_without_a_note_and_numbers_missing_between_them_are_told():
    assert [(call.marker, call.times) for call in unresolved(ENTRY)] == [
        ("[1]", 1),
        ("[2]", 2),
        ("[3]", 1),
        ("[4]", 0),
        ("[5]", 1),
        ("[6]", 1),
    ]
    noted = f"{ENTRY}\n[1] Odo, p. 12.\n[4] Bero, p. 3.\n"
    assert [call.marker for call in unresolved(noted)] == ["[2]", "[3]", "[5]", "[6]"]
    assert unresolved("The year [1953] and the army [sic] came.") == []


PIECES = st.sampled_from(
    [
        *ENTRY.splitlines(),
        *("The army crossed. ", "\n", "\n\n", "\f", "\t", "金城战役打响了。", "북군은 건넜다. "),
        *(
            "Strength",
            "Losses: ",
            "12,000–13,000",
            "[7]",
            "\xa0",
            "𠮷😀",
            "Part of the War",
            "U.S. ",
        ),
        *("Odo, A. (1992). The Ford. Lund: House.", "e\u0301", "\r\n", "Result", "victory", ":"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=24).map("".join))
def test_proposals_are_places_that_never_overlap_and_leave_no_sentence_out_twice(text: str):
    found = proposals(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(text[one.start : one.end].strip() == text[one.start : one.end] for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for one in found:
        if one.voice:
            assert 0 <= one.voice[0] < one.voice[1] <= one.start
    # Each narrative one is a sentence, or what is left of one beside a line of another kind.
    spans = sentences(text)
    for one in found:
        if one.kind == Kind.NARRATIVE:
            assert any(start <= one.start and one.end <= end for start, end in spans)


@given(st.text(max_size=300))
def test_any_text_can_be_drafted_from(text: str):
    proposals(text)
    unresolved(text)


def test_the_encyclopedia_is_proposed_line_by_line_and_sentence_by_sentence(originals: Path):
    path = originals / "seeds" / "kumsong-encyclopedia.txt"
    if not path.is_file():
        pytest.skip("the encyclopedia entry is not among the original documents")
    text = path.read_text(encoding="utf-8")
    found = proposals(text)
    kinds = [one.kind for one in found]
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    assert counts == {
        "name": 1,
        "part_of": 1,
        "date": 1,
        "place": 1,
        "result": 1,
        "belligerent": 2,
        "commander": 6,
        "unit": 4,
        "strength": 2,
        "casualties": 6,
        "narrative": 11,
        SOURCE: 7,
    }
    # What of the text is not proposed: the page's title, its furniture and labels of groups.
    edges = [0, *(edge for one in found for edge in one.span), len(text)]
    left = " ".join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))
    words = " ".join(left.replace("•", " ").split())
    lines = text.split("\n")
    begins = ("From ", "Jump ", "Commanders", "Units", "Casualties")
    assert words == " ".join([lines[0], *(line for line in lines if line.startswith(begins))])
    assert [call.marker for call in unresolved(text) if not call.times] == ["[5]", "[6]"]
    assert len(unresolved(text)) == 9


def test_words_that_only_draw_the_eye_to_a_remark_are_not_proposed():
    text = "They crossed at dawn.\n\nDid you know? The ford is shallow. Did you know it? So it is."
    assert [text[slice(*one.span)] for one in proposals(text)] == [
        "They crossed at dawn.",
        "The ford is shallow.",
        "Did you know it?",
        "So it is.",
    ]
