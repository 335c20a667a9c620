"""Who rivals whom: what is called a difference, an agreement, compatible or not comparable."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from battles.kinds import Bound, Category, Degree, Kind
from battles.models import Battle, Citation, Entity, Question, Side, Statement
from battles.publication import publish
from battles.questions import (
    Comparison,
    Relation,
    compare,
    figure_span,
    is_disputed,
    key_of,
    wording_of,
)
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_entity,
    make_origin,
    make_passage,
    make_question,
    make_side,
    make_statement,
)

AGREES, COMPATIBLE, DIFFERS = Relation.AGREES, Relation.COMPATIBLE, Relation.DIFFERS

FORD = Battle(name="Battle of the Ford", slug="ford")
NORTH, SOUTH = Side(battle=FORD, name="North"), Side(battle=FORD, name="South")
CORPS = Entity(name="First Corps", kind="unit", slug="corps")


def figure(value: int | None = None, bound: str = Bound.EXACTLY, **values: Any) -> Statement:
    """An unsaved figure: the killed of the North."""
    defaults = {"side": NORTH, "counted": "persons", "category": Category.KILLED_IN_ACTION}
    return Statement(
        battle=FORD, kind=Kind.CASUALTIES, value=value, bound=bound, **defaults | values
    )


def dated(edtf: str, **values: Any) -> Statement:
    statement = Statement(
        **{"battle": FORD, "kind": Kind.DATE, "aspect": "whole", "date_edtf": edtf} | values
    )
    statement._meta.get_field("date_edtf").pre_save(statement, add=True)
    return statement


def won(victor: Side | None = None, degree: str = "", **values: Any) -> Statement:
    return Statement(battle=FORD, kind=Kind.RESULT, victor=victor, degree=degree, **values)


def relation(one: Statement, other: Statement) -> Relation:
    found = compare(one, other)
    assert compare(other, one) == found
    return found.relation


def not_comparable(reason: str) -> Comparison:
    return Comparison(Relation.NOT_COMPARABLE, reason)


# What counts as an answer to the same question


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (figure(1), figure(2, side=SOUTH)),
        (figure(1), figure(2, entity=CORPS)),
        (figure(1), figure(2, category=Category.WOUNDED)),
        (figure(1), figure(2, category=Category.UNSPECIFIED)),
        (figure(1), figure(2, counted="guns")),
        (figure(1), figure(2, population="civilian")),
        (figure(1), figure(2, scope="on the first day")),
        (dated("1953"), dated("1953", aspect="start")),
        (won(NORTH), won(NORTH, level="strategic")),
        (figure(1), dated("1953")),
    ],
)
def test_answers_to_different_questions_are_no_rivals(one: Statement, other: Statement):
    assert key_of(one) != key_of(other)
    assert relation(one, other) is Relation.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (figure(1, counted="Persons"), figure(2, counted="persons ")),
        (figure(1, scope="On the  first day"), figure(2, scope="on the first day")),
        (figure(1, bound="about"), figure(2, bound="at_least")),
        (dated("1953"), dated("1954")),
        (won(NORTH), won(SOUTH, "decisive")),
    ],
)
def test_letter_case_spacing_and_the_answer_itself_do_not_part_rivals(
    one: Statement, other: Statement
):
    assert key_of(one) == key_of(other)
    assert relation(one, other) is not Relation.NOT_COMPARABLE


def test_killed_wounded_and_missing_are_parts_not_rivals():
    parts = [figure(10, category=category) for category in ("died", "wounded", "missing", "total")]
    for one, other in itertools.combinations(parts, 2):
        assert compare(one, other) == not_comparable("the categories differ")
    assert not is_disputed(parts)


@pytest.mark.django_db
def test_six_commanders_are_not_disputed():
    battle = make_battle()
    six = [
        make_statement(Kind.COMMANDER, battle=battle, entity=make_entity(f"Person {n}", "person"))
        for n in range(6)
    ]
    assert {statement.question for statement in six} == {None}
    assert not is_disputed(six)
    assert compare(*six[:2]) == not_comparable("only a reader can compare wordings")


@pytest.mark.django_db
def test_a_typed_question_arises_with_its_first_answer_and_is_shared():
    battle = make_battle()
    side = make_side(battle=battle)
    one = make_statement(Kind.CASUALTIES, battle=battle, side=side, scope="on the first day")
    other = make_statement(
        Kind.CASUALTIES, battle=battle, side=side, scope="On the first day", value=7
    )
    question = Question.objects.get()
    assert one.question == other.question == question
    assert (question.side, question.entity, question.category) == (side, None, "killed_in_action")
    assert question.wording == "Casualties, North; killed in action; on the first day"
    elsewhere = make_statement(Kind.CASUALTIES, scope="on the first day")
    assert elsewhere.question != question


@pytest.mark.django_db
def test_a_question_with_a_long_scope_fits_its_column():
    battle = make_battle()
    entity = make_entity()
    values = {"battle": battle, "entity": entity, "counted": "c" * 60, "population": "military"}
    one, other = (
        make_statement(
            Kind.CASUALTIES, category="missing_or_captured", scope="ß" * 199 + last, **values
        )
        for last in "ab"
    )
    assert one.question != other.question
    for question in Question.objects.all():
        question.clean_fields(exclude=["side", "entity"])
    assert len(key_of(one)) <= 300


def test_questions_are_worded_for_readers():
    assert wording_of(dated("1953")) == "When was it?"
    assert wording_of(dated("1953", aspect="end")) == "When was the end?"
    assert wording_of(Statement(kind=Kind.PLACE)) == "Where was it?"
    assert wording_of(won(NORTH)) == "Who won?"
    assert wording_of(won(NORTH, level="tactical")) == "Who won? (tactical level)"
    assert wording_of(figure(1, side=None)) == ("Casualties, side not stated; killed in action")
    guns = Statement(kind=Kind.STRENGTH, entity=CORPS, counted="guns", population="military")
    assert wording_of(guns) == "Strength, First Corps; guns; military"


# Figures


@pytest.mark.parametrize(
    ("values", "span"),
    [
        ({"value": 0}, (0, 0)),
        ({"value": 100, "bound": "about"}, (100, 100)),
        ({"value": 100, "bound": "at_least"}, (100, None)),
        ({"value": 100, "bound": "more_than"}, (101, None)),
        ({"value": 100, "bound": "nearly"}, (None, 99)),
        ({"value": 100, "bound": "at_most"}, (None, 100)),
        ({"low": 90, "high": 120}, (90, 120)),
        ({"value": 100, "low": 90, "high": 120, "bound": "about"}, (90, 120)),
        ({"low": 90, "bound": "at_least"}, (90, None)),
        ({"value": 100, "high": 120, "bound": "more_than"}, (101, 120)),
        ({"bound": "vague"}, (None, None)),
    ],
)
def test_a_figure_admits_the_numbers_it_says(
    values: dict[str, Any], span: tuple[int | None, int | None]
):
    assert figure_span(figure(**values)) == span


def test_killed_against_a_number_of_no_stated_category_is_not_a_conflict():
    killed = figure(2689)
    losses = figure(78000, category=Category.UNSPECIFIED)
    assert compare(killed, losses) == not_comparable("category not stated")
    assert not is_disputed([killed, losses])


def test_two_numbers_of_no_stated_category_are_not_a_conflict_but_may_agree():
    one, other = (figure(n, category=Category.UNSPECIFIED) for n in (32253, 78000))
    assert compare(one, other) == not_comparable("category not stated")
    assert relation(one, figure(32253, category=Category.UNSPECIFIED)) is AGREES


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (figure(2689), figure(2689), AGREES),
        (figure(2689), figure(2690), DIFFERS),
        (figure(0), figure(1), DIFFERS),
        (figure(100, "at_least"), figure(5000), COMPATIBLE),
        (figure(100, "at_least"), figure(99), DIFFERS),
        (figure(100, "more_than"), figure(100), DIFFERS),
        (figure(100, "nearly"), figure(100), DIFFERS),
        (figure(100, "at_most"), figure(100), COMPATIBLE),
        (figure(100, "more_than"), figure(101, "at_least"), AGREES),
        # Limits that overlap can both hold.
        (figure(1000, "more_than"), figure(2000, "nearly"), COMPATIBLE),
        (figure(2000, "more_than"), figure(2000, "nearly"), DIFFERS),
        (figure(low=100, high=200), figure(low=150, high=300), COMPATIBLE),
        (figure(low=100, high=200), figure(low=200, high=300), COMPATIBLE),
        (figure(low=100, high=199), figure(low=200, high=300), DIFFERS),
        (figure(low=1000, high=3000), figure(2689), COMPATIBLE),
        # The same range around another best estimate is no agreement.
        (figure(1500, low=1000, high=2000), figure(1500, low=1000, high=2000), AGREES),
        (figure(1500, low=1000, high=2000), figure(1800, low=1000, high=2000), COMPATIBLE),
        # “About” is good for a tenth.
        (figure(2700, "about"), figure(2700), AGREES),
        (figure(2700, "about"), figure(2689), COMPATIBLE),
        (figure(4000, "about"), figure(4400), COMPATIBLE),
        (figure(4000, "about"), figure(4401), DIFFERS),
        (figure(2700, "about"), figure(78000, "about"), DIFFERS),
        (figure(0, "about"), figure(5), DIFFERS),
    ],
)
def test_figures_differ_only_if_no_number_satisfies_both(
    one: Statement, other: Statement, expected: Relation
):
    assert relation(one, other) is expected
    assert is_disputed([one, other]) is (expected is DIFFERS)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (figure(1, side=None), figure(1), "it is not stated whose"),
        (figure(1, side=None), figure(1, side=None), "it is not stated whose"),
        (figure(1, side=SOUTH), figure(1), "they count different forces"),
        (figure(1, counted="divisions"), figure(1), "they count different things"),
        (
            figure(1, population="civilian"),
            figure(1),
            "it differs, or is not stated, whether civilians are counted",
        ),
        (figure(1, scope="1950"), figure(1), "they cover different periods or areas"),
        (figure(bound="vague"), figure(1), "no number is given"),
        (figure(bound="vague"), figure(bound="vague"), "no number is given"),
        (figure(1), won(NORTH), "they state different things"),
    ],
)
def test_a_reader_is_told_why_figures_cannot_be_compared(
    one: Statement, other: Statement, reason: str
):
    assert compare(one, other) == compare(other, one) == not_comparable(reason)


figures = st.builds(
    figure,
    value=st.none() | st.integers(0, 30),
    bound=st.sampled_from(Bound.values),
    low=st.none() | st.integers(0, 30),
    high=st.none() | st.integers(0, 30),
    side=st.sampled_from([NORTH, SOUTH, None]),
    category=st.sampled_from(["died", "unspecified"]),
)
edtf_strings = st.sampled_from(
    [
        *("1953", "1953-07", "1953-07-13", "-0479", "1950-24", "195X", "XXXX", "1600~", "1601?"),
        *("1953-07-13/1953-07-27", "1953-06/1953-07", "../1953", "1953-07/", "-0043/0410"),
        *("[1953,1955]", "[1952..1954]", "{1953,1955}"),
    ]
)
degrees = st.sampled_from(["", *Degree.values])
statements = st.one_of(
    figures,
    st.builds(dated, edtf_strings, aspect=st.sampled_from(["whole", "start", "phase"])),
    st.builds(dated, st.just(""), date_reason=st.just("not dated")),
    st.builds(won, st.sampled_from([NORTH, SOUTH, None]), degrees),
    st.builds(lambda: Statement(battle=FORD, kind=Kind.NARRATIVE, text="So.")),
)


@settings(max_examples=400, deadline=None, database=None)
@given(statements, statements)
def test_it_does_not_matter_which_of_two_comes_first(one: Statement, other: Statement):
    assert compare(one, other) == compare(other, one)
    assert (compare(one, other).reason != "") is (
        compare(one, other).relation is Relation.NOT_COMPARABLE
    )


@settings(max_examples=300, deadline=None, database=None)
@given(statements)
def test_nothing_differs_from_itself(one: Statement):
    assert compare(one, one).relation in {AGREES, Relation.NOT_COMPARABLE}


def limits(statement: Statement) -> tuple[float, float]:
    low, high = figure_span(statement)
    return (float("-inf") if low is None else low, float("inf") if high is None else high)


@settings(
    max_examples=400,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much],
)
@given(figures, figures)
def test_figures_that_share_a_number_never_differ_and_those_apart_never_agree(
    one: Statement, other: Statement
):
    (low, high), (from_, to) = limits(one), limits(other)
    assume(low <= high and from_ <= to)
    found = compare(one, other).relation
    if max(low, from_) <= min(high, to):
        assert found is not DIFFERS
    else:
        assert found is not AGREES
        assert found is not COMPATIBLE or "about" in {one.bound, other.bound}


# Dates


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1953-07-13/1953-07-27", "1953-07-13/1953-07-27", AGREES),
        ("1953-07-13/1953-07-27", "1953", COMPATIBLE),
        ("1953-07-13/1953-07-27", "1953-07", COMPATIBLE),
        ("1953-07-13", "1953-07-14", DIFFERS),
        ("1953", "1954", DIFFERS),
        ("-0479", "0479", DIFFERS),
        ("1953-07-13/1953-07-27", "1954", DIFFERS),
        # Two accounts of how long it lasted are rivals, though one lies within the other.
        ("1953-07-13/1953-07-27", "1953-06-10/1953-07-27", DIFFERS),
        ("1953-07-13/1953-07-27", "1953-07-13/1953-07-20", DIFFERS),
        ("1953-07-13/1953-07-27", "1953-07/1953-07", COMPATIBLE),
        ("1953-07-13/1953-07-27", "1953-07-13/..", COMPATIBLE),
        ("1953-07-13/1953-07-27", "/1953-07-27", COMPATIBLE),
        ("1953-07-13/1953-07-27", "1953-07-14/", DIFFERS),
        # One day or the other is not the whole time between them.
        ("[1953-07-13,1953-07-27]", "1953-07-13/1953-07-27", COMPATIBLE),
        ("[1951..1953]", "[1952..1954]", COMPATIBLE),
        ("[1951..1953]", "1955", DIFFERS),
        # An unknown year tells nothing about another.
        ("XXXX-12-25", "XXXX-07-01", COMPATIBLE),
        ("XXXX-12-25", "XXXX-12-25", AGREES),
        # What is approximate or uncertain differs from what is more than its own length away.
        ("1600~", "1600", AGREES),
        ("1600~", "1601", COMPATIBLE),
        ("1601", "1600?", COMPATIBLE),
        ("1601%", "1603", DIFFERS),
        ("1953-07-13~", "1953-07-14", COMPATIBLE),
        ("1953-07-13~", "1953-07-15", DIFFERS),
        ("1600~/1603", "1601/1603", COMPATIBLE),
        ("1600~/1603", "1601/1604", DIFFERS),
    ],
)
def test_dates_differ_only_if_no_day_satisfies_both(one: str, other: str, expected: Relation):
    assert relation(dated(one), dated(other)) is expected
    assert is_disputed([dated(one), dated(other)]) is (expected is DIFFERS)


def test_what_has_no_date_cannot_be_compared():
    undated = dated("", date_reason="just a few months later")
    assert compare(dated("1953"), undated) == not_comparable("no date is given")
    start = dated("1953-07-13", aspect="start")
    assert compare(dated("1953-07-13/1953-07-27"), start) == not_comparable(
        "one dates another part of the battle"
    )


def test_phases_are_parts_of_a_battle_and_no_rivals():
    first, second = dated("1950-08-01", aspect="phase"), dated("1950-08-04", aspect="phase")
    assert compare(first, second) == not_comparable("each may date a phase of its own")
    assert compare(first, dated("1950-08-01", aspect="phase")).relation is AGREES
    assert not is_disputed([first, second])


# Places and results


@pytest.mark.django_db
def test_one_place_may_lie_within_another():
    battle = make_battle()
    ford, valley = make_entity("The ford", "place"), make_entity("The valley", "place")
    one, same, other = (
        make_statement(Kind.PLACE, battle=battle, place=place) for place in (ford, ford, valley)
    )
    assert one.question == other.question
    assert relation(one, same) is AGREES
    assert compare(one, other) == not_comparable("one place may lie within the other")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (won(NORTH), won(NORTH), AGREES),
        (won(NORTH), won(SOUTH), DIFFERS),
        (won(NORTH), won(NORTH, "decisive"), COMPATIBLE),
        (won(NORTH, "limited"), won(NORTH, "decisive"), DIFFERS),
        (won(NORTH, "costly"), won(NORTH, "decisive"), COMPATIBLE),
        (won(NORTH, "inconclusive"), won(NORTH, "decisive"), DIFFERS),
        (won(None, "inconclusive"), won(NORTH), DIFFERS),
        (won(None, "inconclusive"), won(None, "stalemate"), COMPATIBLE),
        (won(None, "stalemate"), won(None, "stalemate"), AGREES),
    ],
)
def test_results(one: Statement, other: Statement, expected: Relation):
    assert relation(one, other) is expected


def test_a_decisive_result_of_no_named_victor_contradicts_none():
    for other in (won(NORTH, "decisive"), won(None, "inconclusive"), won(None, "decisive")):
        assert compare(won(None, "decisive"), other) == not_comparable("it is not stated who won")


def test_results_on_different_levels_are_no_rivals():
    tactical, strategic = won(NORTH, level="tactical"), won(SOUTH, level="strategic")
    reason = "they speak of different levels, or do not say which"
    assert compare(tactical, strategic) == not_comparable(reason)
    assert compare(tactical, won(SOUTH)) == not_comparable(reason)


# What is disputed


@pytest.mark.django_db
def test_the_same_estimate_by_the_same_voice_in_two_documents_counts_once():
    battle = make_battle()
    side, voice = make_side(battle=battle), make_origin("South Korea", slug="korea")
    twice = [make_statement(Kind.CASUALTIES, battle=battle, side=side) for _ in range(2)]
    for statement, text in zip(twice, ("2,689 killed", "killed: 2,689"), strict=True):
        cite(statement, make_passage(text, document=make_document(text)), claimant=voice)
    publish(twice)
    assert compare(*twice).relation is AGREES
    question = Question.objects.get()
    assert not question.disputed


def narratives(*claimants: set[str]) -> list[Statement]:
    """Answers to one narrative question, each on the word of some voices."""
    battle = make_battle()
    question = make_question(battle=battle)
    answers = []
    for voices in claimants:
        answer = make_statement(battle=battle, question=question)
        document = make_document()
        for quote, voice in zip(("2,689", "32,253"), sorted(voices), strict=False):
            cite(answer, make_passage(quote, document=document), claimant=make_origin(voice))
        answers.append(answer)
    return answers


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("claimants", "expected"),
    [
        ([], False),
        ([{"North"}], False),
        ([{"North"}, {"North"}], False),
        ([{"North"}, {"South"}], True),
        # Two voices that say one thing together do not contradict one another.
        ([{"North", "South"}], False),
        ([{"North", "South"}, {"South"}], False),
        ([{"North", "South"}, {"South"}, {"West"}], True),
    ],
)
def test_a_narrative_question_is_disputed_when_different_voices_answer_it(
    claimants: list[set[str]], expected: bool
):
    assert is_disputed(narratives(*claimants)) is expected


@pytest.mark.django_db
@pytest.mark.parametrize("bearing", [Citation.Bearing.DISPUTES, Citation.Bearing.CONTEXT])
def test_who_only_disputes_an_answer_or_gives_context_does_not_give_it(bearing: str):
    one, other = narratives({"North"}, {"South"})
    cite(other, make_passage("at dusk"), claimant=make_origin("North"), bearing=bearing)
    assert is_disputed([one, other])
