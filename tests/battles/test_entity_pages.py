"""The index of entities, and the page of each."""

import uuid

import pytest

from battles.kinds import Kind
from battles.publication import withdraw
from tests.builders import cite, make_battle, make_entity, make_published, make_statement
from tests.reading import Page

pytestmark = pytest.mark.django_db


def read(client, entity):
    return Page(client.get(entity.get_absolute_url()))


def index(client, query=""):
    return Page(client.get(f"/entities/{query}"))


@pytest.fixture
def deng():
    """A commander named in one published statement."""
    person = make_entity("Deng Hua", "person", description="A general.")
    make_published(Kind.COMMANDER, battle=make_battle("The Ford", slug="ford"), entity=person)
    return person


def test_its_address_is_its_id(client, deng):
    assert deng.get_absolute_url() == f"/entities/{deng.pk}/"
    assert read(client, deng).status == 200


def test_it_shows_names_with_their_forms_and_what_others_call_it(client, deng):
    deng.names.create(text="邓华", language="zh-Hans", script="Hans")
    deng.names.create(text="Teng Hua", language="zh-Latn", script="Latn", romanises="邓华")
    deng.identifiers.create(scheme="wikidata", value="Q1/2")
    page = read(client, deng)
    assert "Teng Hua Chinese, Latin script, for 邓华" in page.words
    assert '<span lang="zh-Hans">邓华</span>' in page.html
    assert "https://www.wikidata.org/wiki/Q1/2" in page.links


def test_it_says_in_which_battles_it_appears_and_as_what(client, deng):
    page = read(client, deng)
    assert "The Ford as commander" in page.words
    assert "/battles/ford/" in page.links


def test_the_page_of_a_battle_leads_to_whom_and_what_it_names(client, deng):
    ford = make_entity("The Ford of the river", "place")
    battle = deng.statements.get().battle
    make_published(Kind.PLACE, battle=battle, place=ford)
    battle.refresh_from_db()
    for address in (battle.get_absolute_url(), battle.get_edition_url(battle.edition)):
        page = Page(client.get(address))
        assert {deng.get_absolute_url(), ford.get_absolute_url()} <= set(page.links)


def test_a_party_is_told_apart_from_those_named_with_it(client, deng):
    army = make_entity("The Army")
    battle = make_battle("The Hill")
    make_published(Kind.COMMANDER, battle=battle, entity=deng, party=army)
    assert "The Hill as the party of others named" in read(client, army).words


def test_what_is_said_leads_to_its_passages(client, deng):
    statement = deng.statements.get()
    assert set(read(client, deng).cited) == {str(statement.pk)}


def test_a_place_shows_where_it_is_how_well_that_is_known_and_who_says_so(client):
    place = make_entity(
        "Kumsong",
        "place",
        latitude="38.5",
        longitude="-127.6",
        precision="radius",
        radius_km=20,
        gazetteer="a list of places",
    )
    make_published(Kind.PLACE, place=place)
    words = read(client, place).words
    assert "38.5° N, 127.6° W" in words
    assert "Within 20 km of the point drawn" in words
    assert "a list of places" in words


def test_a_place_without_coordinates_says_so(client):
    place = make_entity("Kumsong", "place")
    make_published(Kind.PLACE, place=place)
    assert "Coordinates None are recorded" in read(client, place).words


def test_a_draft_entity_answers_like_a_missing_one(client):
    person = make_entity("Secret General", "person")
    cite(make_statement(Kind.COMMANDER, entity=person))
    draft, missing = client.get(person.get_absolute_url()), client.get(f"/entities/{uuid.uuid4()}/")
    assert (draft.status_code, draft.content) == (404, missing.content)
    assert "Secret" not in index(client).html


def test_an_entity_of_which_all_was_withdrawn_is_gone(client, deng):
    withdraw(list(deng.statements.all()), "A slip.")
    page = read(client, deng)
    assert page.status == 410
    assert "Nothing published speaks of this any more" in page.words
    assert "The statements that spoke of it were withdrawn or revised." in page.words
    assert "This statement" not in page.words
    assert "Deng Hua" not in index(client).words


def test_a_long_page_is_continued(client, deng):
    for number in range(52):
        make_published(Kind.COMMANDER, battle=make_battle(f"Battle {number:02}"), entity=deng)
    first = read(client, deng)
    second = Page(client.get(f"{deng.get_absolute_url()}?page=2"))
    assert "?page=2" in first.links
    assert len(first.cited) == 50
    assert len(second.cited) == 3
    assert not first.cited.keys() & second.cited.keys()


def test_the_page_costs_the_same_queries_for_one_statement_or_many(
    client, deng, django_assert_num_queries
):
    with django_assert_num_queries(9):
        read(client, deng)
    for number in range(6):
        make_published(Kind.COMMANDER, battle=make_battle(f"Battle {number}"), entity=deng)
    with django_assert_num_queries(9):
        read(client, deng)


def test_the_index_is_sorted_without_case_and_marks(client):
    for name in ("Étoile", "delta", "Foxtrot", "Echo"):
        make_published(Kind.BELLIGERENT, entity=make_entity(name))
    words = index(client).words
    order = [words.index(f"{name} party") for name in ("delta", "Echo", "Étoile", "Foxtrot")]
    assert order == sorted(order)


def test_the_index_is_narrowed_by_kind_and_beginning(client, deng):
    make_published(Kind.BELLIGERENT, entity=make_entity("Dengland"))
    assert "Dengland" not in index(client, "?kind=person").words
    assert "1 found" in index(client, "?kind=person").words
    assert "2 found" in index(client, "?begins=DENG").words
    assert "1 found" in index(client, "?begins=deng+h").words
    assert "No name fits." in index(client, "?begins=xyz").words


@pytest.mark.parametrize("query", ["?kind=horse", "?kind=%00", "?begins=%27", "?begins=%E2%80%94"])
def test_a_wrong_value_is_named_and_nothing_is_listed(client, deng, query):
    page = index(client, query)
    assert page.status == 400
    assert deng.get_absolute_url() not in page.links


def test_every_entity_is_reached_by_links_from_the_list_of_battles(client, deng):
    assert "/entities/" in Page(client.get("/battles/")).links
    assert deng.get_absolute_url() in index(client).links
