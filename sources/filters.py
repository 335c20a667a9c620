"""How readers narrow and arrange the list of sources."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils.translation import get_language_info
from django_filters import ChoiceFilter

from sources.listing import Choice, ListFilter, offer, unknown_value
from sources.models import Origin, Source
from sources.origins import by_name, known_origins
from sources.prepared import Prepared
from sources.querysets import BY_TITLE
from sources.trees import families, in_tree_order
from sources.years import YearFilter, YearsInOrder, within_years

HELD = [("yes", "text held here"), ("no", "not held")]
SORTED = [
    ("title", "title"),
    ("date", "date, earliest first"),
    ("latest", "date, latest first"),
]
_KNOWN: dict[str, Any] = {
    "kind": Source.Kind.choices,
    "rights": Source.Rights.choices,
    "proximity": Source.Proximity.choices,
    "held": HELD,
}
_ORDERS = {
    "title": BY_TITLE,
    "date": (F("issued_earliest").asc(nulls_last=True), *BY_TITLE),
    "latest": (F("issued_earliest").desc(nulls_last=True), *BY_TITLE),
}
_COUNTED = ("kind", "language", "rights", "proximity", "held")

_in_language = Prepared(
    lambda tag: (
        Source.objects.public()
        .standing()
        .filter(language=tag)
        .order_by()
        .values_list("pk", flat=True)[:1]
    ),
    str,
)


def language_name(tag: str) -> str:
    """Return a language's English name, or its tag if none is known."""
    if tag.lower() == "zh":
        return "Chinese"  # Django knows only its two scripts
    try:
        return get_language_info(tag.lower())["name"]
    except KeyError:
        return tag


class SourceFilter(ListFilter):
    """Narrows public sources by origin (with all that is part of it), kind, language, rights,
    nearness to the events, the years they can be from, and whether their text is held here.

    Each choice counts what it would leave, given the others.
    """

    origin = ChoiceFilter(
        method="by_origin", label="Origin", error_messages=unknown_value("an origin")
    )
    kind = ChoiceFilter(method="by_column", label="Kind", error_messages=unknown_value("a kind"))
    language = ChoiceFilter(
        method="by_column", label="Language", error_messages=unknown_value("a language")
    )
    from_year = YearFilter(label="From year", method="by_years")
    to_year = YearFilter(label="To year", method="by_years")
    rights = ChoiceFilter(
        method="by_column", label="Rights", error_messages=unknown_value("a kind of rights")
    )
    proximity = ChoiceFilter(
        method="by_column",
        label="Nearness to the events",
        error_messages=unknown_value("a degree of nearness"),
    )
    held = ChoiceFilter(
        method="by_held", label="Text", error_messages=unknown_value("an answer (yes or no)")
    )
    sort = ChoiceFilter(
        label="Sorted by",
        choices=SORTED,
        empty_label=None,
        error_messages=unknown_value("an order"),
    )

    arranging = ("sort",)
    named = {"origin": Origin.objects.public}
    # What cells, in which choices are counted, do not tell apart.
    beside_cells: tuple[str, ...] = ("from_year", "to_year")

    class Meta:
        model = Source
        form = YearsInOrder
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet) -> None:
        super().__init__(data, queryset)
        self.origins = known_origins()
        parents = {origin.pk: origin.part_of_id for origin in self.origins}
        members = families(parents)
        self.families = {origin.slug: members[origin.pk] for origin in self.origins}
        self.know_choices()
        self.offer_choices()

    @property
    def usual_order(self) -> str:
        return "title"

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        names = [name for name in self.filters if name not in self.arranging]
        return self.narrowed(queryset, names).order_by(
            *_ORDERS[self.chosen["sort"] or self.usual_order]
        )

    def narrowed(self, rows: QuerySet, names: Iterable[str]) -> QuerySet:
        """Return the rows that some of the filters leave."""
        for name in names:
            rows = self.filters[name].filter(rows, self.chosen.get(name))
        return rows

    def by_origin(self, rows: QuerySet, name: str, slug: str) -> QuerySet:
        return rows.filter(origin__in=self.families[slug])

    def by_column(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(**{name: value})

    def by_held(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(held=value == "yes")

    def by_years(self, rows: QuerySet, name: str, year: int) -> QuerySet:
        first, last = (year, None) if name == "from_year" else (None, year)
        return rows.filter(within_years(first, last, "issued_earliest", "issued_latest"))

    def know_choices(self) -> None:
        """Say which values are known; from here on it may be asked what was chosen."""
        fields = self.form.fields
        for name, known in _KNOWN.items():
            fields[name].choices = known
        tag = (self.data or {}).get("language")
        if tag and "\0" not in tag and _in_language(tag):
            fields["language"].choices = [(tag, language_name(tag))]
        fields["origin"].choices = [(origin.slug, origin.name) for origin in self.origins]

    def offer_choices(self) -> None:
        """Count every choice from two queries: the number of sources of each combination of all
        but the origins, which would make very many of them, and that of each origin."""
        cells = self._numbers((*self.beside_cells, "origin"), _COUNTED)
        wanted = {name: self.chosen[name] for name in _COUNTED if self.chosen.get(name)}
        if "held" in wanted:
            wanted["held"] = wanted["held"] == "yes"

        def left_by(facet: str) -> list[tuple[Any, ...]]:
            left = cells
            for name, value in wanted.items():
                if name != facet:
                    place = _COUNTED.index(name)
                    left = [cell for cell in left if cell[place] == value]
            return left

        def counted(facet: str) -> Counter[Any]:
            totals: Counter[Any] = Counter()
            place = _COUNTED.index(facet)
            for cell in left_by(facet):
                totals[cell[place]] += cell[-1]
            return totals

        self.total = sum(cell[-1] for cell in left_by(""))
        by_origin = Counter(dict(self._numbers((*self.beside_cells, *_COUNTED), ["origin_id"])))
        offer(
            self,
            "origin",
            (
                Choice(
                    origin.slug,
                    "\u2003" * depth + origin.name,
                    sum(by_origin[member] for member in self.families[origin.slug]),
                )
                for origin, depth in in_tree_order(
                    by_name(self.origins), lambda row: row.pk, lambda row: row.part_of_id
                )
            ),
        )
        for name, known in _KNOWN.items():
            counts = counted(name)
            if name == "held":
                counts = Counter({"yes": counts[True], "no": counts[False]})
            offer(self, name, [Choice(v, str(label), counts[v]) for v, label in known])
        languages = counted("language")
        tags = sorted(
            (language_name(tag), tag) for tag in {*languages, wanted.get("language")} if tag
        )
        offer(self, "language", [Choice(tag, name, languages[tag]) for name, tag in tags])

    def _numbers(self, names: Iterable[str], columns: Iterable[str]) -> list[tuple[Any, ...]]:
        """Return how many sources some of the filters leave of each combination of values.

        They come in an order, so that they are the same when they are asked for again.
        """
        left = self.narrowed(self.queryset, names).order_by(*columns).values_list(*columns)
        return list(left.annotate(number=Count("*")))
