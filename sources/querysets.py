"""Named rules for choosing and fetching what sources hold."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models.deletion import ProtectedError
from django.db.models.functions import Substr


class ProtectingQuerySet(models.QuerySet):
    """Refuses to delete what readers have seen."""

    def seen_by_readers(self) -> Self:
        """Return the rows that are, or have been, public."""
        return self.filter(public=True)

    def delete(self) -> tuple[int, dict[str, int]]:
        seen: set[Any] = set(self.seen_by_readers())
        if seen:
            names = ", ".join(sorted(str(row) for row in seen)[:5])
            raise ProtectedError(f"Public rows are never deleted: {names}.", seen)
        return super().delete()


class PublicQuerySet(ProtectingQuerySet):
    """Rows that carry their own `public` flag."""

    def public(self) -> Self:
        return self.filter(public=True)


class OriginQuerySet(PublicQuerySet):
    def _parents(self) -> dict[UUID, UUID | None]:
        return dict(self.model._base_manager.values_list("pk", "part_of_id"))

    def family(self, root: UUID) -> set[UUID]:
        """Return the ids of `root` and of all origins that are part of it, however far down."""
        children: defaultdict[UUID | None, list[UUID]] = defaultdict(list)
        for origin, parent in self._parents().items():
            children[parent].append(origin)
        found: set[UUID] = set()
        waiting = [root]
        while waiting:
            origin = waiting.pop()
            if origin not in found:
                found.add(origin)
                waiting += children[origin]
        return found

    def with_ancestors(self, origins: Iterable[UUID]) -> set[UUID]:
        """Return the ids of `origins` and of every origin they are part of."""
        parents = self._parents()
        found: set[UUID] = set()
        for origin in origins:
            current: UUID | None = origin
            while current is not None and current not in found:
                found.add(current)
                current = parents.get(current)
        return found


class UnchangingQuerySet(models.QuerySet):
    """Refuses to change or delete what never changes."""

    def update(self, **values: Any) -> int:
        raise TypeError(f"A {self.model._meta.verbose_name} never changes.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError(f"A {self.model._meta.verbose_name} is never deleted.")


class TextQuerySet(UnchangingQuerySet):
    def window(
        self, document: UUID, start: int, end: int, context: int
    ) -> tuple[str, str, str] | None:
        """Return what stands before, in and after a span of a text; None if it is not held.

        The database cuts the piece out, so that a long text is not loaded for a short quote.
        """
        before = min(start, context)
        piece = (
            self.filter(document=document)
            .annotate(piece=Substr("content", start - before + 1, before + end - start + context))
            .values_list("piece", flat=True)
            .first()
        )
        if piece is None:
            return None
        inside = before + end - start
        return piece[:before], piece[before:inside], piece[inside:]
