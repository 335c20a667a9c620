"""Places in sources, and what they say in other words."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from sources import anchoring
from sources.addresses import address
from sources.constraints import CompositeForeignKey
from sources.models.bases import (
    PermanentModel,
    ProtectedModel,
    SearchedModel,
    VersionedModel,
)
from sources.models.documents import SHA256, Document, ImmutableError, Text
from sources.models.fields import LanguageField
from sources.models.works import Source
from sources.querysets import PassageQuerySet
from sources.text_fragments import live_address


class Passage(VersionedModel, ProtectedModel):
    """A place in a source: an exact span of one of its documents, or a locator alone.

    Offsets count code points of the document's text, end excluded. While the document is not
    held, the quote is known by its hash alone and the passage is not yet verified here.
    """

    SET_ELSEWHERE = ("public", "seen")
    PLACE = ("source_id", "document_id", "start", "end", "quote_sha256", "locator")

    source = models.ForeignKey(Source, models.PROTECT, related_name="passages")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="passages"
    )
    start = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The first code point, counted from 0."
    )
    end = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The code point after the last."
    )
    quote = models.TextField(blank=True, editable=False)
    prefix = models.TextField(blank=True, editable=False)
    suffix = models.TextField(blank=True, editable=False)
    quote_sha256 = models.CharField(
        "SHA-256 of the quote", max_length=64, blank=True, editable=False, validators=[SHA256]
    )
    locator = models.CharField(
        max_length=200,
        blank=True,
        help_text="Where it stands, as printed: “p. 479” only if the document in hand prints 479.",
    )
    public = models.BooleanField(default=False, editable=False)
    seen = models.BooleanField(
        default=False, editable=False, help_text="Whether readers see it, or have seen it."
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ["source_id", "document_id", "start", "end", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    document__isnull=False,
                    start__isnull=False,
                    end__isnull=False,
                    start__lt=F("end"),
                )
                & ~Q(quote_sha256="")
                | Q(
                    document__isnull=True,
                    start__isnull=True,
                    end__isnull=True,
                    quote="",
                    quote_sha256="",
                )
                & ~Q(locator=""),
                name="passage_is_a_span_or_a_locator",
                violation_error_message="A passage is either a span of a document, with its first "
                "and last place, or a locator alone.",
            ),
            CompositeForeignKey(
                name="passage_document_is_of_its_source",
                fields=["document", "source"],
                to_fields=["id", "source"],
                violation_error_message="The document is one of another source.",
            ),
        ]
        indexes = [
            # With the column of its condition, which SQLite reads again if it is not there.
            models.Index(
                fields=["source", "public"],
                condition=Q(public=True),
                name="public_passages_of_source",
            )
        ]

    def __str__(self) -> str:
        if self.quote:
            return self.quote if len(self.quote) <= 60 else f"{self.quote[:59]}…"
        return self.locator or f"[{self.start}, {self.end}) not yet verified here"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.anchor()
        with transaction.atomic():
            self._refuse_moving_what_is_public()
            super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return address("sources:passage-detail", self.pk)

    @property
    def span(self) -> anchoring.Span:
        """Its place in its document's text; a passage that is a locator alone has none."""
        if self.start is None or self.end is None:
            raise ValueError("A passage that is a locator alone has no span.")
        return anchoring.Span(self.start, self.end)

    @property
    def is_verified(self) -> bool:
        """Whether the quote was compared with a text held here."""
        return bool(self.quote)

    @property
    def words_before(self) -> str:
        """What is kept of the text before it, less a word that it begins within."""
        if len(self.prefix) < anchoring.CONTEXT:
            return self.prefix  # the text begins there
        first, space, rest = self.prefix.partition(" ")
        return f"… {rest}" if space else f"…{first}"

    @property
    def words_after(self) -> str:
        """What is kept of the text after it, less a word that it ends within."""
        if len(self.suffix) < anchoring.CONTEXT:
            return self.suffix
        rest, space, last = self.suffix.rpartition(" ")
        return f"{rest} …" if space else f"{last}…"

    def address_at(self, url: str) -> str:
        """Return the address of its words at `url`, where the original is; or nothing."""
        if not (url and self.quote):
            return ""
        return live_address(url, self.quote, self.prefix, self.suffix)

    def clean(self) -> None:
        super().clean()
        self.anchor()

    def anchor(self) -> None:
        """Fill quote, prefix, suffix and hash from the document's text.

        Raises ValidationError if the span does not fit the text, or if a quote or hash that was
        given is not what stands there. Without a held text the hash stays as it was given.
        """
        if self.document_id is None:
            return
        if self.start is None or self.end is None:
            raise ValidationError("A passage of a document needs its first and last place.")
        document = Document.objects.only("text_length", "source_id").get(pk=self.document_id)
        if not self.start < self.end <= document.text_length:
            raise ValidationError(
                f"[{self.start}, {self.end}) is not a span of this document, "
                f"which has {document.text_length} characters."
            )
        window = Text.objects.window(self.document_id, self.start, self.end, anchoring.CONTEXT)
        if window is None:
            if self.quote or not self.quote_sha256:
                raise ValidationError(
                    "The document is not held here, so a passage of it carries the hash of "
                    "its quote and no quote."
                )
            return
        prefix, quote, suffix = window
        if not quote.strip():
            raise ValidationError(f"[{self.start}, {self.end}) holds nothing but white space.")
        digest = anchoring.quote_hash(quote)
        if (self.quote and self.quote != quote) or self.quote_sha256 not in ("", digest):
            raise ValidationError(
                f"The words given do not stand at [{self.start}, {self.end}); "
                f"there it says “{quote[:80]}”."
            )
        self.prefix, self.quote, self.suffix, self.quote_sha256 = prefix, quote, suffix, digest

    def _refuse_moving_what_is_public(self) -> None:
        if self._state.adding:
            return
        # Held until the save is done, so that nothing is published in between.
        row = Passage.objects.select_for_update().filter(pk=self.pk).order_by("pk")
        stored = row.values_list("seen", *self.PLACE).first()
        if stored and stored[0] and stored[1:] != tuple(getattr(self, name) for name in self.PLACE):
            raise ImmutableError("A public passage keeps its place; cite a new passage instead.")


class Gloss(SearchedModel, PermanentModel):
    """A passage in other words: a paraphrase or a translation."""

    class Kind(models.TextChoices):
        PARAPHRASE = "paraphrase", "paraphrase"
        TRANSLATION = "translation", "translation"

    passage = models.ForeignKey(Passage, models.CASCADE, related_name="glosses")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.PARAPHRASE)
    language = LanguageField(blank=False)
    text = models.TextField()
    by = models.CharField(max_length=200, help_text="Who wrote it, or the program's name.")
    by_machine = models.BooleanField(default=False)

    class Meta:
        ordering = ["passage_id", "kind", "language", "pk"]
        verbose_name_plural = "glosses"

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else f"{self.text[:59]}…"

    def follow_in_search(self) -> None:
        from sources import search  # it reads the models

        search.follow_passages([self.passage_id])
