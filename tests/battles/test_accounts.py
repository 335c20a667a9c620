"""The comparison: who says what, question by question, side by side."""

import csv
import io
import re

import pytest

from battles.accounts import State, accounts
from battles.kinds import Bound, Category, Kind
from battles.models import Citation, Question
from battles.publication import publish, withdraw
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_origin,
    make_passage,
    make_question,
    make_side,
    make_source,
    make_statement,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def battle():
    return make_battle(slug="the-ford")


@pytest.fixture
def china():
    return make_origin("China", slug="china")


@pytest.fixture
def korea():
    return make_origin("South Korea", slug="south-korea")


def read(client, battle, query=""):
    return Page(client.get(f"/battles/{battle.slug}/accounts/{query}"))


def claim(battle, claimant, kind=Kind.CASUALTIES, passage=None, **values):
    if kind == Kind.CASUALTIES:
        values.setdefault("side", make_side("China", battle=battle))
    statement = make_statement(kind, battle=battle, **values)
    cite(statement, passage, claimant=claimant)
    publish([statement])
    statement.refresh_from_db()
    return statement


def cells(battle, wording=None, wanted=()):
    """Return, for one question, what each claimant's cell says beside its answers."""
    rows = {row.group.wording: row for row in accounts(battle, wanted).rows}
    row = rows[wording] if wording else next(iter(rows.values()))
    return {cell.claimant.name: [one.words for one in cell.findings] for cell in row.cells}


def standings(battle):
    return {row.group.wording: row.standing for row in accounts(battle).rows}


# Rows, columns and what stands in them


def test_a_question_is_a_row_a_claimant_a_column_and_every_answer_leads_to_its_passage(
    client, battle, china, korea
):
    document = make_document()
    passages = [make_passage(quote, document=document) for quote in ("2,689 killed", "32,253")]
    claim(battle, china, value=2689, passage=passages[0])
    claim(battle, korea, value=32253, passage=passages[1])
    page = read(client, battle)
    assert {address for cited in page.cited.values() for address in cited.values()} == {
        f"/documents/{document.pk}/#p-{passage.pk}" for passage in passages
    }
    assert f"q-{Question.objects.get().pk}" in page.ids
    assert len(re.findall('<th scope="col">', page.html)) == 3
    assert len(re.findall('<th scope="row">', page.html)) == 1
    assert page.html.count("<td ") == 2


def test_columns_are_in_the_order_of_the_alphabet_whoever_spoke_first(battle, china, korea):
    claim(battle, korea, value=1)
    claim(battle, china, value=2)
    claim(battle, make_origin("Élie de Beaumont"), value=3)
    assert [origin.name for origin in accounts(battle).claimants] == [
        "China",
        "Élie de Beaumont",
        "South Korea",
    ]


def test_figures_that_no_number_could_satisfy_differ(battle, china, korea):
    claim(battle, china, value=32253)
    claim(battle, korea, value=66000)
    assert cells(battle) == {
        "China": ["differs from South Korea"],
        "South Korea": ["differs from China"],
    }
    assert list(standings(battle).values()) == ["accounts differ"]


def test_the_same_figure_on_the_word_of_two_agrees(battle, china, korea):
    claim(battle, china, value=32253)
    claim(battle, korea, value=32253)
    assert cells(battle)["China"] == ["agrees with South Korea"]
    assert list(standings(battle).values()) == ["accounts agree"]


def test_one_statement_that_stands_on_the_word_of_two_is_in_both_columns(client, battle, china):
    statement = make_statement(Kind.DATE, battle=battle)
    cite(statement, claimant=china)
    cite(statement, claimant=make_origin("South Korea"))
    publish([statement])
    assert cells(battle)["South Korea"] == ["agrees with China"]
    addresses = read(client, battle).cited[str(statement.pk)]
    assert len(addresses) == 2


def test_more_than_and_nearly_are_compatible(battle, china, korea):
    claim(battle, china, value=1000, bound=Bound.MORE_THAN)
    claim(battle, korea, value=2000, bound=Bound.NEARLY)
    assert cells(battle)["China"] == ["compatible with South Korea"]


def test_a_claimant_who_counts_otherwise_is_not_comparable_and_the_cell_says_why(
    client, battle, china, korea
):
    claim(battle, korea, value=2689, category=Category.KILLED_IN_ACTION)
    claim(battle, china, value=78000, category=Category.UNSPECIFIED)
    found = cells(battle, "Casualties, China; killed in action")
    assert found["China"] == ["not comparable: category not stated"]
    assert set(standings(battle).values()) == {"one voice here"}
    page = read(client, battle)
    assert "answers “category not stated” instead; not comparable" in page.words
    other = Question.objects.get(category=Category.UNSPECIFIED)
    assert f"#q-{other.pk}" in page.links


def test_figures_of_another_force_are_nothing_to_the_question(battle, china, korea):
    claim(battle, korea, value=2689)
    claim(battle, china, value=78000, side=make_side("North", battle=battle))
    assert cells(battle, "Casualties, China; killed in action")["China"] == ["nothing recorded"]


def test_a_question_that_one_claimant_alone_answers_is_shown(client, battle, china, korea):
    claim(battle, china, Kind.DATE)
    claim(battle, korea, value=5)
    assert cells(battle, "When was it?") == {
        "China": ["no other voice here answers"],
        "South Korea": ["nothing recorded"],
    }
    assert "When was it? one voice here Nothing recorded: South Korea" in read(client, battle).words


def test_sentences_that_answer_a_question_are_rows_too(client, battle, china, korea):
    question = make_question("Who had the guns?", battle=battle)
    for claimant in (china, korea):
        claim(battle, claimant, Kind.NARRATIVE, question=question, text=f"Not {claimant}.")
    assert cells(battle, "Who had the guns?")["China"] == ["differs from South Korea"]
    assert "Not South Korea." in read(client, battle).words


def test_wordings_of_one_claimant_are_left_to_the_reader(battle, china):
    question = make_question(battle=battle)
    for text in ("The north had.", "The north had more."):
        claim(battle, china, Kind.NARRATIVE, question=question, text=text)
    assert cells(battle)["China"] == [
        "no other voice here answers",
        "its own accounts are not all comparable: only a reader can compare wordings",
    ]
    assert list(standings(battle).values()) == ["one voice here"]


def test_a_claimant_who_contradicts_itself_is_said_to(battle, china):
    claim(battle, china, value=1)
    claim(battle, china, value=2)
    assert "its own accounts differ" in cells(battle)["China"]
    assert list(standings(battle).values()) == ["accounts differ"]


def test_answers_that_stand_to_one_another_in_several_ways_do_so_in_part(battle, china, korea):
    claim(battle, china, Kind.DATE, date_edtf="1953")
    claim(battle, china, Kind.DATE, date_edtf="1951")
    claim(battle, korea, Kind.DATE, date_edtf="1953-07")
    assert cells(battle)["South Korea"] == [
        "in part differs from China",
        "in part compatible with China",
    ]


def test_many_who_stand_alike_are_not_all_named(battle):
    for number in range(4):
        claim(battle, make_origin(f"Voice {number}"), value=100 * number)
    assert cells(battle)["Voice 0"] == ["differs from all the others"]


def test_who_disputes_an_answer_differs_from_who_gives_it(client, battle, china, korea):
    statement = make_statement(
        Kind.CASUALTIES, battle=battle, value=9, side=make_side(battle=battle)
    )
    cite(statement, claimant=china)
    cite(statement, claimant=korea, bearing=Citation.Bearing.DISPUTES)
    publish([statement])
    assert cells(battle) == {
        "China": ["differs from South Korea"],
        "South Korea": ["differs from China"],
    }
    page = read(client, battle)
    assert "South Korea disputes: 9" in page.words
    assert len(page.cited[str(statement.pk)]) == 2


def test_context_speaks_for_nobody_but_is_cited(client, battle, china, korea):
    statement = make_statement(Kind.DATE, battle=battle)
    cite(statement, claimant=china)
    cite(statement, claimant=korea, bearing=Citation.Bearing.CONTEXT)
    publish([statement])
    assert [origin.name for origin in accounts(battle).claimants] == ["China"]
    assert len(read(client, battle).cited[str(statement.pk)]) == 2


def test_no_cell_is_called_silent_whose_documents_nobody_read_through(battle, china, korea):
    claim(battle, china, Kind.DATE)
    claim(battle, korea, value=5)
    states = {cell.state for row in accounts(battle).rows for cell in row.cells}
    assert states == {State.ALONE, State.NOTHING_RECORDED}


def test_every_state_is_told_in_words_and_by_a_shape(client, battle, china, korea):
    claim(battle, china, value=1)
    claim(battle, korea, value=2)
    html = read(client, battle).html
    for state in State:
        assert f'<symbol id="shape-{state.replace(" ", "-")}"' in html
    assert re.search(r'href="#shape-differs"/></svg>\s*<span>differs from China</span>', html)


# Two of them


def test_two_can_be_chosen_by_a_form_or_by_an_address(client, battle, china, korea):
    claim(battle, china, value=1)
    claim(battle, korea, value=2)
    claim(battle, make_origin("A third", slug="third"), value=3)
    claim(battle, make_origin("A third", slug="third"), Kind.DATE)
    page = read(client, battle, "?claimants=china,south-korea")
    assert page.html == read(client, battle, "?claimants=china&claimants=south-korea").html
    assert len(page.cited) == 2
    assert "Only China and South Korea. 1 question that neither of them answers is left out" in (
        page.words
    )
    assert cells(battle, wanted=["china", "south-korea"])["China"] == ["differs from South Korea"]
    assert "/battles/the-ford/accounts.csv?claimants=china,south-korea" in page.links


def test_three_can_be_chosen_by_an_address(client, battle, china, korea):
    for claimant in (china, korea, make_origin("A third", slug="third"), make_origin("Another")):
        claim(battle, claimant)
    page = read(client, battle, "?claimants=china,south-korea,third")
    assert "Only A third, China and South Korea. Show all" in page.words


def test_of_two_chosen_no_more_is_said_than_that_neither_of_them_answers(battle, china, korea):
    third = make_origin("A third", slug="third")
    for claimant in (china, third):
        claim(battle, claimant, Kind.DATE)
    claim(battle, korea, value=1)
    [found, *_] = cells(battle, wanted=["china", "south-korea"])["China"]
    assert found == "no other voice here answers"


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("?claimants=nobody,china", "“nobody” answers no question about this battle"),
        ("?claimants=%00&claimants=<b>", "“<b>” answers no question"),
        ("?claimants=china", "choose two"),
        ("?claimants=china,china", "choose two"),
    ],
)
def test_who_cannot_be_compared_is_named_and_nothing_is_shown(
    client, battle, china, korea, query, problem
):
    claim(battle, china, value=1)
    claim(battle, korea, value=2)
    page = read(client, battle, query)
    assert page.status == 400
    assert problem in page.words
    assert page.cited == {}
    answer = client.get(f"/battles/the-ford/accounts.csv{query}")
    assert answer.status_code == 400
    assert problem in answer.content.decode()


@pytest.mark.parametrize("query", ["", "?claimants=", "?claimants=,"])
def test_who_chooses_nobody_sees_everybody(client, battle, china, korea, query):
    claim(battle, china, value=1)
    claim(battle, korea, value=2)
    assert len(read(client, battle, query).cited) == 2


# Where there is little or nothing


def test_of_one_voice_alone_the_page_says_that_there_is_nothing_to_compare(client, battle, china):
    claim(battle, china, value=1)
    page = read(client, battle)
    assert "One voice only, so there is nothing to compare" in page.words
    assert len(page.cited) == 1


def test_a_battle_of_which_no_question_is_answered_says_so(client, battle):
    statement = make_statement(battle=battle)
    cite(statement)
    publish([statement])
    assert "No statement published here answers a question" in read(client, battle).words
    statement.refresh_from_db()
    withdraw([statement], "It was wrong.")
    assert "Nothing is published here at present." in read(client, battle).words


def test_a_draft_is_nowhere(client, battle, china):
    claim(battle, china, value=1)
    draft = make_statement(Kind.DATE, battle=battle)
    cite(draft, claimant=make_origin("Secret voice"))
    page = read(client, battle)
    assert str(draft.pk) not in page.html
    assert "Secret voice" not in page.html
    assert "Secret voice" not in client.get("/battles/the-ford/accounts.csv").content.decode()


@pytest.mark.parametrize("page", ["accounts/", "accounts.csv"])
def test_a_battle_never_published_has_none(client, battle, page):
    make_statement(battle=battle)
    assert client.get(f"/battles/the-ford/{page}").status_code == 404
    assert client.get(f"/battles/no-such-battle/{page}").status_code == 404


@pytest.mark.parametrize("page", ["accounts/", "accounts.csv"])
def test_a_former_slug_redirects(client, battle, china, page):
    claim(battle, china, value=1)
    battle.refresh_from_db()
    battle.slug = "new-ford"
    battle.save()
    response = client.get(f"/battles/the-ford/{page}?claimants=x")
    assert (response.status_code, response["Location"]) == (
        301,
        f"/battles/new-ford/{page}?claimants=x",
    )


def test_the_page_of_the_battle_leads_here(client, battle, china):
    claim(battle, china, value=1)
    assert "/battles/the-ford/accounts/" in Page(client.get("/battles/the-ford/")).links


@pytest.mark.parametrize("page", ["accounts/", "accounts.csv"])
def test_it_costs_the_same_queries_with_one_account_or_many(
    client, battle, china, django_assert_num_queries, page
):
    claim(battle, china, value=1)
    with django_assert_num_queries(5):
        client.get(f"/battles/the-ford/{page}")
    for number in range(6):
        claim(battle, make_origin(f"Voice {number}"), value=number)
        claim(battle, make_origin(f"Voice {number}"), Kind.DATE)
    with django_assert_num_queries(5):
        client.get(f"/battles/the-ford/{page}")


# The table for spreadsheets


def table_of(client, query=""):
    response = client.get(f"/battles/the-ford/accounts.csv{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="the-ford-accounts.csv"' in response["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def test_the_csv_has_a_row_for_every_citation_with_its_addresses(client, battle, china, korea):
    passage = make_passage("32,253", document=make_document(source=make_source(title="Annals")))
    statement = claim(battle, china, value=32253, passage=passage, printed="32,253", inference="So")
    claim(battle, korea, value=66000)
    rows = table_of(client)
    assert len(rows) == 2
    row = next(row for row in rows if row["claimant"] == "China")
    assert row == row | {
        "battle": "Battle of the Ford",
        "question": "Casualties, China; killed in action",
        "question address": f"http://testserver/battles/the-ford/accounts/#q-{statement.question_id}",
        "claimant address": "http://testserver/origins/china/",
        "bearing": "supports",
        "beside the others": "differs from South Korea",
        "value": "32253",
        "low": "",
        "category": "killed_in_action",
        "side": "China",
        "reading": "32,253",
        "as printed": "32,253",
        "inferred": "So",
        "source": "Annals",
        "statement address": f"http://testserver/statements/{statement.pk}/",
        "passage address": f"http://testserver/documents/{passage.document_id}/#p-{passage.pk}",
    }


def test_the_csv_holds_no_formula(client, battle, china):
    question = make_question("=HYPERLINK(1)", battle=battle)
    claim(battle, china, Kind.NARRATIVE, question=question, text="@SUM(1)")
    claim(battle, china, Kind.DATE, date_edtf="-0479")
    told, dated = sorted(table_of(client), key=lambda row: row["kind"], reverse=True)
    assert (told["question"], told["text"]) == ("'=HYPERLINK(1)", "'@SUM(1)")
    assert dated["date edtf"] == "'-0479"


def test_the_csv_of_two_is_of_two(client, battle, china, korea):
    for claimant in (china, korea, make_origin("A third")):
        claim(battle, claimant, value=1)
    rows = table_of(client, "?claimants=china,south-korea")
    assert {row["claimant"] for row in rows} == {"China", "South Korea"}


def test_statements_that_answer_no_question_are_counted(client, battle, china):
    claim(battle, china, value=1)
    claim(battle, china, Kind.NAME)
    assert "1 more statement, such as names" in read(client, battle).words
