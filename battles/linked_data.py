"""Battles, statements and entities as schema.org describes them, for machines that read pages.

schema.org has one start date and one place for an event. Rivals are not chosen between: where
published accounts do not all give the same answer, or a passage is cited against it, none is
given, and the page says what each account says.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import reverse

from battles import wording
from battles.atlas import MappedPlace
from battles.entities import NameForm
from battles.kinds import Aspect, Kind
from battles.models import Battle, Entity, EntityIdentifier
from battles.pages import BattlePage
from battles.shown import ShownStatement, Values
from sources.colophon import content_licence
from sources.linked_data import CONTEXT, filled
from sources.rendering import absolute

_THINGS = {Entity.Kind.PERSON: "Person", Entity.Kind.PLACE: "Place"}


def battle_as_event(battle: Battle, above: list[Battle], page: BattlePage) -> dict[str, Any]:
    """Return a battle's page, with the event it is about and where it is filed."""
    start, end = _days(page)
    place = _answer(page, Kind.PLACE, lambda values: values.place__name)
    event = {
        **_event(battle),
        "alternateName": sorted({row.text for row in page.names} - {battle.name}),
        "startDate": start,
        "endDate": end,
        "location": {"@type": "Place", "name": place} if place else None,
        "superEvent": _event(above[-1]) if above else None,
    }
    licence = content_licence()
    return {
        "@context": CONTEXT,
        "@type": "WebPage",
        "@id": absolute(battle.get_absolute_url()),
        "name": battle.name,
        "version": battle.edition,
        **({"license": licence.url or licence.name} if licence else {}),
        "mainEntity": filled(event),
        "citation": [
            {"@type": "CreativeWork", "name": source.title, "url": absolute(source.href)}
            for source in page.sources
        ],
        "breadcrumb": {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": number,
                    "name": name,
                    "item": {"@id": absolute(address)},
                }
                for number, (name, address) in enumerate(
                    [
                        ("Battles", reverse("battles:battle-list")),
                        *((row.name, row.get_absolute_url()) for row in (*above, battle)),
                    ],
                    1,
                )
            ],
        },
    }


def statement_as_claim(statement: ShownStatement, battle: Battle) -> dict[str, Any]:
    """Return a statement as a Claim: by whom, about what, and where it appears."""
    return filled(
        {
            "@context": CONTEXT,
            "@type": "Claim",
            "@id": absolute(statement.href),
            "name": statement.heading,
            "text": statement.text,
            "about": _event(battle),
            "author": [  # whether a person or an organisation, their own pages say
                {"@id": absolute(address), "name": name, "url": absolute(address)}
                for name, address in statement.claimants
            ],
            "appearance": [
                {
                    "@type": "CreativeWork",
                    "name": citation.source,
                    "url": absolute(citation.href),
                }
                for citation in statement.citations
                if not citation.bearing
            ],
        }
    )


def entity_as_thing(
    entity: Entity,
    names: Iterable[NameForm],
    identifiers: Iterable[EntityIdentifier],
    place: MappedPlace | None,
) -> dict[str, Any]:
    """Return a party, person, unit or place as the schema.org thing that it is.

    Of a place somewhere in a region no coordinates are given: they would be those of its middle.
    """
    return filled(
        {
            "@context": CONTEXT,
            "@type": _THINGS.get(Entity.Kind(entity.kind), "Organization"),
            "@id": absolute(entity.get_absolute_url()),
            "name": entity.name,
            "alternateName": sorted({name.text for name in names} - {entity.name}),
            "description": entity.description,
            "sameAs": [identifier.url for identifier in identifiers if identifier.url],
            "geo": _where(place) if place else None,
        }
    )


def _where(place: MappedPlace) -> dict[str, Any] | None:
    point = {
        "@type": "GeoCoordinates",
        "latitude": place.latitude,
        "longitude": place.longitude,
    }
    match place.precision:
        case Entity.Precision.POINT:
            return point
        case Entity.Precision.RADIUS:
            radius = f"{place.radius_km} km"
            return {"@type": "GeoCircle", "geoMidpoint": point, "geoRadius": radius}
    return None


def _event(battle: Battle) -> dict[str, Any]:
    """Return an event as every page names it; its page has another id than itself."""
    address = absolute(battle.get_absolute_url())
    return {"@type": "Event", "@id": f"{address}#event", "name": battle.name, "url": address}


def _days(page: BattlePage) -> tuple[str, str]:
    """Return when a battle began and ended, each as far as a machine can be told."""

    def dated(aspect: Aspect) -> str:
        return _answer(page, Kind.DATE, lambda values: values.date_edtf, aspect)

    start, is_span, end = dated(Aspect.WHOLE).partition("/")
    days = start or dated(Aspect.START), end if is_span else dated(Aspect.END)
    return wording.machine_date(days[0]), wording.machine_date(days[1])


def _answer(page: BattlePage, kind: Kind, said: Callable[[Values], str], aspect: str = "") -> str:
    """Return what all published accounts answer alike, if nothing is cited against it."""
    for group in page.facts:
        values = group.answers[0].values
        if values.kind == kind and values.aspect == aspect and not group.is_disputed:
            found = {said(answer.values) for answer in group.answers}
            return found.pop() if len(found) == 1 else ""
    return ""
