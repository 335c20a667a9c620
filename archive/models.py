"""What the archive knows of itself: the faults its last verification found."""

from typing import Any

from django.db import models
from django.utils import timezone


class Verification(models.Model):
    """A run of `verify` that came to its end."""

    finished = models.DateTimeField(default=timezone.now, editable=False)
    read_again = models.BooleanField(
        default=False, editable=False, help_text="Whether every text was read from its file anew."
    )
    checked = models.JSONField(default=dict, editable=False, help_text="How many of what.")
    fault_count = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-finished", "-pk"]

    def __str__(self) -> str:
        return f"{self.finished:%Y-%m-%d %H:%M} UTC"


class KnownFaultQuerySet(models.QuerySet):
    def of_last_verification(self) -> "KnownFaultQuerySet":
        last = Verification.objects.order_by("-finished", "-pk").values("pk")[:1]
        return self.filter(verification__in=last)


class KnownFault(models.Model):
    """A fault that a verification found."""

    verification = models.ForeignKey(Verification, models.CASCADE, related_name="faults")
    what = models.CharField(max_length=60, help_text="The kind of row.")
    which = models.CharField(max_length=200, help_text="Which row.")
    problem = models.TextField(help_text="What is wrong with it.")

    objects: Any = KnownFaultQuerySet.as_manager()

    class Meta:
        verbose_name = "fault"
        ordering = ["verification_id", "pk"]

    def __str__(self) -> str:
        return f"{self.what} {self.which}: {self.problem}"
