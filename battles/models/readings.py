"""What curators have read through."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from battles.models.battles import Battle
from battles.querysets import ReadingQuerySet
from sources.models import Document, ImmutableError
from sources.models.bases import ProtectedModel


class Reading(ProtectedModel):
    """A span of a document, read through for a battle: what it says of the battle is recorded.

    Only this makes silence a finding. Readings of one document for one battle do not overlap,
    so that their lengths add up to what was read.
    """

    class State(models.TextChoices):
        MARKED = "marked", "marked"
        PUBLISHED = "published", "published"
        WITHDRAWN = "withdrawn", "withdrawn"

    battle = models.ForeignKey(Battle, models.PROTECT, related_name="readings")
    document = models.ForeignKey(Document, models.PROTECT, related_name="readings")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="readings"
    )
    by_name = models.CharField(max_length=150, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.MARKED)
    published_at = models.DateTimeField(null=True)
    withdrawn_because = models.TextField(blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["document_id", "battle_id", "start", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__lt=F("end")),
                name="reading_is_of_some_words",
                violation_error_message="A reading begins before it ends.",
            ),
            models.CheckConstraint(
                condition=Q(state="marked") ^ Q(published_at__isnull=False),
                name="reading_says_when_it_was_published",
                violation_error_message="A published reading says when it was published.",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn") ^ Q(withdrawn_because=""),
                name="withdrawn_reading_says_why",
                violation_error_message="A withdrawal needs its reason, and only a withdrawal "
                "has one.",
            ),
            models.UniqueConstraint(
                fields=["document", "battle", "start"],
                condition=~Q(state="withdrawn"),
                name="words_are_read_through_once",
                violation_error_message="This is marked as read through already.",
            ),
        ]
        indexes = [models.Index(fields=["battle", "state"], name="reading_of_battle")]

    def __str__(self) -> str:
        by = f", by {self.by_name}" if self.by_name else ""
        return f"characters {self.start:,} to {self.end:,} read through{by}"

    @property
    def is_public_or_was(self) -> bool:
        return self.state != self.State.MARKED

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ImmutableError("A reading is marked or taken back, and never changed.")
        super().save(*args, **kwargs)
