"""The list of battles and its filters."""

import pytest
from django.urls import reverse

from battles.kinds import Category, Kind
from battles.publication import publish
from sources.years import YearField
from tests.builders import (
    cite,
    make_battle,
    make_entity,
    make_origin,
    make_passage,
    make_published,
    make_side,
    make_statement,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db

ADDRESS = "/battles/"


def read(client, query=""):
    return Page(client.get(ADDRESS + query))


def listed(client, query=""):
    """Return the names of the battles that the list shows, in its order."""
    page = read(client, query)
    assert page.status == 200, page.words
    links = [
        link
        for link in page.links
        if link.startswith(ADDRESS) and link != ADDRESS and "?" not in link
    ]
    return [link.removeprefix(ADDRESS).strip("/") for link in links]


def make_dated(slug, edtf, **values):
    battle = make_battle(slug, slug=slug, **values)
    reason = {} if edtf else {"date_reason": "soon after"}
    make_published(Kind.DATE, battle=battle, date_edtf=edtf, **reason)
    return battle


def test_only_public_battles_are_listed_in_the_order_of_their_names(client):
    make_dated("b", "1453")
    make_dated("a", "1453")
    make_battle("draft", slug="draft")
    assert listed(client) == ["a", "b"]


def test_a_date_in_the_list_links_to_its_passage(client):
    battle = make_dated("a", "1453-05-29")
    page = read(client)
    statement = battle.statements.get()
    [address] = page.cited[str(statement.pk)].values()
    assert "29 May 1453" in page.words
    assert address.endswith(f"#p-{statement.evidence.passage_id}")


def test_the_war_filter_reaches_all_that_is_part_of_it(client):
    war = make_dated("war", "1950", scale="war")
    campaign = make_dated("campaign", "1950", scale="campaign", part_of=war)
    make_dated("deep", "1950", part_of=campaign)
    make_dated("elsewhere", "1950")
    found = read(client, "?war=war").words
    assert "campaign" in found
    assert "deep" in found
    assert "elsewhere" not in found
    assert "campaign (1)" in read(client).words
    assert "war (2)" in read(client).words


def test_the_party_filter_finds_where_it_fought(client):
    china, rome = make_entity("China", slug="china"), make_entity("Rome", slug="rome")
    for slug, party in (("a", china), ("b", rome)):
        battle = make_dated(slug, "1453")
        make_published(Kind.BELLIGERENT, battle=battle, entity=party)
    drafted = make_dated("c", "1453")
    cite(make_statement(Kind.BELLIGERENT, battle=drafted, entity=china))
    assert listed(client, "?party=china") == ["a"]
    assert "China (1)" in read(client).words


def test_the_disputed_filter_and_the_mark(client):
    battle = make_dated("a", "1453")
    make_dated("b", "1453")
    side = make_side(battle=battle)
    for name, value in (("North", 10), ("South", 20)):
        statement = make_statement(
            Kind.CASUALTIES, battle=battle, side=side, value=value, category=Category.DIED
        )
        cite(statement, make_passage(), claimant=make_origin(name))
        publish([statement])
    assert listed(client, "?disputed=yes") == ["a"]
    assert listed(client, "?disputed=no") == ["b"]
    assert read(client).words.count("disputed") == 1


@pytest.mark.parametrize(
    ("edtf", "query", "found"),
    [
        ("1453-05-29", "from_year=1453&to_year=1453", True),
        ("1453-05-29", "from_year=1454", False),
        ("1453-05-29", "to_year=1452", False),
        ("1450/1460", "from_year=1455&to_year=1455", True),
        ("1453/..", "from_year=2000", True),
        ("1453/..", "to_year=1452", False),
        ("../1453", "to_year=1000", True),
        ("../1453", "from_year=1454", False),
        ("-0479", "from_year=480 BCE&to_year=480 bce", True),
        ("-0479", "from_year=-480&to_year=-480", True),
        ("-0479", "from_year=479 BCE", False),
        ("-0479", "to_year=1", True),
        ("0000", "from_year=1 BC&to_year=1 BC", True),
        ("XXXX-07", "from_year=1", False),
        ("", "from_year=1", False),
    ],
)
def test_the_year_filter_finds_dates_that_can_mean_those_years(client, edtf, query, found):
    make_dated("ford", edtf)
    assert listed(client, f"?{query}") == (["ford"] if found else [])


def test_a_draft_date_is_not_found(client):
    battle = make_battle("a")
    make_published(battle=battle)
    cite(make_statement(Kind.DATE, battle=battle, date_edtf="1453"))
    assert listed(client, "?from_year=1453") == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("war=nowhere", "“nowhere” is a war or campaign that the archive does not know."),
        ("party=nobody", "“nobody” is a party that the archive does not know."),
        ("party=%00", "that the archive does not know."),
        ("disputed=perhaps", "“perhaps”"),
        ("from_year=soon", "“soon” is no year."),
        ("to_year=0", "There is no year 0"),
        ("from_year=1953&to_year=1950", "The years end before they begin."),
    ],
)
def test_an_unknown_value_is_named_and_nothing_is_listed(client, query, message):
    make_dated("ford", "1453")
    page = read(client, f"?{query}")
    assert page.status == 400
    assert message in page.words
    assert page.cited == {}
    assert "/battles/ford/" not in page.links
    assert ADDRESS in page.links


def test_what_was_chosen_stays_chosen_and_counts_follow_the_other_filters(client):
    war = make_dated("war", "1950", scale="war")
    china, rome = make_entity("China", slug="china"), make_entity("Rome", slug="rome")
    make_published(Kind.BELLIGERENT, battle=make_dated("a", "1950", part_of=war), entity=china)
    make_published(Kind.BELLIGERENT, battle=make_dated("b", "1453"), entity=rome)
    page = read(client, "?war=war")
    assert '<option value="war" selected>' in page.html
    assert "China (1)" in page.words
    assert "Rome" not in page.words


def test_a_long_list_has_pages_that_keep_the_filter(client):
    for number in range(55):
        make_dated(f"b-{number:02}", "1453")
    first = listed(client, "?from_year=1453")
    assert first[:50] == [f"b-{number:02}" for number in range(50)]
    assert "?from_year=1453&page=2" in read(client, "?from_year=1453").links
    assert listed(client, "?from_year=1453&page=2")[:5] == [f"b-{n}" for n in range(50, 55)]


@pytest.mark.parametrize("number", ["0", "3", "-1", "x"])
def test_a_page_that_is_not_there_is_not_found(client, number):
    make_dated("a", "1453")
    assert client.get(f"{ADDRESS}?page={number}").status_code == 404


def test_the_list_costs_the_same_queries_for_one_battle_or_many(client, django_assert_num_queries):
    party = make_entity("China")
    make_published(Kind.BELLIGERENT, battle=make_dated("a", "1453"), entity=party)
    with django_assert_num_queries(8):
        read(client)
    war = make_dated("war", "1950", scale="war")
    for number in range(8):
        battle = make_dated(f"b-{number}", "1453", part_of=war)
        make_published(Kind.BELLIGERENT, battle=battle, entity=make_entity(f"Party {number}"))
    with django_assert_num_queries(8):
        read(client)


@pytest.mark.parametrize(
    ("text", "year"),
    [("1953", 1953), ("480 BCE", -479), ("-480", -479), ("−480", -479), ("1 bc", 0), ("33 AD", 33)],
)
def test_years_are_read_as_historians_write_them(text, year):
    assert YearField().clean(text) == year


def test_the_address_is_as_published():
    assert reverse("battles:battle-list") == ADDRESS
