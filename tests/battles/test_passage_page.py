"""The page of one passage."""

import uuid

import pytest

from battles.publication import open_revision, publish, withdraw
from sources.models import Gloss
from tests.builders import (
    cite,
    make_document,
    make_locator,
    make_passage,
    make_published,
    make_source,
    make_statement,
    rechecked,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


def read(client, passage):
    return Page(client.get(f"/passages/{passage.pk}/"))


def test_it_shows_the_words_and_what_rests_on_them(client):
    passage = make_passage("2,689 killed")
    statement = make_published(passage=passage)
    page = read(client, passage)
    assert "2,689 killed" in page.words
    assert f"p-{passage.pk}" in page.ids
    assert list(page.cited) == [str(statement.pk)]
    assert f"/documents/{passage.document_id}/#p-{passage.pk}" in page.links


def title_of(page):
    return page.html.partition("<title>")[2].partition(" · Battle History Archive</title>")[0]


def test_its_title_tells_it_from_other_passages_of_the_source(client):
    document = make_document("At the ford\nstood the north. At the ford stood the south.")
    source = document.source
    titles = {
        "“ford stood the north.”, version 1, characters 7 to 28": make_passage(
            "ford\nstood the north.", document=document
        ),
        "“At the ford stood the south.”, version 1, characters 29 to 57": make_passage(
            "At the ford stood the south.", document=document
        ),
        "p. 12": make_locator("p. 12", source=source),
    }
    for title, passage in titles.items():
        make_published(passage=passage)
        page = read(client, passage)
        assert title_of(page) == f"{title}: Chronicle of the Ford"
        assert f'name="description" content="{title_of(page)}. ' in page.html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Of two great field armies that came to the ford, 2,689 killed "
            "and many hundreds more of them were wounded or missing.",
            "… armies that came to the ford, 2,689 killed and many hundreds more of them …",
        ),
        ("At the ford 2,689 killed at dawn.", "At the ford 2,689 killed at dawn."),
        ("战" * 50 + "2,689 killed" + "役" * 50, f"…{'战' * 32}2,689 killed{'役' * 32}…"),
    ],
)
def test_the_words_around_it_are_whole_words(client, text, shown):
    passage = make_passage("2,689 killed", document=make_document(text))
    make_published(passage=passage)
    assert shown in read(client, passage).words


def test_a_locator_has_its_glosses_and_is_not_verified_here(client):
    source = make_source(title="Annals of the River", url="https://example.org/annals")
    passage = make_locator("p. 479", source=source)
    Gloss.objects.create(
        passage=passage, language="en", text="Losses were lower.", by="a program", by_machine=True
    )
    make_published(passage=passage)
    words = read(client, passage).words
    assert "p. 479" in words
    assert "Losses were lower." in words
    assert "Paraphrase by a program (a program)" in words
    assert "Not yet verified here." in words
    assert "Annals of the River" in words


def test_a_passage_no_statement_made_public_answers_like_a_missing_one(client):
    passage = make_passage()
    cite(make_statement(), passage)
    draft = client.get(f"/passages/{passage.pk}/")
    missing = client.get(f"/passages/{uuid.uuid4()}/")
    assert (draft.status_code, draft.content) == (404, missing.content)


def test_a_passage_whose_statements_were_withdrawn_is_gone_and_says_why(client):
    passage = make_passage("2,689 killed")
    withdraw([make_published(passage=passage)], "It counts another army.")
    page = read(client, passage)
    assert page.status == 410
    assert "It counts another army." in page.words
    assert "2,689 killed" not in page.words


def test_it_stays_while_one_statement_rests_on_it(client):
    passage = make_passage("2,689 killed")
    kept = make_published(passage=passage)
    withdraw([make_published(passage=passage)], "It counts another army.")
    page = read(client, passage)
    assert page.status == 200
    assert list(page.cited) == [str(kept.pk)]


def test_it_costs_the_same_queries_with_one_statement_or_many(client, django_assert_num_queries):
    passage = make_passage()
    make_published(passage=passage)
    with django_assert_num_queries(5):
        read(client, passage)
    for _ in range(6):
        make_published(passage=passage)
    with django_assert_num_queries(5):
        read(client, passage)


def drop(passage):
    """Publish a statement on a passage, and revise it onto another."""
    statement = make_published(passage=passage)
    revision = open_revision(statement)
    revision.citations.all().delete()
    cite(revision, make_passage("32,253", document=passage.document))
    publish(rechecked(revision))
    return statement


def test_a_passage_that_a_revision_dropped_is_gone_and_not_missing(client):
    passage = make_passage("2,689 killed")
    drop(passage)
    page = read(client, passage)
    assert page.status == 410
    assert "The statement that cited it was revised." in page.words
    assert "2,689 killed" not in page.words


def test_it_leads_to_the_statement_that_was_revised_and_the_edition_that_cited_it(client):
    passage = make_passage("2,689 killed")
    statement = drop(passage)
    drop(make_passage("at dawn", document=passage.document))
    page = read(client, passage)
    assert "It was cited last in edition 1." in page.words
    ways = {
        statement.get_absolute_url(),
        statement.battle.get_absolute_url(),
        statement.battle.get_edition_url(1),
        passage.source.get_absolute_url(),
        passage.document.get_absolute_url(),
    }
    assert ways <= set(page.links)


def test_a_passage_that_is_gone_leads_to_its_source_if_nothing_else_is_known(client):
    passage = make_passage("2,689 killed")
    statement = make_published(passage=passage)
    revision = open_revision(statement)
    revision.citations.all().delete()
    cite(revision, make_passage("32,253", document=make_document()))
    publish(rechecked(revision))
    page = read(client, passage)
    assert page.status == 410
    assert passage.source.get_absolute_url() in page.links
