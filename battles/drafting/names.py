"""Rows that a curator names by their name or id, where many are named on one page."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from battles.models import Battle, Entity, EntityName
from sources.models import Origin

_MOST_NAMES = 1000


def origin_called(name: str) -> Origin:
    """Return the one origin of a name or id; raise ValidationError if there is none or several."""
    return _the_one(Origin.objects.all(), Q(name=name), name, "origin")


def battle_called(name: str) -> Battle:
    """Return the one battle of a name or id; raise ValidationError if there is none or several."""
    return _the_one(Battle.objects.standing(), Q(name=name), name, "battle")


def entity_called(name: str, kinds: tuple[str, ...]) -> Entity:
    """Return the one entity of a name or id, unsaved if it is the first of its name.

    Raises ValidationError if several are called so, or where its kind would be in doubt.
    """
    kind = Entity.Kind(kinds[0]).label if len(kinds) == 1 else " or ".join(kinds)
    named = Q(name=name) | Q(pk__in=EntityName.objects.filter(text=name).values("entity"))
    rows = Entity.objects.standing().filter(kind__in=kinds)
    if len(kinds) == 1 and not _is_id(name) and not rows.filter(named).exists():
        return Entity(kind=kinds[0], name=name, slug=Entity.free_slug(name))
    return _the_one(rows, named, name, kind)


def names_of_voices(origins: Iterable[Origin]) -> list[str]:
    """Return names of parties and origins, by which flattened lines are parted."""
    parties = Entity.objects.filter(kind=Entity.Kind.PARTY).order_by("name", "pk")
    names = [*parties.values_list("name", flat=True)[:_MOST_NAMES]]
    return names + [origin.name for origin in list(origins)[:_MOST_NAMES]]


def known_names(names: Iterable[str]) -> set[str]:
    """Return those of some names that an entity has, whatever its kind."""
    wanted = set(names)
    standing = Entity.objects.standing()
    found = set(standing.filter(name__in=wanted).values_list("name", flat=True))
    return found | set(EntityName.objects.filter(text__in=wanted).values_list("text", flat=True))


def _the_one(rows: QuerySet[Any], named: Q, name: str, kind: str) -> Any:
    if "\0" in name:
        raise ValidationError("It holds a NUL, which no name holds.")
    found = list(rows.filter(Q(pk=UUID(name)) if _is_id(name) else named).order_by("pk")[:2])
    if not found:
        raise ValidationError(f"No {kind} is called “{name}”.")
    if len(found) > 1:
        raise ValidationError(f"Several of the kind {kind} are called “{name}”: write its id.")
    return found[0]


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
