"""How readers narrow a battle's page: by who is heard, on whose word, from how near.

A statement stays if one of its citations is all that was asked for. The page keeps its numbers and
says what is hidden.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain

from battles.pages import BattlePage
from battles.shown import ShownCitation, ShownStatement
from sources.addresses import address
from sources.listing import Choice, unknown_value
from sources.models import Source
from sources.origins import KnownOrigin
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


class PageFilter:
    """What a reader asked of a battle's page, and what the page offers to ask.

    Origins are voices and come with all that is part of them. Each choice counts the statements
    it would leave, given the others.
    """

    def __init__(
        self, asked: Mapping[str, str], page: BattlePage, origins: Iterable[KnownOrigin]
    ) -> None:
        self._asked = {name: asked.get(name, "") for name in ("origin", "claimant", "proximity")}
        self._origins = {origin.pk: origin for origin in origins}
        self._parents = {pk: origin.part_of_id for pk, origin in self._origins.items()}
        self._slugs = {origin.slug: origin for origin in self._origins.values()}
        self._heard = cache(
            lambda voices: {
                self._origins[pk].slug
                for voice in voices
                for pk in with_ancestors(voice, self._parents)
            }
        )
        known: dict[str, tuple[str, Mapping[str, object]]] = {
            "origin": ("an origin", self._slugs),
            "claimant": ("a claimant", self._slugs),
            "proximity": ("a nearness to the events", _PROXIMITY),
        }
        self.errors = [
            unknown_value(noun)["invalid_choice"] % {"value": value}
            for name, (noun, values) in known.items()
            if (value := self._asked[name]) and value not in values
        ]
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
    def is_active(self) -> bool:
        return any(self._asked.values())

    @property
    def chosen(self) -> list[tuple[str, str, str]]:
        """What was chosen, in words: of what, its name, and the page it has."""
        found = []
        for facet in self.facets:
            if not facet.chosen:
                continue
            origin = self._slugs.get(facet.chosen) if facet.name != "proximity" else None
            name = origin.name if origin else _PROXIMITY[facet.chosen]
            href = address("sources:origin-detail", origin.slug) if origin else ""
            found.append((facet.noun, name, href))
        return found

    def hides(self, statement: ShownStatement) -> bool:
        return not any(self._fits(self._has(citation)) for citation in statement.citations)

    def _fits(self, has: dict[str, set[str]], but: str = "") -> bool:
        """Say whether a citation has all that was asked for, one facet set aside."""
        return all(
            value in has[name] for name, value in self._asked.items() if value and name != but
        )

    def _has(self, citation: ShownCitation) -> dict[str, set[str]]:
        """Return the values by which each facet finds a citation."""
        return {
            "origin": self._heard(citation.voices),
            # Who disputes a statement or speaks beside it does not give their word for it.
            "claimant": set() if citation.bearing else self._heard((citation.claimant_id,)),
            "proximity": {citation.proximity},
        }

    def _counted(self, statements: Iterable[ShownStatement]) -> dict[str, Counter[str]]:
        cited = [[self._has(citation) for citation in one.citations] for one in statements]
        return {
            name: Counter(chain.from_iterable(self._found_by(name, row) for row in cited))
            for name in self._asked
        }

    def _found_by(self, name: str, cited: list[dict[str, set[str]]]) -> set[str]:
        """Return the values of a facet by which a statement is found, given the others."""
        if self.is_active:
            cited = [has for has in cited if self._fits(has, but=name)]
        return cited[0][name] if len(cited) == 1 else set().union(*(has[name] for has in cited))

    def _offered(self, counts: Counter[str], chosen: str) -> list[Choice]:
        """Offer the origins that leave something or were chosen, each under what it is part of."""
        wanted = {*counts, chosen} & self._slugs.keys()
        rows = [origin for slug, origin in self._slugs.items() if slug in wanted]
        rows.sort(key=lambda row: row.name)
        return [
            Choice(origin.slug, "\u2003" * depth + origin.name, counts[origin.slug])
            for origin, depth in in_tree_order(rows, lambda row: row.pk, lambda row: row.part_of_id)
        ]
