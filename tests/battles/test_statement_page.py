"""The page of one statement: what it rests on, its rivals, its public history."""

import uuid

import pytest

from battles.kinds import Category, Kind
from battles.models import Citation, Statement
from battles.publication import open_revision, publish, withdraw
from tests.builders import (
    cite,
    make_battle,
    make_entity,
    make_origin,
    make_passage,
    make_published,
    make_side,
    make_statement,
    rechecked,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


def read(client, statement):
    return Page(client.get(f"/statements/{statement.pk}/"))


def test_its_title_names_what_is_said_and_of_which_battle(client):
    place = make_entity("Korea", "place")
    for battle in ("Battle of the Ford", "Battle of the Hill"):
        page = read(client, make_published(Kind.PLACE, battle=make_battle(battle), place=place))
        assert f"<title>Place: Korea · {battle} · Battle History Archive</title>" in page.html
        assert f'name="description" content="Place: Korea · {battle}: on whose word' in page.html


def test_it_shows_every_passage_and_links_to_each(client):
    statement = make_statement()
    cite(statement, make_passage("2,689 killed"), claimant=make_origin("South Korea"))
    cite(statement, make_passage("32,253"), bearing=Citation.Bearing.DISPUTES)
    publish([statement])
    page = read(client, statement)
    assert "2,689 killed" in page.words
    assert "On the word of South Korea" in page.words
    assert "Disputed by Chroniclers" in page.words
    assert len(page.cited[str(statement.pk)]) == 2
    for address in page.cited[str(statement.pk)].values():
        assert client.get(address).status_code == 200


def test_it_shows_its_rivals_and_how_they_stand(client):
    battle = make_battle()
    side = make_side("China", battle=battle)
    statements = []
    for name, value in (("China", 32253), ("South Korea", 66000)):
        statement = make_statement(
            Kind.CASUALTIES, battle=battle, side=side, value=value, category=Category.DIED
        )
        cite(statement, claimant=make_origin(name))
        publish([statement])
        statements.append(statement)
    page = read(client, statements[0])
    assert "accounts differ" in page.words
    assert set(page.cited) == {str(statement.pk) for statement in statements}
    assert all(page.cited.values())


def test_it_tells_when_it_was_published(client):
    statement = make_published()
    revision = open_revision(statement)
    revision.text = "The army crossed at noon."
    revision.save()
    publish(rechecked(revision))
    words = read(client, statement).words
    assert "The army crossed at noon." in words
    assert "published in edition 1" in words
    assert "revised in edition 2" in words


def test_drafts_revisions_and_missing_statements_answer_alike(client):
    revision = open_revision(make_published())
    answers = {
        (response.status_code, response.content)
        for pk in (make_statement().pk, revision.pk, uuid.uuid4())
        for response in [client.get(f"/statements/{pk}/")]
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_a_withdrawn_statement_is_gone_and_says_why(client):
    statement = make_published(text="Nobody crossed.")
    withdraw([statement], "The passage speaks of another army.")
    page = read(client, statement)
    assert page.status == 410
    assert "The passage speaks of another army." in page.words
    assert "Nobody crossed" not in page.words
    assert statement.battle.get_absolute_url() in page.links


def test_a_draft_rival_is_not_shown(client):
    battle = make_battle()
    statement = make_published(Kind.DATE, battle=battle)
    cite(make_statement(Kind.DATE, battle=battle, date_edtf="1999"))
    assert "1999" not in read(client, statement).words


def test_every_statement_s_own_address_opens(client):
    for kind in (Kind.NAME, Kind.DATE, Kind.RESULT, Kind.STRENGTH, Kind.NOTE, Kind.NARRATIVE):
        make_published(kind)
    for statement in Statement.objects.published():
        assert client.get(statement.get_absolute_url()).status_code == 200


def test_it_costs_the_same_queries_with_one_rival_or_many(client, django_assert_num_queries):
    battle = make_battle()
    statement = make_published(Kind.DATE, battle=battle)
    with django_assert_num_queries(5):
        read(client, statement)
    for year in range(1454, 1460):
        make_published(Kind.DATE, battle=battle, date_edtf=str(year))
    with django_assert_num_queries(5):
        read(client, statement)
