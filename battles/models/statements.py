"""What the archive shows about a battle, and where each thing stands written."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from battles import questions
from battles.kinds import (
    FIGURE_KINDS,
    SHAPES,
    VALUE_COLUMNS,
    Aspect,
    Bound,
    Category,
    Degree,
    Kind,
    Level,
    Population,
    Section,
    shape_condition,
)
from battles.models.battles import Battle, Question, Side
from battles.models.entities import Entity
from battles.querysets import CitationQuerySet, StatementQuerySet
from sources.addresses import address
from sources.constraints import CompositeForeignKey
from sources.models import Origin, Passage, Source
from sources.models.bases import PermanentModel, ProtectedModel, VersionedModel
from sources.models.fields import EDTFField, LanguageField


class PublishedIsFrozenError(ValidationError):
    """A public statement or one of its citations was to be changed other than by publication."""


def _frozen(name: str) -> PublishedIsFrozenError:
    return PublishedIsFrozenError(
        f"“{name}” is public and keeps its values and citations. Open a revision of it instead."
    )


class Statement(VersionedModel, ProtectedModel):
    """One thing the archive shows about a battle: a typed fact or one narrative sentence.

    `printed` keeps the document's wording; the value columns hold how we read it. Which of them
    a kind must and may fill is said in `battles.kinds`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        IN_REVIEW = "in_review", "in review"
        PUBLISHED = "published", "published"
        WITHDRAWN = "withdrawn", "withdrawn"

    battle = models.ForeignKey(Battle, models.PROTECT, related_name="statements")
    kind = models.CharField(max_length=20, choices=Kind)
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT, editable=False)
    # The key (evidence, id) → Citation(id, statement) is a constraint below: it alone can say
    # that the evidence is one of the statement's own citations.
    evidence = models.ForeignKey(
        "battles.Citation",
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_constraint=False,
        related_name="+",
    )
    revises = models.OneToOneField(
        "self", models.PROTECT, null=True, editable=False, related_name="revision"
    )
    withdrawn_because = models.TextField(blank=True, editable=False)
    question = models.ForeignKey(
        Question,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        help_text="For a narrative statement: the point at issue it answers, if there is one.",
    )
    position = models.PositiveIntegerField(default=0, help_text="Its place among its like.")
    printed = models.TextField(
        blank=True,
        help_text="The document's wording: a name, figure or phrase, never a sentence of a "
        "protected text.",
    )
    inference = models.TextField(
        blank=True, help_text="Your reason, where a value is not printed but inferred."
    )

    text = models.TextField(blank=True)
    is_quotation = models.BooleanField(
        "it is a quotation",
        default=False,
        help_text="For a narrative statement: these are the document’s own words, and readers see "
        "them in quotation marks.",
    )
    language = LanguageField(help_text="Of the name, such as “zh”.")
    script = models.CharField(
        max_length=4, blank=True, help_text="Four letters of ISO 15924, such as “Hans”, “Latn”."
    )
    romanises = models.CharField(
        max_length=200, blank=True, help_text="The original form that this name romanises."
    )

    parent = models.ForeignKey(
        Battle, models.PROTECT, null=True, blank=True, related_name="part_statements"
    )

    date_edtf = EDTFField(
        "date (EDTF)",
        bounds=("date_earliest", "date_latest"),
        help_text="Such as “1953-07-13/1953-07-27”, “-0479”, “1600~” or “1953-07/..”.",
    )
    date_reason = models.CharField(
        "why no date",
        max_length=300,
        blank=True,
        help_text="If no date can be given: what is printed, such as “just a few months later”.",
    )
    date_earliest = models.BigIntegerField(null=True, editable=False)
    date_latest = models.BigIntegerField(null=True, editable=False)
    aspect = models.CharField(max_length=20, choices=Aspect, blank=True)

    place = models.ForeignKey(
        Entity, models.PROTECT, null=True, blank=True, related_name="place_statements"
    )
    place_precision = models.CharField(
        "precision as claimed", max_length=120, blank=True, help_text="Such as “south of the town”."
    )

    victor = models.ForeignKey(
        Side,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The side that won; empty if none did.",
    )
    degree = models.CharField(max_length=20, choices=Degree, blank=True)
    level = models.CharField(max_length=20, choices=Level, blank=True)

    side = models.ForeignKey(
        Side,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        help_text="Empty if the account does not say.",
    )
    entity = models.ForeignKey(
        Entity, models.PROTECT, null=True, blank=True, related_name="statements"
    )
    party = models.ForeignKey(
        Entity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="member_statements",
        help_text="The party it belongs to.",
    )
    role = models.CharField(max_length=120, blank=True)

    value = models.BigIntegerField(null=True, blank=True, help_text="0 means none, not unknown.")
    low = models.BigIntegerField(
        "lower bound", null=True, blank=True, help_text="Only if the account gives one."
    )
    high = models.BigIntegerField(
        "upper bound", null=True, blank=True, help_text="Only if the account gives one."
    )
    bound = models.CharField(max_length=20, choices=Bound, blank=True)
    counted = models.CharField(
        "counted thing", max_length=60, blank=True, help_text="persons, divisions, corps, guns, …"
    )
    category = models.CharField(max_length=30, choices=Category, blank=True)
    population = models.CharField(max_length=20, choices=Population, blank=True)
    scope = models.CharField(
        max_length=200, blank=True, help_text="Period and area, if not the whole of the battle."
    )

    section = models.CharField(max_length=20, choices=Section, blank=True)

    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["battle_id", "kind", "section", "position", "created", "pk"]
        permissions = [("publish_statement", "Can publish and withdraw statements")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published") | Q(evidence__isnull=False),
                name="published_statement_has_evidence",
                violation_error_message="Nothing uncited is published: the statement needs a "
                "citation that supports it.",
            ),
            CompositeForeignKey(
                name="evidence_is_a_citation_of_its_own",
                fields=["evidence", "id"],
                to_fields=["id", "statement"],
                violation_error_message="The evidence is not one of the statement's citations.",
            ),
            CompositeForeignKey(
                name="statement_side_is_of_its_battle",
                fields=["side", "battle"],
                to_fields=["id", "battle"],
                violation_error_message="The side is one of another battle.",
            ),
            CompositeForeignKey(
                name="statement_victor_is_of_its_battle",
                fields=["victor", "battle"],
                to_fields=["id", "battle"],
                violation_error_message="The victor is a side of another battle.",
            ),
            CompositeForeignKey(
                name="statement_question_is_of_its_battle",
                fields=["question", "battle"],
                to_fields=["id", "battle"],
                violation_error_message="The question is one about another battle.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values),
                name="statement_kind_is_known",
                violation_error_message="Choose one of the kinds of statement.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review", "published", "withdrawn"]),
                name="statement_state_is_known",
                violation_error_message="A statement is a draft, in review, published or "
                "withdrawn.",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn") ^ Q(withdrawn_because=""),
                name="withdrawn_statement_has_a_reason",
                violation_error_message="A withdrawal needs its reason, and only a withdrawal "
                "has one.",
            ),
            models.CheckConstraint(
                condition=Q(revises__isnull=True) | Q(state__in=["draft", "in_review"]),
                name="revision_is_a_draft",
                violation_error_message="A revision ends when it is published.",
            ),
            models.CheckConstraint(
                condition=Q(is_quotation=False) | Q(kind="narrative"),
                name="narrative_statements_alone_are_quotations",
                violation_error_message="Only a narrative statement can be a quotation.",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("battle")),
                name="statement_parent_is_another_battle",
                violation_error_message="A battle cannot be part of itself.",
            ),
            models.CheckConstraint(
                condition=Q(date_earliest__isnull=True)
                | Q(date_latest__isnull=True)
                | Q(date_earliest__lte=F("date_latest")),
                name="statement_date_is_in_order",
                violation_error_message="The date ends before it begins.",
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=True) | Q(value__gte=0))
                & (Q(low__isnull=True) | Q(low__gte=0))
                & (Q(high__isnull=True) | Q(high__gte=0)),
                name="figures_are_not_negative",
                violation_error_message="A figure cannot be negative.",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="figure_bounds_are_in_order",
                violation_error_message="The lower bound is greater than the upper bound.",
            ),
            models.CheckConstraint(
                condition=Q(bound="")
                | Q(bound="vague", value__isnull=True, low__isnull=True, high__isnull=True)
                | (
                    ~Q(bound="vague")
                    & (Q(value__isnull=False) | Q(low__isnull=False) | Q(high__isnull=False))
                ),
                name="figure_has_numbers_unless_vague",
                violation_error_message="Give a number, or choose “vague, no numbers” and none.",
            ),
            *(
                models.CheckConstraint(
                    condition=shape_condition(kind),
                    name=f"statement_{kind.value}_values",
                    violation_error_message=f"A statement of the kind “{kind.label}” lacks a "
                    "value it needs or holds one that belongs to another kind.",
                )
                for kind in Kind
            ),
        ]
        indexes = [
            # Not of the published, which are nearly all: SQLite, which knows no frequencies, would
            # take it for a battle's statements and look through those of every battle.
            models.Index(
                fields=["state"], condition=~Q(state="published"), name="statement_by_state"
            ),
            # With the columns of its condition, which SQLite reads again if they are not there.
            models.Index(
                fields=["battle", "date_latest", "date_earliest", "kind", "state"],
                condition=Q(kind="date", state="published"),
                name="published_dates",
            ),
            # Without the rows that name nothing: where those are nearly all, SQLite takes an index
            # that holds them for one that finds everything, and reads every statement instead.
            *(
                models.Index(
                    fields=[name, "state"],
                    condition=Q(**{f"{name}__isnull": False}),
                    name=f"statement_naming_{name}",
                )
                for name in ("entity", "party", "place")
            ),
        ]

    def __str__(self) -> str:
        words = self.text or self.printed or self.date_edtf or self.date_reason
        label = f"{self.get_kind_display()}: {words}" if words else self.get_kind_display()
        return label if len(label) <= 80 else f"{label[:79]}…"

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            if not self._state.adding and self._is_frozen():
                raise _frozen(str(self))
            if not self._state.adding and self.is_public_or_was:
                raise PublishedIsFrozenError("A statement becomes public by publication alone.")
            if self.kind in questions.TYPED_KINDS:
                self.question = questions.question_of(self)
            elif self.question and self.question.kind in questions.TYPED_KINDS:
                self.question = None  # of the kind that the statement was before
            if self.revises_id and not self._state.adding and self._says_otherwise():
                self.citations.update(**NOT_RECHECKED)
            super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return address("battles:statement-detail", self.pk)

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def is_public_or_was(self) -> bool:
        """Whether its values are frozen, because readers see them or have seen them."""
        return self.state in {self.State.PUBLISHED, self.State.WITHDRAWN}

    def clean(self) -> None:
        super().clean()
        errors: dict[str, str] = {}
        shape = SHAPES[Kind(self.kind)] if self.kind in Kind.values else None
        if shape:
            label = self.get_kind_display()
            for column in VALUE_COLUMNS:
                empty = self.serializable_value(column) in (None, "")
                if column in shape.must and empty:
                    errors[column] = f"A statement of the kind “{label}” needs this."
                elif column not in shape.columns and not empty:
                    errors[column] = f"A statement of the kind “{label}” does not hold this."
        for column, kind in self.entity_kinds():
            entity = getattr(self, column)
            if entity is not None and entity.kind not in kind:
                errors.setdefault(
                    column, f"“{entity}” is a {entity.get_kind_display()}, not a {kind[0]}."
                )
        if errors:
            raise ValidationError(errors)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check every constraint: Django would skip those that touch a field a form leaves out."""
        super().validate_constraints(exclude=None)

    def entity_kinds(self) -> list[tuple[str, tuple[str, ...]]]:
        place, party, person, unit = (
            Entity.Kind.PLACE,
            Entity.Kind.PARTY,
            Entity.Kind.PERSON,
            Entity.Kind.UNIT,
        )
        whose: dict[str, tuple[str, ...]] = {
            Kind.BELLIGERENT: (party,),
            Kind.COMMANDER: (person,),
            Kind.UNIT: (unit,),
            **dict.fromkeys(FIGURE_KINDS, (party, unit)),
        }
        return [
            ("place", (place,)),
            ("party", (party,)),
            ("entity", whose.get(self.kind, tuple(Entity.Kind.values))),
        ]

    def _says_otherwise(self) -> bool:
        """Whether a value differs from the stored one."""
        columns = [field.attname for field in self._meta.fields if field.name in VALUE_COLUMNS]
        stored = Statement.objects.filter(pk=self.pk).values(*columns).first()
        return stored is not None and any(
            getattr(self, column) != value for column, value in stored.items()
        )

    def _is_frozen(self) -> bool:
        return Statement.objects.filter(pk=self.pk).seen_by_readers().exists()


# A citation that nobody has read again beside what its revision now says.
NOT_RECHECKED: dict[str, Any] = {
    "rechecked_at": None,
    "rechecked_by": None,
    "rechecked_by_name": "",
}


class Citation(PermanentModel):
    """Joins a statement to a passage: on whose word, and how the passage bears on it.

    The citations of a revision are re-checked one by one. Whoever then changes what is cited, or
    what the statement says, takes the mark away.
    """

    class Bearing(models.TextChoices):
        SUPPORTS = "supports", "supports"
        DISPUTES = "disputes", "disputes"
        CONTEXT = "context", "gives context"

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="citations")
    passage = models.ForeignKey(Passage, models.PROTECT, related_name="citations")
    claimant = models.ForeignKey(
        Origin,
        models.PROTECT,
        related_name="claims",
        help_text="On whose word it stands: the source's own origin, unless the passage says "
        "“according to …”.",
    )
    bearing = models.CharField(max_length=20, choices=Bearing, default=Bearing.SUPPORTS)
    named_source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="named_by",
        help_text="The source that the account itself names for this.",
    )
    note_marker = models.CharField(
        max_length=60, blank=True, help_text="The account's own note, as printed, such as “[8]”."
    )
    note = models.TextField(blank=True, help_text="For readers: what to know about this citation.")
    created = models.DateTimeField(default=timezone.now, editable=False)
    rechecked_at = models.DateTimeField(null=True, editable=False)
    rechecked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    rechecked_by_name = models.CharField(max_length=150, blank=True, editable=False)

    objects = CitationQuerySet.as_manager()

    class Meta:
        ordering = ["statement_id", "created", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["id", "statement"],
                name="citation_belongs_to_its_statement",
                violation_error_message="The citation is already recorded.",
            ),
            models.UniqueConstraint(
                fields=["statement", "passage"],
                name="passage_is_cited_once_by_a_statement",
                violation_error_message="The statement already cites this passage.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_bearing_display()} {self.note_marker}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = Citation.objects.filter(pk=self.pk).first()
            touched = {self.statement_id, before.statement_id} if before else {self.statement_id}
            self._lock_drafts(touched)
            if before and self._cites_otherwise(before):
                for name, value in NOT_RECHECKED.items():
                    setattr(self, name, value)
            super().save(*args, **kwargs)
            Statement.objects.filter(pk__in=touched).update(version=F("version") + 1)

    def recheck(self, by: Any = None) -> None:
        """Mark it as read again beside what its statement says now."""
        self.rechecked_at, self.rechecked_by = timezone.now(), by
        self.rechecked_by_name = by.get_username() if by else ""
        self.save()

    def _cites_otherwise(self, before: "Citation") -> bool:
        """Whether it cites something else than before, or otherwise."""
        columns = ("passage_id", "claimant_id", "bearing")
        return any(getattr(self, name) != getattr(before, name) for name in columns)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self._lock_drafts({self.statement_id})
            Statement.objects.filter(pk=self.statement_id).update(version=F("version") + 1)
            return super().delete(*args, **kwargs)

    @staticmethod
    def _lock_drafts(statements: set[Any]) -> None:
        rows = Statement.objects.select_for_update().filter(pk__in=statements)
        for statement in rows.order_by("pk"):
            if statement.is_public_or_was:
                raise _frozen(str(statement))
