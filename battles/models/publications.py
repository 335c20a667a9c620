"""The append-only record of what became public and what was withdrawn."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from battles.models.battles import Battle
from battles.models.statements import Statement
from battles.querysets import PublicationQuerySet
from sources.models import ImmutableError
from sources.models.bases import PermanentModel


class Publication(PermanentModel):
    """One statement becoming public, or being withdrawn, in one edition of its battle.

    `record` is the statement as data, as `battles.schemas` describes it; an edition is read back
    from these records alone.
    """

    class Action(models.TextChoices):
        PUBLISHED = "published", "published"
        WITHDRAWN = "withdrawn", "withdrawn"

    battle = models.ForeignKey(Battle, models.PROTECT, related_name="publications")
    edition = models.PositiveIntegerField()
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="publications")
    action = models.CharField(max_length=20, choices=Action)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="publications"
    )
    by_name = models.CharField(max_length=150, blank=True)
    reason = models.TextField(blank=True)
    record = models.JSONField()

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["battle_id", "edition", "statement_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["battle", "edition", "statement"],
                name="statement_appears_once_in_an_edition",
                violation_error_message="The edition already records this statement.",
            ),
            models.CheckConstraint(
                condition=Q(edition__gte=1),
                name="editions_begin_at_one",
                violation_error_message="Editions are numbered from 1.",
            ),
            models.CheckConstraint(
                condition=Q(action="withdrawn") ^ Q(reason=""),
                name="withdrawal_records_its_reason",
                violation_error_message="A withdrawal needs its reason, and only a withdrawal "
                "has one.",
            ),
        ]
        indexes = [models.Index(fields=["-at", "-id"], name="publication_newest")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} in edition {self.edition}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ImmutableError("The record of publications is only ever added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ImmutableError("The record of publications is only ever added to.")
