"""Who rivals whom, and what can be compared.

Statements are rivals when they answer the same question. Typed statements find theirs by a key
made of what would have to be equal for two of them to be comparable at all; figures of another
category, population, scope or counted thing therefore answer another question, and are never
called a conflict. Two answers differ only if no day or number could satisfy both. Nothing here
ranks, sums or averages.
"""

from __future__ import annotations

import enum
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from battles.kinds import FIGURE_KINDS, Aspect, Bound, Category, Degree, Kind
from battles.models.battles import Question
from sources import dates

if TYPE_CHECKING:
    from battles.models.statements import Statement
    from battles.shown import Values

    # What is compared: a statement, or what pages read of one under the same names.
    Answer: TypeAlias = Statement | Values

# Kinds whose statements can contradict one another. Six commanders or two names do not.
TYPED_KINDS = (Kind.DATE, Kind.PLACE, Kind.RESULT, *FIGURE_KINDS)

# Degrees of a battle that nobody won.
_UNDECIDED = frozenset({Degree.INCONCLUSIVE, Degree.STALEMATE})

_KEY_LENGTH = 300  # of Question.key

# The lowest and the highest day or number that a statement admits; None where it sets no limit.
_Span = tuple[int | None, int | None]


def question_of(statement: Statement) -> Question:
    """Return the question that a typed statement answers, which arises if it is the first."""
    asked = new_question(statement)
    columns = ("kind", "side", "entity", "category", "wording")
    question, _ = Question.objects.get_or_create(
        battle_id=asked.battle_id,
        key=asked.key,
        defaults={column: getattr(asked, column) for column in columns},
    )
    return question


def new_question(statement: Statement) -> Question:
    """Return the question that a typed statement answers as it would arise; it is not saved."""
    return Question(
        battle_id=statement.battle_id,
        key=key_of(statement),
        kind=statement.kind,
        side=None if statement.entity_id else statement.side,
        entity=statement.entity if statement.kind in FIGURE_KINDS else None,
        category=statement.category,
        wording=wording_of(statement),
    )


def key_of(statement: Statement) -> str:
    """Return what two typed statements about a battle share if they can be compared."""
    match statement.kind:
        case Kind.DATE:
            parts = [statement.aspect]
        case Kind.PLACE:
            parts = []
        case Kind.RESULT:
            parts = [statement.level]
        case _:
            parts = [
                _whose(statement),
                _plain(statement.counted),
                statement.category,
                statement.population,
                _plain(statement.scope),
            ]
    key = "|".join([statement.kind, *parts])
    # A long scope would not fit the column; its hash tells it apart as well.
    return key if len(key) <= _KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()


def wording_of(statement: Statement) -> str:
    """Return the question in words, for curators to better."""
    match statement.kind:
        case Kind.DATE if statement.aspect == Aspect.WHOLE:
            return "When was it?"
        case Kind.DATE:
            return f"When was {statement.get_aspect_display()}?"
        case Kind.PLACE:
            return "Where was it?"
        case Kind.RESULT if statement.level:
            return f"Who won? ({statement.get_level_display()} level)"
        case Kind.RESULT:
            return "Who won?"
    whose = statement.entity or statement.side
    details = [
        statement.get_category_display() if statement.category else "",
        statement.counted if statement.counted != "persons" else "",
        statement.get_population_display() if statement.population else "",
        statement.scope,
    ]
    subject = f"{statement.get_kind_display().capitalize()}, {whose or 'side not stated'}"
    return "; ".join([subject, *filter(None, details)])[:300]


def _whose(statement: Answer) -> str:
    return str(statement.entity_id or statement.side_id or "")


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


class Relation(enum.StrEnum):
    """How two answers stand to one another."""

    AGREES = "agrees"
    COMPATIBLE = "compatible"
    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True)
class Comparison:
    """The relation of two statements, with the reason where they cannot be compared."""

    relation: Relation
    reason: str = ""


def compare(one: Answer, other: Answer) -> Comparison:
    """Compare two statements of one kind about one battle."""
    if reason := _not_comparable(one, other):
        return Comparison(Relation.NOT_COMPARABLE, reason)
    match one.kind:
        case Kind.DATE:
            relation = _compare_dates(one.date_edtf, other.date_edtf)
            if one.aspect == Aspect.PHASE and relation is not Relation.AGREES:
                return Comparison(Relation.NOT_COMPARABLE, "each may date a phase of its own")
            return Comparison(relation)
        case Kind.PLACE:
            if one.place_id == other.place_id:
                return Comparison(Relation.AGREES)
            return Comparison(Relation.NOT_COMPARABLE, "one place may lie within the other")
        case Kind.RESULT:
            return Comparison(_compare_results(one, other))
        case _:
            return _compare_figures(one, other)


def figure_span(statement: Answer) -> _Span:
    """Return the lowest and highest number a figure admits; None where it sets no limit."""
    value, low, high = statement.value, statement.low, statement.high
    match statement.bound:
        case Bound.AT_LEAST:
            return (value if low is None else low), high
        case Bound.MORE_THAN:
            return (value + 1 if low is None and value is not None else low), high
        case Bound.NEARLY:
            return low, (value - 1 if high is None and value is not None else high)
        case Bound.AT_MOST:
            return low, (value if high is None else high)
    if low is None and high is None:
        return value, value
    return low, high


def _not_comparable(one: Answer, other: Answer) -> str:
    if one.kind != other.kind:
        return "they state different things"
    if one.kind == Kind.DATE:
        if one.aspect != other.aspect:
            return "one dates another part of the battle"
        if not (one.date_edtf and other.date_edtf):
            return "no date is given"
    if one.kind == Kind.RESULT:
        if one.level != other.level:
            return "they speak of different levels, or do not say which"
        if not (_says_who_won(one) and _says_who_won(other)):
            return "it is not stated who won"
    if one.kind in FIGURE_KINDS:
        return _figures_not_comparable(one, other)
    if one.kind not in TYPED_KINDS:
        return "only a reader can compare wordings"
    return ""


def _figures_not_comparable(one: Answer, other: Answer) -> str:
    if not (_whose(one) and _whose(other)):
        return "it is not stated whose"
    if _whose(one) != _whose(other):
        return "they count different forces"
    if one.category != other.category:
        unstated = Category.UNSPECIFIED in {one.category, other.category}
        return "category not stated" if unstated else "the categories differ"
    if _plain(one.counted) != _plain(other.counted):
        return "they count different things"
    if one.population != other.population:
        return "it differs, or is not stated, whether civilians are counted"
    if _plain(one.scope) != _plain(other.scope):
        return "they cover different periods or areas"
    if Bound.VAGUE in {one.bound, other.bound}:
        return "no number is given"
    return ""


def _apart(one: _Span, other: _Span) -> bool:
    """Say whether nothing lies in both spans."""
    return any(
        high is not None and low is not None and high < low
        for high, low in ((one[1], other[0]), (other[1], one[0]))
    )


def _compare_figures(one: Answer, other: Answer) -> Comparison:
    best = {row.value for row in (one, other) if row.bound in {Bound.EXACTLY, Bound.ABOUT}}
    if figure_span(one) == figure_span(other) and len(best - {None}) < 2:
        return Comparison(Relation.AGREES)
    if one.category == Category.UNSPECIFIED:
        return Comparison(Relation.NOT_COMPARABLE, "category not stated")
    differs = _apart(_admitted(one), _admitted(other))
    return Comparison(Relation.DIFFERS if differs else Relation.COMPATIBLE)


def _admitted(statement: Answer) -> _Span:
    """Return a figure's span, “about” being good for a tenth either way."""
    low, high = figure_span(statement)
    if statement.bound != Bound.ABOUT:
        return low, high
    return None if low is None else low - low // 10, None if high is None else high + high // 10


def _compare_dates(one: str, other: str) -> Relation:
    """Compare two EDTF strings: intervals by their first and last days, others as a whole."""
    spans = [dates.parse(edtf) for edtf in (one, other)]
    bounds = {(span.earliest, span.latest) for span in spans}
    if one == other or (
        len(bounds) == 1 and bounds != {(None, None)} and _form(one) == _form(other)
    ):
        return Relation.AGREES
    if "/" in one and "/" in other:
        pairs = zip(one.split("/"), other.split("/"), strict=True)
    else:
        pairs = zip([one], [other], strict=True)
    differs = any(_apart(_days(left), _days(right)) for left, right in pairs)
    return Relation.DIFFERS if differs else Relation.COMPATIBLE


def _form(edtf: str) -> str:
    """Return what tells an interval and a set of dates from a single date."""
    return "/" if "/" in edtf else edtf[0] if edtf[0] in "[{" else ""


def _days(edtf: str) -> _Span:
    """Return the days a date admits; an uncertain or approximate one, its own length around it."""
    if edtf in {"", ".."}:
        return None, None
    if "/" in edtf:
        start, end = edtf.split("/")
        return _days(start)[0], _days(end)[1]
    span = dates.parse(edtf)
    low, high = span.earliest, span.latest
    if low is None or high is None or not (span.is_uncertain or span.is_approximate):
        return low, high
    length = high - low + 1
    return low - length, high + length


def _says_who_won(statement: Answer) -> bool:
    return statement.victor_id is not None or statement.degree in _UNDECIDED


def _compare_results(one: Answer, other: Answer) -> Relation:
    if one.victor_id != other.victor_id:
        return Relation.DIFFERS
    if one.degree == other.degree:
        return Relation.AGREES
    # A costly victory may have been decisive or limited, and a stalemate is inconclusive.
    degrees = {one.degree, other.degree}
    contrary = {Degree.DECISIVE, Degree.LIMITED} <= degrees or len(degrees & _UNDECIDED) == 1
    return Relation.DIFFERS if contrary and "" not in degrees else Relation.COMPATIBLE


def is_disputed(answers: Sequence[Statement]) -> bool:
    """Say whether published answers to one question differ.

    Wordings cannot be compared by a machine; a narrative question, which a curator asked because
    accounts differ, is disputed once two answers to it stand on the word of different claimants.
    """
    return any(_rival(one, other) for one, other in itertools.combinations(answers, 2))


def _rival(one: Statement, other: Statement) -> bool:
    if one.kind == other.kind == Kind.NARRATIVE:
        return claimants_of(one).isdisjoint(claimants_of(other))
    return compare(one, other).relation is Relation.DIFFERS


def claimants_of(statement: Statement) -> set[UUID]:
    """Return the ids of those on whose word a statement stands."""
    return {
        citation.claimant_id
        for citation in statement.citations.all()
        if citation.bearing == citation.Bearing.SUPPORTS
    }


def is_contradicted(statement: Statement) -> bool:
    """Say whether a passage is cited that disputes a statement."""
    return any(
        citation.bearing == citation.Bearing.DISPUTES for citation in statement.citations.all()
    )


def answers_differ(question: Question) -> bool:
    """Say whether the published answers to a question differ, or one of them is contradicted."""
    answers = [answer for answer in question.answers.all() if answer.is_published]
    return is_disputed(answers) or any(map(is_contradicted, answers))


def settle(questions: Iterable[UUID | None]) -> None:
    """Note for each question, by id, whether its published answers now differ."""
    rows = Question.objects.filter(
        pk__in={question for question in questions if question}
    ).prefetch_related("answers__citations")
    for question in rows:
        disputed = answers_differ(question)
        if disputed != question.disputed:
            Question.objects.filter(pk=question.pk).update(disputed=disputed)
