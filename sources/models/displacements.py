"""What became of passages when a newer version of their source arrived."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from sources.models.bases import PermanentModel
from sources.models.documents import Document
from sources.models.passages import Passage
from sources.querysets import DisplacementQuerySet


class Displacement(PermanentModel):
    """A passage of an earlier version that does not stand in a newer one as it stood.

    Nothing is re-pointed by it: a curator looks at both versions, and says so.
    """

    class Outcome(models.TextChoices):
        MOVED = "moved", "moved"
        EDITED = "edited", "reworded"
        AMBIGUOUS = "ambiguous", "found several times"
        LOST = "lost", "missing"

    passage = models.ForeignKey(Passage, models.CASCADE, related_name="displacements")
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="displacements", help_text="The newer version."
    )
    outcome = models.CharField(max_length=20, choices=Outcome)
    start = models.PositiveBigIntegerField(
        null=True, help_text="Where it stands, or may stand, in the newer version."
    )
    end = models.PositiveBigIntegerField(null=True)
    found = models.DateTimeField(default=timezone.now, editable=False)
    settled = models.DateTimeField("looked at", null=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="looked at by",
    )

    objects = DisplacementQuerySet.as_manager()

    class Meta:
        ordering = ["-found", "document_id", "start", "pk"]
        verbose_name = "displaced passage"
        constraints = [
            models.UniqueConstraint(
                fields=["passage", "document"],
                name="passage_is_followed_once_into_a_version",
                violation_error_message="What became of the passage there is already recorded.",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["moved", "edited", "ambiguous", "lost"]),
                name="displacement_outcome_is_known",
                violation_error_message="A displaced passage is moved, reworded, found several "
                "times or missing.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.passage}: {self.get_outcome_display()}"
