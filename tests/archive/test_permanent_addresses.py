"""Addresses that name a row by a slug lead on once it has another, or was merged into another."""

import pytest
from django.test import Client

from battles.kinds import Kind
from battles.merging import BattleMerger, EntityMerger, SourceMerger
from battles.models import Battle, Entity
from battles.publication import publish
from sources.models import Origin, Source
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_entity,
    make_origin,
    make_passage,
    make_published,
    make_side,
    make_source,
    make_statement,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive() -> None:
    """A battle of a war, fought by the north, told of by China and Korea, each in a source."""
    war = make_battle("River War", slug="war", scale="war")
    make_published(battle=war)
    ford = make_battle(slug="ford", part_of=war)
    north = make_entity("North", slug="north")
    place = make_entity("Ford", "place", slug="place")
    leader = make_entity("Li", "person", slug="li")
    side = make_side(battle=ford)
    for slug in ("china", "korea"):
        origin = make_origin(slug.title(), slug=slug)
        source = make_source(slug=f"{slug}-annals", title=f"Annals of {slug}", origin=origin)
        document = make_document(source=source)
        for kind, values in {
            Kind.BELLIGERENT: {"entity": north, "side": side},
            Kind.COMMANDER: {"entity": leader, "side": side},
            Kind.PLACE: {"place": place},
            Kind.RESULT: {"victor": side, "degree": ""},
        }.items():
            statement = make_statement(kind, battle=ford, **values)
            cite(statement, make_passage(document=document), claimant=origin)
            publish([statement])


def rename(model: type, slug: str) -> None:
    row = model.objects.get(slug=slug)
    row.slug = f"new-{slug}"
    row.save()


# The address, and the one it leads to once the row named there has another slug.
RENAMED = [
    (
        Battle,
        "ford",
        "/bibliography/bibtex/battles/ford/",
        "/bibliography/bibtex/battles/new-ford/",
    ),
    (
        Source,
        "china-annals",
        "/bibliography/ris/sources/china-annals/?x=1",
        "/bibliography/ris/sources/new-china-annals/?x=1",
    ),
    (Battle, "war", "/battles/?war=war&sort=date", "/battles/?war=new-war&sort=date"),
    (Battle, "war", "/battles/places.geojson?war=war", "/battles/places.geojson?war=new-war"),
    *(
        (Entity, slug, f"/battles/?{name}={slug}", f"/battles/?{name}=new-{slug}")
        for name, slug in {
            "party": "north",
            "person": "li",
            "place": "place",
            "victor": "north",
        }.items()
    ),
    *(
        (Origin, "china", f"{page}?{name}=china{more}", f"{page}?{name}=new-china{more}")
        for page, name, more in (
            ("/battles/", "claimant", "&view=map"),
            ("/sources/", "origin", "&sort=latest"),
            ("/sources/", "claimant", ""),
            ("/bibliography/bibtex/", "origin", ""),
            ("/battles/ford/", "origin", "&proximity=unknown"),
            ("/battles/ford/", "claimant", ""),
            ("/battles/ford/accounts/", "claimants", ",korea"),
            ("/battles/ford/accounts/", "claimants", "&claimants=korea"),
            ("/battles/ford/accounts.csv", "claimants", ",korea"),
        )
    ),
]


@pytest.mark.parametrize(("model", "slug", "old", "new"), RENAMED, ids=[row[2] for row in RENAMED])
def test_an_address_leads_on_once_what_it_names_has_another_slug(
    archive: None, client: Client, model: type, slug: str, old: str, new: str
):
    assert client.get(old).status_code == 200
    rename(model, slug)
    answer = client.get(old)
    assert (answer.status_code, answer.get("Location")) == (301, new)
    assert client.get(new).status_code == 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/bibliography/bibtex/battles/twin-ford/", "/bibliography/bibtex/battles/ford/"),
        ("/battles/twin-ford/?origin=china", "/battles/ford/?origin=china"),
        ("/battles/twin-ford/accounts/", "/battles/ford/accounts/"),
        ("/bibliography/ris/sources/twin-annals/", "/bibliography/ris/sources/china-annals/"),
        ("/battles/?war=twin-war", "/battles/?war=war"),
        ("/battles/?party=twin-north&war=war", "/battles/?party=north&war=war"),
    ],
)
def test_an_address_leads_on_once_what_it_names_was_merged(
    archive: None, client: Client, old: str, new: str
):
    make_published(battle=make_battle("Twin Ford", slug="twin-ford"))
    make_published(battle=make_battle("Twin War", slug="twin-war", scale="war"))
    north = make_entity("Twin North", slug="twin-north")
    make_published(Kind.BELLIGERENT, battle=Battle.objects.get(slug="ford"), entity=north)
    twin = make_source(slug="twin-annals", origin=Origin.objects.get(slug="china"))
    make_published(passage=make_passage(document=make_document(source=twin)))
    for merger, model, slug, kept in (
        (BattleMerger, Battle, "twin-ford", "ford"),
        (BattleMerger, Battle, "twin-war", "war"),
        (EntityMerger, Entity, "twin-north", "north"),
        (SourceMerger, Source, "twin-annals", "china-annals"),
    ):
        merger(model.objects.get(slug=slug), model.objects.get(slug=kept)).run()
    answer = client.get(old)
    assert (answer.status_code, answer.get("Location")) == (301, new)
    assert client.get(new).status_code == 200


def test_several_former_slugs_of_one_address_lead_on_at_once(archive: None, client: Client):
    rename(Battle, "war")
    rename(Origin, "china")
    answer = client.get("/battles/?war=war&claimant=china&sort=name")
    assert answer["Location"] == "/battles/?war=new-war&claimant=new-china&sort=name"


@pytest.mark.parametrize(
    "address",
    [
        "/battles/?war=secret-war",
        "/battles/?party=secret-party",
        "/sources/?origin=secret-voice",
        "/battles/ford/?origin=secret-voice",
        "/battles/ford/accounts/?claimants=secret-voice,china",
    ],
)
def test_what_readers_do_not_see_is_unknown_by_its_former_slug_too(
    archive: None, client: Client, address: str
):
    make_battle(slug="secret-war", scale="war")
    make_entity(slug="secret-party")
    make_origin("Secret", slug="secret-voice")
    for model, slug in (
        (Battle, "secret-war"),
        (Entity, "secret-party"),
        (Origin, "secret-voice"),
    ):
        rename(model, slug)
    answer = client.get(address)
    assert answer.status_code == 400
    assert "new-secret" not in Page(answer).html


def test_a_value_that_is_wrong_beside_a_former_slug_is_named(archive: None, client: Client):
    rename(Battle, "war")
    answer = client.get("/battles/?war=war&from_year=soon", follow=True)
    assert answer.redirect_chain == [("/battles/?war=new-war&from_year=soon", 301)]
    assert "“soon” is no year." in Page(answer).words
