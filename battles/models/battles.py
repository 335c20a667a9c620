"""Battles, the sides they were fought by, and the points at issue about them."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from battles.kinds import Category, Kind
from battles.models.entities import Entity
from battles.querysets import BattleQuerySet
from sources.addresses import address
from sources.models.bases import (
    PermanentModel,
    ProtectedModel,
    SearchedModel,
    SluggedModel,
    VersionedModel,
)
from sources.sorting import SortKey


class Battle(SearchedModel, VersionedModel, SluggedModel, ProtectedModel):
    """A battle, a campaign or a war."""

    class Scale(models.TextChoices):
        BATTLE = "battle", "battle"
        CAMPAIGN = "campaign", "campaign"
        WAR = "war", "war"

    SET_ELSEWHERE = ("edition", "first_day", "statements_published")

    name = models.CharField(
        max_length=200, help_text="The heading of its page, such as “Battle of Kumsong”."
    )
    scale = models.CharField(max_length=20, choices=Scale, default=Scale.BATTLE)
    part_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        help_text="The campaign or war it is filed under.",
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        help_text="The battle that it turned out to be; its page leads there.",
    )
    edition = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="The number of its current edition; 0 while nothing was ever published.",
    )
    first_day = models.BigIntegerField(
        null=True,
        editable=False,
        help_text="The earliest day that a published date can mean, counted as dates are; lists "
        "are sorted by it.",
    )
    statements_published = models.PositiveIntegerField(default=0, editable=False)
    sort_key = SortKey()
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = BattleQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")),
                name="battle_is_not_part_of_itself",
                violation_error_message="A battle cannot be part of itself.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="battle_is_not_merged_into_itself",
                violation_error_message="A battle cannot be merged into itself.",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="battle_by_name"),
            models.Index(fields=["first_day", "sort_key", "id"], name="battle_by_date"),
            models.Index(
                fields=["-statements_published", "sort_key", "id"], name="battle_by_statements"
            ),
            # Lists count what is filed where, and what a filter leaves, from these alone, without a
            # look at the battles.
            models.Index(fields=["part_of", "merged_into", "edition"], name="battle_by_whole"),
            models.Index(fields=["id", "part_of", "merged_into", "edition"], name="battle_counted"),
            models.Index(fields=["scale"], name="battle_by_scale"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("battles:battle-detail", self.slug)

    def follow_in_search(self) -> None:
        from battles import search  # it reads the models

        if Battle.objects.public().filter(pk=self.pk).exists():
            search.follow_battle(self.pk)

    @property
    def filed_under(self) -> "list[Battle]":
        """All that readers find it filed under, the widest first.

        What is more than two steps above it is read step by step.
        """
        above: dict[UUID, Battle] = {}
        whole = self.part_of
        while whole is not None and whole.pk not in above:
            above[whole.pk] = whole
            whole = whole.part_of
        return [row for row in reversed(above.values()) if row.edition]

    def get_edition_url(self, number: int) -> str:
        return address("battles:battle-edition", self.slug, number)

    def get_history_url(self) -> str:
        return address("battles:battle-history", self.slug)

    def clean(self) -> None:
        super().clean()
        below, ancestor = {self.pk}, self.part_of
        while ancestor is not None:
            if ancestor.pk in below:
                raise ValidationError(
                    {"part_of": "This would make the battle part of one of its own parts."}
                )
            below.add(ancestor.pk)
            ancestor = ancestor.part_of


class Side(SearchedModel, PermanentModel):
    """One side of one battle, as an account draws it."""

    battle = models.ForeignKey(Battle, models.CASCADE, related_name="sides")
    name = models.CharField(max_length=120, help_text="Such as “United Nations Command”.")
    position = models.PositiveSmallIntegerField(
        default=1, help_text="Its place on the page. It says nothing about rank."
    )

    class Meta:
        ordering = ["battle_id", "position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["battle", "name"],
                name="side_is_named_once_in_a_battle",
                violation_error_message="The battle already has a side of this name.",
            ),
            models.UniqueConstraint(
                fields=["id", "battle"],
                name="side_belongs_to_its_battle",
                violation_error_message="The side is already recorded.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def follow_in_search(self) -> None:
        from battles import search  # it reads the models

        search.follow_side(self.pk)


def typed_alone(collector: Any, field: Any, questions: Any, using: str) -> None:
    """Delete questions that arose by themselves; keep their battle for one that somebody wrote."""
    if written := questions.filter(kind=Kind.NARRATIVE):
        models.PROTECT(collector, field, written, using)
    models.CASCADE(collector, field, questions, using)


class Question(PermanentModel):
    """A point at issue in a battle. The statements that answer one are rivals.

    Typed questions arise by themselves and carry a `key`; curators write the narrative ones.
    """

    battle = models.ForeignKey(Battle, typed_alone, related_name="questions")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.NARRATIVE)
    side = models.ForeignKey(
        Side, models.RESTRICT, null=True, blank=True, help_text="Whose, if it asks about a side."
    )
    entity = models.ForeignKey(
        Entity,
        models.PROTECT,
        null=True,
        blank=True,
        help_text="Whose, if it asks about a party or a unit.",
    )
    category = models.CharField(max_length=30, choices=Category, blank=True)
    wording = models.CharField(
        max_length=300, help_text="As readers see it, such as “Who had the firepower?”."
    )
    key = models.CharField(max_length=300, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    disputed = models.BooleanField(
        default=False, editable=False, help_text="Whether published answers to it differ."
    )

    class Meta:
        ordering = ["battle_id", "position", "wording", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["battle", "key"],
                condition=~Q(key=""),
                name="typed_question_arises_once",
                violation_error_message="The battle already has this question.",
            ),
            models.UniqueConstraint(
                fields=["id", "battle"],
                name="question_belongs_to_its_battle",
                violation_error_message="The question is already recorded.",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.NARRATIVE) ^ ~Q(key=""),
                name="question_is_typed_or_narrative",
                violation_error_message="A question you write yourself is of the kind narrative; "
                "the others arise from the statements.",
            ),
            models.CheckConstraint(
                condition=~Q(wording=""),
                name="question_is_worded",
                violation_error_message="Word the question.",
            ),
        ]

    def __str__(self) -> str:
        return self.wording
