"""Where battles are said to have been, for the map and for the list beside it.

A map shows no more than is known: a point, a circle of the recorded distance, or a patch of no
size for a place that is only somewhere in a region.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from battles.kinds import Kind
from battles.models import Entity, Entry, Heading, Statement
from battles.shown import ShownStatement, number_citations, places_told
from sources.addresses import address
from sources.sorting import sort_key

DRAWN = 2000  # places on one map; the list beside it has them all
LISTED = 50  # places on one page of that list

KM_OF_A_DEGREE = 111.2  # of latitude, on a sphere of the earth's mean radius (6,371 km)
_LEAST_WIDTH = 24.0  # degrees of longitude that a drawing shows at least

_COLUMNS = (
    "place",
    "place__name",
    "place__latitude",
    "place__longitude",
    "place__precision",
    "place__radius_km",
    "place__gazetteer",
)


@dataclass(slots=True)
class MappedPlace:
    """A place that published statements name, with how many battles are said to have been there."""

    pk: UUID
    name: str
    latitude: float | None
    longitude: float | None
    precision: str
    radius_km: int | None
    gazetteer: str
    battles: int
    statements: list[ShownStatement] = field(default_factory=list)

    @property
    def href(self) -> str:
        return address("battles:entity-detail", self.pk)

    @property
    def coordinates(self) -> str:
        """Latitude and longitude in degrees, as “38.31° N, 127.60° E”."""
        latitude, longitude = self.latitude or 0, self.longitude or 0
        north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
        return f"{abs(latitude):g}° {north}, {abs(longitude):g}° {east}"

    @property
    def precision_in_words(self) -> str:
        match self.precision:
            case Entity.Precision.POINT:
                return "a point"
            case Entity.Precision.RADIUS:
                return f"within {self.radius_km:,} km of the point drawn"
            case Entity.Precision.REGION:
                return "somewhere in this region; its extent is not recorded"
            case _:
                return "not on the map: no coordinates are recorded"

    @property
    def radius(self) -> float:
        """The recorded distance, in degrees of latitude."""
        return round((self.radius_km or 0) / KM_OF_A_DEGREE, 3)

    @property
    def radius_across(self) -> float:
        """The same distance in degrees of longitude, which grow narrow towards the poles."""
        return round(min(180.0, self.radius / cos(radians(self.latitude or 0))), 3)


def mapped_places(battles: QuerySet) -> list[MappedPlace]:
    """Return the places where some battles are said to have been, in the order of their names."""
    said = Statement.objects.published().filter(
        kind=Kind.PLACE, battle__in=battles.order_by().values("pk")
    )
    rows = (
        said.order_by("place__sort_key", "place")
        .values_list("place__sort_key", *_COLUMNS)
        .annotate(battles=Count("battle", distinct=True))
    )
    return [
        MappedPlace(
            pk,
            name,
            None if latitude is None else float(latitude),
            None if longitude is None else float(longitude),
            *rest,
        )
        for _, pk, name, latitude, longitude, *rest in rows
    ]


def number_without_place(battles: QuerySet) -> int:
    """Return of how many of some battles nothing published says where they were."""
    placed = Entry.objects.filter(battle=OuterRef("pk"), facet=Heading.Facet.PLACE)
    return battles.order_by().filter(~Exists(placed)).count()


def with_statements(places: Sequence[MappedPlace], battles: QuerySet) -> Sequence[MappedPlace]:
    """Add to places what is said about them, each with its sources."""
    of_place = {place.pk: place for place in places}
    said = Statement.objects.published().filter(
        kind=Kind.PLACE, place__in=of_place, battle__in=battles.order_by().values("pk")
    )
    for statement in places_told(list(said.order_by("pk").values_list("pk", flat=True))):
        if statement.values.place_id:
            of_place[statement.values.place_id].statements.append(statement)
    for place in places:
        place.statements.sort(key=lambda one: (sort_key(one.values.battle__name), str(one.pk)))
    number_citations([statement for place in places for statement in place.statements])
    return places


def on_the_map(places: Iterable[MappedPlace]) -> list[MappedPlace]:
    """Return the places that can be drawn, at most as many as one map draws."""
    return [place for place in places if place.precision][:DRAWN]


def as_geojson(places: Sequence[MappedPlace], page_of: str) -> dict[str, Any]:
    """Return places as GeoJSON (RFC 7946), each with the address of its line in the list.

    `page_of` is the query of the list, to which the number of its page is added.
    """
    joint = "&" if len(page_of) > 1 else ""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(place.pk),
                "geometry": {
                    "type": "Point",
                    "coordinates": [place.longitude, place.latitude],
                },
                "properties": {
                    "name": place.name,
                    "precision": place.precision,
                    "radius_km": place.radius_km,
                    "in_words": place.precision_in_words,
                    "battles": place.battles,
                    "listed_at": f"{page_of}{joint}page={number // LISTED + 1}#place-{place.pk}",
                },
            }
            for number, place in enumerate(places)
            if place.precision
        ][:DRAWN],
    }


def frame(places: Sequence[MappedPlace]) -> str:
    """Return the part of the world that shows places: the viewBox of a drawing in degrees.

    West and north come first; latitudes grow downwards in a drawing, so they are negated.
    """
    if not places:
        return "-180 -90 360 180"
    west = min((place.longitude or 0) - place.radius_across for place in places)
    east = max((place.longitude or 0) + place.radius_across for place in places)
    south = min((place.latitude or 0) - place.radius for place in places)
    north = max((place.latitude or 0) + place.radius for place in places)
    width = min(360.0, max(_LEAST_WIDTH, 1.3 * (east - west), 2.6 * (north - south)))
    height = width / 2
    left = max(-180.0, min(180.0 - width, (west + east - width) / 2))
    top = max(-90.0, min(90.0 - height, (-north - south - height) / 2))
    return f"{left:g} {top:g} {width:g} {height:g}"


def place_of(entity: Entity) -> MappedPlace | None:
    """Return an entity as a place that can be drawn, if it is one."""
    if not entity.precision or entity.latitude is None or entity.longitude is None:
        return None
    return MappedPlace(
        pk=entity.pk,
        name=entity.name,
        latitude=float(entity.latitude),
        longitude=float(entity.longitude),
        precision=entity.precision,
        radius_km=entity.radius_km,
        gazetteer=entity.gazetteer,
        battles=0,
    )
