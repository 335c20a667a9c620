"""The map of a filtered list, the same places as a list, and their GeoJSON."""

import re

import pytest

from battles.atlas import KM_OF_A_DEGREE, frame, mapped_places
from battles.kinds import Kind
from battles.models import Battle
from docs.draw_land import FOLDER, drawn
from tests.builders import cite, make_battle, make_entity, make_published, make_statement
from tests.reading import Page

pytestmark = pytest.mark.django_db

KUMSONG = {"latitude": "38.5", "longitude": "127.6", "gazetteer": "a list of places"}


def make_fought(slug, *places):
    battle = make_battle(slug.title(), slug=slug)
    for place in places:
        make_published(Kind.PLACE, battle=battle, place=place)
    return battle


def read(client, query=""):
    return Page(client.get(f"/battles/?view=map{query}"))


def features(client, query=""):
    return client.get(f"/battles/places.geojson{query}").json()["features"]


@pytest.fixture
def places():
    return [
        make_entity("Alpha", "place", precision="point", **KUMSONG),
        make_entity("beta", "place", precision="radius", radius_km=111, **KUMSONG),
        make_entity("Gamma", "place", precision="region", **KUMSONG),
        make_entity("Delta", "place"),
    ]


def test_places_are_listed_by_name_with_their_precision_and_battles(client, places):
    make_fought("ford", *places)
    page = read(client)
    order = [page.words.index(name) for name in ("Alpha A", "beta W", "Delta N", "Gamma S")]
    assert order == sorted(order)
    for words in (
        "A point · a list of places",
        "Within 111 km of the point drawn",
        "Somewhere in this region; its extent is not recorded",
        "Not on the map: no coordinates are recorded",
        "3 places drawn",
        "1 more, without coordinates, is in the list below alone.",
    ):
        assert words in page.words
    assert "/battles/ford/" in page.links
    assert {place.get_absolute_url() for place in places} <= set(page.links)


def test_every_claim_beside_the_map_leads_to_its_passage(client, places):
    battle = make_fought("ford", *places)
    cited = read(client).cited
    assert set(cited) == {str(pk) for pk in battle.statements.values_list("pk", flat=True)}
    assert all(cited.values())


def test_geojson_has_the_same_places_in_the_same_order(client, places):
    make_fought("ford", *places)
    found = features(client)
    assert [one["properties"]["name"] for one in found] == ["Alpha", "beta", "Gamma"]
    assert found[0]["geometry"] == {"type": "Point", "coordinates": [127.6, 38.5]}
    assert [one["properties"]["radius_km"] for one in found] == [None, 111, None]
    page = read(client)
    for one in found:
        query, _, anchor = one["properties"]["listed_at"].partition("#")
        assert query == "?view=map&page=1"
        assert anchor in page.ids


def test_the_line_of_a_place_is_on_the_page_that_geojson_names(client):
    for number in range(55):
        place = make_entity(f"Place {number:02}", "place", precision="point", **KUMSONG)
        make_fought(f"b-{number}", place)
    last = features(client)[-1]["properties"]["listed_at"]
    query, _, anchor = last.partition("#")
    assert "page=2" in query
    assert anchor in Page(client.get(f"/battles/{query}")).ids


def test_a_filter_leaves_the_same_battles_on_the_map(client, places):
    make_fought("ford", places[0])
    war = make_fought("war", places[1])
    Battle.objects.filter(slug="ford").update(part_of=war)
    assert [one["properties"]["name"] for one in features(client, "?war=war")] == ["Alpha"]
    page = read(client, "&war=war")
    assert "beta" not in page.words.split("The places as a list")[1]


def test_a_wrong_value_is_named_and_nothing_is_drawn(client, places):
    make_fought("ford", places[0])
    response = client.get("/battles/places.geojson?party=nobody")
    assert response.status_code == 400
    assert "nobody" in response.json()["errors"][0]
    page = read(client, "&party=nobody")
    assert page.status == 400
    assert page.cited == {}


def test_drafts_are_not_on_the_map(client, places):
    battle = make_fought("ford", places[0])
    cite(make_statement(Kind.PLACE, battle=battle, place=places[1]))
    assert [one["properties"]["name"] for one in features(client)] == ["Alpha"]
    assert "Within 111 km" not in read(client).words


def test_a_battle_without_a_place_says_so(client):
    make_published()
    assert "No place is recorded for any of these battles." in read(client).words


def test_the_map_says_of_how_many_battles_it_knows_no_place(client, places):
    war = make_fought("war", places[0])
    assert "No place is recorded" not in read(client).words
    within = make_battle("Elsewhere", part_of=war)
    for battle in (within, make_battle("Nowhere")):
        make_published(battle=battle)
        cite(make_statement(Kind.PLACE, battle=battle, place=places[1]))  # a draft
    assert "No place is recorded for 2 of these battles." in read(client).words
    make_fought("ford", places[2])
    make_battle("Draft")
    Battle.objects.filter(slug="ford").update(part_of=war)
    page = read(client, "&war=war")
    assert "No place is recorded for 1 of these battles." in page.words
    assert "/battles/?war=war" in page.links


def test_the_map_costs_the_same_queries_for_one_place_or_many(client, django_assert_num_queries):
    def fought(number):
        place = make_entity(f"Place {number}", "place", precision="point", **KUMSONG)
        make_fought(f"b-{number}", place)

    fought(0)
    with django_assert_num_queries(11):
        read(client)
    for number in range(1, 8):
        fought(number)
    with django_assert_num_queries(11):
        read(client)


def test_the_drawing_shows_all_places_and_stays_on_the_world():
    def framed(*points):
        for number, (latitude, longitude) in enumerate(points):
            place = make_entity(
                f"Place {number}",
                "place",
                precision="point",
                gazetteer="a list",
                latitude=latitude,
                longitude=longitude,
            )
            make_fought(f"b-{number}", place)
        return [float(part) for part in frame(mapped_places(Battle.objects.all())).split()]

    left, top, width, height = framed((89, 179), (-40, -179), (0, 0))
    assert left >= -180
    assert left + width <= 180
    assert top >= -90
    assert top + height <= 90
    assert width == 360
    assert frame([]) == "-180 -90 360 180"


@pytest.mark.parametrize(("latitude", "across"), [(0, 1), (60, 2), (-60, 2), (90, 180), (-90, 180)])
def test_a_distance_is_drawn_wider_where_degrees_of_longitude_are_narrow(client, latitude, across):
    place = make_entity(
        "Place",
        "place",
        precision="radius",
        radius_km=round(KM_OF_A_DEGREE),
        gazetteer="a list",
        latitude=latitude,
        longitude=0,
    )
    make_fought("ford", place)
    for html in (read(client).html, Page(client.get(place.get_absolute_url())).html):
        [[wide, high]] = re.findall('<ellipse [^>]* rx="(.+?)" ry="(.+?)"', html)
        assert float(high) == pytest.approx(1, abs=0.01)
        assert float(wide) == pytest.approx(across, rel=0.01)
    [place] = mapped_places(Battle.objects.all())
    left, _, width, _ = map(float, frame([place]).split())
    assert left <= -place.radius_across
    assert left + width >= place.radius_across


def test_the_drawn_land_is_that_of_the_data():
    land = (FOLDER / "land.json").read_text(encoding="utf-8")
    assert (FOLDER / "land.svg").read_text(encoding="utf-8") == drawn(land)
