"""Values in words: nothing lost, nothing added."""

import pytest

from battles import wording
from battles.kinds import Bound


@pytest.mark.parametrize(
    ("bound", "value", "low", "high", "counted", "words"),
    [
        (Bound.EXACTLY, 32253, None, None, "persons", "32,253"),
        (Bound.EXACTLY, 0, None, None, "persons", "0"),
        (Bound.ABOUT, 78000, None, None, "persons", "about 78,000"),
        (Bound.MORE_THAN, 100000, None, None, "persons", "more than 100,000"),
        (Bound.NEARLY, 5000000, None, None, "persons", "nearly 5,000,000"),
        (Bound.AT_MOST, 12, None, None, "guns", "at most 12 guns"),
        (Bound.AT_LEAST, 2, None, None, "corps", "at least 2 corps"),
        (Bound.EXACTLY, None, 66000, 78000, "persons", "66,000–78,000"),
        (Bound.ABOUT, 70000, 66000, 78000, "persons", "about 70,000 (66,000–78,000)"),
        (Bound.EXACTLY, None, 66000, None, "persons", "66,000 or more"),
        (Bound.EXACTLY, None, None, 78000, "persons", "up to 78,000"),
        (Bound.VAGUE, None, None, None, "persons", "no number given"),
    ],
)
def test_a_figure_is_shown_as_far_as_it_goes(bound, value, low, high, counted, words):
    assert wording.figure(bound, value, low, high, counted) == words


@pytest.mark.parametrize(
    ("victor", "degree", "level", "words"),
    [
        ("China", "", "", "victory: China"),
        ("China", "decisive", "", "decisive victory: China"),
        ("China", "costly", "tactical", "costly (Pyrrhic) victory: China (tactical level)"),
        ("", "stalemate", "", "stalemate"),
        ("", "decisive", "", "no victor named, decisive"),
    ],
)
def test_a_result_names_who_won_and_how_far(victor, degree, level, words):
    assert wording.result(victor, degree, level) == words


@pytest.mark.parametrize(
    ("edtf", "machine"),
    [("1953-07-27", "1953-07-27"), ("1953-07", "1953-07"), ("1953", "1953")]
    + [(edtf, "") for edtf in ("-0479", "1953-21", "1953~", "1953/1954", "", "0000")],
)
def test_only_what_a_time_element_can_say_is_given_to_it(edtf, machine):
    assert wording.machine_date(edtf) == machine


def test_a_long_text_is_cut_at_a_word():
    assert wording.shortened("the army crossed the ford", 20) == "the army crossed…"
    assert wording.shortened("the army", 20) == "the army"
