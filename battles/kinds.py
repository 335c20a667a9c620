"""The kinds of statement, and which values each must and may hold.

This table is the one place that says so: the database's check constraints, the messages of
`Statement.clean()` and the curators' forms are all made from it.
"""

from dataclasses import dataclass

from django.db import models
from django.db.models import Q


class Kind(models.TextChoices):
    NAME = "name", "name"
    PART_OF = "part_of", "part of"
    DATE = "date", "date"
    PLACE = "place", "place"
    RESULT = "result", "result"
    BELLIGERENT = "belligerent", "belligerent"
    COMMANDER = "commander", "commander"
    UNIT = "unit", "unit"
    STRENGTH = "strength", "strength"
    CASUALTIES = "casualties", "casualties"
    NOTE = "note", "archive's note"
    NARRATIVE = "narrative", "narrative"


@dataclass(frozen=True)
class Shape:
    """Which value columns a kind must fill, may fill, and of which it needs one at least."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.must + self.one_of + self.may


_WHOSE = ("side", "entity")
_FIGURES = ("value", "low", "high")

SHAPES: dict[Kind, Shape] = {
    Kind.NAME: Shape(must=("text",), may=("language", "script", "romanises")),
    Kind.PART_OF: Shape(must=("parent",)),
    Kind.DATE: Shape(must=("aspect",), one_of=("date_edtf", "date_reason")),
    Kind.PLACE: Shape(must=("place",), may=("place_precision",)),
    Kind.RESULT: Shape(one_of=("victor", "degree"), may=("level",)),
    Kind.BELLIGERENT: Shape(must=("entity",), may=("side", "party", "role")),
    Kind.COMMANDER: Shape(must=("entity",), may=("side", "party", "role")),
    Kind.UNIT: Shape(must=("entity",), may=("side", "party", "role")),
    Kind.STRENGTH: Shape(
        must=("bound", "counted"), may=(*_WHOSE, *_FIGURES, "population", "scope")
    ),
    Kind.CASUALTIES: Shape(
        must=("bound", "counted", "category"), may=(*_WHOSE, *_FIGURES, "population", "scope")
    ),
    Kind.NOTE: Shape(must=("text",)),
    Kind.NARRATIVE: Shape(must=("text", "section")),
}

FIGURE_KINDS = (Kind.STRENGTH, Kind.CASUALTIES)
OF_A_SIDE = (Kind.BELLIGERENT, Kind.COMMANDER, Kind.UNIT)

# Columns that are null when empty; the others are empty strings.
_NULLABLE = frozenset(
    ("parent", "place", "victor", "side", "entity", "party", "value", "low", "high")
)

VALUE_COLUMNS: tuple[str, ...] = tuple(
    dict.fromkeys(column for shape in SHAPES.values() for column in shape.columns)
)


def left_empty(kind: Kind) -> dict[str, str | None]:
    """Return the value columns that a kind may not hold, each with what stands there instead."""
    held = SHAPES[kind].columns
    return {
        column: None if column in _NULLABLE else ""
        for column in VALUE_COLUMNS
        if column not in held
    }


def is_empty(column: str) -> Q:
    """Return the condition under which a value column holds nothing."""
    return Q(**{f"{column}__isnull": True}) if column in _NULLABLE else Q(**{column: ""})


def shape_condition(kind: Kind) -> Q:
    """Return the condition that rows of `kind` fulfil; rows of other kinds fulfil it too.

    A withdrawn statement may hold less: elsewhere only its tombstone is known.
    """
    shape = SHAPES[kind]
    allowed = Q()
    for column in VALUE_COLUMNS:
        if column in shape.must:
            allowed &= ~is_empty(column)
        elif column not in shape.columns:
            allowed &= is_empty(column)
    if shape.one_of:
        some = Q()
        for column in shape.one_of:
            some |= ~is_empty(column)
        allowed &= some
    return ~Q(kind=kind.value) | Q(state="withdrawn") | allowed


class Aspect(models.TextChoices):
    WHOLE = "whole", "the whole"
    START = "start", "the start"
    END = "end", "the end"
    PHASE = "phase", "a phase"


class Degree(models.TextChoices):
    DECISIVE = "decisive", "decisive"
    LIMITED = "limited", "limited"
    COSTLY = "costly", "costly (Pyrrhic)"
    INCONCLUSIVE = "inconclusive", "inconclusive"
    STALEMATE = "stalemate", "stalemate"


class Level(models.TextChoices):
    TACTICAL = "tactical", "tactical"
    OPERATIONAL = "operational", "operational"
    STRATEGIC = "strategic", "strategic"
    POLITICAL = "political", "political"


class Bound(models.TextChoices):
    EXACTLY = "exactly", "exactly"
    ABOUT = "about", "about"
    AT_LEAST = "at_least", "at least"
    MORE_THAN = "more_than", "more than"
    NEARLY = "nearly", "nearly"
    AT_MOST = "at_most", "at most"
    VAGUE = "vague", "vague, no numbers"


class Category(models.TextChoices):
    KILLED_IN_ACTION = "killed_in_action", "killed in action"
    DIED = "died", "died"
    WOUNDED = "wounded", "wounded"
    MISSING = "missing", "missing"
    CAPTURED = "captured", "captured"
    KILLED_OR_WOUNDED = "killed_or_wounded", "killed or wounded"
    MISSING_OR_CAPTURED = "missing_or_captured", "missing or captured"
    TOTAL = "total", "total"
    UNSPECIFIED = "unspecified", "category not stated"

    @property
    def meaning(self) -> str:
        """What an account counts by it, in the words of the archive."""
        return _MEANINGS[self]


_MEANINGS = {
    Category.KILLED_IN_ACTION: "Killed by the enemy, or dead before they reached medical care.",
    Category.DIED: "Dead of whatever cause: killed, of wounds, of illness, in captivity.",
    Category.WOUNDED: "Hurt, and alive when they were counted.",
    Category.MISSING: "Not found; dead, captured or gone, nobody could say which.",
    Category.CAPTURED: "Taken prisoner by the other side.",
    Category.KILLED_OR_WOUNDED: "Killed and wounded in one number; the account does not part them.",
    Category.MISSING_OR_CAPTURED: "Missing and captured in one number; the account does not part "
    "them.",
    Category.TOTAL: "All losses in one number, as the account itself draws it.",
    Category.UNSPECIFIED: "The account says casualties or losses, and not which. Two such numbers "
    "cannot be compared, unless they are the same.",
}


class Population(models.TextChoices):
    MILITARY = "military", "military"
    CIVILIAN = "civilian", "civilian"
    ALL = "all", "military and civilian"


class Section(models.TextChoices):
    BACKGROUND = "background", "Background"
    FORCES = "forces", "Forces"
    COURSE = "course", "Course"
    OUTCOME = "outcome", "Outcome"
    AFTERMATH = "aftermath", "Aftermath"
    HISTORIOGRAPHY = "historiography", "Historiography"
