"""What curators did not want of what a document could become."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from battles.models.battles import Battle
from sources.models import Document
from sources.models.bases import PermanentModel


class Dismissal(PermanentModel):
    """A place of a document that a curator left out when drafting for a battle.

    Proposals are computed and not stored; this keeps one from being made again. Deleting it brings
    the proposal back.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    battle = models.ForeignKey(Battle, models.CASCADE, related_name="dismissals")
    start = models.PositiveBigIntegerField(help_text="The first code point, counted from 0.")
    end = models.PositiveBigIntegerField(help_text="The code point after the last.")
    kind = models.CharField(max_length=20, help_text="Of what it could have become.")
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["document_id", "start", "end", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "battle", "start", "end"],
                name="place_is_dismissed_once_for_a_battle",
                violation_error_message="It is dismissed already.",
            ),
            models.CheckConstraint(
                condition=Q(start__lt=F("end")),
                name="dismissed_place_is_a_span",
                violation_error_message="The place ends before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"[{self.start}, {self.end})"
