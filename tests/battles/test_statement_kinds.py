"""What each kind of statement must and may hold: said once, kept by forms and by the database."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from battles.kinds import FIGURE_KINDS, SHAPES, VALUE_COLUMNS, Bound, Kind
from battles.models import Battle, Entity, Statement
from battles.publication import withdraw
from sources import dates
from sources.dates import day_number
from tests.builders import (
    cite,
    make_battle,
    make_entity,
    make_published,
    make_question,
    make_side,
    make_statement,
)

pytestmark = pytest.mark.django_db

_ENTITY_OF = {Kind.COMMANDER: "person", Kind.UNIT: "unit"}
_NUMBERS = {"value", "low", "high"}


class Fillings:
    """A battle, and for each value column something that could stand in it."""

    def __init__(self) -> None:
        self.battle = make_battle()
        self.entities = {kind: make_entity(f"A {kind}", kind) for kind in Entity.Kind.values}
        self.side = make_side(battle=self.battle)
        self.war = make_battle("War of the Fords", scale=Battle.Scale.WAR)

    def of(self, column: str, kind: str) -> Any:
        return {
            "text": "The army crossed.",
            "language": "en",
            "script": "Latn",
            "romanises": "金城",
            "parent": self.war,
            "aspect": "whole",
            "date_edtf": "1953-07",
            "date_reason": "just a few months later",
            "place": self.entities["place"],
            "place_precision": "south of the town",
            "victor": self.side,
            "degree": "decisive",
            "level": "tactical",
            "entity": self.entities[_ENTITY_OF.get(Kind(kind), "party")],
            "side": self.side,
            "party": self.entities["party"],
            "role": "commander of the corps",
            "bound": Bound.VAGUE,
            "counted": "persons",
            "category": "died",
            "value": 2,
            "low": 1,
            "high": 3,
            "population": "military",
            "scope": "on the first day",
            "section": "course",
        }[column]

    def statement(self, kind: str, columns: set[str]) -> Statement:
        values = {column: self.of(column, kind) for column in columns}
        if "bound" in columns and columns & _NUMBERS:
            values["bound"] = Bound.EXACTLY
        return Statement(battle=self.battle, kind=kind, **values)


@pytest.fixture
def fillings() -> Fillings:
    return Fillings()


def problem_of_the_database(statement: Statement, *, raw: bool) -> str:
    """Return what the database says against a statement, and take it out again."""
    problem = ""
    with transaction.atomic():
        try:
            with transaction.atomic():
                if raw:
                    Statement._base_manager.bulk_create([statement])
                else:
                    statement.save()
        except IntegrityError as error:
            problem = str(error)
        transaction.set_rollback(True)
    return problem


def problems_of_the_form(statement: Statement) -> dict[str, list[str]]:
    try:
        statement.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


def problems_by_column(statement: Statement) -> dict[str, list[str]]:
    """What a form says beside its fields; the constraints, each a query, are left out."""
    try:
        statement.clean()
    except ValidationError as error:
        return error.message_dict
    return {}


def whole(kind: str) -> set[str]:
    """The fewest columns with which a statement of a kind is whole."""
    return {*SHAPES[Kind(kind)].must, *SHAPES[Kind(kind)].one_of[:1]}


@pytest.mark.parametrize("kind", Kind.values)
def test_a_whole_statement_is_accepted(kind: str, fillings: Fillings):
    for columns in (whole(kind), set(SHAPES[Kind(kind)].columns)):
        assert problems_of_the_form(fillings.statement(kind, columns)) == {}
        assert problem_of_the_database(fillings.statement(kind, columns), raw=True) == ""
        assert problem_of_the_database(fillings.statement(kind, columns), raw=False) == ""


@pytest.mark.parametrize("raw", [True, False], ids=["bulk_create", "save"])
@pytest.mark.parametrize("kind", Kind.values)
def test_the_database_refuses_a_missing_or_foreign_value(kind: str, raw: bool, fillings: Fillings):
    shape = SHAPES[Kind(kind)]
    broken = [whole(kind) - {column} for column in shape.must]
    broken += [whole(kind) | {column} for column in set(VALUE_COLUMNS) - set(shape.columns)]
    broken += [set(shape.must)] if shape.one_of else []
    for columns in broken:
        problem = problem_of_the_database(fillings.statement(kind, columns), raw=raw)
        # A number without a bound, or a bound without one, breaks the rule of figures as well.
        assert f"statement_{kind}_values" in problem or "figure_" in problem, columns


@pytest.mark.parametrize("kind", Kind.values)
def test_a_form_names_the_missing_value(kind: str, fillings: Fillings):
    label = Kind(kind).label
    for column in SHAPES[Kind(kind)].must:
        problems = problems_by_column(fillings.statement(kind, whole(kind) - {column}))
        assert problems[column] == [f"A statement of the kind “{label}” needs this."]


@pytest.mark.parametrize("kind", Kind.values)
def test_a_form_names_the_value_of_another_kind(kind: str, fillings: Fillings):
    label = Kind(kind).label
    for column in set(VALUE_COLUMNS) - set(SHAPES[Kind(kind)].columns):
        problems = problems_by_column(fillings.statement(kind, whole(kind) | {column}))
        assert problems[column] == [f"A statement of the kind “{label}” does not hold this."]


@pytest.mark.parametrize("kind", [kind for kind in Kind if SHAPES[kind].one_of])
def test_a_form_asks_for_one_of_the_values_that_can_stand_alone(kind: Kind, fillings: Fillings):
    shape = SHAPES[kind]
    problems = problems_of_the_form(fillings.statement(kind, set(shape.must)))
    assert f"A statement of the kind “{kind.label}” lacks a value it needs" in str(problems)
    for column in shape.one_of:
        assert problems_of_the_form(fillings.statement(kind, {*shape.must, column})) == {}


def fits(kind: str, columns: set[str]) -> bool:
    """What `SHAPES` and the rule of figures say, without a database."""
    shape = SHAPES[Kind(kind)]
    if not set(shape.must) <= columns <= set(shape.columns):
        return False
    return not shape.one_of or not columns.isdisjoint(shape.one_of)


@st.composite
def kinds_and_columns(draw: st.DrawFn) -> tuple[str, set[str]]:
    """A kind with columns that are often nearly its own."""
    kind = draw(st.sampled_from(Kind.values))
    shape = SHAPES[Kind(kind)]
    own = draw(st.sets(st.sampled_from(shape.columns)))
    changed = draw(st.sets(st.sampled_from(VALUE_COLUMNS), max_size=2))
    return kind, (set(shape.must) | own) ^ changed


def test_any_filling_is_accepted_by_form_and_database_alike_iff_the_table_says_so():
    fillings = Fillings()
    seen = set()

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(kinds_and_columns())
    def check(filled: tuple[str, set[str]]) -> None:
        kind, columns = filled
        expected = fits(kind, columns)
        seen.add(expected)
        problem = problem_of_the_database(fillings.statement(kind, columns), raw=True)
        problems = problems_of_the_form(fillings.statement(kind, columns))
        assert (problem == "") is expected, problem
        assert (problems == {}) is expected, problems

    check()
    assert seen == {True, False}


def test_a_withdrawn_tombstone_may_hold_nothing_else(fillings: Fillings):
    for kind in Kind.values:
        tombstone = Statement(
            battle=fillings.battle, kind=kind, state="withdrawn", withdrawn_because="A mistake."
        )
        assert problem_of_the_database(tombstone, raw=True) == ""


@pytest.mark.parametrize(
    ("state", "reason"), [("withdrawn", ""), ("draft", "A mistake."), ("published", "A mistake.")]
)
def test_only_a_withdrawal_has_a_reason_and_always(state: str, reason: str):
    with pytest.raises(IntegrityError, match=r"withdrawn_statement_has_a_reason|has_evidence"):
        make_statement(state=state, withdrawn_because=reason)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [({"kind": "rumour"}, "statement_kind_is_known"), ({"state": "secret"}, "state_is_known")],
)
def test_unknown_kinds_and_states_are_refused(values: dict[str, str], constraint: str):
    with pytest.raises(IntegrityError, match=constraint):
        make_statement(**{"kind": Kind.NARRATIVE, "section": "course", "text": "So."} | values)


# Figures


def figure(kind: str = Kind.CASUALTIES, **values: Any) -> Statement:
    """An unsaved figure in whose battle nothing else stands."""
    defaults = {"bound": "exactly", "counted": "persons"}
    if kind == Kind.CASUALTIES:
        defaults["category"] = "died"
    return Statement(battle=make_battle(), kind=kind, **defaults | values)


@pytest.mark.parametrize("kind", FIGURE_KINDS)
def test_zero_is_kept_and_is_not_unknown(kind: Kind):
    none = figure(kind, value=0)
    none.full_clean()
    none.save()
    none.refresh_from_db()
    assert none.value == 0
    with pytest.raises(ValidationError, match="Give a number, or choose “vague, no numbers”"):
        figure(kind).full_clean()


def test_low_high_and_value_may_all_differ():
    estimate = figure(value=2500, low=2000, high=3200)
    estimate.full_clean()
    estimate.save()
    estimate.refresh_from_db()
    assert (estimate.low, estimate.value, estimate.high) == (2000, 2500, 3200)


@pytest.mark.parametrize("value", [100, 9000])
def test_a_value_outside_its_bounds_is_kept_as_the_account_gives_it(value: int):
    odd = figure(value=value, low=2000, high=3200)
    odd.full_clean()
    odd.save()
    odd.refresh_from_db()
    assert (odd.low, odd.value, odd.high) == (2000, value, 3200)


@pytest.mark.parametrize(
    ("values", "message", "constraint"),
    [
        ({"low": 10, "high": 9}, "lower bound is greater", "figure_bounds_are_in_order"),
        ({"value": -1}, "cannot be negative", "figures_are_not_negative"),
        ({"low": -1, "high": 9}, "cannot be negative", "figures_are_not_negative"),
        ({"low": -9, "high": -1}, "cannot be negative", "figures_are_not_negative"),
        ({}, "Give a number", "figure_has_numbers_unless_vague"),
        ({"bound": "vague", "value": 3}, "Give a number", "figure_has_numbers_unless_vague"),
        ({"bound": "vague", "low": 3}, "Give a number", "figure_has_numbers_unless_vague"),
        ({"bound": "vague", "high": 3}, "Give a number", "figure_has_numbers_unless_vague"),
    ],
)
@pytest.mark.parametrize("kind", FIGURE_KINDS)
def test_an_impossible_figure_is_refused(
    kind: Kind, values: dict[str, Any], message: str, constraint: str
):
    with pytest.raises(ValidationError, match=message):
        figure(kind, **values).full_clean()
    assert constraint in problem_of_the_database(figure(kind, **values), raw=True)


@pytest.mark.parametrize("bound", [bound for bound in Bound if bound != Bound.VAGUE])
def test_no_bound_is_invented(bound: Bound):
    said = figure(bound=bound, value=100)
    said.full_clean()
    said.save()
    said.refresh_from_db()
    assert (said.low, said.value, said.high) == (None, 100, None)


def test_a_vague_figure_has_its_wording_and_no_number():
    heavy = figure(bound="vague", printed="heavy losses")
    heavy.full_clean()
    heavy.save()
    heavy.refresh_from_db()
    assert (heavy.low, heavy.value, heavy.high) == (None, None, None)
    assert heavy.printed == "heavy losses"


# Dates


def a_date(edtf: str = "", **values: Any) -> Statement:
    return Statement(
        **{"battle": make_battle(), "kind": Kind.DATE, "aspect": "whole", "date_edtf": edtf}
        | values
    )


JULY = (day_number(1953, 7, 13), day_number(1953, 7, 27))


def test_saving_a_date_fills_its_first_and_last_day():
    date = a_date("1953-07-13/1953-07-27")
    date.save()
    date.refresh_from_db()
    assert (date.date_earliest, date.date_latest) == JULY
    date.date_edtf = "1953-07-27/.."
    date.save()
    date.refresh_from_db()
    assert (date.date_earliest, date.date_latest) == (JULY[1], None)


def test_bulk_create_fills_the_days_too():
    Statement._base_manager.bulk_create([a_date("1953-07-13/1953-07-27")])
    date = Statement.objects.get()
    assert (date.date_earliest, date.date_latest) == JULY


def test_days_given_beside_a_date_are_not_believed():
    date = a_date("1953-07-13/1953-07-27", date_earliest=1, date_latest=2)
    date.save()
    assert (date.date_earliest, date.date_latest) == JULY
    date.date_edtf, date.date_reason = "", "not dated"
    date.save()
    assert (date.date_earliest, date.date_latest) == (None, None)


def test_a_date_needs_a_day_or_the_reason_for_none():
    a_date(date_reason="just a few months later").full_clean()
    with pytest.raises(ValidationError, match="“date” lacks a value it needs"):
        a_date().full_clean()


@pytest.mark.parametrize("wrong", ["13 July 1953", "1953-13", "1953/1950", "1900-02-29"])
def test_a_date_that_cannot_be_read_is_refused_in_the_reader_s_words(wrong: str):
    with pytest.raises(dates.DateError) as reason:
        dates.parse(wrong)
    problems = problems_of_the_form(a_date(wrong))
    assert problems["date_edtf"] == [str(reason.value)]


def test_dates_sort_by_their_days_with_the_open_and_unknown_last():
    battle = make_battle()
    in_order = ["-0479", "-0043", "0000", "0410", "1453-05-29", "1600~", "1953", "../1953", ""]
    for edtf in reversed(in_order):
        reason = "" if edtf else "not dated"
        make_statement(Kind.DATE, battle=battle, date_edtf=edtf, date_reason=reason)
    by_day = Statement.objects.order_by(
        F("date_earliest").asc(nulls_last=True), F("date_latest").asc(nulls_last=True)
    )
    assert list(by_day.values_list("date_edtf", flat=True)) == in_order


# Rows of other battles


@pytest.mark.parametrize(
    ("kind", "column", "message"),
    [
        (Kind.CASUALTIES, "side", "The side is one of another battle."),
        (Kind.RESULT, "victor", "The victor is a side of another battle."),
        (Kind.NARRATIVE, "question", "The question is one about another battle."),
    ],
)
def test_what_belongs_to_another_battle_is_refused_in_kind_words(
    kind: Kind, column: str, message: str
):
    foreign: Any = make_side(battle=make_battle("Battle of the Pass"))
    if column == "question":
        foreign = make_question(battle=foreign.battle)
    statement = make_statement(kind)
    setattr(statement, column, foreign)
    assert problems_of_the_form(statement)["__all__"] == [message]


@pytest.mark.django_db(transaction=True)
def test_what_belongs_to_another_battle_is_refused_by_the_database():
    side = make_side(battle=make_battle("Battle of the Pass"))
    question = make_question(battle=side.battle)
    for column, row in (("side", side), ("victor", side), ("question", question)):
        kind = {"side": Kind.CASUALTIES, "victor": Kind.RESULT}.get(column, Kind.NARRATIVE)
        statement = make_statement(kind)
        with pytest.raises(IntegrityError):
            Statement._base_manager.filter(pk=statement.pk).update(**{column: row})
        statement.refresh_from_db()
        assert getattr(statement, column) != row


def test_a_battle_is_not_stated_to_be_part_of_itself():
    battle = make_battle()
    statement = Statement(battle=battle, kind=Kind.PART_OF, parent=battle)
    assert problems_of_the_form(statement)["__all__"] == ["A battle cannot be part of itself."]
    problem = problem_of_the_database(statement, raw=True)
    assert "statement_parent_is_another_battle" in problem


@pytest.mark.parametrize(
    ("kind", "column", "entity", "message"),
    [
        (Kind.PLACE, "place", "person", "is a person, not a place"),
        (Kind.COMMANDER, "entity", "party", "is a party, not a person"),
        (Kind.COMMANDER, "party", "person", "is a person, not a party"),
        (Kind.UNIT, "entity", "party", "is a party, not a unit"),
        (Kind.BELLIGERENT, "entity", "unit", "is a unit, not a party"),
        (Kind.CASUALTIES, "entity", "person", "is a person, not a party"),
    ],
)
def test_an_entity_of_the_wrong_kind_is_refused(
    kind: Kind, column: str, entity: str, message: str, fillings: Fillings
):
    statement = fillings.statement(kind, whole(kind))
    setattr(statement, column, fillings.entities[entity])
    assert message in problems_of_the_form(statement)[column][0]


def test_the_figures_of_a_unit_are_as_welcome_as_those_of_a_party(fillings: Fillings):
    for entity in ("party", "unit"):
        statement = fillings.statement(Kind.STRENGTH, whole(Kind.STRENGTH))
        statement.entity = fillings.entities[entity]
        statement.full_clean()


# What a save may do


def test_a_statement_becomes_public_by_publication_alone():
    draft = make_statement()
    draft.evidence = cite(draft)
    draft.state = "published"
    with pytest.raises(ValidationError, match="by publication alone"):
        draft.save()
    draft.state, draft.withdrawn_because = "withdrawn", "A mistake."
    with pytest.raises(ValidationError, match="by publication alone"):
        draft.save()
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_withdrawn_statement_keeps_its_values_and_citations():
    statement = make_published()
    withdraw([statement], "A mistake.")
    statement.refresh_from_db()
    statement.text = "Something else."
    with pytest.raises(ValidationError, match="Open a revision"):
        statement.save()
    citation = statement.citations.get()
    citation.note = "Something else."
    with pytest.raises(ValidationError, match="Open a revision"):
        citation.save()


def test_a_statement_that_changes_its_kind_leaves_the_question_of_the_old_one():
    date = make_statement(Kind.DATE)
    assert date.question.wording == "When was it?"
    date.kind, date.text, date.section = Kind.NARRATIVE, "It was in May.", "course"
    date.date_edtf = date.aspect = ""
    date.save()
    date.refresh_from_db()
    assert date.question is None


def test_a_narrative_statement_keeps_the_question_a_curator_gave_it():
    battle = make_battle()
    question = make_question(battle=battle)
    statement = make_statement(battle=battle, question=question)
    statement.save()
    statement.refresh_from_db()
    assert statement.question == question
