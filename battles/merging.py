"""Merging what turned out to be one: battles, entities, sources.

What is not public yet is moved or renamed. What is public changes by publication alone, in new
editions, so that every earlier one goes on saying what it said. A row that readers have seen stays,
and its address leads to the one it was merged into; any other is deleted.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, QuerySet

from battles import publication, readings
from battles.drafting import deciding
from battles.indexing import index_sources
from battles.kinds import Kind
from battles.models import (
    Battle,
    Citation,
    Dismissal,
    Entity,
    EntityIdentifier,
    EntityName,
    Question,
    Reading,
    Statement,
)
from battles.search import follow_battle, follow_entity
from sources.models import Derivation, Footnote, FormerSlug, Passage, Source, SourceIdentifier
from sources.search import follow_sources


class CannotMerge(Exception):  # noqa: N818  it names what happened
    """Two rows cannot be merged; `reasons` says why."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


@dataclass
class Merger(ABC):
    """One row to be merged into another: what would become of what belongs to it."""

    model: ClassVar[type[Model]]

    merged: Any
    kept: Any
    moves: list[tuple[str, int]] = field(default_factory=list)  # in words, and how many

    def __post_init__(self) -> None:
        self.moves = [(words, rows.count()) for words, rows in self.rows().items()]

    @abstractmethod
    def rows(self) -> dict[str, QuerySet]:
        """Return what the merger touches, by what becomes of it in words."""

    def obstacles(self) -> list[str]:
        """Return, in words, why the merger cannot be."""
        if self.merged.pk == self.kept.pk:
            return ["Choose another one: it cannot be merged into itself."]
        return [
            f"“{row}” was merged into “{row.merged_into}” already."
            for row in (self.merged, self.kept)
            if row.merged_into_id
        ]

    def statements(self) -> set[UUID]:
        """Return the ids of the statements that the merger changes."""
        changed = set()
        for rows in self.rows().values():
            if rows.model is Statement:
                changed |= set(rows.values_list("pk", flat=True))
        return changed

    @property
    @abstractmethod
    def stays(self) -> bool:
        """Whether readers have seen the row, so that it stays and its address leads on."""

    def run(self, *, by: User | None = None) -> list[Battle]:
        """Merge, and return the battles with new editions. Raises CannotMerge."""
        with transaction.atomic():
            held = self.model._base_manager.select_for_update().order_by("pk")
            rows = {row.pk: row for row in held.filter(pk__in=[self.merged.pk, self.kept.pk])}
            if not {self.merged.pk, self.kept.pk} <= rows.keys():
                raise CannotMerge(["One of them was deleted."])
            self.merged, self.kept = rows[self.merged.pk], rows[self.kept.pk]
            if reasons := self.obstacles():
                raise CannotMerge(reasons)
            stays = self.stays
            try:
                touched = self.carry_over(by)
            except publication.CannotPublish as refusal:
                raise CannotMerge([str(refusal)]) from refusal
            self.leave(stays)
            return list({battle.pk: battle for battle in touched}.values())

    @abstractmethod
    def carry_over(self, by: User | None) -> list[Battle]:
        """Give what belongs to the one to the other; return the battles with new editions."""

    def leave(self, stays: bool) -> None:
        """Let the addresses of the row lead to the one that is kept."""
        rows = self.model._base_manager
        rows.filter(merged_into=self.merged.pk).update(merged_into=self.kept.pk)
        if stays:
            rows.filter(pk=self.merged.pk).update(merged_into=self.kept.pk)
        else:
            former = FormerSlug.objects.filter(kind=self.model._meta.label_lower)
            former.filter(target=self.merged.pk).update(target=self.kept.pk)
            rows.get(pk=self.merged.pk).delete()


class BattleMerger(Merger):
    """Two battles that are one."""

    model = Battle

    def rows(self) -> dict[str, QuerySet]:
        statements = Statement.objects.filter(battle=self.merged)
        read = Reading.objects.standing().filter(battle=self.merged)
        return {
            "published statements that move, in new editions": statements.published(),
            "drafts and revisions that move": statements.drafts(),
            "withdrawn statements that stay where they were withdrawn": statements.filter(
                state=Statement.State.WITHDRAWN
            ),
            "published statements elsewhere that name it as what they were part of, and will name "
            "the other in new editions": Statement.objects.published().filter(parent=self.merged),
            "drafts elsewhere that name it as what they were part of, and will name the other": (
                Statement.objects.drafts().filter(parent=self.merged)
            ),
            "battles filed under it, to be filed under the other": Battle.objects.filter(
                part_of=self.merged
            ),
            "questions that nobody answered yet, to be asked about the other": self._unanswered(),
            "marks of what was read through for it, to hold for the other": read.exclude(
                state=Reading.State.PUBLISHED
            ),
            "marks that readers were told of, to be withdrawn, and to hold for the other until "
            "they are published again": read.published(),
            "proposals dismissed for it, to be dismissed for the other": Dismissal.objects.filter(
                battle=self.merged
            ),
        }

    def _unanswered(self) -> QuerySet:
        return Question.objects.filter(battle=self.merged, kind=Kind.NARRATIVE, answers=None)

    def obstacles(self) -> list[str]:
        reasons = super().obstacles()
        pair = {self.merged.pk, self.kept.pk}
        if {self.merged.part_of_id, self.kept.part_of_id} & pair:
            reasons.append("One is filed under the other; a battle is not part of itself.")
        of_each_other = Statement.objects.filter(battle__in=pair, parent__in=pair)
        if of_each_other.exclude(state=Statement.State.WITHDRAWN).exists():
            reasons.append("A statement says that one was part of the other; see to it first.")
        published = Statement.objects.published().filter(battle=self.merged)
        if self.merged.edition and not self.kept.edition and not published.exists():
            reasons.append(
                f"Readers have seen “{self.merged}” and not “{self.kept}”: keep the first instead."
            )
        return reasons

    @property
    def stays(self) -> bool:
        told = Reading.objects.filter(battle=self.merged).exclude(state=Reading.State.MARKED)
        return bool(self.merged.edition) or told.exists()

    def carry_over(self, by: User | None) -> list[Battle]:
        # Before statements move, which withdraws what readers were told of.
        readings.follow(self.merged, self.kept)
        deciding.follow(self.merged, self.kept)
        public = Statement.objects.published().filter(battle=self.merged)
        drafts = Statement.objects.drafts().filter(battle=self.merged)
        moved = [*public, *drafts.exclude(revises__in=public)]
        touched = publication.move(moved, self.kept, by=by) if moved else []
        touched += publication.rename(self.merged, self.kept, by=by)
        for draft in Statement.objects.drafts().filter(parent=self.merged):
            draft.parent = self.kept
            draft.save()
        for battle in Battle.objects.filter(part_of=self.merged):
            battle.part_of = self.kept
            battle.save()
        self._ask()
        return touched

    def _ask(self) -> None:
        """Ask about the other what nobody answered about the one, if it is not asked there."""
        asked = set(self.kept.questions.values_list("wording", flat=True))
        for question in self._unanswered().exclude(wording__in=asked):
            question.battle = self.kept
            question.side = publication.side_in(question.side, self.kept)
            question.save()

    def leave(self, stays: bool) -> None:
        if not stays:
            Question.objects.filter(battle=self.merged).delete()
        super().leave(stays)
        follow_battle(self.merged.pk)
        follow_battle(self.kept.pk)


class EntityMerger(Merger):
    """Two entities that are one."""

    model = Entity

    def rows(self) -> dict[str, QuerySet]:
        naming = Statement.objects.naming(self.merged)
        return {
            "published statements that will name the other, in new editions": (naming.published()),
            "drafts and revisions that will name the other": naming.drafts(),
            "withdrawn statements that go on naming it": naming.filter(state="withdrawn"),
            "forms of its name, to be given to the other": self.merged.names.all(),
            "codes of it, to be given to the other": self.merged.identifiers.all(),
        }

    def obstacles(self) -> list[str]:
        reasons = super().obstacles()
        if self.merged.kind != self.kept.kind:
            reasons.append(
                f"“{self.merged}” is a {self.merged.get_kind_display()} and “{self.kept}” a "
                f"{self.kept.get_kind_display()}; only two of a kind can be one."
            )
        pair = {self.merged.pk, self.kept.pk}
        both = Statement.objects.filter(entity__in=pair, party__in=pair).exclude(state="withdrawn")
        if both.exists():
            reasons.append("A statement names one as the party of the other; see to it first.")
        return reasons

    @property
    def stays(self) -> bool:
        return Entity.objects.seen_by_readers().filter(pk=self.merged.pk).exists() or (
            Statement.objects.naming(self.merged).filter(state="withdrawn").exists()
        )

    def carry_over(self, by: User | None) -> list[Battle]:
        touched = publication.rename(self.merged, self.kept, by=by)
        for draft in Statement.objects.drafts().naming(self.merged):
            for column in ("entity", "party", "place"):
                if getattr(draft, f"{column}_id") == self.merged.pk:
                    setattr(draft, column, self.kept)
            draft.save()
        self._name()
        self._place()
        Question.objects.filter(entity=self.merged, answers=None).exclude(key="").delete()
        Question.objects.filter(entity=self.merged, key="").update(entity=self.kept)
        return touched

    def _name(self) -> None:
        """Give the names and codes of the one to the other, where it has them not."""
        known = {self.kept.name, *self.kept.names.values_list("text", flat=True)}
        if self.merged.name not in known:
            EntityName.objects.create(entity=self.kept, text=self.merged.name)
        for name in self.merged.names.all():
            forms = {"text": name.text, "language": name.language}
            kept = EntityName.objects.filter(entity=self.kept, **forms)
            if not kept.exists():
                EntityName.objects.create(
                    entity=self.kept, script=name.script, romanises=name.romanises, **forms
                )
        for code in self.merged.identifiers.all():
            EntityIdentifier.objects.get_or_create(
                entity=self.kept, scheme=code.scheme, value=code.value
            )

    def _place(self) -> None:
        if self.kept.latitude is None and self.merged.latitude is not None:
            for name in ("latitude", "longitude", "precision", "radius_km", "gazetteer"):
                setattr(self.kept, name, getattr(self.merged, name))
            self.kept.save()

    def leave(self, stays: bool) -> None:
        super().leave(stays)
        follow_entity(self.kept.pk)


class SourceMerger(Merger):
    """Two sources that are one.

    Documents and passages never change, so a source that has some stays with them, and what is
    published goes on citing them there. What describes sources leads to the other.
    """

    model = Source

    def rows(self) -> dict[str, QuerySet]:
        stays, passages = self.stays, self.merged.passages.all()
        return {
            "documents that stay with it, with what was read and dismissed in them, and that the "
            "page of the other will name": self.merged.documents.all(),
            "passages that stay with it, and that the page of the other will list": (
                passages if stays else passages.none()
            ),
            "locators that nobody has seen, to be given to the other": (
                passages.none() if stays else passages
            ),
            "published citations that go on naming it, while its address leads to the other": (
                Citation.objects.public().filter(named_source=self.merged)
            ),
            "citations of drafts that will name the other": self._drafted(),
            "notes supplied for documents that will name the other": self._noted(),
            "works within it, to be filed under the other": Source.objects.filter(
                contained_in=self.merged
            ),
            "works that rest on it, to rest on the other": Derivation.objects.filter(
                derives_from=self.merged
            ),
            "works it rests on, to be given to the other": Derivation.objects.filter(
                source=self.merged
            ),
            "codes of it, to be given to the other": self.merged.identifiers.all(),
        }

    def _drafted(self) -> QuerySet:
        drafts = Statement.objects.drafts()
        return Citation.objects.filter(named_source=self.merged, statement__in=drafts)

    def _noted(self) -> QuerySet:
        return Footnote.objects.filter(named_source=self.merged)

    def statements(self) -> set[UUID]:
        return set(self._drafted().values_list("statement", flat=True))

    def obstacles(self) -> list[str]:
        reasons = super().obstacles()
        merged, kept = self.merged, self.kept
        if merged.origin_id and kept.origin_id and merged.origin_id != kept.origin_id:
            reasons.append(
                f"“{merged}” is the voice of {merged.origin} and “{kept}” that of {kept.origin}; "
                "settle whose voice it is first."
            )
        if merged.public and not kept.public:
            reasons.append(f"Readers see “{merged}” and not “{kept}”: keep the first instead.")
        pair = {merged.pk, kept.pk}
        if {merged.contained_in_id, kept.contained_in_id} & pair:
            reasons.append("One is contained in the other; a work is not within itself.")
        if Derivation.objects.filter(source__in=pair, derives_from__in=pair).exists():
            reasons.append("One is said to rest on the other; see to it first.")
        return reasons

    @property
    def stays(self) -> bool:
        merged = self.merged
        return (
            merged.public
            or merged.documents.exists()
            or merged.passages.filter(seen=True).exists()
            or Citation.objects.filter(named_source=merged)
            .exclude(statement__in=Statement.objects.drafts())
            .exists()
        )

    def carry_over(self, by: User | None) -> list[Battle]:
        for citation in self._drafted():
            citation.named_source = self.kept
            citation.save()
        for note in self._noted():
            note.named_source = self.kept
            note.save()
        if not self.stays:
            Passage.objects.filter(source=self.merged).update(source=self.kept)
        for work in Source.objects.filter(contained_in=self.merged):
            work.contained_in = self.kept
            work.save()
        for link in Derivation.objects.filter(derives_from=self.merged):
            Derivation.objects.get_or_create(source=link.source, derives_from=self.kept)
            link.delete()
        for link in Derivation.objects.filter(source=self.merged):
            Derivation.objects.get_or_create(source=self.kept, derives_from=link.derives_from)
        for code in self.merged.identifiers.all():
            SourceIdentifier.objects.get_or_create(
                source=self.kept, scheme=code.scheme, value=code.value
            )
        return []

    def leave(self, stays: bool) -> None:
        super().leave(stays)
        index_sources([self.merged.pk, self.kept.pk])
        follow_sources([self.merged.pk, self.kept.pk])


MERGERS: dict[type[Model], type[Merger]] = {
    merger.model: merger for merger in (BattleMerger, EntityMerger, SourceMerger)
}
