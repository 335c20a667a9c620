"""How readers narrow the list of battles, and a battle's page."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet

from battles.kinds import Kind
from battles.models import Battle, Entity, Statement
from battles.querysets import BattleQuerySet
from sources.dates import day_number
from sources.listing import Choice, offer, unknown_value
from sources.trees import family, in_tree_order

DISPUTED = [("yes", "accounts differ"), ("no", "no difference known")]

_YEAR = re.compile(
    r"(?P<minus>[-−])?0*(?P<year>[0-9]{1,6})(?:\s*(?P<era>BCE?|CE|AD))?", re.IGNORECASE
)


class YearField(forms.CharField):
    """A year as historians write it, cleaned to a number in which 0 is 1 BCE."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        match = _YEAR.fullmatch(text)
        if match is None or (match["minus"] and match["era"]):
            raise ValidationError(f"“{text}” is no year. Write one as 1953, 480 BCE or -480.")
        year = int(match["year"])
        if year == 0:
            raise ValidationError("There is no year 0: 1 BCE is followed by 1 CE.")
        is_before = match["minus"] or (match["era"] or "").upper().startswith("B")
        return 1 - year if is_before else year


class YearFilter(CharFilter):
    field_class = YearField


class YearsInOrder(forms.Form):
    """A form that refuses years that end before they begin."""

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        first, last = chosen.get("from_year"), chosen.get("to_year")
        if first is not None and last is not None and last < first:
            raise ValidationError("The years end before they begin.")
        return chosen


class EditionsForm(forms.Form):
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
                    "invalid_choice": "“%(value)s” is no edition of this battle; there are "
                    f"{battle.edition}.",
                },
            )

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        first, last = chosen.get("from"), chosen.get("to")
        if first and last and first >= last:
            raise ValidationError("Compare an edition with a later one.")
        return chosen


class BattleFilter(FilterSet):
    """Narrows public battles by war (all that is part of it, however far down), by party, by
    the years that their published dates can mean, and by whether accounts differ.

    Each choice counts what it would leave, given the others.
    """

    war = ChoiceFilter(label="War or campaign", error_messages=unknown_value("a war or campaign"))
    party = ChoiceFilter(label="Party", error_messages=unknown_value("a party"))
    from_year = YearFilter(label="From year")
    to_year = YearFilter(label="To year")
    disputed = ChoiceFilter(label="Accounts", error_messages=unknown_value("an answer (yes or no)"))

    class Meta:
        model = Battle
        form = YearsInOrder
        fields: list[str] = []

    def __init__(
        self, data: Any = None, queryset: BattleQuerySet | None = None, **kwargs: Any
    ) -> None:
        if queryset is None:
            queryset = Battle.objects.public()
        super().__init__(data, queryset.with_disputed(), **kwargs)
        self._wars = list(
            Battle.objects.public()
            .filter(
                Q(scale__in=(Battle.Scale.WAR, Battle.Scale.CAMPAIGN))
                | Exists(Battle.objects.public().filter(part_of=OuterRef("pk")))
            )
            .order_by("name", "pk")
            .values_list("pk", "slug", "name", "part_of_id")
        )
        self._parties = list(
            Entity.objects.filter(
                Exists(_belligerents().filter(entity=OuterRef("pk"), battle__edition__gte=1))
            )
            .order_by("name", "pk")
            .values_list("pk", "slug", "name")
        )
        self._parents = {pk: parent for pk, _, _, parent in self._wars}
        for name, known in (
            ("war", [(slug, label) for _, slug, label, _ in self._wars]),
            ("party", [(slug, label) for _, slug, label in self._parties]),
            ("disputed", DISPUTED),
        ):
            offer(self, name, [], known)
        self._offer_choices()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return self._narrowed(queryset, self.form.cleaned_data)

    def _narrowed(self, rows: QuerySet, chosen: dict[str, Any], but: str = "") -> QuerySet:
        """Return the rows that what was chosen leaves, one filter set aside."""
        if (war := chosen.get("war")) and but != "war":
            rows = rows.filter(part_of__in=self._within(war))
        if (party := chosen.get("party")) and but != "party":
            rows = rows.filter(
                Exists(_belligerents().filter(battle=OuterRef("pk"), entity__slug=party))
            )
        first, last = chosen.get("from_year"), chosen.get("to_year")
        if first is not None or last is not None:
            rows = rows.filter(Exists(_dated_between(first, last).filter(battle=OuterRef("pk"))))
        if (disputed := chosen.get("disputed")) and but != "disputed":
            rows = rows.filter(is_disputed=disputed == "yes")
        return rows

    def _within(self, war: str) -> set[UUID]:
        """Return the ids of a war and of the campaigns in it, however far down."""
        root = next(pk for pk, slug, _, _ in self._wars if slug == war)
        return family(root, self._parents)

    def _offer_choices(self) -> None:
        chosen = self.form.cleaned_data if self.is_valid() else {}
        by_parent = dict(
            self._narrowed(self.queryset, chosen, but="war")
            .order_by()
            .values_list("part_of")
            .annotate(Count("pk"))
        )
        in_order = in_tree_order(self._wars, lambda row: row[0], lambda row: row[3])
        offer(
            self,
            "war",
            (
                Choice(
                    slug,
                    "\u2003" * depth + name,
                    sum(by_parent.get(member, 0) for member in family(pk, self._parents)),
                )
                for (pk, slug, name, _), depth in in_order
            ),
        )
        left = self._narrowed(self.queryset, chosen, but="party").order_by().values("pk")
        by_party = dict(
            _belligerents()
            .filter(battle__in=left)
            .values_list("entity")
            .annotate(Count("battle", distinct=True))
        )
        offer(
            self,
            "party",
            (Choice(slug, name, by_party.get(pk, 0)) for pk, slug, name in self._parties),
        )
        differing = dict(
            self._narrowed(self.queryset, chosen, but="disputed")
            .order_by()
            .values_list("is_disputed")
            .annotate(Count("pk"))
        )
        offer(
            self,
            "disputed",
            (Choice(value, label, differing.get(value == "yes", 0)) for value, label in DISPUTED),
        )


def _belligerents() -> QuerySet:
    return (
        Statement.objects.published()
        .filter(kind=Kind.BELLIGERENT, entity__kind=Entity.Kind.PARTY)
        .order_by()
    )


def _dated_between(first: int | None, last: int | None) -> QuerySet:
    """Return the published dates that can mean a day of these years; open ends reach for ever.

    A date of which neither end is known says nothing about years.
    """
    rows = Statement.objects.published().filter(kind=Kind.DATE).order_by()
    rows = rows.exclude(date_earliest__isnull=True, date_latest__isnull=True)
    if first is not None:
        day = day_number(first, 1, 1)
        rows = rows.filter(Q(date_latest__gte=day) | Q(date_latest__isnull=True))
    if last is not None:
        day = day_number(last, 12, 31)
        rows = rows.filter(Q(date_earliest__lte=day) | Q(date_earliest__isnull=True))
    return rows
