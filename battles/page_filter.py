"""How readers narrow a battle's page: by who is heard, on whose word, from how near.

A statement stays if one of its citations is all that was asked for. The page keeps its numbers and
says what is hidden.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import NamedTuple

from django.utils.datastructures import MultiValueDict

from battles.pages import BattlePage
from battles.shown import ShownCitation, ShownStatement
from sources.addresses import address
from sources.listing import Choice, several_values, unknown_value
from sources.models import Origin, Source
from sources.origins import KnownOrigin, by_name
from sources.trees import in_tree_order, with_ancestors

_PROXIMITY = {value: str(label) for value, label in Source.Proximity.choices}


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to narrow a page by: its parameter, its name, and what it offers here."""

    name: str
    label: str
    anything: str
    noun: str
    choices: list[Choice]
    chosen: str


class _Found(NamedTuple):
    """The values by which each facet finds a citation."""

    origin: frozenset[str]
    claimant: frozenset[str]
    proximity: frozenset[str]


class PageFilter:
    """What a reader asked of a battle's page, and what the page offers to ask.

    Origins are voices and come with all that is part of them. Each choice counts the statements
    it would leave, given the others.
    """

    named = dict.fromkeys(("origin", "claimant"), Origin.objects.public)

    def __init__(
        self, given: MultiValueDict[str, str], page: BattlePage, origins: Iterable[KnownOrigin]
    ) -> None:
        self._asked = {name: str(given.get(name, "")) for name in _Found._fields}
        self.is_active = any(self._asked.values())
        self._origins = {origin.slug: origin for origin in origins}
        parents = {slug: origin.part_of__slug for slug, origin in self._origins.items()}
        heard = cache(lambda slug: frozenset(with_ancestors(slug, parents)))
        # Many citations of a page are found by the same.
        self._finding = cache(
            lambda claimant, origin, bearing, proximity: _Found(
                heard(claimant) | heard(origin),
                # Who disputes a statement or speaks beside it does not give their word for it.
                frozenset() if bearing else heard(claimant),
                frozenset({proximity}),
            )
        )
        known: dict[str, tuple[str, Mapping[str, object]]] = {
            "origin": ("an origin", self._origins),
            "claimant": ("a claimant", self._origins),
            "proximity": ("a nearness to the events", _PROXIMITY),
        }
        self.errors = [
            unknown_value(noun)["invalid_choice"] % {"value": value}
            for name, (noun, values) in known.items()
            if (value := self._asked[name]) and value not in values
        ]
        self.errors += filter(None, (several_values(given, name) for name in known))
        # What nobody knows is set aside, so that something is left to be chosen instead.
        self._asked = {
            name: value if (value := self._asked[name]) in values else ""
            for name, (_, values) in known.items()
        }
        counts = self._counted(page.statements)
        asked = self._asked
        voices = (
            ("origin", "Only what is heard from", "every origin", "heard from"),
            ("claimant", "Only on the word of", "every claimant", "on the word of"),
        )
        self.facets = [
            Facet(
                name, label, anything, noun, self._offered(counts[name], asked[name]), asked[name]
            )
            for name, label, anything, noun in voices
        ]
        near = [
            Choice(value, label, counts["proximity"][value])
            for value, label in _PROXIMITY.items()
            if counts["proximity"][value] or value == asked["proximity"]
        ]
        self.facets.append(
            Facet(
                "proximity",
                "Only from sources this near",
                "however near",
                "from sources this near to the events:",
                near,
                asked["proximity"],
            )
        )

    @property
    def chosen(self) -> list[tuple[str, str, str]]:
        """What was chosen, in words: of what, its name, and the page it has."""
        found = []
        for facet in self.facets:
            if not facet.chosen:
                continue
            origin = self._origins.get(facet.chosen) if facet.name != "proximity" else None
            name = origin.name if origin else _PROXIMITY[facet.chosen]
            href = address("sources:origin-detail", origin.slug) if origin else ""
            found.append((facet.noun, name, href))
        return found

    def hides(self, statement: ShownStatement) -> bool:
        return not any(map(self._fits, map(self._found, statement.citations)))

    def _found(self, citation: ShownCitation) -> _Found:
        return self._finding(
            citation.claimant_slug, citation.origin_slug, citation.bearing, citation.proximity
        )

    def _fits(self, found: _Found, but: str = "") -> bool:
        """Say whether a citation has all that was asked for, one facet set aside."""
        return all(
            value in getattr(found, name)
            for name, value in self._asked.items()
            if value and name != but
        )

    def _counted(self, statements: Iterable[ShownStatement]) -> dict[str, Counter[str]]:
        """Return how many statements each value of each facet finds, given the others."""
        cited = [tuple(map(self._found, one.citations)) for one in statements]
        return {
            name: Counter(chain.from_iterable(self._found_by(place, row) for row in cited))
            for place, name in enumerate(_Found._fields)
        }

    def _found_by(self, place: int, cited: tuple[_Found, ...]) -> frozenset[str]:
        """Return the values of a facet that find a statement, given the others."""
        if self.is_active:
            cited = tuple(one for one in cited if self._fits(one, but=_Found._fields[place]))
        if len(cited) == 1:
            return cited[0][place]
        return frozenset().union(*[one[place] for one in cited])

    def _offered(self, counts: Counter[str], chosen: str) -> list[Choice]:
        """Offer the origins that leave something or were chosen, each under what it is part of."""
        wanted = {*counts, chosen}
        rows = by_name(origin for slug, origin in self._origins.items() if slug in wanted)
        return [
            Choice(origin.slug, "\u2003" * depth + origin.name, counts[origin.slug])
            for origin, depth in in_tree_order(
                rows, lambda row: row.slug, lambda row: row.part_of__slug
            )
        ]
