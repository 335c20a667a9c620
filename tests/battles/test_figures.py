"""Figures and dates drawn to scale: one mark for each claim, nothing added up."""

import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from battles.figures import End, Tick, drawing_in_outline, drawing_of
from battles.kinds import Bound, Category, Kind
from battles.publication import publish
from battles.shown import ShownStatement, Values
from sources import dates
from tests.builders import (
    cite,
    make_battle,
    make_origin,
    make_passage,
    make_side,
    make_statement,
)
from tests.reading import Page

EMPTY = dict.fromkeys(Values._fields)


def told(kind, **values):
    """A statement as a page has it, with nothing but what is drawn."""
    row = EMPTY | {"kind": kind, "aspect": "whole", "counted": "persons", "population": ""}
    row |= {"scope": "", "category": Category.DIED, "date_edtf": "", "side_id": uuid4()} | values
    words = dict.fromkeys(("heading", "text", "lang", "reading", "printed", "printed_lang"), "")
    return ShownStatement(
        pk=uuid4(), kind=kind, inference="", values=Values(**row), citations=[], **words
    )


SIDE = uuid4()


def figure(bound, value=None, low=None, high=None, **values):
    return told(
        Kind.CASUALTIES, bound=bound, value=value, low=low, high=high, **{"side_id": SIDE} | values
    )


def date(edtf):
    return told(Kind.DATE, date_edtf=edtf)


def drawn(*answers):
    """The marks of answers, in their order, and the labels of the scale."""
    drawing = drawing_of(answers)
    assert drawing is not None
    marks = [drawing.marks.get(answer.pk) for answer in answers]
    return marks, [(tick.at, tick.label) for tick in drawing.labelled]


EXACT = figure(Bound.EXACTLY, 40)


def test_comparable_figures_share_a_scale_that_begins_at_nothing():
    (small, large), labels = drawn(EXACT, figure(Bound.EXACTLY, 80))
    assert labels == [(0, "0"), (50, "40"), (100, "80")]
    assert (small.point, large.point) == (50, 100)
    assert (small.bar, large.bar) == ((0, 50), (0, 100))
    assert not small.has_reach


@pytest.mark.parametrize(
    ("claim", "starts", "ends", "words"),
    [
        (figure(Bound.AT_LEAST, 80), End.AT, End.OPEN, "80 or more, no upper bound stated"),
        (
            figure(Bound.MORE_THAN, 80),
            End.SHORT_OF,
            End.OPEN,
            "more than 80, no upper bound stated",
        ),
        (figure(Bound.AT_MOST, 80), End.UNKNOWN, End.AT, "80 or fewer, no lower bound stated"),
        (
            figure(Bound.NEARLY, 80),
            End.UNKNOWN,
            End.SHORT_OF,
            "fewer than 80, no lower bound stated",
        ),
        (figure(Bound.EXACTLY, low=60), End.AT, End.OPEN, "60 or more, no upper bound stated"),
        (figure(Bound.EXACTLY, low=60, high=80), End.AT, End.AT, "60 to 80"),
        (
            figure(Bound.EXACTLY, 70, high=80),
            End.UNKNOWN,
            End.AT,
            "80 or fewer, no lower bound stated",
        ),
        (figure(Bound.EXACTLY, 80), End.AT, End.AT, "80"),
        (figure(Bound.ABOUT, 80), End.AT, End.AT, "about 80"),
    ],
)
def test_bounds_are_told_apart_in_shape_and_in_words(claim, starts, ends, words):
    (mark, _), _ = drawn(claim, EXACT)
    assert (mark.starts, mark.ends, mark.words) == (starts, ends, words)


def test_an_end_that_is_not_stated_reaches_the_edge_and_never_a_number():
    (open_up, open_down, _), labels = drawn(
        figure(Bound.AT_LEAST, 80), figure(Bound.NEARLY, 80), EXACT
    )
    assert (open_up.end, open_down.start) == (100, 0)
    assert open_up.start < 100
    assert labels[-1] == (100, "100")
    assert open_down.is_left_out
    assert not open_up.is_left_out


def test_about_is_drawn_as_about_and_given_no_bounds():
    (mark, _), _ = drawn(figure(Bound.ABOUT, 80), EXACT)
    assert mark.is_loose
    assert mark.start == mark.end == mark.point


def test_a_claim_without_a_number_has_no_mark():
    (vague, one, two), _ = drawn(figure(Bound.VAGUE), EXACT, figure(Bound.EXACTLY, 0))
    assert vague is None
    assert (one.point, two.point) == (100, 0)


@pytest.mark.parametrize(
    "answers",
    [
        [EXACT],
        [figure(Bound.MORE_THAN, 40)],
        [EXACT, figure(Bound.VAGUE)],
        [figure(Bound.VAGUE)],
        [date("1953-07-13/1953-07-27")],
        [date("1953"), told(Kind.DATE, date_reason="later")],
        [told(Kind.RESULT), told(Kind.RESULT)],
    ],
)
def test_what_there_is_nothing_to_compare_with_is_not_drawn(answers):
    assert drawing_of(answers) is None


def test_a_range_is_drawn_even_alone():
    [mark], _ = drawn(figure(Bound.EXACTLY, 70, 60, 80))
    assert (mark.start, mark.point, mark.end) == (75, 87.5, 100)


def test_a_number_with_one_bound_is_drawn_alone_and_open_where_the_other_is_not_stated():
    [mark], _ = drawn(figure(Bound.EXACTLY, 80, low=60))
    assert (mark.start, mark.point, mark.end) == (60, 80, 100)
    assert (mark.starts, mark.ends) == (End.AT, End.OPEN)
    assert mark.words == "60 or more, no upper bound stated"


@pytest.mark.parametrize(
    "other",
    [
        {"category": Category.WOUNDED},
        {"side_id": uuid4()},
        {"counted": "guns"},
        {"population": "civilian"},
        {"scope": "13 July"},
    ],
)
def test_what_cannot_be_compared_shares_no_scale(other):
    assert drawing_of([EXACT, figure(Bound.EXACTLY, 80, **other)]) is None


def test_figures_of_a_category_that_is_not_stated_share_no_scale():
    unstated = {"category": Category.UNSPECIFIED}
    one, other = (figure(Bound.EXACTLY, value, **unstated) for value in (40, 80))
    assert drawing_of([one, other]) is None


def test_what_cannot_be_compared_is_drawn_in_outline():
    killed = figure(Bound.EXACTLY, 40, category=Category.KILLED_IN_ACTION)
    unstated = figure(Bound.AT_LEAST, 80, category=Category.UNSPECIFIED)
    vague = figure(Bound.VAGUE)
    drawing = drawing_in_outline([killed, unstated, vague])
    assert drawing.in_outline
    assert set(drawing.marks) == {killed.pk, unstated.pk}
    assert drawing.marks[killed.pk].point == 40
    assert drawing.marks[unstated.pk].ends is End.OPEN


def test_one_number_alone_is_not_drawn_in_outline_either():
    assert drawing_in_outline([EXACT, figure(Bound.VAGUE)]) is None


def test_dates_stand_on_a_calendar():
    (year, days), labels = drawn(date("1953"), date("1953-07-13/1953-07-27"))
    assert labels == [(0, "January 1953"), (100, "December 1953")]
    assert year.bar == (0, 100)
    assert (days.start, days.end) == (52.88, 56.99)  # days 193 and 208 of 365
    assert days.words == "13 July 1953 to 27 July 1953"
    assert not days.has_reach


def test_a_day_is_as_wide_as_a_day():
    (one, _), labels = drawn(date("1953-07-01"), date("1953-07-10"))
    assert labels == [(0, "1 July 1953"), (100, "10 July 1953")]
    assert one.bar == (0, 10)
    assert one.words == "1 July 1953"


@pytest.mark.parametrize(
    ("edtf", "end", "words"),
    [
        ("1953-07-13/", End.UNKNOWN, "13 July 1953 to end not known"),
        ("1953-07-13/..", End.OPEN, "13 July 1953 to end open"),
    ],
)
def test_an_open_end_and_an_unknown_one_are_told_apart(edtf, end, words):
    (mark, _), _ = drawn(date(edtf), date("1953-07-27"))
    assert (mark.end, mark.ends, mark.words) == (100, end, words)
    assert mark.bar == (0, 0)


def test_years_before_the_common_era_are_named_as_historians_do():
    _, labels = drawn(date("-0489"), date("-0479"))
    assert labels[0][1] == "490 BCE"


def test_labels_that_would_run_into_one_another_are_shortened():
    _, labels = drawn(date("-0489-08-12"), date("-0489-09-12"))
    assert [label for _, label in labels] == ["12 Aug 490 BCE", "12 Sep 490 BCE"]


def test_years_long_before_the_common_era_are_named_in_the_same_way():
    _, labels = drawn(date("Y-12999"), date("Y-11999"))
    assert labels[0][1] == "13000 BCE"


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("1797", "1944", ["1790", "1949"]),
        ("-0496", "-0345", ["500 BCE", "341 BCE"]),
        ("-0094", "0074", ["100 BCE", "79 CE"]),
    ],
)
def test_a_scale_of_years_begins_at_a_round_one_before_the_common_era_too(first, last, labels):
    assert [label for _, label in drawn(date(first), date(last))[1]] == labels


def test_uncertain_and_approximate_dates_are_drawn_as_such():
    (mark, other), _ = drawn(date("1953~"), date("1952"))
    assert (mark.is_loose, other.is_loose) == (True, False)


numbers = st.none() | st.integers(0, 10**12)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Bound)), numbers, numbers, numbers), min_size=1, max_size=6
    )
)
def test_every_figure_stays_on_its_scale_and_in_its_order(claims):
    answers = [
        figure(bound, value, *((low, high) if None in (low, high) else sorted((low, high))))
        for bound, value, low, high in claims
    ]
    drawing = drawing_of(answers)
    for answer in answers if drawing else ():
        mark = drawing.marks.get(answer.pk)
        if mark is None:
            continue
        assert 0 <= mark.start <= mark.end <= 100
        assert 0 <= (mark.point or 0) <= 100
        assert mark.words
    if drawing:
        assert [tick.at for tick in drawing.ticks] == sorted(tick.at for tick in drawing.ticks)
        assert (drawing.ticks[0].at, drawing.ticks[-1].at) == (0, 100)


days = st.integers(-4_000_000, 4_000_000).map(dates.from_day_number)


@given(st.lists(days, min_size=2, max_size=5), st.sampled_from(["", "/..", "/", "~"]))
def test_every_date_stays_on_its_calendar(moments, ending):
    texts = [
        f"{f'{year:05d}' if year < 0 else f'{year:04d}'}-{month:02d}-{day:02d}"
        for year, month, day in moments
        if -9999 <= year <= 9999
    ]
    answers = [date(text + ending) for text in texts]
    if len(answers) < 2:
        return
    drawing = drawing_of(answers)
    assert drawing is not None
    assert len(drawing.ticks) <= 25
    for mark in drawing.marks.values():
        assert 0 <= mark.start <= mark.end <= 100


def test_labels_stay_within_the_drawing():
    assert [Tick(at).anchor for at in (0, 50, 100)] == ["start", "middle", "end"]


# On the page


@pytest.mark.django_db
def test_the_page_draws_each_claim_beside_its_words_and_links_it_to_its_passage(client):
    battle = make_battle(slug="the-ford")
    side = make_side("North", battle=battle)
    passages = []
    for name, value, bound in (
        ("China", 32253, Bound.EXACTLY),
        ("Korea", 66000, Bound.AT_LEAST),
        ("Japan", None, Bound.VAGUE),
    ):
        statement = make_statement(
            Kind.CASUALTIES,
            battle=battle,
            side=side,
            value=value,
            bound=bound,
            category=Category.DIED,
            printed="many" if value is None else "",
        )
        passages.append(make_passage())
        cite(statement, passages[-1], claimant=make_origin(name))
        publish([statement])
    page = Page(client.get("/battles/the-ford/"))
    [table] = re.findall(r'<table class="drawn">.*?</table>', page.html, re.DOTALL)
    assert table.count('<svg class="mark">') == 2
    assert "66,000 or more, no upper bound stated" in page.words
    assert "no number to draw" in page.words
    for passage in passages[:2]:
        link = f'#p-{passage.pk}" tabindex="-1" aria-hidden="true"><svg class="mark">'
        assert link in table
    assert "98,253" not in page.words


@pytest.mark.django_db
def test_a_scale_does_not_move_when_a_filter_hides_a_rival(client):
    battle = make_battle(slug="the-ford")
    side = make_side("North", battle=battle)
    for name, value in (("China", 40), ("Korea", 80)):
        statement = make_statement(
            Kind.CASUALTIES, battle=battle, side=side, value=value, category=Category.DIED
        )
        cite(statement, claimant=make_origin(name, slug=name.lower()))
        publish([statement])
    page = Page(client.get("/battles/the-ford/?claimant=china"))
    assert page.html.count('<svg class="mark">') == 1
    assert '<circle cx="50.0%"' in page.html
    assert "1 rival account is hidden by the filter" in page.words


@pytest.mark.django_db
def test_figures_that_are_not_compared_are_drawn_in_outline_and_say_why(client):
    battle = make_battle(slug="the-ford")
    side = make_side("North", battle=battle)
    for name, value, category in (
        ("China", 50, Category.UNSPECIFIED),
        ("Korea", 100, Category.UNSPECIFIED),
        ("Japan", 40, Category.WOUNDED),
        ("Russia", 30, Category.DIED),
        ("Spain", 20, Category.DIED),
    ):
        statement = make_statement(
            Kind.CASUALTIES, battle=battle, side=side, value=value, category=category
        )
        cite(statement, claimant=make_origin(name))
        publish([statement])
    page = Page(client.get("/battles/the-ford/"))
    tables = re.findall(r'<table class="drawn(.*?)".*?</table>', page.html, re.DOTALL)
    assert sorted(tables) == ["", " drawn-in-outline", " drawn-in-outline"]
    assert '<circle cx="40.0%"' in page.html  # 40 of 100: one scale, also over two questions
    assert (
        page.html.count('<circle cx="100.0%"') == 1 + 1
    )  # the scale of what is compared ends at 30
    assert page.html.count('<svg class="scale">') == 2  # below the last question that it serves
    assert "not comparable: category not stated" in page.words
    assert "not compared with the others" in page.words
    assert "cannot be compared with the others on its scale" in page.words


def signs(*answers):
    return sorted(drawing_of(answers).signs)


def test_a_drawing_knows_what_it_is_drawn_with():
    assert signs(EXACT, figure(Bound.ABOUT, 50)) == ["about", "number"]
    assert signs(EXACT, figure(Bound.MORE_THAN, 30)) == ["left_out", "number", "open"]
    assert signs(EXACT, figure(Bound.NEARLY, 60)) == ["left_out", "number", "unknown"]
    assert signs(EXACT, figure(Bound.ABOUT, low=30, high=50)) == ["number", "range"]
    assert signs(date("1863-07-01"), date("1863-07-02?")) == ["days", "loose_days"]
    assert signs(date("1863-07-01"), date("1863-07-01/..")) == ["days", "open"]
    assert signs(date("1863-07-01"), date("/1863-07-02")) == ["days", "unknown"]
    assert "outline" in drawing_in_outline([EXACT, figure(Bound.EXACTLY, 50)]).signs


@pytest.mark.django_db
def test_the_key_explains_what_the_page_is_drawn_with_and_nothing_else(client):
    battle = make_battle(slug="the-ford")
    for name, edtf in (("China", "1863-07-01"), ("Korea", "1863-07-02?")):
        cite(
            statement := make_statement(Kind.DATE, battle=battle, date_edtf=edtf),
            claimant=make_origin(name),
        )
        publish([statement])
    page = Page(client.get("/battles/the-ford/"))
    assert "the days named" in page.words
    assert "about these days, or not certainly these" in page.words
    assert "the number named" not in page.words
    assert "where it ends" not in page.words


@pytest.mark.django_db
def test_a_page_says_what_numbers_in_italics_are_where_it_has_any(client):
    battle = make_battle(slug="the-ford")
    plain, disputed = (
        make_statement(Kind.DATE, battle=battle, date_edtf=edtf)
        for edtf in ("1863-07-01", "1863-07-02")
    )
    cite(plain)
    publish([plain])
    assert "italics" not in Page(client.get("/battles/the-ford/")).words

    cite(disputed)
    cite(disputed, bearing="disputes", claimant=make_origin("Korea"))
    publish([disputed])
    words = Page(client.get("/battles/the-ford/")).words
    assert "in italics leads to a passage that speaks against its statement." in words


@pytest.mark.django_db
def test_the_key_tells_of_outlines_only_where_there_are_any(client):
    battle = make_battle(slug="the-ford")
    side = make_side("North", battle=battle)
    for name, value in (("China", 40), ("Korea", 80)):
        statement = make_statement(
            Kind.CASUALTIES, battle=battle, side=side, value=value, category=Category.DIED
        )
        cite(statement, claimant=make_origin(name))
        publish([statement])
    assert "outline" not in Page(client.get("/battles/the-ford/")).words
