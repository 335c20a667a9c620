"""The list of sources, narrowed by whose word published statements rest on in them."""

import re

import pytest

from battles.publication import publish, withdraw
from tests.builders import (
    cite,
    make_document,
    make_origin,
    make_passage,
    make_source,
    make_statement,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


def voice(slug, *claimants, **values):
    """Publish a statement on the word of each claimant from a source of its own."""
    source = make_source(slug=slug, title=slug, **values)
    document = make_document(source=source)
    statements = []
    for claimant in claimants:
        statement = make_statement()
        cite(statement, make_passage(document=document), claimant=claimant)
        statements.append(statement)
    publish(statements)
    return statements


def listed(client, query=""):
    page = Page(client.get(f"/sources/{query}"))
    assert page.status == 200, page.words
    return [link.split("/")[2] for link in page.links if link.startswith("/sources/") and link[9:]]


@pytest.fixture
def library():
    states = make_origin("States", slug="states")
    china = make_origin("China", slug="china", part_of=states)
    korea = make_origin("South Korea", slug="south-korea", part_of=states)
    values = {"proximity": "participant", "issued_edtf": "1953"}
    voice("annals", china, **values)
    voice("report", china, korea, proximity="scholarship", issued_edtf="1990")
    voice("essay", make_origin("Chroniclers", slug="chroniclers"), issued_edtf="-0400")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("claimant=china", ["annals", "report"]),
        ("claimant=south-korea", ["report"]),
        ("claimant=states", ["annals", "report"]),
        ("claimant=china&proximity=scholarship", ["report"]),
        ("proximity=participant", ["annals"]),
        ("from_year=1950&to_year=1960", ["annals"]),
        ("to_year=401 BCE", ["essay"]),
        ("sort=date", ["essay", "annals", "report"]),
        ("sort=latest", ["report", "annals", "essay"]),
    ],
)
def test_each_filter_leaves_what_it_says_in_order(client, library, query, found):
    assert listed(client, f"?{query}") == found


def test_choices_count_what_they_would_leave_given_the_others(client, library):
    words = Page(client.get("/sources/")).words
    assert "China (2)" in words
    assert "South Korea (1)" in words
    assert "participant (1)" in words
    words = Page(client.get("/sources/?from_year=1980")).words
    assert "China (1)" in words
    assert "participant" not in words
    assert (
        "Chroniclers (1)"
        not in Page(client.get("/sources/?claimant=china")).words.split("On the word of")[0]
    )


def test_where_too_many_sources_are_left_voices_are_offered_without_numbers(
    client, library, monkeypatch
):
    monkeypatch.setattr("battles.filters.COUNTED", 1)
    words = Page(client.get("/sources/?from_year=1950")).words
    heard = words.partition("On the word of")[2].partition("Kind")[0]
    assert "China" in heard
    assert "China (" not in heard
    words = Page(client.get("/sources/?from_year=1980")).words
    assert "China (1)" in words.partition("On the word of")[2]


@pytest.mark.parametrize("most", [1, 1000])
def test_what_is_read_of_many_sources_is_asked_for_in_an_order(
    client, library, monkeypatch, django_assert_max_num_queries, most
):
    """Answers in any order would not be the same when a stored page asks again."""
    monkeypatch.setattr("battles.filters.COUNTED", most)
    with django_assert_max_num_queries(9) as asked:
        client.get("/sources/?from_year=1950")
    for query in asked:
        sql = query["sql"]
        if " IN (" not in sql.partition("ORDER BY")[0] and not sql.startswith("SELECT 1 "):
            assert " ORDER BY " in sql


def test_a_voice_that_is_no_longer_published_is_not_found(client):
    china = make_origin("China", slug="china")
    withdraw(voice("annals", china), "A slip.")
    page = Page(client.get("/sources/?claimant=china"))
    assert "No source fits." in page.words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("claimant=nobody", "“nobody” is a voice that the archive does not know."),
        ("proximity=near", "“near”"),
        ("sort=colour", "“colour” is an order"),
        ("from_year=soon", "“soon” is no year."),
        ("from_year=1953&to_year=1950", "The years end before they begin."),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_listed(client, library, query, words):
    page = Page(client.get(f"/sources/?{query}"))
    assert page.status == 400
    assert words in page.words
    assert "/sources/annals/" not in page.links


def test_whose_word_is_asked_for_beside_whose_source_it_is(client):
    voice("annals", make_origin("China", slug="china"))
    labels = re.findall(r"<label for=\"id_(\w+)\"", client.get("/sources/").content.decode())
    assert labels[:2] == ["origin", "claimant"]
    assert labels[-1] == "sort"


def test_where_not_all_voices_are_offered_the_form_says_so(client, library, monkeypatch):
    said = "The 2 heard in most sources. Pages of other voices lead to theirs."
    monkeypatch.setattr("battles.filters.OFFERED", 3)
    assert "heard in most" not in Page(client.get("/sources/")).words
    monkeypatch.setattr("battles.filters.OFFERED", 2)
    assert said in Page(client.get("/sources/")).words
