"""Claimed dates as bars: what is sure, what may be, what is open."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from battles.timeline import TICKS, timeline
from sources.dates import describe, from_day_number, named_year


def drawn(*claims, separately=True):
    """Return the timeline of battles with one claimed date each, or of one battle with all."""
    said = [
        SimpleNamespace(pk=number, values=SimpleNamespace(date_edtf=edtf))
        for number, edtf in enumerate(claims)
    ]
    battles = [[one] for one in said] if separately else [said]
    return timeline([SimpleNamespace(dates=dates) for dates in battles])


def bars(*claims):
    return [claim.bar for _, dated in drawn(*claims).rows for claim in dated]


def labels(*claims):
    return [tick.label for tick in drawn(*claims).ticks]


def test_a_day_is_sure_and_exact():
    [[_, [claim]]] = drawn("1453-05-29").rows
    assert claim.bar.sure == claim.bar.whole
    assert claim.in_words == "exact to the day"


def test_a_year_says_when_it_may_have_been_and_nothing_is_sure():
    [[_, [claim]]] = drawn("1453").rows
    assert claim.bar.sure is None
    assert claim.in_words == "some time within"


def test_between_the_days_of_an_interval_all_is_sure():
    [bar] = bars("1453-04-06/1453-05-29")
    assert bar.sure == bar.whole


def test_an_interval_with_rough_ends_is_sure_between_them():
    [[_, [claim]]] = drawn("1453-04/1453-06").rows
    whole, sure = claim.bar.whole, claim.bar.sure
    assert whole.start < sure.start
    assert sure.start + sure.width < whole.start + whole.width
    assert claim.in_words == "its ends are not exact"


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("-0430/-0403", "its ends are not exact"),
        ("1950/1953", "its ends are not exact"),
        ("1950/1951", "its ends are not exact"),
        ("1950/1950", "some time within"),
        ("1950-06-25/1953-07-27", "exact to the day"),
    ],
)
def test_how_exact_a_date_is_does_not_hang_on_how_narrow_it_is_drawn(edtf, words):
    [[_, [claim]], *_] = drawn(edtf, "Y-20000", "2000").rows
    assert claim.in_words == words


@pytest.mark.parametrize(
    ("edtf", "before", "after", "words"),
    [
        ("1453-05-29/..", False, True, "end open or unknown"),
        ("1453-05-29/", False, True, "end open or unknown"),
        ("../1453-05-29", True, False, "beginning open or unknown"),
    ],
)
def test_an_open_end_reaches_the_edge_and_is_told(edtf, before, after, words):
    [[_, [claim]], _] = drawn(edtf, "1450/1460").rows
    assert (claim.bar.opens_before, claim.bar.opens_after) == (before, after)
    assert words in claim.in_words
    whole = claim.bar.whole
    assert (whole.start == 0) is before
    assert (whole.start + whole.width == pytest.approx(100)) is after
    assert claim.bar.sure.width < 5


def test_doubt_is_told():
    [[_, [claim]]] = drawn("1453~").rows
    assert "marked uncertain or approximate" in claim.in_words
    assert claim.bar.is_marked


def test_a_date_without_any_known_day_has_no_bar():
    [[_, [claim]]] = drawn("XXXX-07").rows
    assert claim.bar is None
    assert claim.in_words == "no day of it is known"


def test_without_a_known_day_there_is_no_line():
    assert labels("XXXX-07") == labels() == []


def test_rivals_have_a_bar_each_on_one_line():
    [[_, claims]] = drawn("1453", "1454", separately=False).rows
    first, second = (claim.bar.whole for claim in claims)
    assert first.start + first.width == pytest.approx(second.start, abs=0.02)


def test_time_runs_to_the_right_across_the_change_of_era():
    early, late = bars("-0479", "0033")
    assert early.whole.start < late.whole.start


@pytest.mark.parametrize(
    ("claims", "some"),
    [
        (("1953-07-13", "1953-07-16"), "14 Jul 1953"),
        (("1953-01-13", "1953-07-16"), "Mar 1953"),
        (("1940", "1953"), "1945"),
        (("1066", "1953"), "1200"),
        (("-0499", "0300"), "200 BCE"),
        (("-2999", "2000"), "1000 BCE"),
    ],
)
def test_ticks_stand_at_round_days_months_or_years(claims, some):
    found = labels(*claims)
    assert some in found
    assert 2 <= len(found) <= TICKS


def test_there_is_no_year_0():
    assert "0" not in " ".join(labels("-0002", "0003")).replace("10", "")
    assert {"1 BCE", "1 CE"} <= set(labels("-0002", "0003"))
    assert [named_year(year) for year in (-479, 0, 1, 1953)] == ["480 BCE", "1 BCE", "1 CE", "1953"]


@given(st.lists(st.integers(-900_000, 900_000), min_size=1, max_size=6))
def test_every_bar_and_tick_lies_on_the_line(days):
    def edtf(day):
        year, month, number = from_day_number(day)
        return f"{year:0{5 if year < 0 else 4}}-{month:02}-{number:02}"

    found = drawn(*map(edtf, days))
    assert len(found.ticks) <= TICKS
    assert [tick.at for tick in found.ticks] == sorted(tick.at for tick in found.ticks)
    for _, [claim] in found.rows:
        whole = claim.bar.whole
        assert 0 <= whole.start < whole.start + whole.width <= 100.01
    assert all(0 <= tick.at <= 100 for tick in found.ticks)


def test_long_years_are_written_on_the_line_as_in_words():
    assert describe("Y-11999") == "12000 BCE"
    assert "12000 BCE" in labels("Y-12001", "Y-11995")


def test_a_line_of_millions_of_years_is_drawn_as_well():
    assert len(labels("Y-170000002", "Y17000002")) <= TICKS
