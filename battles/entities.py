"""The index of entities, and where each of them appears."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter

from battles import wording
from battles.kinds import FIGURE_KINDS, Kind
from battles.models import Battle, Entity, Statement
from battles.shown import foreign
from sources.listing import ListFilter, OneOfEach, unknown_value
from sources.sorting import sort_key


class BeginningField(forms.CharField):
    """What a name begins with, of which something counts when names are sorted."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not sort_key(value):
            raise ValidationError(
                "“%(value).80s” has no letter or digit that a name could begin with.",
                params={"value": value},
            )


class BeginningFilter(CharFilter):
    field_class = BeginningField


class IndexFilter(ListFilter):
    """Narrows the index of entities by kind, and to the names that begin with some letters."""

    kind = ChoiceFilter(
        label="Kind",
        choices=Entity.Kind.choices,
        empty_label="any",
        error_messages=unknown_value("a kind of entity"),
    )
    begins = BeginningFilter(label="Name begins with", max_length=100, method="by_beginning")

    class Meta:
        model = Entity
        form = OneOfEach
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return super().filter_queryset(queryset).order_by("sort_key", "pk")

    def by_beginning(self, rows: QuerySet, name: str, letters: str) -> QuerySet:
        # Keys are bytes of UTF-8, in which 0xFF never stands.
        first = sort_key(letters)
        return rows.filter(sort_key__gte=first, sort_key__lt=first + b"\xff")


@dataclass(frozen=True, slots=True)
class NameForm:
    """One form of a name, and what is recorded of it in words."""

    text: str
    language: str
    form: str


def names_of(entity: Entity) -> list[NameForm]:
    """Return the forms of an entity's name: “Chinese, Latin script, for 邓华”."""
    return [
        NameForm(
            name.text,
            foreign(name.language),
            wording.form_of_name(name.language, name.script, name.romanises),
        )
        for name in entity.names.order_by("text", "pk")
    ]


def appearances(entity: Entity, most: int) -> list[tuple[Battle, list[str]]]:
    """Return the first battles in which an entity appears, by name, and as what."""
    said = Statement.objects.published().naming(entity).order_by()
    battles = list(
        Battle.objects.public()
        .filter(pk__in=said.values("battle"))
        .order_by("sort_key", "pk")[:most]
    )
    parts: dict[UUID, set[str]] = defaultdict(set)
    columns = ("battle", "kind", "entity", "party", "place")
    for battle, *named in said.filter(battle__in=battles).values_list(*columns).distinct():
        parts[battle].add(_part(entity.pk, *named))
    return [(battle, sorted(parts[battle.pk])) for battle in battles]


def _part(entity: UUID, kind: str, named: Any, party: Any, place: Any) -> str:
    if place == entity:
        return "the place"
    if party == entity and named != entity:
        return "the party of others named"
    return "a force whose numbers are given" if kind in FIGURE_KINDS else str(Kind(kind).label)
