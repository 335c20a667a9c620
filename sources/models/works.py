"""The works that accounts stand in, and who made them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from sources.addresses import address
from sources.identifiers import problem_of
from sources.models.bases import (
    PermanentModel,
    ProtectedModel,
    SearchedModel,
    SluggedModel,
    VersionedModel,
)
from sources.models.fields import EDTFField, LanguageField
from sources.models.origins import ONLY_PUBLIC_ORIGINS, Origin
from sources.querysets import SourceQuerySet
from sources.sorting import Bytewise

_LISTED = Q(public=True, merged_into__isnull=True)


class Source(SearchedModel, VersionedModel, SluggedModel, ProtectedModel):
    """A work that says something: a book, an article, a web page, a report, an archival item."""

    class Kind(models.TextChoices):
        BOOK = "book", "book"
        CHAPTER = "chapter", "chapter"
        ARTICLE = "article", "article"
        ENTRY = "entry", "encyclopedia entry"
        WEB_PAGE = "web_page", "web page"
        REPORT = "report", "report"
        DATASET = "dataset", "dataset"
        ARCHIVAL_ITEM = "archival_item", "archival item"
        OTHER = "other", "other"

    class Rights(models.TextChoices):
        PUBLIC_DOMAIN = "public_domain", "public domain"
        OPEN_LICENCE = "open_licence", "open licence"
        IN_COPYRIGHT = "in_copyright", "in copyright"
        UNKNOWN = "unknown", "not known"

    OPEN_RIGHTS = (Rights.PUBLIC_DOMAIN, Rights.OPEN_LICENCE)

    class Proximity(models.TextChoices):
        PARTICIPANT = "participant", "participant"
        CONTEMPORARY = "contemporary", "contemporary"
        SCHOLARSHIP = "scholarship", "scholarship"
        TERTIARY = "tertiary", "tertiary"
        UNKNOWN = "unknown", "not known"

    SET_ELSEWHERE = ("public", "held", "passages_published")

    origin = models.ForeignKey(
        Origin,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sources",
        help_text="Whose voice it is. Needed before anything that rests on it is published.",
    )
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.OTHER)
    title = models.CharField(max_length=500, help_text="As printed, in the language it is cited.")
    title_sentence = models.CharField(
        "title in sentence case",
        max_length=500,
        blank=True,
        help_text="The same words with only the capitals of a sentence, such as “Mao’s military "
        "romanticism: China and the Korean War”. Citations in APA style need it.",
    )
    title_original = models.CharField(
        "original title", max_length=500, blank=True, help_text="In its own script, if another."
    )
    title_translated = models.CharField(
        "translated title", max_length=500, blank=True, help_text="In English, if not printed so."
    )
    language = LanguageField(help_text="Of the text, such as “en”, “zh-Hans” or “ko”.")
    issued_printed = models.CharField(
        "date as printed", max_length=120, blank=True, help_text="Such as “Spring 1990”."
    )
    issued_edtf = EDTFField(
        "date (EDTF)",
        bounds=("issued_earliest", "issued_latest"),
        help_text="Such as “1990-21” or “1953-07-13”.",
    )
    issued_earliest = models.BigIntegerField(null=True, editable=False)
    issued_latest = models.BigIntegerField(null=True, editable=False)
    volume = models.CharField(max_length=60, blank=True)
    issue = models.CharField(
        "issue or number",
        max_length=60,
        blank=True,
        help_text="Of a journal’s issue, of a report, or in a series, such as “2”.",
    )
    pages = models.CharField(
        max_length=60,
        blank=True,
        help_text="Where it stands in what contains it, such as “241–58”.",
    )
    edition = models.CharField(max_length=60, blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    place_published = models.CharField("place of publication", max_length=200, blank=True)
    repository = models.CharField(
        max_length=200, blank=True, help_text="For an archival item: who keeps it."
    )
    fonds = models.CharField(max_length=200, blank=True, help_text="The record group or series.")
    box = models.CharField(max_length=100, blank=True, help_text="Box, folder or item number.")
    url = models.URLField("web address", max_length=600, blank=True)
    accessed = models.DateField(
        "date of access",
        null=True,
        blank=True,
        help_text="When it was read at its web address, such as “2024-03-09”.",
    )
    rights = models.CharField(max_length=20, choices=Rights, default=Rights.UNKNOWN)
    rights_note = models.CharField(
        max_length=300, blank=True, help_text="The licence or the owner, as stated."
    )
    proximity = models.CharField(
        max_length=20,
        choices=Proximity,
        default=Proximity.UNKNOWN,
        help_text="How near its maker stood to the events.",
    )
    contained_in = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="contents"
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="merged",
        help_text="The source that it turned out to be; its page leads there.",
    )
    derives_from = models.ManyToManyField(
        "self",
        through="Derivation",
        symmetrical=False,
        related_name="derivatives",
        help_text="The works it says it rests on.",
    )
    note = models.TextField(blank=True, help_text="For readers: what should be known about it.")
    public = models.BooleanField(default=False, editable=False)
    held = models.BooleanField(
        default=False, editable=False, help_text="Whether the words of a document of it are here."
    )
    passages_published = models.PositiveIntegerField(default=0, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(public=False) | Q(origin__isnull=False),
                name="public_source_has_an_origin",
                violation_error_message="A public source needs an origin.",
            ),
            models.CheckConstraint(
                condition=Q(contained_in__isnull=True) | ~Q(contained_in=F("id")),
                name="source_is_not_contained_in_itself",
                violation_error_message="A source cannot be contained in itself.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="source_is_not_merged_into_itself",
                violation_error_message="A source cannot be merged into itself.",
            ),
            models.CheckConstraint(
                condition=Q(issued_earliest__isnull=True)
                | Q(issued_latest__isnull=True)
                | Q(issued_earliest__lte=F("issued_latest")),
                name="source_is_issued_in_order",
                violation_error_message="The date ends before it begins.",
            ),
        ]
        indexes = [
            # With the column of its condition, which SQLite reads again if it is not there.
            models.Index(
                fields=["passages_published", "public"],
                condition=Q(public=True),
                name="public_sources_by_passages",
            ),
            # Without those that stand: SQLite would look them up in it, one by one.
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="source_merged_into",
            ),
            models.Index(
                Lower(Bytewise("title")), "id", condition=_LISTED, name="listed_source_by_title"
            ),
            # Lists count all their choices from this alone, without a look at the sources.
            models.Index(
                fields=[
                    *("language", "kind", "rights", "proximity", "origin", "held"),
                    *("issued_earliest", "issued_latest", "id", "public", "merged_into"),
                ],
                condition=_LISTED,
                name="listed_sources_counted",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("sources:source-detail", self.slug)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._stay_among_the_public()
        super().save(*args, **kwargs)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check every constraint: Django would skip those that touch a field a form leaves out."""
        super().validate_constraints(exclude=None)

    def follow_in_search(self) -> None:
        from sources import search  # it reads the models

        if Source.objects.public().filter(pk=self.pk).exists():
            search.follow_sources([self.pk])
            search.follow_texts([self.pk])  # its rights may open or close them

    def _stay_among_the_public(self) -> None:
        """Refuse to show readers an origin that was never published."""
        shown = Source.objects.public().filter(pk=self.pk).exists()
        if not shown or self.origin_id is None:
            return
        if not Origin.objects.public().filter(pk=self.origin_id).exists():
            raise ValidationError({"origin": ONLY_PUBLIC_ORIGINS})

    def clean(self) -> None:
        super().clean()
        self._stay_among_the_public()
        self.check_sentence_case()
        within, container = {self.pk}, self.contained_in
        while container is not None:
            if container.pk in within:
                raise ValidationError(
                    {"contained_in": "This would place the source in something that it contains."}
                )
            within.add(container.pk)
            container = container.contained_in

    def check_sentence_case(self) -> None:
        """Raise ValidationError if the title in sentence case has other words than the title."""
        if self.title_sentence and self.title_sentence.casefold() != self.title.casefold():
            raise ValidationError(
                {"title_sentence": "Its words are not the title’s; only capitals may differ."}
            )

    def follow_description(self) -> None:
        """Tell the index that something of its description changed."""
        from sources import search  # it reads the models

        if Source.objects.public().filter(pk=self.pk).exists():
            search.follow_sources([self.pk])

    @property
    def is_open(self) -> bool:
        """Whether the whole text may be shown to everyone."""
        return self.rights in self.OPEN_RIGHTS


class Derivation(PermanentModel):
    """One work's statement that it rests on another."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="derivations")
    derives_from = models.ForeignKey(Source, models.PROTECT, related_name="derived")

    class Meta:
        ordering = ["source_id", "derives_from_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "derives_from"],
                name="derivation_is_stated_once",
                violation_error_message="This derivation is already recorded.",
            ),
            models.CheckConstraint(
                condition=~Q(source=F("derives_from")),
                name="source_does_not_derive_from_itself",
                violation_error_message="A source cannot derive from itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} ← {self.derives_from_id}"

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check every constraint: beside its source, a form leaves the source out."""
        super().validate_constraints(exclude=None)


class Contribution(SearchedModel, PermanentModel):
    """One person's or body's part in making a source."""

    class Role(models.TextChoices):
        AUTHOR = "author", "author"
        EDITOR = "editor", "editor"
        TRANSLATOR = "translator", "translator"
        COMPILER = "compiler", "compiler"
        PUBLISHER = "publisher", "publisher"
        OTHER = "other", "other"

    source = models.ForeignKey(Source, models.CASCADE, related_name="contributions")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the order.")
    role = models.CharField(max_length=20, choices=Role, default=Role.AUTHOR)
    name = models.CharField(
        "name as printed",
        max_length=200,
        help_text="A person’s family name first, then a comma: “Hermes, Walter G.” A name without "
        "a comma is kept whole, as a body’s is.",
    )
    family_first = models.BooleanField(
        "family name always first",
        default=False,
        help_text="For a name that is never turned round, as Chinese and Korean ones: citations "
        "then write “Paik Sun Yup”, never “Sun Yup Paik”.",
    )
    name_original = models.CharField(
        "name in original script", max_length=200, blank=True, help_text="If printed, or known."
    )
    name_corrected = models.CharField(
        "corrected name",
        max_length=200,
        blank=True,
        help_text="If the printed form is wrong. Shown as the archive's correction.",
    )

    class Meta:
        ordering = ["source_id", "position", "pk"]

    def __str__(self) -> str:
        return self.name

    def follow_in_search(self) -> None:
        self.source.follow_description()


class SourceIdentifier(SearchedModel, PermanentModel):
    """A number or code by which others know a source."""

    class Scheme(models.TextChoices):
        ISBN = "isbn", "ISBN"
        ISSN = "issn", "ISSN"
        DOI = "doi", "DOI"
        OCLC = "oclc", "OCLC"
        WIKIDATA = "wikidata", "Wikidata"
        OTHER = "other", "other"

    source = models.ForeignKey(Source, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=20, choices=Scheme)
    value = models.CharField(max_length=200, help_text="As printed.")

    class Meta:
        ordering = ["source_id", "scheme", "value", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "scheme", "value"],
                name="source_identifier_is_recorded_once",
                violation_error_message="This identifier is already recorded.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"

    @property
    def problem(self) -> str:
        """Why the number, as it is printed, is no valid one; empty if it is, or cannot be told."""
        return problem_of(self.scheme, self.value)

    def follow_in_search(self) -> None:
        self.source.follow_description()
