"""What a statement says that no quote does: found, asked about, and the reason kept."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from battles.models import EntityName, Publication, Statement
from battles.publication import withdraw
from battles.unquoted import unquoted
from sources.models import Source
from tests.admin_forms import act, address, text_of
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_entity,
    make_locator,
    make_passage,
    make_published,
    make_side,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher() -> Client:
    user = User.objects.create_user("publisher", password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name="Publisher"))
    client = Client()
    client.force_login(user)
    return client


def said(kind: str, quote: str, **values: object) -> list[str]:
    """Return what a statement of some values says that one quote does not."""
    statement = make_statement(kind, **values)
    cite(statement, make_passage(quote, document=make_document(f"It says: {quote}!")))
    return unquoted(statement)


# Figures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "value"),
    [("32,253 fell", 32253), ("三万人", 30000), ("3만 명", 30000), ("twelve hundred", 1200)],
)
def test_a_figure_is_found_however_the_quote_writes_it(quote: str, value: int):
    assert said("casualties", quote, value=value) == []


def test_a_figure_that_no_quote_contains_is_named():
    assert said("casualties", "2,689 killed", value=2698) == ["the figure 2,698"]
    assert said("strength", "some 2,689", value=2689, low=2500, high=3000) == [
        "the figure 2,500",
        "the figure 3,000",
    ]


def test_zero_is_found_in_words_and_not_in_silence():
    assert said("casualties", "no man fell", value=0) == []
    assert said("casualties", "the army fell back", value=0) == ["the figure 0"]


def test_figures_written_in_a_sentence_are_looked_for_too():
    assert said("narrative", "2,689 killed", text="The north lost 2,689 men in 1453.") == [
        "the figure 1,453"
    ]


def test_a_figure_may_stand_in_any_of_the_quotes():
    statement = make_statement("casualties", value=2689)
    cite(statement)
    cite(statement, make_passage("32,253", document=make_document("others say 32,253")))
    assert unquoted(statement) == []


def test_a_comma_in_a_row_of_a_dataset_parts_two_figures():
    rows = make_document("ford,300,961,7\n", source=make_source(kind=Source.Kind.DATASET))
    statement = make_statement("casualties", value=961)
    cite(statement, make_passage("ford,300,961,7", document=rows))
    assert unquoted(statement) == []
    statement.value = 300961
    assert unquoted(statement) == ["the figure 300,961"]


# Dates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "edtf"),
    [
        ("from 13 to 27 July 1953", "1953-07-13/1953-07-27"),
        ("July 27, 1953", "1953-07-27"),
        ("7/27/1953", "1953-07-27"),
        ("1953年7月27日", "1953-07-27"),
        ("1953년 7월 27일", "1953-07-27"),
        ("in the summer of 1953", "1953-21"),
        ("about 1600", "1600~"),
        ("in 480 BC", "-0479"),
        ("in the fifties", "195X"),
        ("July 27, 1953, at ten", "1953-07-27T10:00:00"),
        ("on 27 July 1953", "1953-07"),
    ],
)
def test_a_date_is_found_however_the_quote_writes_it(quote: str, edtf: str):
    assert said("date", quote, date_edtf=edtf) == []


@pytest.mark.parametrize(
    ("quote", "edtf", "missing"),
    [
        ("on 27 July", "1953-07-27", ["the year 1953"]),
        ("in 1953", "1953-07-27", ["the date 27 July 1953"]),
        ("on 17 July 1953", "1953-07-27", ["the date 27 July 1953"]),
        ("on 27 June 1953", "1953-07-27", ["the date 27 July 1953"]),
        ("on 27 July 1952", "1953-07-27", ["the date 27 July 1953"]),
        ("in 479 BC", "-0479", ["the year 480 BCE"]),
        ("27 July 1953", "1953-07-13/1953-07-27", ["the date 13 July 1953"]),
    ],
)
def test_a_date_that_no_quote_contains_is_named(quote: str, edtf: str, missing: list[str]):
    assert said("date", quote, date_edtf=edtf) == missing


# Names ------------------------------------------------------------------------------------------


def test_a_name_is_found_in_its_other_forms():
    place = make_entity("Kumsong", "place")
    EntityName.objects.create(entity=place, text="Jincheng", language="zh", romanises="金城")
    for quote in ("near Kumsong", "金城战役", "the town of JÌNCHÉNG", "Kumsong's walls"):
        assert said("place", quote, place=place) == []
    assert said("place", "near Kumhwa", place=place) == ["the name “Kumsong”"]


def test_what_the_archive_adds_to_tell_names_apart_needs_no_quote():
    assert said("place", "at Decatur", place=make_entity("Decatur (AL)", "place")) == []


def test_a_name_within_another_word_is_not_found():
    assert said("place", "the Kumsongian way", place=make_entity("Kum", "place")) != []


def test_the_party_and_the_battle_it_was_part_of_are_looked_for():
    person, party = make_entity("Deng Hua", "person"), make_entity("China", "party")
    assert said("commander", "the Chinese under Deng Hua", entity=person, party=party) == []
    assert said("commander", "Deng Hua", entity=person, party=party) == ["the name “China”"]
    war = make_battle("Long War", scale="war")
    make_published("name", battle=war, text="The Seven Years")
    assert said("part_of", "of the Seven Years", parent=war) == []
    assert said("part_of", "of those years", parent=war) == ["the name “Long War”"]


def test_the_name_of_a_battle_is_looked_for():
    assert said("name", "the Ford  Fight", text="Ford Fight") == []
    assert said("name", "a fight at the ford", text="Ford Fight") == ["the name “Ford Fight”"]


# What is not looked for -------------------------------------------------------------------------


def test_notes_and_sides_are_the_archives_own():
    battle = make_battle()
    side = make_side("Communist", battle=battle)
    assert said("note", "2,689 killed", text="In 1953 this was new.") == []
    assert said("casualties", "2,689 killed", battle=battle, side=side) == []


def test_words_that_are_not_held_cannot_be_looked_into():
    statement = make_statement("casualties", value=7)
    cite(statement, make_locator())
    assert unquoted(statement) == []


# At publication ---------------------------------------------------------------------------------


def wrong_figure(**values: object) -> Statement:
    statement = make_statement("casualties", value=2698, **values)
    cite(statement)
    return statement


def test_publishing_warns_and_asks_for_the_reason(publisher: Client):
    statement = wrong_figure()
    where = address(statement, "publish")
    page = publisher.post(where, {"version": statement.version})
    assert "No quote contains the figure 2,698" in text_of(page)
    assert "2,689 killed" in text_of(page)
    assert not Statement.objects.published().exists()

    fields = filled_in(page)
    fields[f"reason-{statement.pk}"] = "The printer’s error is corrected in the second edition."
    publisher.post(where, {"version": statement.version, **fields})
    statement.refresh_from_db()
    assert statement.is_published
    assert statement.inference == "The printer’s error is corrected in the second edition."
    record = Publication.objects.get().record["statement"]
    assert record["inference"] == statement.inference
    history = text_of(publisher.get(address(statement, "history")))
    assert "Published, giving the reason: The printer’s error is corrected" in history


def filled_in(page: Any) -> dict[str, Any]:
    """Return what the page that asks would send, with no reason given."""
    rows = page.context["asked"]
    return {field.html_name: field.value() or "" for _, _, *fields in rows for field in fields}


def test_without_a_reason_it_is_left_out_and_the_rest_is_published(publisher: Client):
    battle = make_battle()
    right, first, second = (
        make_statement("casualties", battle=battle),
        wrong_figure(battle=battle),
        wrong_figure(battle=battle, printed="twice"),
    )
    cite(right)
    rows = [right, first, second]
    page = act(publisher, Statement, "publish", rows)
    assert "1 other of those you chose needs no reason" in text_of(page)
    fields = filled_in(page)
    fields[f"reason-{first.pk}"] = "A later count."
    page = act(publisher, Statement, "publish", rows, **fields)
    assert set(Statement.objects.published()) == {right, first}
    battle.refresh_from_db()
    assert battle.edition == 1
    assert "no quote contains the figure 2,698, and no reason was given" in text_of(page)


def test_the_page_that_asks_keeps_the_whole_choice(publisher: Client):
    battle = make_battle()
    right, wrong = make_statement("casualties", battle=battle), wrong_figure(battle=battle)
    cite(right)
    listed = publisher.get(address(Statement, "changelist"))
    told = listed.context["action_form"].fields["all_seen"].initial
    page = act(publisher, Statement, "publish", [right, wrong])
    hidden = page.context["hidden"]
    assert {("action", "publish")} <= set(hidden)
    assert told is None  # all rows stand on one page
    data = dict(hidden) | {"_selected_action": [str(right.pk), str(wrong.pk)]}
    data |= filled_in(page) | {f"reason-{wrong.pk}": "A later count."}
    publisher.post(address(Statement, "changelist"), data)
    assert set(Statement.objects.published()) == {right, wrong}


def test_a_choice_across_pages_is_kept_without_naming_every_row(publisher: Client):
    battle = make_battle()
    rows = [wrong_figure(battle=battle) for _ in range(52)]
    listed = publisher.get(address(Statement, "changelist"))
    seen = listed.context["action_form"].fields["all_seen"].initial
    page = act(publisher, Statement, "publish", rows[:1], select_across="1", all_seen=seen)
    hidden = page.context["hidden"]
    assert [name for name, _ in hidden].count("_selected_action") == 1
    data = dict(hidden) | filled_in(page)
    data |= {name: "Counted anew." for name in data if name.startswith("reason-")}
    publisher.post(address(Statement, "changelist"), data)
    assert Statement.objects.published().count() == 52


def test_one_reason_can_be_given_for_all_that_have_none_of_their_own(publisher: Client):
    battle = make_battle()
    rows = [wrong_figure(battle=battle, printed=words) for words in ("once", "twice", "thrice")]
    page = act(publisher, Statement, "publish", rows)
    assert "A reason for all those that are left empty" in text_of(page)
    fields = filled_in(page) | {"reason-shared": "Read from the table."}
    fields[f"reason-{rows[0].pk}"] = "A later count."
    act(publisher, Statement, "publish", rows, **fields)
    given = Statement.objects.published().values_list("printed", "inference")
    assert dict(given) == {
        "once": "A later count.",
        "twice": "Read from the table.",
        "thrice": "Read from the table.",
    }


def test_a_reason_given_for_what_somebody_changed_since_is_not_taken(publisher: Client):
    statement = wrong_figure()
    page = act(publisher, Statement, "publish", [statement])
    fields = filled_in(page)
    fields[f"reason-{statement.pk}"] = "A later count."
    statement.value = 7
    statement.save()
    act(publisher, Statement, "publish", [statement], **fields)
    statement.refresh_from_db()
    assert (statement.state, statement.inference) == ("draft", "")


def test_a_reason_given_before_is_not_asked_for_again(publisher: Client):
    statement = wrong_figure(inference="A later count.")
    publisher.post(address(statement, "publish"), {"version": statement.version})
    assert Statement.objects.published().exists()


def test_what_was_withdrawn_is_published_again_as_it_was(publisher: Client):
    statement = make_published("casualties", value=2698)
    withdraw([statement], "An error.")
    statement.refresh_from_db()
    publisher.post(address(statement, "publish"), {"version": statement.version})
    assert Statement.objects.published().exists()


def test_the_page_of_a_draft_says_what_no_quote_contains(publisher: Client):
    warning = "No quote it cites contains the figure 2,698"
    assert warning in text_of(publisher.get(address(wrong_figure())))
    assert warning not in text_of(publisher.get(address(wrong_figure(inference="Later."))))


def test_asking_takes_no_more_queries_for_more_statements(publisher: Client):
    def queries(number: int) -> int:
        rows = []
        for _ in range(number):
            place = make_entity("Kumsong", "place")
            rows.append(make_statement("place", place=place))
            cite(rows[-1])
        with CaptureQueriesContext(connection) as counted:
            page = act(publisher, Statement, "publish", rows)
        assert len(page.context["asked"]) == number
        return len(counted)

    assert queries(1) == queries(6)
