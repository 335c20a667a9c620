"""The dates that a text can be read as holding, however it writes them.

27 July 1953, July 27, 1953, 7/27/1953, 1953-07-27, 1953年7月27日, 一九五三年七月,
1953년 7월 27일, and the ends of 13–27 July. Where day and month can be taken either way, both
readings are found.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sources.numerals import eastern, plain

_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_MONTH_OF = {name: number for number, name in enumerate(_MONTHS, start=1)}
_MONTH_OF |= {name[:3]: number for number, name in enumerate(_MONTHS, start=1)} | {"sept": 9}

_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTH_OF, key=len, reverse=True))})\b\.?"
_DAY = r"[0-9]{1,2}(?:st|nd|rd|th)?\b"
_DAYS = rf"(?P<days>{_DAY}(?:\s*(?:[-–—/,&]|to|and|or|through|until)\s*{_DAY})*)"
_YEAR = r"(?:,?\s+(?:of\s+)?(?P<year>[0-9]{3,4})\b)?"
_NAMED = [
    re.compile(pattern)
    for pattern in (
        rf"\b{_DAYS}(?:\s+(?:day\s+)?(?:of\s+)?)?{_MONTH}{_YEAR}",
        rf"\b{_MONTH}(?:\s+(?:the\s+)?{_DAYS}(?![0-9:]))?{_YEAR}",
    )
]
_ORDERED = re.compile(
    r"(?<![0-9])(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})(?:[-/.](?P<day>[0-9]{1,2}))?(?![0-9])"
)
_EITHER_WAY = re.compile(
    r"(?<![0-9])(?P<one>[0-9]{1,2})([-/.])(?P<other>[0-9]{1,2})\2(?P<year>[0-9]{4})(?![0-9])"
)
_EASTERN_NUMBER = re.compile(
    "[〇零一二三四五六七八九十일이삼사오육칠팔구십]+(?=\\s?[年月日号號년월일])"
)
_EASTERN_DATE = re.compile(
    r"(?:(?P<year>[0-9]{1,4})\s?[年년]\s?(?:[^\s0-9]{0,3})?)?(?P<month>[0-9]{1,2})\s?[月월]"
    r"(?:\s?(?P<days>[0-9]{1,2}\s?[日号號일]?"
    r"(?:\s?(?:[-–—~～至到、]|부터|에서)\s?[0-9]{1,2}(?=\s?[日号號일]))*)(?:\s?[日号號일])?)?"
)


class WrittenDate(NamedTuple):
    """A date as far as a text writes it."""

    year: int | None
    month: int
    day: int | None


def dates_in(text: str) -> set[WrittenDate]:
    """Return every date that some reading of a text has, as far as it is written out."""
    text = plain(text)
    return {
        date
        for found in (_named(text), _in_figures(text), _in_the_east(text))
        for date in found
        if 1 <= date.month <= 12 and (date.day is None or 1 <= date.day <= 31)
    }


def _named(text: str) -> Iterator[WrittenDate]:
    for pattern in _NAMED:
        for match in pattern.finditer(text):
            days = re.findall("[0-9]+", match["days"] or "")
            yield from _dates(match["year"], _MONTH_OF[match["month"]], days)


def _in_figures(text: str) -> Iterator[WrittenDate]:
    for match in _ORDERED.finditer(text):
        yield from _dates(match["year"], match["month"], [match["day"]] if match["day"] else [])
    for match in _EITHER_WAY.finditer(text):
        yield from _dates(match["year"], match["one"], [match["other"]])
        yield from _dates(match["year"], match["other"], [match["one"]])


def _in_the_east(text: str) -> Iterator[WrittenDate]:
    text = text.replace("유월", "6월").replace("시월", "10월")
    text = _EASTERN_NUMBER.sub(lambda match: _digits(match[0]), text)
    for match in _EASTERN_DATE.finditer(text):
        days = re.findall("[0-9]+", match["days"] or "")
        yield from _dates(match["year"], match["month"], days)


def _digits(run: str) -> str:
    return next((str(number) for number in eastern(run)), run)


def _dates(year: str | None, month: str | int, days: list[str]) -> Iterator[WrittenDate]:
    when = int(year) if year else None
    if not days:
        yield WrittenDate(when, int(month), None)
    for day in days:
        yield WrittenDate(when, int(month), int(day))
