"""Paragraphs of a text: where they begin, by a rule that never changes."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.paragraphs import paragraph_starts

LONG = (
    "A line as pages saved from the web have them, a whole paragraph long, with no end before it. "
    * 2
)
TEXTS = st.text(st.sampled_from("ab \n\r\t\f\u2028金"), max_size=60)


def paragraphs(text):
    starts = paragraph_starts(text)
    return [text[a:b] for a, b in itertools.pairwise([*starts, len(text)])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\f\n ", []),
        ("one", ["one"]),
        ("\n\n  one\n", ["one\n"]),
        ("one\ntwo", ["one\n", "two"]),  # nothing but lines
        ("one\ntwo\n\nthree", ["one\ntwo\n\n", "three"]),  # lines, and a blank one
        ("one\n \t\ntwo", ["one\n \t\n", "two"]),
        ("one\r\n\r\ntwo", ["one\r\n\r\n", "two"]),
        ("one\n\n\ftwo", ["one\n\n\f", "two"]),  # at the top of a page
        ("one\ntwo\n\f three\nfour\n\nfive", ["one\ntwo\n\f three\nfour\n\n", "five"]),
        (f"{LONG}\n{LONG}\n\nend", [f"{LONG}\n", f"{LONG}\n\n", "end"]),
    ],
)
def test_where_paragraphs_begin(text, expected):
    assert paragraphs(text) == expected


def test_one_long_line_does_not_make_paragraphs_of_the_lines_of_a_page():
    page = "lines of a page\nset as on paper\n\n" * 80 + "x" * 120
    assert len(paragraph_starts(page)) == 81


@given(TEXTS)
def test_paragraphs_begin_in_order_with_a_character_that_is_seen_and_leave_nothing_out(text):
    starts = paragraph_starts(text)
    assert starts == sorted(set(starts))
    assert all(not text[start].isspace() for start in starts)
    assert re.sub(r"\s", "", "".join(paragraphs(text))) == re.sub(r"\s", "", text)
