"""What curators say to one another about a statement before readers see it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from battles.models.statements import Statement
from sources.models.bases import PermanentModel


class Remark(PermanentModel):
    """One line in the review of a statement: a step it took, a comment, or both.

    Readers never see it. Publication and withdrawal, which they do see, are Publications.
    """

    class Step(models.TextChoices):
        SENT = "in_review", "sent it for review"
        RETURNED = "draft", "sent it back"

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="remarks")
    step = models.CharField(max_length=20, choices=Step, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="remarks"
    )
    by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(
                condition=~Q(step="") | ~Q(text=""),
                name="remark_says_something",
                violation_error_message="Write what you have to say.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by_name} {self.get_step_display()} {self.text}".strip()
