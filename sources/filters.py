"""How readers narrow the list of sources."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import get_language_info
from django_filters import ChoiceFilter, FilterSet

from sources.listing import Choice, offer, unknown_value
from sources.models import Document, Origin, Source
from sources.trees import family, in_tree_order

HELD = [("yes", "text held here"), ("no", "not held")]


def language_name(tag: str) -> str:
    """Return a language's English name, or its tag if none is known."""
    if tag.lower() == "zh":
        return "Chinese"  # Django knows only its two scripts
    try:
        return get_language_info(tag.lower())["name"]
    except KeyError:
        return tag


def _agrees(name: str, value: str | None, cell: dict[str, Any]) -> bool:
    return not value or cell[name] == value


class SourceFilter(FilterSet):
    """Narrows public sources by origin (with all that is part of it), kind, language, rights
    and by whether their text is held here.

    Each choice counts what it would leave, given the others.
    """

    origin = ChoiceFilter(
        method="by_origin", label="Origin", error_messages=unknown_value("an origin")
    )
    kind = ChoiceFilter(method="by_column", label="Kind", error_messages=unknown_value("a kind"))
    language = ChoiceFilter(
        method="by_column", label="Language", error_messages=unknown_value("a language")
    )
    rights = ChoiceFilter(
        method="by_column", label="Rights", error_messages=unknown_value("a kind of rights")
    )
    held = ChoiceFilter(
        method="by_held", label="Text", error_messages=unknown_value("an answer (yes or no)")
    )

    class Meta:
        model = Source
        fields: list[str] = []

    def __init__(self, data: Any = None, queryset: QuerySet | None = None, **kwargs: Any) -> None:
        if queryset is None:
            queryset = Source.objects.public()
        held = Exists(Document.objects.with_words().filter(source=OuterRef("pk")))
        super().__init__(data, queryset.annotate(is_held=held), **kwargs)
        self._origins = list(Origin.objects.public().order_by("name", "pk"))
        parents = {origin.pk: origin.part_of_id for origin in self._origins}
        self._families = {origin.slug: family(origin.pk, parents) for origin in self._origins}
        self._offer_choices()

    def by_origin(self, rows: QuerySet, name: str, slug: str) -> QuerySet:
        return rows.filter(origin__in=self._families[slug])

    def by_column(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(**{name: value})

    def by_held(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(is_held=value == "yes")

    def _offer_choices(self) -> None:
        """Count every choice from one query: the number of sources of each combination."""
        columns = ("origin_id", "kind", "language", "rights", "is_held")
        cells = list(
            self.queryset.order_by()
            .prefetch_related(None)
            .values(*columns)
            .annotate(number=Count("pk"))
        )
        chosen = self.data or {}
        wanted: dict[str, Callable[[dict[str, Any]], bool]] = {
            "origin": lambda cell: (
                not (slug := chosen.get("origin"))
                or cell["origin_id"] in self._families.get(slug, ())
            ),
            "held": lambda cell: (
                not (held := chosen.get("held")) or cell["is_held"] == (held == "yes")
            ),
        }
        for name in ("kind", "language", "rights"):
            wanted[name] = partial(_agrees, name, chosen.get(name))

        def left_by(facet: str) -> list[dict[str, Any]]:
            others = [test for name, test in wanted.items() if name != facet]
            return [cell for cell in cells if all(test(cell) for test in others)]

        def counted(facet: str, key: str) -> Counter[Any]:
            totals: Counter[Any] = Counter()
            for cell in left_by(facet):
                totals[cell[key]] += cell["number"]
            return totals

        by_origin = counted("origin", "origin_id")
        offer(
            self,
            "origin",
            (
                Choice(
                    origin.slug,
                    "\u2003" * depth + origin.name,
                    sum(by_origin[member] for member in self._families[origin.slug]),
                )
                for origin, depth in in_tree_order(
                    self._origins, lambda row: row.pk, lambda row: row.part_of_id
                )
            ),
            known=[(origin.slug, origin.name) for origin in self._origins],
        )
        languages = sorted(
            ((tag, language_name(tag)) for tag in {cell["language"] for cell in cells} - {""}),
            key=lambda pair: (pair[1], pair[0]),
        )
        for name, known in (
            ("kind", Source.Kind.choices),
            ("language", languages),
            ("rights", Source.Rights.choices),
        ):
            counts = counted(name, name)
            offer(self, name, [Choice(v, str(label), counts[v]) for v, label in known], known)
        held = counted("held", "is_held")
        offer(
            self,
            "held",
            [Choice(value, label, held[value == "yes"]) for value, label in HELD],
            known=HELD,
        )
