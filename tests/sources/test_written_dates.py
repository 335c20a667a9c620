"""Dates are found in a text however it writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.written_dates import dates_in


@pytest.mark.parametrize(
    "text",
    [
        "27 July 1953",
        "27th July 1953",
        "the 27th of July, 1953",
        "July 27, 1953",
        "JULY 27th 1953",
        "Jul. 27, 1953",
        "13–27 July 1953",
        "13 to 27 July 1953",
        "July 13–27, 1953",
        "13 June and 27 July 1953",
        "7/27/1953",
        "27/7/1953",
        "27.7.1953",
        "27.07.1953",
        "1953-07-27",
        "1953/7/27",
        "1953年7月27日",
        "１９５３年７月２７日",
        "一九五三年七月二十七日",
        "1953年7月13日至27日",
        "1953년 7월 27일",
        "1953년 7월 13일부터 27일까지",
    ],
)
def test_a_day_is_found_however_it_is_written(text: str):
    assert (1953, 7, 27) in dates_in(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("on 27 July, without a year", (None, 7, 27)),
        ("7月27日", (None, 7, 27)),
        ("유월 25일", (None, 6, 25)),
        ("in July 1953", (1953, 7, None)),
        ("1953년 7월", (1953, 7, None)),
        ("1953-07", (1953, 7, None)),
        ("July 13 – August 2, 1953", (1953, 8, 2)),
        ("July 13 – August 2, 1953", (None, 7, 13)),
        ("Sept. 9, 1950", (1950, 9, 9)),
    ],
)
def test_a_date_is_found_as_far_as_it_is_written(text: str, date: tuple[int, int, int]):
    assert date in dates_in(text)


@pytest.mark.parametrize(
    "text", ["", "1953", "the march to the sea went on", "13/27/40", "45 July"]
)
def test_what_is_no_date_is_none(text: str):
    assert not {date for date in dates_in(text) if date.day}


@given(st.dates())
def test_every_day_is_found_in_english_and_in_figures(day):
    expected = (day.year, day.month, day.day)
    assert expected in dates_in(day.isoformat())
    if day.year >= 1000:
        assert expected in dates_in(f"on {day:%B} {day.day}, {day.year}")
        assert expected in dates_in(f"{day.year}年{day.month}月{day.day}日")


@given(st.text())
def test_any_text_is_read(text: str):
    assert all(1 <= date.month <= 12 for date in dates_in(text))
