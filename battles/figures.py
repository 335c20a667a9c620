"""Figures and dates drawn to scale: where each claim's mark stands, for templates to draw.

Claims that can be compared share a scale; other numbers about one force share one too, but in
outline, which says that they are not compared. Each claim has a mark of its own, and nothing is
added up. Places are in hundredths of the width. A drawing repeats what its rows say in words: it is
for the eye alone.
"""

import enum
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from battles.kinds import FIGURE_KINDS, Bound, Kind
from battles.questions import Relation, compare, figure_span
from battles.shown import ShownStatement, Values
from sources import dates

_ROOM = 0.15  # of the scale, kept for an end that is not known
_STEPS = 4  # of a scale of numbers, at most
_MONTH, _YEAR = 31, 366  # days, at most
_MOST_TICKS = 24
_LABELS = 30  # characters of a calendar's two labels; of longer ones months are abbreviated
_MONTH_NAME = re.compile(r"\b([A-Z][a-z]{2})[a-z]+")


class End(enum.StrEnum):
    """How the mark of a claim ends."""

    AT = "at"  # there, that number or day included
    SHORT_OF = "short_of"  # there, that number left out: “more than”, “nearly”
    OPEN = "open"  # nowhere that is stated: it may go on
    UNKNOWN = "unknown"  # somewhere, nobody knows where


class Sign(enum.StrEnum):
    """What a mark is drawn with, which the key of its page explains."""

    NUMBER = "number"
    ABOUT = "about"
    LEFT_OUT = "left_out"
    DAYS = "days"
    LOOSE_DAYS = "loose_days"
    RANGE = "range"
    OPEN = "open"
    UNKNOWN = "unknown"
    OUTLINE = "outline"


@dataclass(frozen=True, slots=True)
class Mark:
    """One claim, drawn.

    The line from `start` to `end` holds what the claim admits. The bar before or along it is what
    it is sure of: the persons counted, the days fought.
    """

    start: float
    end: float
    starts: End
    ends: End
    bar: tuple[float, float]  # where it begins, and how long it is
    words: str  # the same, told
    point: float | None = None  # the number that is named
    is_loose: bool = False  # “about”, or a date marked uncertain or approximate

    @property
    def has_reach(self) -> bool:
        """Whether there is a line to draw besides the bar and the point."""
        return self.start != self.end and self.bar != (self.start, _length(self.start, self.end))

    @property
    def is_left_out(self) -> bool:
        """Whether the number that is named is not one of those admitted."""
        return End.SHORT_OF in (self.starts, self.ends)

    @property
    def signs(self) -> Iterator[Sign]:
        """What it is drawn with."""
        ends = (self.starts, self.ends)
        if self.point is not None:
            if self.is_left_out:
                yield Sign.LEFT_OUT
            else:
                yield Sign.ABOUT if self.is_loose else Sign.NUMBER
        elif self.start != self.end and not self.has_reach:
            yield Sign.LOOSE_DAYS if self.is_loose else Sign.DAYS
        if self.has_reach:
            if ends == (End.AT, End.AT):
                yield Sign.RANGE
            if End.OPEN in ends:
                yield Sign.OPEN
            if End.UNKNOWN in ends:
                yield Sign.UNKNOWN


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale, and what stands at it."""

    at: float
    label: str = ""

    @property
    def anchor(self) -> str:
        """Which end of its label stands at the line, so that none leaves the drawing."""
        return "start" if self.at <= 0 else "end" if self.at >= 100 else "middle"


@dataclass(frozen=True, slots=True)
class Drawing:
    """The answers to one question on one scale, or those to several that cannot be compared."""

    ticks: list[Tick]
    marks: dict[UUID, Mark]  # by statement; one that gives no number or day has none
    in_outline: bool = False  # they are not compared, though on one scale

    @property
    def labelled(self) -> list[Tick]:
        return [tick for tick in self.ticks if tick.label]

    @property
    def signs(self) -> set[Sign]:
        """What its marks are drawn with."""
        signs = {sign for mark in self.marks.values() for sign in mark.signs}
        return signs | {Sign.OUTLINE} if self.in_outline else signs


@dataclass(frozen=True, slots=True)
class _Claim:
    """What is drawn of a statement, before there is a scale. None is an end without a number."""

    low: int | None
    high: int | None
    starts: End
    ends: End
    value: int | None = None
    is_loose: bool = False

    @property
    def numbers(self) -> list[int]:
        return [one for one in (self.low, self.high, self.value) if one is not None]


def drawing_of(answers: Sequence[ShownStatement]) -> Drawing | None:
    """Return the answers to one question drawn to one scale, if there is something to see.

    One number alone shows nothing; one with a bound beside it does, whether the other is stated
    or not.
    """
    kind = answers[0].kind
    if kind not in (Kind.DATE, *FIGURE_KINDS):
        return None
    read = _dates_claim if kind == Kind.DATE else _figures_claim
    claims = {answer.pk: claim for answer in answers if (claim := read(answer.values))}
    drawn = [answer for answer in answers if answer.pk in claims]
    if not drawn or (len(drawn) == 1 and not _is_worth_drawing_alone(kind, claims[drawn[0].pk])):
        return None
    if any(_not_comparable(*pair) for pair in itertools.combinations(drawn, 2)):
        return None
    return _on_days(claims) if kind == Kind.DATE else _on_numbers(claims)


def drawing_in_outline(answers: Sequence[ShownStatement]) -> Drawing | None:
    """Return figures about one force that cannot be compared on one scale of numbers."""
    claims = {answer.pk: claim for answer in answers if (claim := _figures_claim(answer.values))}
    if len(claims) < 2:  # one number alone shows nothing
        return None
    drawing = _on_numbers(claims)
    return Drawing(drawing.ticks, drawing.marks, in_outline=True)


def _is_worth_drawing_alone(kind: str, claim: _Claim) -> bool:
    return kind != Kind.DATE and len({*claim.numbers}) > 1


def _not_comparable(one: ShownStatement, other: ShownStatement) -> bool:
    found = compare(one.values, other.values)
    return found.relation is Relation.NOT_COMPARABLE


def _figures_claim(values: Values) -> _Claim | None:
    low, high = figure_span(values)
    if low is None and high is None:
        return None
    if low is not None and high is not None and high < low:
        return None  # what an account says against itself has no place on a scale
    starts = End.UNKNOWN if low is None else End.AT  # but never below nothing
    ends = End.OPEN if high is None else End.AT
    # The number named is where the mark ends, though it is not itself admitted.
    if values.bound == Bound.MORE_THAN and values.low is None and low is not None:
        low, starts = values.value, End.SHORT_OF
    if values.bound == Bound.NEARLY and values.high is None and high is not None:
        high, ends = values.value, End.SHORT_OF
    return _Claim(low, high, starts, ends, values.value, values.bound == Bound.ABOUT)


def _on_numbers(claims: dict[UUID, _Claim]) -> Drawing:
    most = max(number for claim in claims.values() for number in claim.numbers)
    if any(claim.high is None for claim in claims.values()):
        most += round(most * _ROOM)
    step = _step(most, _STEPS)
    top = step * max(-(-most // step), 1)

    def at(number: int) -> float:
        return _hundredths(number, 0, top)

    marks = {}
    for pk, claim in claims.items():
        sure = at(claim.low or 0)
        marks[pk] = Mark(
            start=sure,
            end=100 if claim.high is None else at(claim.high),
            starts=claim.starts,
            ends=claim.ends,
            bar=(0, sure),
            words=_numbers_in_words(claim),
            point=None if claim.value is None else at(claim.value),
            is_loose=claim.is_loose,
        )
    numbers = range(0, top + 1, step)
    ends = {0, top, top // 2 if top // 2 in numbers else 0}
    return Drawing([Tick(at(one), f"{one:,}" if one in ends else "") for one in numbers], marks)


def _numbers_in_words(claim: _Claim) -> str:
    match claim.starts, claim.ends:
        case End.SHORT_OF, End.OPEN:
            return f"more than {claim.low:,}, no upper bound stated"
        case End.AT, End.OPEN:
            return f"{claim.low:,} or more, no upper bound stated"
        case End.UNKNOWN, End.SHORT_OF:
            return f"fewer than {claim.high:,}, no lower bound stated"
        case End.UNKNOWN, _:
            return f"{claim.high:,} or fewer, no lower bound stated"
    if claim.low == claim.high:
        return f"{'about ' if claim.is_loose else ''}{claim.low:,}"
    return f"{claim.low:,} to {claim.high:,}"


def _step(most: int, steps: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 … that reaches `most` in so many steps."""
    return next(
        digit * power
        for power in (10**zeros for zeros in itertools.count())
        for digit in (1, 2, 5)
        if digit * power * steps >= most
    )


def _dates_claim(values: Values) -> _Claim | None:
    if not values.date_edtf:
        return None
    span = dates.parse(values.date_edtf)
    if span.earliest is None and span.latest is None:
        return None
    first, _, last = values.date_edtf.partition("/")
    return _Claim(
        span.earliest,
        None if span.latest is None else span.latest + 1,
        End.AT if span.earliest is not None else End.UNKNOWN if first == "" else End.OPEN,
        End.AT if span.latest is not None else End.UNKNOWN if last == "" else End.OPEN,
        is_loose=span.is_uncertain or span.is_approximate,
    )


def _on_days(claims: dict[UUID, _Claim]) -> Drawing:
    days = [day for claim in claims.values() for day in claim.numbers]
    first, after = min(days), max(days)
    room = max(round((after - first) * _ROOM), 1)
    if any(claim.low is None for claim in claims.values()):
        first -= room
    if any(claim.high is None for claim in claims.values()):
        after += room
    lines = _calendar(first, max(after, first + 1))
    first, after = lines[0][0], lines[-1][0]

    def at(day: int) -> float:
        return _hundredths(day, first, after)

    marks = {}
    for pk, claim in claims.items():
        start = 0 if claim.low is None else at(claim.low)
        end = 100 if claim.high is None else at(claim.high)
        whole = claim.low is not None and claim.high is not None
        marks[pk] = Mark(
            start=start,
            end=end,
            starts=claim.starts,
            ends=claim.ends,
            bar=(start, _length(start, end)) if whole else (0, 0),
            words=_days_in_words(claim),
            is_loose=claim.is_loose,
        )
    return Drawing([Tick(at(day), label) for day, label in lines], marks)


def _days_in_words(claim: _Claim) -> str:
    beyond = {End.OPEN: "open", End.UNKNOWN: "not known"}
    first = f"start {beyond[claim.starts]}" if claim.low is None else _day(claim.low)
    last = f"end {beyond[claim.ends]}" if claim.high is None else _day(claim.high - 1)
    return first if first == last else f"{first} to {last}"


def _day(number: int) -> str:
    return _words(*dates.from_day_number(number))


def _calendar(first: int, after: int) -> list[tuple[int, str]]:
    """Return the days at which days, months or years begin that hold a span, `after` excluded.

    The first line is labelled with the unit that begins there, the last with the one that ends.
    """
    length = after - first
    if length <= 2 * _MONTH:
        starts = list(range(first, after + 1))
        labels = [_day(first), _day(after - 1)]
    elif length <= 3 * _YEAR:
        (year, month, _), (last_year, last_month, _) = _ends(first, after)
        count = (last_year - year) * 12 + last_month - month + 1
        months = [(year + n // 12, n % 12 + 1) for n in range(month - 1, month + count)]
        starts = [dates.day_number(*one, 1) for one in months]
        labels = [_words(*one) for one in (months[0], months[-2])]
    else:
        (year, _, _), (last_year, _, _) = _ends(first, after)
        step = _step(last_year - year + 1, _MOST_TICKS - 1)
        years = dates.round_years(year, last_year + 1, step)
        starts = [dates.day_number(one, 1, 1) for one in years]
        labels = [_words(one) for one in (years[0], years[-1] - 1)]
    lines = [(start, "") for start in starts]
    if len(lines) > _MOST_TICKS:
        lines = [lines[0], lines[-1]]
    if len("".join(labels)) > _LABELS:
        labels = [_MONTH_NAME.sub(r"\1", label) for label in labels]
    lines[0], lines[-1] = (lines[0][0], labels[0]), (lines[-1][0], labels[1])
    return lines


def _ends(first: int, after: int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    return dates.from_day_number(first), dates.from_day_number(after - 1)


def _words(year: int, *month_and_day: int) -> str:
    """Return a year, a month or a day in words, as all dates are told: “480 BCE”."""
    number = f"{year:05d}" if year < 0 else f"{year:04d}"
    if len(number.lstrip("-")) > 4:
        # EDTF has another form for these, and no months in it.
        return dates.named_year(year)
    return dates.describe("-".join([number, *(f"{part:02d}" for part in month_and_day)]))


def _length(start: float, end: float) -> float:
    return round(end - start, 2)


def _hundredths(one: int, first: int, last: int) -> float:
    return round(100 * (one - first) / (last - first), 2)
