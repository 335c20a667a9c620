"""The origins that readers know of, as lists and filters offer them."""

from typing import NamedTuple
from uuid import UUID

from sources.models import Origin
from sources.prepared import Prepared


class KnownOrigin(NamedTuple):
    """What is read of an origin that is offered, under the names that its model gives it."""

    pk: UUID
    slug: str
    name: str
    part_of_id: UUID | None
    part_of__slug: str | None


def known_origins() -> list[KnownOrigin]:
    """Return the public origins by name."""
    return list(map(KnownOrigin._make, _public()))


_public = Prepared(
    lambda: Origin.objects.public().order_by("name", "pk").values_list(*KnownOrigin._fields)
)
