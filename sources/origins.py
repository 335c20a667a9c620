"""The origins that readers know of, as lists and filters offer them."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar
from uuid import UUID

from sources.models import Origin
from sources.prepared import Prepared
from sources.sorting import sort_key

Row = TypeVar("Row", "KnownOrigin", Origin)


class KnownOrigin(NamedTuple):
    """What is read of an origin that is offered, under the names that its model gives it."""

    pk: UUID
    slug: str
    name: str
    part_of_id: UUID | None
    part_of__slug: str | None


def known_origins() -> list[KnownOrigin]:
    """Return the public origins, in the order of their ids.

    Few of them are shown: who lists some sorts those, by `by_name`.
    """
    return list(map(KnownOrigin._make, _public()))


def by_name(origins: Iterable[Row]) -> list[Row]:
    """Return origins as lists show them, by name."""
    return sorted(origins, key=lambda row: (sort_key(row.name), str(row.pk)))


_public = Prepared(lambda: Origin.objects.public().order_by("pk").values_list(*KnownOrigin._fields))
