"""Battles and statements as schema.org describes them, for machines that read pages.

schema.org has one start date and one place for an event. Rivals are not chosen between: where
accounts give more than one answer, none is given, and the page says what each account says.
"""

from typing import Any

from django.urls import reverse

from battles import wording
from battles.kinds import Aspect, Kind
from battles.models import Battle
from battles.pages import BattlePage
from battles.shown import ShownStatement
from sources.linked_data import CONTEXT, filled
from sources.rendering import absolute


def battle_as_event(battle: Battle, above: list[Battle], page: BattlePage) -> dict[str, Any]:
    """Return a battle's page, with the event it is about and where it is filed."""
    date = _only([row for row in _of_kind(page, Kind.DATE) if row.values.aspect == Aspect.WHOLE])
    place = _only(_of_kind(page, Kind.PLACE))
    event = {
        "@type": "Event",
        "name": battle.name,
        "alternateName": sorted({row.text for row in page.names} - {battle.name}),
        "startDate": wording.machine_date(date.values.date_edtf) if date else "",
        "location": {"@type": "Place", "name": place.values.place__name} if place else None,
        "superEvent": _event(above[-1]) if above else None,
    }
    return {
        "@context": CONTEXT,
        "@type": "WebPage",
        "@id": absolute(battle.get_absolute_url()),
        "name": battle.name,
        "version": battle.edition,
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


def _event(battle: Battle) -> dict[str, Any]:
    address = absolute(battle.get_absolute_url())
    return {"@type": "Event", "name": battle.name, "url": address}


def _of_kind(page: BattlePage, kind: Kind) -> list[ShownStatement]:
    return [row for row in page.statements if row.kind == kind]


def _only(statements: list[ShownStatement]) -> ShownStatement | None:
    return statements[0] if len(statements) == 1 else None
