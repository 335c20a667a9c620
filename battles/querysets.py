"""Named rules for choosing and fetching what the archive asserts.

Every public page, count and export starts from `published()` or `public()`.
"""

from typing import Any, Self

from django.apps import apps
from django.db import models, transaction
from django.db.models import (
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
)
from django.db.models.deletion import ProtectedError

from battles.kinds import Kind
from sources.querysets import ProtectingQuerySet, UnchangingQuerySet

_LOOKED_AT = 100  # publications for each edition that is looked for, at first


class BattleQuerySet(ProtectingQuerySet):
    def public(self) -> Self:
        return self.standing().filter(edition__gte=1)

    def standing(self) -> Self:
        """Return the battles that were not merged into others."""
        return self.filter(merged_into__isnull=True)

    def wars(self) -> Self:
        """Return the wars and campaigns, which battles are filed under."""
        return self.filter(scale__in=("war", "campaign"))

    def for_list(self) -> Self:
        """Fetch what a list shows of each battle, and no more."""
        shown = ("slug", "name", "scale", "part_of__slug", "part_of__name", "part_of__edition")
        return self.select_related("part_of").only(*shown)

    def seen_by_readers(self) -> Self:
        return self.filter(edition__gte=1)


class EntityQuerySet(ProtectingQuerySet):
    def standing(self) -> Self:
        """Return the entities that were not merged into others."""
        return self.filter(merged_into__isnull=True)

    def public(self) -> Self:
        """Return the entities that a published statement speaks of."""
        return self.filter(public=True)

    def misnoted(self) -> Self:
        """Return the entities that say wrongly whether a published statement speaks of them."""
        statements = apps.get_model("battles.Statement")._default_manager.published()
        named = (
            Exists(statements.filter(entity=OuterRef("pk")))
            | Exists(statements.filter(party=OuterRef("pk")))
            | Exists(statements.filter(place=OuterRef("pk")))
        )
        return self.exclude(public=ExpressionWrapper(named, models.BooleanField()))

    def seen_by_readers(self) -> Self:
        return self.filter(seen=True)


class StatementQuerySet(ProtectingQuerySet):
    def published(self) -> Self:
        return self.filter(state="published")

    def naming(self, entity: Any) -> Self:
        """Return the statements that speak of an entity, in whatever part."""
        return self.filter(Q(entity=entity) | Q(party=entity) | Q(place=entity))

    def on_the_word_of(self, origin: Any) -> Self:
        """Return the statements for which an origin is cited as the voice behind a passage."""
        citations = apps.get_model("battles.Citation")._default_manager
        return self.filter(Exists(citations.filter(statement=OuterRef("pk"), claimant=origin)))

    def in_order_of_battles(self) -> Self:
        return self.order_by("battle__sort_key", "battle", "kind", "section", "position", "pk")

    def drafts(self) -> Self:
        return self._by_state(state__in=("draft", "in_review"))

    def in_review(self) -> Self:
        return self._by_state(state="in_review")

    def _by_state(self, **states: Any) -> Self:
        """Filter by states other than published, in the words of the index that is theirs."""
        return self.exclude(state="published").filter(**states)

    def uncited(self) -> Self:
        """Return the drafts that no passage supports."""
        citations = apps.get_model("battles.Citation")._default_manager
        supporting = citations.filter(statement=OuterRef("pk"), bearing="supports")
        return self.drafts().filter(~Exists(supporting))

    def uncompared(self) -> Self:
        """Return published sentences without a question, of battles that others tell of too.

        Those of one battle that all rest on the word of one claimant have no rival.
        """
        citations = apps.get_model("battles.Citation")._default_manager.public()
        told = citations.filter(statement__kind=Kind.NARRATIVE, bearing="supports").order_by()
        # Grouped once for the whole archive: to ask battle by battle takes ten times as long.
        rivals = told.values("statement__battle").annotate(voices=Count("claimant", distinct=True))
        return self.published().filter(
            battle__in=rivals.filter(voices__gte=2).values("statement__battle"),
            kind=Kind.NARRATIVE,
            question__isnull=True,
        )

    def seen_by_readers(self) -> Self:
        return self.filter(state__in=("published", "withdrawn"))

    def with_values(self) -> Self:
        """Fetch the rows that the values name, in the same query."""
        return self.select_related(
            "battle", "question", "parent", "place", "victor", "side", "entity", "party"
        )

    def with_names(self) -> Self:
        """Fetch the other names of the entities that the values name, in three queries more."""
        return self.prefetch_related("entity__names", "place__names", "party__names")

    def with_evidence(self) -> Self:
        """Fetch citations with their passages, sources and claimants, in one query more."""
        citations = apps.get_model("battles.Citation")
        return self.prefetch_related(
            Prefetch(
                "citations",
                citations._default_manager.select_related(
                    "claimant", "passage__source__origin", "passage__document", "named_source"
                ).order_by("created", "pk"),
            )
        )


class CitationQuerySet(models.QuerySet):
    def public(self) -> Self:
        return self.filter(statement__state="published")

    def withdrawn(self) -> Self:
        """Return the citations of withdrawn statements; the first gives a passage's reason."""
        rows = self.filter(statement__state="withdrawn")
        return rows.order_by("statement__battle__name", "statement_id")

    def to_recheck(self) -> Self:
        """Return the citations of revisions that nobody has read again beside what they say now."""
        return self.filter(statement__revises__isnull=False, rechecked_at__isnull=True)

    def delete(self) -> tuple[int, dict[str, int]]:
        statements = apps.get_model("battles.Statement")._base_manager
        with transaction.atomic(using=self.db):
            touched = statements.filter(pk__in=self.order_by().values("statement")).order_by("pk")
            ids = list(touched.select_for_update().values_list("pk", flat=True))
            kept: set[Any] = set(self.filter(statement__state__in=("published", "withdrawn")))
            if kept:
                raise ProtectedError("Citations of public statements are never deleted.", kept)
            statements.filter(pk__in=ids).update(version=F("version") + 1)
            return super().delete()


class ReadingQuerySet(ProtectingQuerySet):
    def standing(self) -> Self:
        """Return those that nobody has withdrawn."""
        return self.exclude(state="withdrawn")

    def published(self) -> Self:
        return self.filter(state="published")

    def seen_by_readers(self) -> Self:
        return self.filter(state__in=("published", "withdrawn"))

    def added_up(self) -> Any:
        """Return how many characters were read of each document for each battle, as `read`."""
        by_battle = self.order_by().values("document", "battle")
        return by_battle.annotate(read=Sum(F("end") - F("start")))

    def of_whole_documents(self) -> Any:
        """Return, for each battle, the documents of which these readings leave nothing out."""
        return self.added_up().filter(read__gte=F("document__text_length"))


class PublicationQuerySet(UnchangingQuerySet):
    def of_newest_editions(self, number: int) -> Self:
        """Return the publications of so many editions of battles, those that came last.

        The newest publications are read until they name enough editions; the others are not.
        """
        looked_at = _LOOKED_AT * number
        while True:
            newest = self.order_by("-at", "-pk").values_list("battle", "edition")[:looked_at]
            editions = list(dict.fromkeys(newest))
            if len(editions) >= number or len(newest) < looked_at:
                break
            looked_at *= 10
        wanted = [Q(battle=battle, edition=edition) for battle, edition in editions[:number]]
        return self.filter(Q(*wanted, _connector=Q.OR)) if wanted else self.none()

    def telling_revisions(self) -> Self:
        """Note of each whether its statement was told of in an earlier edition of the battle."""
        earlier = self.model._base_manager.filter(
            battle=OuterRef("battle"),
            statement=OuterRef("statement"),
            edition__lt=OuterRef("edition"),
        )
        return self.annotate(is_revision=Q(action="published") & Exists(earlier))

    def superseded(self) -> Self:
        """Return what was published of statements that were published anew in the same battle."""
        later = self.model._base_manager.filter(
            battle=OuterRef("battle"),
            statement=OuterRef("statement"),
            edition__gt=OuterRef("edition"),
            action="published",
        )
        return self.filter(Exists(later), action="published")

    def latest_for_each_statement(self, edition: int) -> Self:
        """Return each statement's last publication up to an edition."""
        same = self.model._base_manager.filter(
            battle=OuterRef("battle"), statement=OuterRef("statement"), edition__lte=edition
        )
        return self.filter(pk=Subquery(same.order_by("-edition").values("pk")[:1]))
