"""The sources of a battle as a bibliography to take away."""

import json

import pytest

from sources.bibliographies.formats import FORMATS
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_passage,
    make_published,
    make_source,
    make_statement,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


def passage_of(slug):
    return make_passage(document=make_document(source=make_source(slug=slug, title=slug)))


def test_a_battle_gives_the_sources_that_its_published_statements_rest_on(client):
    battle = make_battle(slug="ford")
    make_published(battle=battle, passage=passage_of("annals"))
    make_published(battle=battle, passage=passage_of("gazette"))
    elsewhere = passage_of("elsewhere")
    make_published(battle=make_battle(), passage=elsewhere)
    cite(make_statement(battle=battle), elsewhere)  # in a draft, of a source that is public
    page = Page(client.get("/battles/ford/"))
    for name in FORMATS:
        assert f"/bibliography/{name}/battles/ford/" in page.links
    answer = client.get("/bibliography/csl-json/battles/ford/")
    assert answer["Content-Disposition"] == 'attachment; filename="ford.json"'
    assert [item["id"] for item in json.loads(answer.getvalue())] == ["annals", "gazette"]


def test_its_sources_stand_in_the_order_of_the_list(client):
    battle = make_battle(slug="ford")
    for slug in ("Beta", "alpha", "Gamma"):
        make_published(battle=battle, passage=passage_of(slug))
    answer = client.get("/bibliography/csl-json/battles/ford/")
    assert [item["id"] for item in json.loads(answer.getvalue())] == ["alpha", "Beta", "Gamma"]


def test_a_battle_without_anything_published_is_missing(client):
    make_battle(slug="draft")
    assert client.get("/bibliography/ris/battles/draft/").status_code == 404
