"""How readers narrow and arrange the list of battles, and the list of sources by voices."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.html import format_html
from django_filters import CharFilter, ChoiceFilter

from battles.kinds import Degree, Kind
from battles.models import Battle, Entity, Entry, Heading, Statement, Voice
from battles.querysets import BattleQuerySet
from sources.addresses import address
from sources.filters import SourceFilter
from sources.listing import Choice, ListFilter, OneOfEach, is_narrowed, offer, unknown_value
from sources.models import Origin
from sources.origins import KnownOrigin, by_name, known_origins
from sources.prepared import Prepared, PreparedForMany
from sources.trees import families, in_tree_order, with_ancestors
from sources.years import YearFilter, YearsInOrder, within_years

Facet = Heading.Facet

OFFERED = 20  # of a kind of heading, those with most battles; pages of the others lead here too
COUNTED = 1000  # battles found; of more, choices are offered without saying how many they leave

DISPUTED = [
    ("yes", "accounts differ"),
    (Kind.RESULT.value, "accounts differ on the result"),
    ("no", "no difference known"),
]
SORTED = [
    ("name", "name"),
    ("date", "date, earliest first"),
    ("latest", "date, latest first"),
    ("statements", "number of statements"),
]
_ORDERS = {
    "name": ("sort_key", "pk"),
    "date": (F("first_day").asc(nulls_last=True), "sort_key", "pk"),
    "latest": (F("first_day").desc(nulls_last=True), "sort_key", "pk"),
    "statements": ("-statements_published", "sort_key", "pk"),
}
_OTHER_VOICES = "The {} heard in most {}. Pages of other voices lead to theirs."
VIEWS = [("list", "List"), ("map", "Map"), ("timeline", "Timeline")]

_NO_BATTLE = UUID(int=0)

_NOUNS = {
    Facet.PARTY: "a party",
    Facet.PERSON: "a commander",
    Facet.PLACE: "a place",
    Facet.VICTOR: "a victor",
    Facet.CLAIMANT: "a voice",
}


class HeadingField(forms.CharField):
    """The slug of what a heading of the index names, cleaned to the ids of the headings meant.

    A voice stands for all that is part of it.
    """

    widget = forms.Select

    def __init__(self, *args: Any, facet: Heading.Facet, **kwargs: Any) -> None:
        self.facet = facet
        super().__init__(*args, **kwargs)

    def clean(self, value: Any) -> list[UUID] | None:
        slug = value or ""
        if not slug:
            return None
        found = self._named(slug) if "\0" not in slug else None
        if found is None:
            raise ValidationError(
                unknown_value(_NOUNS[self.facet])["invalid_choice"], params={"value": slug}
            )
        return found

    def _named(self, slug: str) -> list[UUID] | None:
        headings = _in_use(self.facet).order_by()
        if self.facet != Facet.CLAIMANT:
            return list(headings.filter(entity__slug=slug).values_list("pk", flat=True)) or None
        origins = known_origins()
        parents = {origin.pk: origin.part_of_id for origin in origins}
        root = next((origin.pk for origin in origins if origin.slug == slug), None)
        if root is None:
            return None
        voices = headings.filter(origin__in=families(parents)[root])
        return list(voices.values_list("pk", flat=True))


class HeadingFilter(CharFilter):
    """Leaves the battles under a heading of the index."""

    field_class = HeadingField


class EditionsForm(OneOfEach):
    """Two editions of a battle to compare, the earlier first."""

    def __init__(self, data: Any, battle: Battle) -> None:
        super().__init__(data)
        for name, label, initial in (
            ("from", "From edition", max(battle.edition - 1, 1)),
            ("to", "to edition", battle.edition),
        ):
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                initial=initial,
                coerce=int,
                choices=[(number, str(number)) for number in range(1, battle.edition + 1)],
                error_messages={
                    "required": f"Say {label.lower()} which; there are {battle.edition}.",
                    "invalid_choice": f"{label.capitalize()}: “%(value).80s” is no edition of "
                    f"this battle; there are {battle.edition}.",
                },
            )

    def clean(self) -> dict[str, Any]:
        chosen = super().clean()
        first, last = chosen.get("from"), chosen.get("to")
        if first and last and first >= last:
            raise ValidationError("Compare an edition with a later one.")
        return chosen


class BattleFilter(ListFilter):
    """Narrows public battles by war (all that is part of it, however far down), by what they
    stand under in the index, by the years that their published dates can mean, and by whether
    accounts differ.

    Each choice counts what it would leave, given the others.
    """

    war = ChoiceFilter(label="War or campaign", error_messages=unknown_value("a war or campaign"))
    party = HeadingFilter(label="Party", facet=Facet.PARTY)
    person = HeadingFilter(label="Commander", facet=Facet.PERSON)
    place = HeadingFilter(label="Place", facet=Facet.PLACE)
    claimant = HeadingFilter(label="On the word of", facet=Facet.CLAIMANT)
    from_year = YearFilter(label="From year")
    to_year = YearFilter(label="To year")
    victor = HeadingFilter(label="Won, by some account, by", facet=Facet.VICTOR)
    degree = ChoiceFilter(
        label="Result", choices=Degree.choices, error_messages=unknown_value("a kind of result")
    )
    disputed = ChoiceFilter(
        label="Accounts",
        choices=DISPUTED,
        error_messages=unknown_value("an answer (yes, result or no)"),
    )
    sort = ChoiceFilter(
        label="Sorted by",
        choices=SORTED,
        empty_label=None,
        error_messages=unknown_value("an order"),
    )
    view = ChoiceFilter(
        choices=VIEWS, widget=forms.HiddenInput, error_messages=unknown_value("a view")
    )

    arranging = ("sort", "view")
    named = {
        "war": Battle.objects.public,
        **dict.fromkeys(
            (Facet.PARTY, Facet.PERSON, Facet.PLACE, Facet.VICTOR), Entity.objects.public
        ),
        "claimant": Origin.objects.public,
    }

    class Meta:
        model = Battle
        form = YearsInOrder
        fields: list[str] = []

    def __init__(self, data: Any, queryset: BattleQuerySet) -> None:
        super().__init__(data, queryset)
        self._parts: dict[UUID | None, int] = dict(_numbers_of_parts())
        self._wars = _known_wars([whole for whole in self._parts if whole])
        self._left: dict[str, _Left] = {}
        self._in_part: set[str] = set()  # the facets of which not all headings are offered
        self._families = families({pk: parent for pk, _, _, parent in self._wars})
        self.form.fields["war"].choices = [(slug, name) for _, slug, name, _ in self._wars]
        self.total = self._left_by_others("").number if self.is_valid() else 0
        self._offer_choices()
        if self.shown_as == "map":  # its list is one of places, by their names
            self.form.fields["sort"].widget = forms.HiddenInput()
        elif self.usual_order == "date":
            self.form.fields["sort"].widget.choices = [*SORTED[1:], SORTED[0]]

    @property
    def usual_order(self) -> str:
        """The order where none was chosen: a timeline is read from its beginning."""
        return "date" if self.shown_as == "timeline" else "name"

    @property
    def is_narrowed(self) -> bool:
        return is_narrowed(self)

    @property
    def shown_as(self) -> str:
        return self.chosen.get("view") or "list"

    @property
    def cleared(self) -> str:
        """The query of the same view with nothing chosen, also while something chosen is wrong."""
        view = (self.data or {}).get("view")
        return f"?view={view}" if view in dict(VIEWS[1:]) else ""

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        order = self.chosen["sort"] or self.usual_order
        return self._narrowed(queryset).order_by(*_ORDERS[order])

    def _narrowing(self, but: str = "") -> dict[str, Any]:
        """Return what was chosen that leaves rows out, one filter set aside."""
        return {
            name: value
            for name, value in self.chosen.items()
            if value not in (None, "") and name != but and name not in self.arranging
        }

    def _narrowed(self, rows: QuerySet, but: str = "") -> QuerySet:
        """Return the rows that what was chosen leaves, one filter set aside."""
        chosen = self._narrowing(but)
        if war := chosen.get("war"):
            rows = rows.filter(part_of__in=self._within(war))
        for facet in _NOUNS:
            if (headings := chosen.get(facet)) is not None:
                rows = rows.filter(pk__in=_under(pk__in=headings))
        if degree := chosen.get("degree"):
            rows = rows.filter(pk__in=_under(facet=Facet.DEGREE, key=degree))
        if disputed := chosen.get("disputed"):
            differing = _under(facet=Facet.DISPUTED, key=_QUESTIONS[disputed])
            rows = (rows.exclude if disputed == "no" else rows.filter)(pk__in=differing)
        first, last = chosen.get("from_year"), chosen.get("to_year")
        if first is not None or last is not None:
            dated = Statement.objects.published().filter(
                within_years(first, last, "date_earliest", "date_latest"), kind=Kind.DATE
            )
            rows = rows.filter(pk__in=dated.order_by().values("battle"))
        return rows

    def _within(self, war: str) -> set[UUID]:
        """Return the ids of a war and of the campaigns in it, however far down."""
        root = next(pk for pk, slug, _, _ in self._wars if slug == war)
        return self._families[root]

    def _offer_choices(self) -> None:
        self._offer_wars()
        numbers = self._numbers()
        headings = self._headings(numbers)
        for facet in (Facet.PARTY, Facet.PERSON, Facet.PLACE, Facet.VICTOR):
            named = [(row.entity__sort_key, row.key, row) for row in headings if row.facet == facet]
            choices = [
                Choice(row.entity__slug, row.entity__name, numbers.get(row.pk))
                for _, _, row in sorted(named)
            ]
            offer(self, facet, choices)
            if facet in self._in_part:
                self.form[facet].help_text = format_html(
                    'The {} with most battles. <a href="{}?kind={}">The index has all</a>',
                    OFFERED,
                    address("battles:entity-list"),
                    Facet.PARTY if facet == Facet.VICTOR else facet,
                )
        voices = {row.origin_id: numbers.get(row.pk) for row in headings if row.origin_id}
        offer_voices(self, voices, known_origins())
        if Facet.CLAIMANT in self._in_part:
            self.form["claimant"].help_text = _OTHER_VOICES.format(OFFERED, "battles")
        by_code = {(row.facet, row.key): numbers.get(row.pk) for row in headings}
        degrees = [
            Choice(value, str(label), by_code.get((Facet.DEGREE, value), 0))
            for value, label in Degree.choices
        ]
        offer(self, "degree", degrees)
        self._offer_disputed(
            {code: by_code.get((Facet.DISPUTED, code), 0) for code in ("any", Kind.RESULT.value)}
        )

    def _offer_wars(self) -> None:
        left = self._left_by_others("war")
        is_counted = left.is_all or left.battles is not None
        parts: Mapping[UUID | None, int] = (
            self._parts if left.is_all else Counter((left.battles or {}).values())
        )
        in_order = in_tree_order(self._wars, lambda row: row[0], lambda row: row[3])
        choices = [
            Choice(
                slug,
                "\u2003" * depth + name,
                sum(parts.get(member, 0) for member in self._families[pk]) if is_counted else None,
            )
            for (pk, slug, name, _), depth in in_order
        ]
        offer(self, "war", choices)

    def _left_by_others(self, name: str) -> "_Left":
        """Return the battles that all filters but one leave."""
        if not self._narrowing(name):
            return _Left(sum(self._parts.values()), None, is_all=True)
        if name not in self._narrowing():
            name = ""
        if name not in self._left:
            # In some order, or asked again PostgreSQL's workers may answer in another.
            rows = self._narrowed(Battle.objects.public(), but=name).order_by("pk")
            some = list(rows.values_list("pk", "part_of", Window(Count("*")))[: COUNTED + 1])
            number = some[0][-1] if some else 0
            is_few = number <= COUNTED
            battles = {pk: whole for pk, whole, _ in some} if is_few else None
            self._left[name] = _Left(number, battles, is_all=False)
        return self._left[name]

    def _numbers(self) -> dict[UUID, int | None]:
        """Return which headings to offer, and how many battles choosing each would leave."""
        chosen = [facet for facet in Facet.values if facet in self._narrowing()]
        found = self._count([facet for facet in Facet.values if facet not in chosen])
        for facet in chosen:
            found |= self._count([facet], but=facet)
        return found

    def _count(self, facets: list[str], but: str = "") -> dict[UUID, int | None]:
        if not facets:
            return {}
        left = self._left_by_others(but)
        is_counted = left.is_all or left.battles is not None
        rows = _stored(*facets)() if left.battles is None else _counted(*facets)(left.battles)
        found: dict[UUID, int | None] = {}
        offered: Counter[str] = Counter()
        for pk, facet, number in sorted(rows, key=lambda row: (-row[2], row[0])):
            offered[facet] += 1
            if offered[facet] > OFFERED:
                self._in_part.add(facet)
            else:
                found[pk] = number if is_counted else None
        return found

    def _headings(self, numbers: dict[UUID, int | None]) -> "list[_Named]":
        """Return the headings that are offered, and those that were chosen."""
        chosen = [pk for facet in _NOUNS for pk in self.chosen.get(facet) or []]
        return [_Named(*row) for row in _headings(numbers.keys() | set(chosen))]

    def _offer_disputed(self, differing: dict[str, int | None]) -> None:
        left = self._left_by_others("disputed").number
        counts = {value: differing[code] for value, code in _QUESTIONS.items()}
        counts["no"] = None if counts["yes"] is None else left - counts["yes"]
        offer(self, "disputed", [Choice(value, label, counts[value]) for value, label in DISPUTED])


class VoicedSourceFilter(SourceFilter):
    """Narrows sources by whose word published statements rest on in them, too."""

    claimant = ChoiceFilter(
        method="by_claimant", label="On the word of", error_messages=unknown_value("a voice")
    )

    named = {**SourceFilter.named, "claimant": Origin.objects.public}
    beside_cells = (*SourceFilter.beside_cells, "claimant")

    def by_claimant(self, rows: QuerySet, name: str, slug: str) -> QuerySet:
        return rows.filter(pk__in=self._voiced_by(slug))

    def know_choices(self) -> None:
        super().know_choices()
        self.form.fields["claimant"].choices = [(row.slug, row.name) for row in self.origins]
        self.form.order_fields(("origin", "claimant"))

    def offer_choices(self) -> None:
        super().offer_choices()
        numbers = self._numbers_of_voices()
        offer_voices(self, dict(numbers[:OFFERED]), self.origins)
        if len(numbers) > OFFERED:
            self.form["claimant"].help_text = _OTHER_VOICES.format(OFFERED, "sources")

    def _numbers_of_voices(self) -> list[tuple[UUID, int | None]]:
        """Return the voices to offer and one more, and in how many of the sources left each is
        heard."""
        others = [name for name in self.filters if name not in (*self.arranging, "claimant")]
        voices = Voice.objects.order_by().values_list("origin")  # of public sources, all of them
        if any(self.chosen.get(name) not in (None, "") for name in others):
            left = self.narrowed(self.queryset, others).order_by()
            if left[COUNTED:].exists():
                heard = _in_use(Facet.CLAIMANT).values_list("origin", flat=True)
                return [(origin, None) for origin in heard[: OFFERED + 1]]
            some = left.order_by("pk").values_list("pk", flat=True)
            voices = voices.filter(source__in=list(some))
        most = voices.annotate(number=Count("source")).order_by("-number", "origin")
        return list(most[: OFFERED + 1])

    def _voiced_by(self, slug: str) -> QuerySet:
        return Voice.objects.filter(origin__in=self.families[slug]).order_by().values("source")


def offer_voices(
    filterset: ListFilter, numbers: dict[UUID, int | None], origins: Iterable[KnownOrigin]
) -> None:
    """Offer voices below those they are part of, as choices of a claimant.

    Of a wider one, which stands for all its parts, no number is said: that of each part is.
    """
    known = {origin.pk: origin for origin in origins}
    parents = {origin.pk: origin.part_of_id for origin in known.values()}
    heard = {up for origin in numbers for up in with_ancestors(origin, parents)}
    wider = {parents[origin] for origin in heard}
    chosen = (filterset.data or {}).get("claimant")
    offered = by_name(row for row in known.values() if row.pk in heard or row.slug == chosen)
    choices = [
        Choice(
            row.slug,
            "\u2003" * depth + row.name,
            None if row.pk in wider else numbers.get(row.pk),
        )
        for row, depth in in_tree_order(offered, lambda row: row.pk, lambda row: row.part_of_id)
    ]
    offer(filterset, "claimant", choices)


# Under which heading the index keeps what each answer about disputes asks for.
_QUESTIONS = {"yes": "any", "no": "any", Kind.RESULT.value: Kind.RESULT.value}


class _Left(NamedTuple):
    """How many battles a filter leaves, and which, if they are few enough to count in."""

    number: int
    battles: dict[UUID, UUID | None] | None  # each with what it is filed under
    is_all: bool


class _Named(NamedTuple):
    """What is read of a heading that is offered."""

    pk: UUID
    facet: str
    key: str
    entity__slug: str  # nothing, like its name, where the heading names no entity
    entity__name: str
    entity__sort_key: bytes
    origin_id: UUID | None


@cache
def _counted(*facets: str) -> PreparedForMany:
    """Return, for some battles, the headings of each facet that most of them stand under: one
    more than is offered, which says that there are others."""
    most = Window(
        RowNumber(),
        partition_by=F("facet"),
        order_by=[Count("battle").desc(), F("heading")],
    )

    def rows(battles: Sequence[UUID]) -> QuerySet:
        entries = Entry.objects.filter(battle__in=battles, facet__in=facets).order_by()
        # By facets first: of many battles, SQLite would read all entries in the order of headings.
        counted = entries.values("facet", "heading").annotate(number=Count("battle"))
        ranked = counted.annotate(rank=most)
        offered = ranked.filter(rank__lte=OFFERED + 1).order_by("heading_id")
        return offered.values_list("heading", "facet", "number")

    return PreparedForMany(rows, UUID)


@cache
def _stored(*facets: str) -> Prepared:
    """Return the headings of each facet that most of all battles stand under, and one more."""

    def of_one(facet: str) -> QuerySet:
        most = _in_use(facet).values("pk")[: OFFERED + 1]
        return Heading.objects.filter(pk__in=most).order_by().values_list("pk", "facet", "number")

    # One after the other: asked for one or another, PostgreSQL reads through all headings.
    first, *others = facets
    return Prepared(lambda: of_one(first).union(*map(of_one, others), all=True))


_numbers_of_parts = Prepared(
    lambda: (
        Battle.objects.public()
        .order_by("part_of_id")
        .values_list("part_of_id")
        .annotate(number=Count("*"))
    )
)
_wars_and = PreparedForMany(
    lambda others: (
        Battle.objects.public()
        # By their ids: asked for a scale or an id, databases read through all battles.
        .filter(
            pk__in=Battle.objects.wars()
            .order_by()
            .values("pk")
            .union(Battle.objects.filter(pk__in=others).order_by().values("pk"))
        )
        .order_by("sort_key", "pk")
        .values_list("pk", "slug", "name", "part_of_id")
    ),
    UUID,
)
_headings = PreparedForMany(
    lambda headings: (
        Heading.objects.filter(pk__in=headings).order_by().values_list(*_Named._fields)
    ),
    UUID,
)


def _known_wars(wholes: list[UUID]) -> list[tuple[UUID, str, str, UUID | None]]:
    """Return every war and campaign, and what other battles are filed under."""
    return _wars_and(wholes or [_NO_BATTLE])


def _in_use(facet: str) -> QuerySet:
    """Return the headings of a facet that battles stand under, those of most battles first."""
    return Heading.objects.filter(facet=facet, number__gt=0).order_by("-number", "pk")


def _under(**heading: Any) -> QuerySet:
    """Return the ids of the battles under some headings."""
    headings = Heading.objects.filter(**heading).order_by().values("pk")
    return Entry.objects.filter(heading__in=headings).order_by().values("battle")
