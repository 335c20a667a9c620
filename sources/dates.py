"""Historical dates: the days an EDTF string covers, and the same in words.

EDTF is the Extended Date/Time Format of ISO 8601-2:2019, as the Library of Congress
publishes it (https://www.loc.gov/standards/datetime/), here at levels 0, 1 and 2.

A wrong date is worse than a refusal, so a form not described there is refused with its
name. The reading is our own. The `edtf` package gives bounds to seasons and unknown ends,
takes 1900-02-29 and 1953/1950, refuses 190X/.. and 1984-1X, and does not return from
Y1E999999999; where it is right, the tests hold this module to it.
"""

import re
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product

MAX_LENGTH = 200  # characters in one string
MAX_YEAR = 10**16  # either way; their days fit a signed 64-bit integer


class DateError(ValueError):
    """A date that cannot be read; the message tells a curator what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """The first and the last day a date can mean, each None where it is open or unknown.

    Days count in the proleptic Gregorian calendar from day 1 = 0001-01-01, as
    `date.toordinal()` does, with 0 and negatives before it. The flags say that a part of the
    date is marked uncertain (? or %) or approximate (~ or %); a mark never moves a bound.
    """

    earliest: int | None
    latest: int | None
    is_uncertain: bool = False
    is_approximate: bool = False


def parse(edtf: str) -> DateRange:
    """The days that an EDTF string covers. Raises DateError.

    - A date and time covers the day it prints, whatever its offset.
    - Unspecified digits cover every day they can stand for: 190X-02-29 is 1904-02-29 to
      1908-02-29. A year wholly unspecified has no bounds, but -XXXX ends with year -0001.
    - Significant digits cover the years that share them: 1950S2 is 1900 to 1999.
    - The standard gives seasons no months, so they cover their whole year. Winter and summer
      cover November before it to March after it as well, unless the hemisphere (codes 25 to
      32) tells that they do not cross a year's end: "winter 1950" may end or begin in 1950.
      Quarters, four-month periods and halves (33 to 41) are exact.
    - An interval runs from the first day of its start to the last day of its end, a set from
      its first possible day to its last.
    """
    reading = _read(edtf)
    return DateRange(reading.earliest, reading.latest, "?" in reading.marks, "~" in reading.marks)


def describe(edtf: str) -> str:
    """An EDTF string in words, nothing lost: "13–27 July 1953". Raises DateError.

    Years up to year 0 are counted as historians do: -0479 is "480 BCE".
    """
    return _read(edtf).words


def day_number(year: int, month: int, day: int) -> int:
    """The number of a day, 1 for 0001-01-01, in any year (0 is 1 BCE).

    Raises ValueError if there is no such month or day.
    """
    cycles, year_of_cycle = divmod(year - 1, 400)  # the calendar repeats after 400 years
    return date(year_of_cycle + 1, month, day).toordinal() + cycles * 146_097


def from_day_number(number: int) -> tuple[int, int, int]:
    """The year (0 is 1 BCE), month and day that a day number stands for."""
    cycles, day_of_cycle = divmod(number - 1, 146_097)
    day = date.fromordinal(day_of_cycle + 1)
    return day.year + cycles * 400, day.month, day.day


def round_years(first: int, last: int, step: int) -> list[int]:
    """The years (0 is 1 BCE) that are round to historians, who know no year 0: 500 BCE, 1 CE.

    They are `step` apart and begin at `first` or before it, and end at `last` or after it.
    """
    start, stop = (year if year > 0 else year - 1 for year in (first, last))
    numbers = (n * step for n in range(start // step, -(-stop // step) + 1) if n or step > 1)
    return [number + 1 if number < 0 else max(number, 1) for number in numbers]


# The forms. Digits are spelled [0-9] because \d takes those of every script.

_CALENDAR = re.compile(
    r"(?P<year_left>[?~%]?)(?P<year>-?[0-9X]{4})(?:S(?P<significant>[0-9]+))?"
    r"(?P<year_right>[?~%]?)"
    r"(?:-(?P<month_left>[?~%]?)(?P<month>[0-9X]{2})(?P<month_right>[?~%]?)"
    r"(?:-(?P<day_left>[?~%]?)(?P<day>[0-9X]{2})(?P<day_right>[?~%]?))?)?"
)
_LONG_YEAR = re.compile(
    r"(?P<year_left>[?~%]?)Y(?P<year>-?[1-9][0-9]*)(?:E(?P<exponent>[1-9][0-9]*))?"
    r"(?:S(?P<significant>[0-9]+))?(?P<year_right>[?~%]?)"
)
_DATE_AND_TIME = re.compile(
    r"(?P<date>-?[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"T(?P<time>(?:[01][0-9]|2[0-3]):(?:[0-5][0-9]:[0-5][0-9]|59:60))"  # 60 is a leap second
    r"(?P<zone>Z|(?!-00(?::00)?$)[+-](?:(?:0[0-9]|1[0-3])(?::[0-5][0-9])?|14(?::00)?))?"
)

# What a curator may have meant by another form; the first that is found is told.
_HINTS = (
    (r"^$", "a date is missing; write it as 1950, 1950-06 or 1950-06-25"),
    (r"[][{}]", "a set in brackets stands alone, as [1950,1952] or {1950..1953}"),
    (r"/", "an interval cannot stand in a set; write a range, as 1950..1953"),
    (r"\.\.", "write an interval as 1950/1953 and one date of a range as [1950..1953]"),
    (
        r"[0-9]T",
        "a time follows one whole date, outside intervals and sets, from 00:00:00 to 23:59:59,"
        " with an offset or without, as 1985-04-12T23:20:30, 1985-04-12T23:20:30Z or"
        " 1985-04-12T23:20:30+04:30",
    ),
    (r"\^", "a hemisphere is part of the season's code, as 2001-25 for northern spring"),
    (r"unknown", "leave an unknown end of an interval empty, as 1950/"),
    (r"open", "write two dots for an open end of an interval, as 1950/.. does"),
    (r"[?~%]{2}", "use one of ? ~ % in a place; % is uncertain and approximate together"),
    (r"[()]", "round brackets are not used; put ? ~ or % beside its part, as 2004-~06"),
    (r"[0-9][ux]|^[ux]", "write an unspecified digit as capital X, as 199X"),
    (r"^y", "write the letter before a long year as capital Y, as Y170000002"),
    (r"[0-9]e", "write the exponent of a year after capital E, as Y17E7"),
    (r"[0-9][ps]", "write significant digits after capital S, as 1950S2"),
    (r"S.*-|X.*S", "significant digits follow a whole year, as 1950S2"),
    (r"W[0-9]", "week dates are not accepted; write a day, as 1950-06-25"),
    (r"^P[0-9T]", "durations are not accepted; write both dates, as 1950/1953"),
    (r"^Y-?0", "a year after Y does not begin with 0"),
    (r"^[0-9]{6,8}$", "put hyphens between year, month and day, as 1950-06-25"),
    (r"^-?[0-9]{5}", "put Y before a year of more than four digits, as Y170000002"),
    (r"^-?[0-9]{4}-[0-9]{3}$", "days of the year are not accepted; write 1950-06-25"),
    (r"^-?[0-9]{3}$", "write a year with four digits, as 0985, and a decade as 198X"),
    (r"^-?[0-9]{2}$", "write a year with four digits, as 0079, and a century as 19XX"),
    (r"", "write a date as 1950, 1950-06 or 1950-06-25"),
)

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SEASONS = {
    code: f"{hemisphere}{season}"
    for code, (hemisphere, season) in enumerate(
        product(("", "northern ", "southern "), ("spring", "summer", "autumn", "winter")), start=21
    )
}
_ACROSS_YEARS = {22, 24, 28, 30}  # summer, winter, northern winter, southern summer
_PERIODS = {
    33: ("first quarter", 1, 3),
    34: ("second quarter", 4, 6),
    35: ("third quarter", 7, 9),
    36: ("fourth quarter", 10, 12),
    37: ("first four months", 1, 4),
    38: ("middle four months", 5, 8),
    39: ("last four months", 9, 12),
    40: ("first half", 1, 6),
    41: ("second half", 7, 12),
}
_MARKS = {"": frozenset(""), "?": frozenset("?"), "~": frozenset("~"), "%": frozenset("?~")}
_MARK_WORDS = {
    _MARKS["?"]: "uncertain",
    _MARKS["~"]: "approximate",
    _MARKS["%"]: "uncertain and approximate",
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a string, or one date in it, says."""

    earliest: int | None
    latest: int | None
    parts: tuple[str, ...]  # its words, the smallest unit first
    marks: frozenset[str] = frozenset()
    is_plain: bool = False  # a year, month or day with every digit printed and no mark

    @property
    def words(self) -> str:
        return " ".join(self.parts)


@lru_cache(maxsize=4096)
def _read(text: str) -> _Reading:
    """Read any EDTF string."""
    if len(text) > MAX_LENGTH:
        raise DateError(f"This is longer than the {MAX_LENGTH} characters a date may have.")
    if stray := re.search(r"[^!-~]", text):  # all but the visible ASCII characters
        name = f"U+{ord(stray[0]):04X}"
        if stray[0].isprintable():
            name = "a space" if stray[0] == " " else f"“{stray[0]}” ({name})"
        raise DateError(
            f"There is {name} at position {stray.start() + 1}; a date has only plain digits,"
            " letters and signs, as 1950-06-25 or 1950/1953."
        )
    if text[:1] in ("[", "{"):
        return _read_set(text)
    if "/" in text:
        return _read_interval(text)
    if match := _DATE_AND_TIME.fullmatch(text):
        day = _read_date(match["date"])
        zone = f" UTC{match['zone'].removeprefix('Z')}" if match["zone"] else ""
        return _Reading(day.earliest, day.latest, (f"{day.words}, {match['time']}{zone}",))
    return _read_date(text)


def _read_set(text: str) -> _Reading:
    """Read one of several dates, [...], or all of several, {...}."""
    opening, closing, intro, joint = ("[", "]", "one of", "or")
    if text[0] == "{":
        opening, closing, intro, joint = ("{", "}", "all of", "and")
    if text[-1] != closing:
        raise DateError(f"{text}: a set that opens with {opening} must end with {closing}.")
    members = text[1:-1].split(",")
    readings = []
    for place, member in enumerate(members, start=1):
        first, dots, last = member.partition("..")
        if not dots:
            readings.append(_read_date(member))
            continue
        if (not first and place > 1) or (not last and place < len(members)):
            raise DateError(f"{text}: .. without start comes first in a set, without end last.")
        start = _read_date(first) if first else None
        end = _read_date(last) if last else None
        given = [side for side in (start, end) if side]
        if not all(side.is_plain for side in given) or len({len(s.parts) for s in given}) != 1:
            raise DateError(
                f"{member}: a range in a set joins two years, two months or two days,"
                " without X, S or ? ~ %."
            )
        if start and end:
            words = f"{start.words} to {end.words}"
        else:
            words = f"{given[0].words} {joint} {'later' if start else 'earlier'}"
            if len(members) == 1 and opening == "[":
                intro = ""  # "1984 or earlier" needs none
        readings.append(_span(member, start, end, words))
    if len(members) == 1 and ".." not in text:
        raise DateError(f"{text}: a set has two dates or a range; write one date without brackets.")
    starts = [r.earliest for r in readings if r.earliest is not None]
    ends = [r.latest for r in readings if r.latest is not None]
    return _Reading(
        min(starts) if len(starts) == len(readings) else None,
        max(ends) if len(ends) == len(readings) else None,
        (f"{intro} {', '.join(r.words for r in readings)}".lstrip(),),
        frozenset(mark for r in readings for mark in r.marks),
    )


def _read_interval(text: str) -> _Reading:
    """Read a start and an end, of which one may be open (..) or unknown (empty)."""
    first, last = text.split("/", 1)
    if "/" in last:
        raise DateError(f"{text}: an interval has one /, between its start and its end.")
    start = None if first in ("", "..") else _read_date(first)
    end = None if last in ("", "..") else _read_date(last)
    if start and end:
        words = _joined(start, end)
    elif start:
        words = f"from {start.words}, end {'open' if last else 'unknown'}"
    elif end:
        words = f"until {end.words}, start {'open' if first else 'unknown'}"
    else:
        raise DateError(f"{text}: an interval needs a date at one end at least.")
    return _span(text, start, end, words)


def _joined(start: _Reading, end: _Reading) -> str:
    """An interval in words that names a shared month and year once: "13–27 July 1953"."""
    kept = start.parts
    if start.is_plain and end.is_plain and len(start.parts) == len(end.parts):
        while len(kept) > 1 and kept[-1] == end.parts[len(kept) - 1]:
            kept = kept[:-1]
        if len(kept) == 1 and " " not in kept[0]:
            return f"{kept[0]}–{end.words}"
    return f"{' '.join(kept)} – {end.words}"


def _span(text: str, start: _Reading | None, end: _Reading | None, words: str) -> _Reading:
    """From the first day of the start to the last day of the end."""
    earliest = start.earliest if start else None
    latest = end.latest if end else None
    if earliest is not None and latest is not None and latest < earliest:
        raise DateError(f"{text}: the end is before the start.")
    marks = frozenset(mark for part in (start, end) if part for mark in part.marks)
    return _Reading(earliest, latest, (words,), marks)


def _read_date(text: str) -> _Reading:
    """Read one date without a time."""
    if match := _CALENDAR.fullmatch(text):
        year, month, significant = match["year"], match["month"], match["significant"]
        if year == "-0000":
            raise DateError(f"{text}: there is no year -0000; 1 BCE is written 0000.")
        if not significant:
            return _marked(text, match, _read_calendar(text, year, month, match["day"]))
        if not month and "X" not in year:
            return _marked(text, match, _read_significant(text, year, significant))
    elif match := _LONG_YEAR.fullmatch(text):
        return _marked(text, match, _read_long_year(text, match))
    hint = next(hint for form, hint in _HINTS if re.search(form, text))
    raise DateError(f"{text}: {hint}." if text else f"{hint.capitalize()}.")


def _read_calendar(text: str, year: str, month: str | None, day: str | None) -> _Reading:
    """Read a year, month, season, part of a year or day, any digit of which may be X."""
    years = _numbers(year.lstrip("-"))
    if year[0] == "-":
        years = [-n for n in reversed(years) if n]
    if month and month.isdigit() and int(month) in _SEASONS | _PERIODS:
        if day:
            raise DateError(f"{text}: a season or part of a year has no days.")
        return _read_season(year, years, int(month))
    months = [n for n in _numbers(month or "XX") if 1 <= n <= 12]
    if not months:
        raise DateError(
            f"{text}: there is no month {month}; months run from 01 to 12, seasons and parts of a"
            " year from 21 to 41."
        )
    numbers = [n for n in _numbers(day or "XX") if 1 <= n <= 31]
    days = {
        leap: [(m, d) for m in months for d in numbers if d <= _length(m, leap)]
        for leap in (False, True)
    }
    year_words = _year_words(year, years)
    years = [y for y in years if days[isleap(y)]]
    if not years:
        raise DateError(f"{text}: there is no day {day} in {year}-{month}.")
    possible = [found for leap in {isleap(y) for y in years} for found in days[leap]]
    return _Reading(
        None if "XXXX" in year else day_number(years[0], *days[isleap(years[0])][0]),
        None if year == "XXXX" else day_number(years[-1], *days[isleap(years[-1])][-1]),
        _calendar_words(day, month, possible, year_words),
        is_plain="X" not in f"{year}{month}{day}",
    )


def _calendar_words(
    day: str | None, month: str | None, possible: list[tuple[int, int]], year_words: str
) -> tuple[str, ...]:
    """The words of a date, its months and days being those that are possible."""
    parts = []
    if day == "XX":
        parts.append("some day of")
    elif day:
        parts.append(" or ".join(str(d) for d in sorted({d for _, d in possible})))
    if month == "XX":
        if day != "XX":
            parts = ["day", *parts, "of some month of"] if day else ["some month of"]
    elif month:
        parts.append(" or ".join(_MONTHS[m - 1] for m in sorted({m for m, _ in possible})))
        if year_words[0].isalpha():
            parts.append("of")
    return (*parts, year_words if parts else year_words.removeprefix("the "))


def _read_season(year: str, years: list[int], code: int) -> _Reading:
    """Read a season or part of a year, by its code."""
    name, start, end = _PERIODS.get(code, (_SEASONS.get(code), 1, 12))
    first = day_number(years[0], start, 1)
    last = day_number(years[-1], end, _length(end))
    if code in _ACROSS_YEARS:
        first = day_number(years[0] - 1, 11, 1)
        last = day_number(years[-1] + 1, 3, 31)
    of = " of" if code in _PERIODS or "X" in year else ""
    return _Reading(
        None if "XXXX" in year else first,
        None if year == "XXXX" else last,
        (f"{name}{of} {_year_words(year, years)}",),
    )


def _read_significant(text: str, year: str, significant: str) -> _Reading:
    """Read an estimated year of which only the first digits are sure."""
    digits = year.lstrip("-")
    count = int(significant)
    if not 1 <= count <= len(digits):
        raise DateError(f"{text}: of {len(digits)} digits, 1 to {len(digits)} can be significant.")
    unit = 10 ** (len(digits) - count)
    low = int(digits) // unit * unit
    high = low + unit - 1
    if year[0] == "-":
        low, high = -high, -max(low, 1)  # there is no year -0000
    span = f"some year between {named_year(low)} and {named_year(high)}"
    span += f" (estimated {named_year(int(year))})"
    return _Reading(day_number(low, 1, 1), day_number(high, 12, 31), (span,))


def _read_long_year(text: str, match: re.Match[str]) -> _Reading:
    """Read a year after Y, perhaps with an exponent of ten, perhaps with significant digits."""
    exponent = int(match["exponent"] or 0)
    digits = len(match["year"].lstrip("-")) + exponent
    # The digits are counted first, so that a huge exponent is never written out.
    if digits > len(str(MAX_YEAR)) or abs(year := int(match["year"]) * 10**exponent) > MAX_YEAR:
        raise DateError(f"{text}: the year is too far away; years run from Y-1E16 to Y1E16.")
    if digits < 5:
        raise DateError(f"{text}: a year of up to four digits is written without Y or E, as 1950.")
    if match["significant"]:
        return _read_significant(text, str(year), match["significant"])
    return _Reading(day_number(year, 1, 1), day_number(year, 12, 31), (named_year(year),))


def _marked(text: str, match: re.Match[str], reading: _Reading) -> _Reading:
    """The reading with its marks: one on the left of a part marks that part alone, one on the
    right marks all parts up to there."""
    found = match.groupdict()
    marks: dict[str, frozenset[str]] = {}
    to_the_right = frozenset[str]()
    for part in ("day", "month", "year"):
        if not found.get(part):
            continue
        left, right = found[f"{part}_left"], found[f"{part}_right"]
        if left and right:
            raise DateError(f"{text}: the {part} is marked on both sides.")
        to_the_right |= _MARKS[right]
        marks[part] = to_the_right | _MARKS[left]
    every = frozenset(mark for part in marks.values() for mark in part)
    if not every:
        return reading
    if all(part == every for part in marks.values()):
        about, doubt = "about " if "~" in every else "", "?" if "?" in every else ""
        words = f"{about}{reading.words}{doubt}"
    else:
        names = {"month": "season" if (found.get("month") or "")[:1] in "234" else "month"}
        notes = "; ".join(
            f"{names.get(part, part)} {_MARK_WORDS[marks[part]]}"
            for part in reversed(marks)
            if marks[part]
        )
        words = f"{reading.words} ({notes})"
    return _Reading(reading.earliest, reading.latest, (words,), every)


def _numbers(digits: str) -> list[int]:
    """The numbers that digits can stand for, ascending, X being any digit."""
    return [int("".join(d)) for d in product(*("0123456789" if c == "X" else c for c in digits))]


def _length(month: int, leap: bool = False) -> int:
    return monthrange(2000 if leap else 2001, month)[1]


def named_year(year: int) -> str:
    """A year as historians count it, 0 being 1 BCE."""
    if year < 1:
        return f"{1 - year} BCE"
    return f"{year} CE" if year < 1000 else str(year)


def _year_words(year: str, years: list[int]) -> str:
    """A year, or what is known of it, to follow "of"."""
    if "X" not in year:
        return named_year(years[0])
    if "XXXX" in year:
        return "an unknown year" + (" before 1 BCE" if year[0] == "-" else "")
    low, high = years[0], years[-1]
    if len(years) != high - low + 1:
        return f"some year of the form {year}"
    if len(years) == 10 and low >= 1000 and low % 100:  # "1900s" would also mean a century
        return f"the {low}s"
    return f"some year between {named_year(low)} and {named_year(high)}"
