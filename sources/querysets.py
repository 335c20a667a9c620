"""Named rules for choosing and fetching what sources hold."""

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.deletion import ProtectedError
from django.db.models.functions import Lower, Substr

from sources import trees
from sources.sorting import Bytewise

BY_TITLE = (Lower(Bytewise("title")), "pk")


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


class PassageQuerySet(PublicQuerySet):
    def seen_by_readers(self) -> Self:
        return self.filter(seen=True)

    def no_longer_public(self) -> Self:
        """Return those that readers saw, and on which nothing published rests any more."""
        return self.filter(seen=True, public=False)

    def locators_with_a_document(self) -> Self:
        """Return the locators alone of sources whose words are here by now."""
        documents: Any = self.model._meta.get_field("document").related_model
        held = documents.objects.with_words().filter(source=OuterRef("source"))
        return self.filter(Exists(held), document__isnull=True)


class DisplacementQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """Return those that nobody has looked at yet."""
        return self.filter(settled__isnull=True)


class FootnoteQuerySet(models.QuerySet):
    def with_words(self) -> Self:
        """Fetch what each says and names in the same query."""
        return self.select_related("passage", "named_source")

    def supplied(self) -> Self:
        """Return those that a curator supplied, with what they say and name."""
        return self.filter(supplied__isnull=False).with_words()

    def public(self) -> Self:
        """Return those of which readers see the words, or the page of the source they name."""
        sources: Any = self.model._meta.get_field("named_source").related_model
        has_words = Q(text__gt="") | Q(passage__quote__gt="")
        is_open = Q(document__source__rights__in=sources.OPEN_RIGHTS) & has_words
        is_seen = Q(passage__public=True) | Q(named_source__public=True)
        return self.supplied().select_related("document__source").filter(is_open | is_seen)

    def waiting(self) -> Self:
        """Return those that nobody has supplied, of the newest version of each source."""
        documents: Any = self.model._meta.get_field("document").related_model
        newer = documents.objects.filter(
            source=OuterRef("document__source"), number__gt=OuterRef("document__number")
        )
        return self.filter(~Exists(newer), supplied__isnull=True)


class SourceQuerySet(PublicQuerySet):
    def standing(self) -> Self:
        """Return the sources that were not merged into others.

        What was merged keeps its documents and passages, and statements go on citing them.
        """
        return self.filter(merged_into__isnull=True)

    def for_list(self) -> Self:
        """Fetch what a list shows of each source, in one query more."""
        shown = ("slug", "title", "title_original", "language", "issued_printed", "kind", "rights")
        named = ("origin__slug", "origin__name")
        rows = self.select_related("origin").only(*shown, "held", *named)
        return rows.prefetch_related("contributions")

    def misnoting_words(self) -> Self:
        """Return the sources that say wrongly whether the words of a document are here."""
        documents: Any = self.model._meta.get_field("documents").related_model
        with_words = Exists(documents.objects.with_words().filter(source=OuterRef("pk")))
        return self.exclude(held=with_words)

    def with_description(self) -> Self:
        """Fetch all that the page of one source shows, apart from its passages."""
        public = self.model._base_manager.filter(public=True).select_related("origin")
        documents: Any = self.model._meta.get_field("documents").related_model
        told_of = documents.objects.told_of().select_related("file", "transcribes")
        merged = public.order_by(*BY_TITLE).prefetch_related(Prefetch("documents", told_of))
        return self.select_related("origin", "contained_in").prefetch_related(
            "contributions",
            "identifiers",
            Prefetch("documents", told_of),
            Prefetch("merged", merged, to_attr="public_merged"),
            Prefetch("contents", public.order_by(*BY_TITLE), to_attr="public_contents"),
            Prefetch("derives_from", public.order_by(*BY_TITLE), to_attr="public_bases"),
        )

    def for_bibliography(self) -> Self:
        """Fetch what a bibliography says of each source."""
        return self.select_related("contained_in").prefetch_related(
            "contributions", "identifiers", "contained_in__identifiers"
        )


class OriginQuerySet(PublicQuerySet):
    def _parents(self) -> dict[UUID, UUID | None]:
        return dict(self.model._base_manager.values_list("pk", "part_of_id"))

    def family(self, root: UUID) -> set[UUID]:
        """Return the ids of `root` and of all origins that are part of it, however far down."""
        return trees.families(self._parents()).get(root, {root})

    def with_ancestors(self, origins: Iterable[UUID]) -> set[UUID]:
        """Return the ids of `origins` and of every origin they are part of."""
        parents = self._parents()
        return {above for origin in origins for above in trees.with_ancestors(origin, parents)}


class UnchangingQuerySet(models.QuerySet):
    """Refuses to change or delete what never changes."""

    def update(self, **values: Any) -> int:
        raise TypeError(f"A {self.model._meta.verbose_name} never changes.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError(f"A {self.model._meta.verbose_name} is never deleted.")


class DocumentQuerySet(UnchangingQuerySet):
    def with_words(self) -> Self:
        """Return the documents whose words are here; of a scanned one there are none."""
        return self.filter(text__isnull=False, text_length__gt=0)

    def wordless(self) -> Self:
        """Return the documents held without a word that nobody has transcribed."""
        written = self.model._base_manager.filter(transcribes=OuterRef("pk"))
        return self.filter(~Exists(written), file__held=True, text_length=0)

    def public(self) -> Self:
        """Return the documents of which readers were shown a passage.

        That its source is public does not open a version that nobody has cited from.
        """
        return self.filter(self._shown(), source__public=True)

    def told_of(self) -> Self:
        """Return the documents that the page of a public source names, `is_public` or not.

        Beside the public ones: those without a word, in which nothing waits to be cited, and those
        that a public one transcribes.
        """
        transcribed = self.model._base_manager.filter(self._shown(), transcribes=OuterRef("pk"))
        return self.annotate(is_public=self._shown()).filter(
            Q(is_public=True) | Q(text_length=0) | Exists(transcribed), source__public=True
        )

    def _shown(self) -> Exists:
        """Return the condition that readers were shown a passage of a document."""
        passages: Any = self.model._meta.get_field("passages").related_model
        return Exists(passages.objects.filter(document=OuterRef("pk"), seen=True))


class TextQuerySet(UnchangingQuerySet):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Add texts, and let their sources say that their words are here."""
        with transaction.atomic(using=self.db):
            added: list[Any] = super().bulk_create(objs, *args, **options)
            documents: Any = self.model._meta.get_field("document").related_model
            sources = documents._meta.get_field("source").related_model._base_manager
            worded = {text.document_id for text in added if text.content}
            sources.filter(documents__in=worded, held=False).update(held=True)
        return added

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
