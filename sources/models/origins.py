"""Whose voices the archive hears."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from sources.addresses import address
from sources.models.bases import ProtectedModel, SearchedModel, SluggedModel
from sources.querysets import OriginQuerySet

ONLY_PUBLIC_ORIGINS = (
    "Readers see this already, and would see an origin that was never published. Choose one that "
    "is public."
)


class Origin(SearchedModel, SluggedModel, ProtectedModel):
    """A voice that accounts come from: a state, an institution, a person, a press."""

    class Kind(models.TextChoices):
        STATE = "state", "state"
        INSTITUTION = "institution", "institution"
        PERSON = "person", "person"
        SCHOLARSHIP = "scholarship", "scholarship"
        PRESS = "press", "press"
        REFERENCE = "reference", "reference work"
        ARCHIVE = "archive", "this archive"

    SET_ELSEWHERE = ("public",)

    name = models.CharField(
        max_length=200, unique=True, help_text="As readers know it, such as “South Korea”."
    )
    kind = models.CharField(max_length=20, choices=Kind)
    part_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        help_text="The wider voice it belongs to; filtering by that one finds this one too.",
    )
    description = models.TextField(blank=True, help_text="A sentence or two for readers.")
    public = models.BooleanField(default=False, editable=False)

    objects = OriginQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | ~Q(part_of=models.F("id")),
                name="origin_is_not_part_of_itself",
                violation_error_message="An origin cannot be part of itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("sources:origin-detail", self.slug)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._stay_among_the_public()
        super().save(*args, **kwargs)

    def follow_in_search(self) -> None:
        from sources import search  # it reads the models

        if self.pk is not None:  # one that is deleted spoke for no source
            search.follow_sources(self.sources.public().values_list("pk", flat=True))

    def _stay_among_the_public(self) -> None:
        """Refuse to show readers a wider voice that was never published."""
        public = Origin.objects.public()
        shown = public.filter(pk=self.pk).exists()
        if shown and self.part_of_id and not public.filter(pk=self.part_of_id).exists():
            raise ValidationError({"part_of": ONLY_PUBLIC_ORIGINS})

    def clean(self) -> None:
        super().clean()
        self._stay_among_the_public()
        if self.part_of_id and self.part_of_id in Origin.objects.family(self.pk):
            raise ValidationError(
                {"part_of": "This would make the origin part of one of its own parts."}
            )
