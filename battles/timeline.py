"""Claimed dates as bars along one line of time, for drawing beside the same dates in words.

A bar says how much is known: it is solid over the days on which the claim must hold, and open
over those on which it may. Rival dates of one battle are bars of their own. Nothing is averaged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from battles.pages import ListedBattle
from battles.shown import ShownStatement
from sources import dates

TICKS = 7  # at most, along the line
_WIDTH = 100.0  # of the line, in per cent
_ROOM = 0.04  # left free before the first day and after the last, of the span between them
_LEAST_BAR = 0.5  # per cent, so that a day among centuries is seen

_STEPS_IN_YEARS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000)
_STEPS_IN_MONTHS = (1, 2, 3, 6)
_STEPS_IN_DAYS = (1, 2, 5, 10)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar, in per cent of the line."""

    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One claimed date: all of it, the part that is sure, and which ends are open or unknown."""

    whole: Stretch
    sure: Stretch | None
    opens_before: bool
    opens_after: bool
    is_marked: bool  # said to be uncertain or approximate


@dataclass(frozen=True, slots=True)
class Dated:
    """A claimed date with its bar; without one, no day of it is known."""

    statement: ShownStatement
    bar: Bar | None
    in_words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the line, and what stands at it."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Battles with their claimed dates, on a line from the first day of them to the last.

    Without any day there is no line, and so no tick on it.
    """

    rows: list[tuple[ListedBattle, list[Dated]]]
    ticks: list[Tick]

    @property
    def has_dates(self) -> bool:
        return any(claims for _, claims in self.rows)


@dataclass(frozen=True, slots=True)
class _Claim:
    """The days of a claim: from the first to the last that it can mean, None where it is open;
    between `sure_from` and `sure_to` it must hold, if they are in order."""

    earliest: int | None
    latest: int | None
    sure_from: int | None
    sure_to: int | None
    is_marked: bool

    @property
    def is_exact(self) -> bool:
        return (self.sure_from, self.sure_to) == (self.earliest, self.latest)


def timeline(battles: Sequence[ListedBattle]) -> Timeline:
    """Draw the claimed dates of battles along the line that holds just these."""
    claims = {
        statement.pk: _claim(statement.values.date_edtf)
        for battle in battles
        for statement in battle.dates
        if statement.values.date_edtf
    }
    days = [
        day
        for claim in claims.values()
        for day in (claim.earliest, claim.latest)
        if day is not None
    ]
    line = _line_of(days) if days else None
    rows = [
        (battle, [_dated(one, claims.get(one.pk), line) for one in battle.dates])
        for battle in battles
    ]
    return Timeline(rows, list(line.ticks()) if line else [])


def _claim(edtf: str) -> _Claim:
    span = dates.parse(edtf)
    sure_from = sure_to = None
    if "/" in edtf:
        # An interval holds from the latest day of its start to the earliest of its end.
        start, end = (
            dates.parse(part) if part not in ("", "..") else None for part in edtf.split("/")
        )
        if start and end:
            sure_from, sure_to = start.latest, end.earliest
        elif (given := start or end) and given.earliest == given.latest:
            # Where one end is open, only the day of the other is sure, if it is known.
            sure_from = sure_to = given.earliest
    elif span.earliest == span.latest:
        sure_from = sure_to = span.earliest
    is_marked = span.is_uncertain or span.is_approximate
    return _Claim(span.earliest, span.latest, sure_from, sure_to, is_marked)


def _line_of(days: Sequence[int]) -> "_Line":
    first, last = min(days), max(days) + 1
    room = max(1, round((last - first) * _ROOM))
    return _Line(first - room, last + room)


def _dated(statement: ShownStatement, claim: _Claim | None, line: "_Line | None") -> Dated:
    if claim is None or line is None or (claim.earliest is None and claim.latest is None):
        return Dated(statement, None, "no day of it is known")
    bar = line.bar(claim)
    words = []
    if bar.opens_before:
        words.append("beginning open or unknown")
    if bar.opens_after:
        words.append("end open or unknown")
    if not words and not claim.is_exact:  # by its days: years are as narrow as days among ages
        words.append("some time within" if bar.sure is None else "its ends are not exact")
    if claim.is_marked:
        words.append("marked uncertain or approximate")
    return Dated(statement, bar, ", ".join(words) or "exact to the day")


class _Line:
    """A stretch of time, its last day excluded."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def at(self, day: int) -> float:
        """Return where a day begins, in per cent of the line."""
        return round(_WIDTH * (day - self.first) / (self.last - self.first), 2)

    def stretch(self, first: int, last: int) -> Stretch:
        """Return the days from `first` to `last`, both included."""
        start = self.at(first)
        width = max(_LEAST_BAR, round(self.at(last + 1) - start, 2))
        return Stretch(start, min(width, round(_WIDTH - start, 2)))

    def bar(self, claim: _Claim) -> Bar:
        whole = self.stretch(
            self.first if claim.earliest is None else claim.earliest,
            self.last - 1 if claim.latest is None else claim.latest,
        )
        start, end = claim.sure_from, claim.sure_to
        sure = None
        if start is not None and end is not None and start <= end:
            sure = self.stretch(start, end)
        return Bar(whole, sure, claim.earliest is None, claim.latest is None, claim.is_marked)

    def ticks(self) -> Iterator[Tick]:
        """Mark whole days, months or years, at round numbers, as many as the line can hold."""
        marks = next(found for found in self._scales() if len(found) <= TICKS)
        for day, label in marks:
            yield Tick(self.at(day), label)

    def _scales(self) -> Iterator[list[tuple[int, str]]]:
        days = self.last - self.first
        for step in _STEPS_IN_DAYS:
            if days <= step * TICKS * 2:
                yield list(self._days(step))
        for step in _STEPS_IN_MONTHS:
            if days <= step * 31 * TICKS * 2:
                yield list(self._months(step))
        for power in count():
            for step in _STEPS_IN_YEARS:
                years = step * 10_000**power
                if days <= years * 366 * TICKS * 2:
                    yield list(self._years(years))

    def _days(self, step: int) -> Iterator[tuple[int, str]]:
        for day in range(self.first, self.last):
            year, month, number = dates.from_day_number(day)
            if step == 1 or (number % step == 1 and number + step <= 32):
                yield day, f"{number} {_MONTHS[month - 1]} {dates.named_year(year)}"

    def _months(self, step: int) -> Iterator[tuple[int, str]]:
        year, month, _ = dates.from_day_number(self.first)
        for number in count(year * 12 + month - 1):
            day = dates.day_number(number // 12, number % 12 + 1, 1)
            if day >= self.last:
                return
            if day >= self.first and number % 12 % step == 0:
                yield day, f"{_MONTHS[number % 12]} {dates.named_year(number // 12)}"

    def _years(self, step: int) -> Iterator[tuple[int, str]]:
        (first, _, _), (last, _, _) = map(dates.from_day_number, (self.first, self.last))
        for year in dates.round_years(first, last, step):
            day = dates.day_number(year, 1, 1)
            if self.first <= day < self.last:
                yield day, dates.named_year(year)
