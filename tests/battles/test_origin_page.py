"""The page of one origin."""

import pytest

from battles.kinds import Kind
from battles.publication import publish
from sources.models import Source
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_origin,
    make_passage,
    make_published,
    make_source,
    make_statement,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


def read(client, origin):
    return Page(client.get(f"/origins/{origin.slug}/"))


def test_it_names_what_it_is_part_of_what_it_includes_and_its_sources(client):
    states = make_origin("States", public=True)
    china = make_origin("China", part_of=states, public=True, description="A state.")
    make_origin("Academy", part_of=china, public=True)
    make_origin("Secret voice", part_of=china)
    shown = make_source(title="Annals", origin=china)
    Source.objects.filter(pk=shown.pk).update(public=True)
    make_source(title="Draft Annals", origin=china)
    page = read(client, china)
    for words in ("China", "A state.", "States", "Academy", "Annals"):
        assert words in page.words, words
    assert "Secret voice" not in page.words
    assert "Draft Annals" not in page.words
    assert f"/sources/?origin={china.slug}" in page.links


def test_a_parent_that_is_not_public_is_not_named(client):
    origin = make_origin("China", part_of=make_origin("Secret parent"), public=True)
    assert "Secret parent" not in read(client, origin).words


def test_a_draft_origin_answers_like_a_missing_one(client):
    draft = client.get(f"/origins/{make_origin('China').slug}/")
    missing = client.get("/origins/no-such-origin/")
    assert (draft.status_code, draft.content) == (404, missing.content)


def test_a_former_slug_redirects(client):
    origin = make_origin("China", slug="old", public=True)
    origin.slug = "new"
    origin.save()
    assert client.get("/origins/old/")["Location"] == "/origins/new/"


def test_it_costs_the_same_queries_with_one_source_or_many(client, django_assert_num_queries):
    origin = make_origin("China", public=True)
    source = make_source(origin=origin)
    Source.objects.filter(pk=source.pk).update(public=True)
    with django_assert_num_queries(6):
        read(client, origin)
    for _ in range(6):
        source = make_source(origin=origin)
        Source.objects.filter(pk=source.pk).update(public=True)
    with django_assert_num_queries(6):
        read(client, origin)


def test_it_says_which_of_its_sources_are_held_here(client):
    origin = make_origin("China", public=True)
    held, not_held = (
        make_source(title="Annals", origin=origin),
        make_source(title="Chronicle", origin=origin),
    )
    Source.objects.update(public=True)
    make_document(source=held)
    page = read(client, origin)
    assert page.words.count("text held here") == 1
    assert not_held.title in page.words


def say(origin, *, battle=None, text="They crossed."):
    statement = make_statement(battle=battle, text=text)
    cite(statement, make_passage(), claimant=origin)
    publish([statement])
    return statement


def test_what_is_said_on_its_word_leads_to_its_passages(client):
    china = make_origin("China")
    statement = say(china, battle=make_battle("The Ford", slug="ford"))
    say(make_origin("Rome"), text="Others said so.")
    cite(make_statement(text="Secret draft."), make_passage(), claimant=china)
    page = read(client, china)
    assert set(page.cited) == {str(statement.pk)}
    assert {"/battles/ford/", f"/battles/?claimant={china.slug}"} <= set(page.links)
    assert "Others said so." not in page.words
    assert "Secret draft." not in page.words


def test_links_to_what_is_said_have_names_that_tell_it_apart(client):
    source = make_source(origin=make_origin("China"))
    passage = make_passage(document=make_document(source=source))
    battle = make_battle()
    for value in (200, 300):
        make_published(Kind.STRENGTH, battle=battle, passage=passage, value=value)
    html = read(client, source.origin).html
    for value in (200, 300):
        assert (
            f'aria-label="strength, side not stated: {value}">strength, side not stated</a>' in html
        )


def test_much_that_is_said_is_continued(client):
    china = make_origin("China")
    for number in range(52):
        say(china, text=f"Sentence {number}.")
    assert len(read(client, china).cited) == 50
    rest = Page(client.get(f"/origins/{china.slug}/?page=2"))
    assert len(rest.cited) == 2
    assert client.get(f"/origins/{china.slug}/?page=3").status_code == 404


def test_it_costs_the_same_queries_with_one_statement_or_many(client, django_assert_num_queries):
    china = make_origin("China")
    say(china)
    with django_assert_num_queries(8):
        read(client, china)
    for _ in range(6):
        say(china, battle=make_battle())
    with django_assert_num_queries(8):
        read(client, china)
