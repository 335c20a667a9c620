"""Notes that a text calls for and does not hold."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from sources.models.bases import PermanentModel, VersionedModel
from sources.models.documents import Document
from sources.models.passages import Passage
from sources.models.works import Source
from sources.querysets import FootnoteQuerySet


class Footnote(VersionedModel, PermanentModel):
    """A note that is missing from a document's text, until a curator supplies it.

    It is called for by its marker, or missing among the numbers of those that are. Supplied, it
    has the curator's text, or the passage of the document where it stands after all. Of one that
    came in a bundle, protected words may have stayed behind, and only the source it names came.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="footnotes")
    marker = models.CharField(max_length=12, help_text="As the text prints it, such as “[8]”.")
    number = models.PositiveIntegerField(help_text="Its place among the markers of its kind.")
    times = models.PositiveIntegerField(
        "called for", help_text="How often its marker stands in the text; 0 for a gap."
    )
    first = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Where its marker stands first."
    )
    text = models.TextField(
        "the note",
        blank=True,
        help_text="As the original prints it, if you have it elsewhere.",
    )
    passage = models.ForeignKey(
        Passage,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where in the document it stands.",
    )
    named_source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The source that the note names. Drafts that cite its marker will name it, too.",
    )
    supplied = models.DateTimeField(null=True, editable=False)
    supplied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = FootnoteQuerySet.as_manager()

    class Meta:
        ordering = ["document_id", "number", "pk"]
        verbose_name = "missing note"
        default_permissions = ("change", "view")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "marker"],
                name="note_is_missing_once_from_a_document",
                violation_error_message="The document misses a note of this marker already.",
            ),
            models.CheckConstraint(
                condition=~Q(marker=""),
                name="note_has_a_marker",
                violation_error_message="A note is called for by a marker.",
            ),
            models.CheckConstraint(
                condition=Q(supplied__isnull=True, text="", passage__isnull=True)
                | Q(supplied__isnull=False)
                & (~Q(text="") | Q(passage__isnull=False) | Q(named_source__isnull=False)),
                name="supplied_note_has_words",
                violation_error_message="A note is supplied by its text, or by where it stands.",
            ),
            models.CheckConstraint(
                condition=Q(named_source__isnull=True) | Q(supplied__isnull=False),
                name="supplied_note_alone_names_a_source",
                violation_error_message="A note that is missing names no source.",
            ),
        ]

    def __str__(self) -> str:
        return self.marker

    @property
    def words(self) -> str:
        """What the note says, as far as it was supplied."""
        return self.text or (self.passage.quote if self.passage else "")

    @property
    def public_passage(self) -> Passage | None:
        """Where in the document it stands, if readers see that passage."""
        return self.passage if self.passage and self.passage.public else None

    @property
    def public_words(self) -> str:
        """What readers see of it: of a protected text, only a passage that they see anyway."""
        if self.document.source.is_open:
            return self.words
        return self.public_passage.quote if self.public_passage else ""

    def supply(self, by: Any, at: Any) -> None:
        """Note who supplied it and when, or that it is missing again."""
        is_supplied = bool(self.text or self.passage)
        self.supplied, self.supplied_by = (at, by) if is_supplied else (None, None)
