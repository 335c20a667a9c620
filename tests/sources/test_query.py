"""Reading a question, and showing where a text answers it."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sources.query import (
    _NEAR,
    LONGEST_QUERY,
    QueryError,
    closest,
    marked,
    parse,
    places,
    snippet,
)


def words(question):
    """The first way to find each term."""
    return [" ".join(term[0].tokens) for term in parse(question).terms]


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Deng Hua", ["deng", "hua"]),
        ("“Deng Hua” army", ["deng hua", "army"]),
        ("「金城」", ["金城"]),
        ("金城战役", ["金城 城战 战役"]),
        ('"金城 battle"', ["金城 城 battle"]),
        ("army army", ["army"]),
        ('army ""', ["army"]),
    ],
)
def test_a_question_is_read_into_terms(question, terms):
    assert words(question) == terms
    assert not parse(question).is_unclosed


def test_an_open_quotation_mark_is_forgiven_and_said():
    query = parse('army "Deng Hua')
    assert query.is_unclosed
    assert len(query.terms) == 3


def test_neighbours_may_be_written_as_one_word():
    first, second = parse("Jin Cheng").terms
    assert [phrase.tokens for phrase in first] == [("jin",), ("jincheng",)]
    assert [phrase.tokens for phrase in second] == [("cheng",), ("jincheng",)]
    assert len(parse('"Jin Cheng"').terms[0]) == 1


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("x" * (LONGEST_QUERY + 1), "201 characters"),
        ("…", "“…” holds no letter or digit"),
        ('""', "no letter or digit"),
    ],
)
def test_a_question_that_cannot_be_asked_is_named(question, message):
    with pytest.raises(QueryError, match=message):
        parse(question)


def shown(question, text, cut=marked):
    pieces = cut(parse(question), text)
    return "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("question", "text", "result"),
    [
        ("kumsong", "Battle of Kŭmsŏng", "Battle of [Kŭmsŏng]"),
        ("kumsong", unicodedata.normalize("NFD", "Kŭmsŏng!"), None),
        ("金城", "大金城战役", "大[金城]战役"),
        ("金城战役", "大金城战役。", "大[金城战役]。"),
        ("役", "战役役", "战[役][役]"),
        ('"the ford"', "ford the ford the", "ford [the ford] the"),
        ("jincheng", "Jīn Chéng Zhàn Yì", "[Jīn Chéng] Zhàn Yì"),
        ("Jin Cheng", "Jincheng", "[Jincheng]"),
        ("32253", "sources: 32,253.", "sources: [32,253]."),
        ("nothing", "A text.", "A text."),
    ],
)
def test_the_words_found_are_marked_as_the_text_has_them(question, text, result):
    result = result or f"[{text[:-1]}]!"
    assert shown(question, text) == result


def test_a_snippet_begins_near_the_words_and_is_cut_at_spaces():
    text = f"{'before ' * 50}Kumsong {'after ' * 90}"
    pieces = snippet(text, places(parse("kumsong"), text))
    said = "".join(piece.text for piece in pieces)
    assert said.startswith("…before ")
    assert said.endswith(" after…")
    assert [piece.text for piece in pieces if piece.is_marked] == ["Kumsong"]
    assert len(said) < 300


FAR = f" {'word ' * 200}"


@pytest.mark.parametrize(
    ("question", "text", "stretch"),
    [
        ("the zyxwv", f"The of the of the Persians.{FAR}The zyxwv hero", "The zyxwv"),
        ("the of zyxwv", f"The of the of the Persians.{FAR}a zyxwv hero", "zyxwv"),
        ("of the zyxwv Persians", f"of the Persians.{FAR}the zyxwv", "of the Persians"),
        ("Olustee casualties", f"Olustee.{FAR}At Olustee the casualties", "Olustee the casualties"),
        ("Olustee casualties", f"Olustee.{FAR}casualties", "casualties"),
        ('hill "the ford"', f"the hill, a ford{FAR}the ford", "the ford"),
        ("ford army", f"army ford{FAR}ford army", "army ford"),
        ("ford army", "ford and ford by army", "ford by army"),
        ("Jin Cheng army", f"Jin army{FAR}army Jincheng", "army Jincheng"),
        ("金城 战役", f"战役。{FAR}金城。战役", "金城。战役"),
    ],
)
def test_a_hit_is_where_most_of_what_was_asked_stands_together(question, text, stretch):
    here = places(parse(question), text)
    first, last = closest(here)
    assert text[first:last] == stretch
    assert stretch in "".join(piece.text for piece in snippet(text, here))


TEXTS = st.text(st.sampled_from("ab 金城\u0301’,.\n"), max_size=400)


@given(TEXTS, st.text(st.sampled_from("ab 金城"), min_size=1, max_size=5))
def test_marking_leaves_the_words_as_they_are(text, question):
    try:
        query = parse(question)
    except QueryError:
        return
    assert "".join(piece.text for piece in marked(query, text)) == text
    here = places(query, text)
    assert all(one.start < one.end <= other.start for one, other in pairwise(here))
    pieces = snippet(text, here)
    assert "".join(piece.text for piece in pieces).strip("…") in text
    assert any(piece.is_marked for piece in pieces) == bool(here)


WORDS = st.lists(st.sampled_from(["a", "bb", "cccc", "-" * 40, "- -"]), max_size=40)


@example(["a", *["-" * 40] * 4, "bb"], "a bb")  # found as one, and farther apart than is near
@given(WORDS, st.sampled_from(["a bb", "bb cccc a", '"bb a" cccc', "cccc"]))
def test_no_stretch_has_more_or_is_shorter_than_the_one_that_is_shown(words, question):
    text = " ".join(words)
    here = places(parse(question), text)

    def worth(stretch):
        inside = [one for one in here if stretch[0] <= one.start and one.end <= stretch[1]]
        terms = frozenset().union(*(one.terms for one in inside))
        letters = sum(len(token) for term in terms for token in term.tokens)
        return letters, stretch[0] - stretch[1], -stretch[0]

    near = [
        (one.start, other.end)
        for number, one in enumerate(here)
        for other in here[number:]
        if one is other or other.end - one.start <= _NEAR
    ]
    assert closest(here) == max(near, key=worth, default=(0, 0))
    first, last = closest(here)
    assert text[first:last] in "".join(piece.text for piece in snippet(text, here))
