"""Who rivals whom, and what can be compared.

Statements are rivals when they answer the same question. Typed statements find theirs by a key
made of what would have to be equal for two of them to be comparable at all; figures of another
category, population, scope or counted thing therefore answer another question, and are never
called a conflict. Nothing here ranks, sums or averages.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from battles.kinds import FIGURE_KINDS, Aspect, Bound, Category, Kind
from battles.models.battles import Question

if TYPE_CHECKING:
    from battles.models.statements import Statement

# Kinds whose statements can contradict one another. Six commanders or two names do not.
TYPED_KINDS = (Kind.DATE, Kind.PLACE, Kind.RESULT, *FIGURE_KINDS)


def question_of(statement: Statement) -> Question:
    """Return the question that a typed statement answers, which arises if it is the first."""
    question, _ = Question.objects.get_or_create(
        battle_id=statement.battle_id,
        key=key_of(statement),
        defaults={
            "kind": statement.kind,
            "side": None if statement.entity_id else statement.side,
            "entity": statement.entity if statement.kind in FIGURE_KINDS else None,
            "category": statement.category,
            "wording": wording_of(statement),
        },
    )
    return question


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
                statement.counted.casefold(),
                statement.category,
                statement.population,
                " ".join(statement.scope.casefold().split()),
            ]
    return "|".join([statement.kind, *parts])


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


def _whose(statement: Statement) -> str:
    return str(statement.entity_id or statement.side_id or "")


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


def compare(one: Statement, other: Statement) -> Comparison:
    """Compare two statements of one kind about one battle."""
    if reason := _not_comparable(one, other):
        return Comparison(Relation.NOT_COMPARABLE, reason)
    match one.kind:
        case Kind.DATE:
            return _compare_spans(
                (one.date_earliest, one.date_latest), (other.date_earliest, other.date_latest)
            )
        case Kind.PLACE:
            if one.place_id == other.place_id:
                return Comparison(Relation.AGREES)
            return Comparison(Relation.NOT_COMPARABLE, "one place may lie within the other")
        case Kind.RESULT:
            if one.victor_id != other.victor_id:
                return Comparison(Relation.DIFFERS)
            if one.degree == other.degree:
                return Comparison(Relation.AGREES)
            stated = one.degree and other.degree
            return Comparison(Relation.DIFFERS if stated else Relation.COMPATIBLE)
        case _:
            return _compare_spans(figure_span(one), figure_span(other))


def figure_span(statement: Statement) -> tuple[int | None, int | None]:
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


def _not_comparable(one: Statement, other: Statement) -> str:
    if one.kind != other.kind:
        return "they state different things"
    if one.kind == Kind.DATE:
        if one.aspect != other.aspect:
            return "one dates another part of the battle"
        if not (one.date_edtf and other.date_edtf):
            return "no date is given"
    if one.kind == Kind.RESULT and one.level != other.level:
        return "they speak of different levels, or do not say which"
    if one.kind in FIGURE_KINDS:
        return _figures_not_comparable(one, other)
    if one.kind not in TYPED_KINDS:
        return "only a reader can compare wordings"
    return ""


def _figures_not_comparable(one: Statement, other: Statement) -> str:
    if not (_whose(one) and _whose(other)):
        return "it is not stated whose"
    if _whose(one) != _whose(other):
        return "they count different forces"
    if one.category != other.category:
        unstated = Category.UNSPECIFIED in {one.category, other.category}
        return "category not stated" if unstated else "the categories differ"
    if one.counted.casefold() != other.counted.casefold():
        return "they count different things"
    if one.population != other.population:
        return "it differs, or is not stated, whether civilians are counted"
    if one.scope.casefold().split() != other.scope.casefold().split():
        return "they cover different periods or areas"
    if Bound.VAGUE in {one.bound, other.bound}:
        return "no number is given"
    return ""


def _compare_spans(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None]
) -> Comparison:
    if one == other:
        return Comparison(Relation.AGREES)
    nested = _holds(one, other) or _holds(other, one)
    return Comparison(Relation.COMPATIBLE if nested else Relation.DIFFERS)


def _holds(outer: tuple[int | None, int | None], inner: tuple[int | None, int | None]) -> bool:
    from_start = outer[0] is None or (inner[0] is not None and outer[0] <= inner[0])
    to_end = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return from_start and to_end


def is_disputed(answers: Sequence[Statement]) -> bool:
    """Say whether published answers to one question differ.

    Wordings cannot be compared by a machine; a narrative question, which a curator asked because
    accounts differ, is disputed once two claimants answer it.
    """
    if answers and answers[0].kind == Kind.NARRATIVE:
        return len({claimant for answer in answers for claimant in claimants_of(answer)}) > 1
    return any(
        compare(one, other).relation is Relation.DIFFERS
        for one, other in itertools.combinations(answers, 2)
    )


def claimants_of(statement: Statement) -> set[UUID]:
    """Return the ids of those on whose word a statement stands."""
    return {
        citation.claimant_id
        for citation in statement.citations.all()
        if citation.bearing == citation.Bearing.SUPPORTS
    }


def settle(questions: Iterable[UUID | None]) -> None:
    """Note for each question, by id, whether its published answers now differ."""
    rows = Question.objects.filter(
        pk__in={question for question in questions if question}
    ).prefetch_related("answers__citations")
    for question in rows:
        answers = [answer for answer in question.answers.all() if answer.is_published]
        disputed = is_disputed(answers)
        if disputed != question.disputed:
            Question.objects.filter(pk=question.pk).update(disputed=disputed)
