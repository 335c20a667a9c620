"""Stored bytes, their readings, and the words of each reading."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sources.addresses import address
from sources.constraints import CompositeForeignKey
from sources.models.bases import PermanentModel
from sources.models.works import Source
from sources.querysets import DocumentQuerySet, TextQuerySet, UnchangingQuerySet

SHA256 = RegexValidator(r"^[0-9a-f]{64}\Z", "Write a SHA-256 as 64 small hexadecimal digits.")


class ImmutableError(Exception):
    """Something that never changes was about to be changed or deleted."""


class File(PermanentModel):
    """Stored bytes, known by their SHA-256; not held means that only the hash is known."""

    sha256 = models.CharField("SHA-256", max_length=64, unique=True, validators=[SHA256])
    length = models.PositiveBigIntegerField(help_text="In bytes.")
    media_type = models.CharField(max_length=100, default="text/plain")
    name = models.CharField(max_length=255, blank=True, help_text="The file name it came with.")
    held = models.BooleanField(default=False, help_text="Whether the bytes are in this archive.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = UnchangingQuerySet.as_manager()

    class Meta:
        ordering = ["created", "pk"]

    def __str__(self) -> str:
        return self.name or self.sha256[:12]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ImmutableError("A file's record never changes; receive() alone marks it held.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ImmutableError("A file's record is never deleted.")


class Document(PermanentModel):
    """One reading of a file for a source. It never changes."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="documents")
    file = models.ForeignKey(File, models.PROTECT, related_name="documents")
    number = models.PositiveIntegerField(help_text="1 for the first version, 2 for the next, …")
    extractor = models.CharField(max_length=60)
    extractor_version = models.CharField(max_length=30)
    charset = models.CharField(
        max_length=40, blank=True, help_text="The character set its bytes were read with."
    )
    text_sha256 = models.CharField("SHA-256 of the text", max_length=64, validators=[SHA256])
    text_length = models.PositiveBigIntegerField(help_text="In code points.")
    lacks = models.TextField(
        blank=True, help_text="What of its file the text does not hold, and why."
    )
    transcribes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="transcriptions",
        help_text="The document without text, of the same source, whose words somebody wrote down.",
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["source_id", "number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"],
                name="document_number_is_given_once",
                violation_error_message="The source already has a document of this number.",
            ),
            models.UniqueConstraint(
                fields=["id", "source"],
                name="document_belongs_to_its_source",
                violation_error_message="The document is already recorded.",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="document_numbers_begin_at_one",
                violation_error_message="Documents are numbered from 1.",
            ),
            models.CheckConstraint(
                condition=~Q(transcribes=F("id")),
                name="document_transcribes_another",
                violation_error_message="A document cannot transcribe itself.",
            ),
            CompositeForeignKey(
                fields=["transcribes", "source"],
                to_fields=["id", "source"],
                name="document_transcribes_one_of_its_source",
                violation_error_message="A transcription is of a document of the same source.",
            ),
        ]

    def __str__(self) -> str:
        length = f"{self.text_length:,} characters" if self.text_length else "no text"
        return f"v{self.number} ({length})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ImmutableError("A document never changes; ingest a new version instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ImmutableError("A document is never deleted.")

    def get_absolute_url(self) -> str:
        return address("sources:document-detail", self.pk)


class Text(models.Model):
    """A document's words; absent while the document is not held."""

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="text")
    content = models.TextField()

    objects = TextQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.document_id)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ImmutableError("A document's text never changes.")
        Text.objects.bulk_create([self])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ImmutableError("A document's text is never deleted.")
