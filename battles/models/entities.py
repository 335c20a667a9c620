"""Parties, persons, units and places, with their names."""

from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from battles.querysets import EntityQuerySet
from sources.addresses import address
from sources.models.bases import PermanentModel, ProtectedModel, SearchedModel, SluggedModel
from sources.models.fields import LanguageField
from sources.sorting import SortKey


class Entity(SearchedModel, SluggedModel, ProtectedModel):
    """A party, a person, a unit or a place that statements speak of."""

    SET_ELSEWHERE = ("seen", "public")

    class Kind(models.TextChoices):
        PARTY = "party", "party"
        PERSON = "person", "person"
        UNIT = "unit", "unit"
        PLACE = "place", "place"

    class Precision(models.TextChoices):
        POINT = "point", "a point"
        RADIUS = "radius", "within some distance"
        REGION = "region", "somewhere in a region"

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200, help_text="The form the archive lists it under.")
    description = models.CharField(
        max_length=300, blank=True, help_text="What tells it from others of the same name."
    )
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    precision = models.CharField(max_length=20, choices=Precision, blank=True)
    radius_km = models.PositiveIntegerField(
        "radius (km)", null=True, blank=True, help_text="For “within some distance”."
    )
    gazetteer = models.CharField(
        max_length=200, blank=True, help_text="Where the coordinates come from."
    )

    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        help_text="The entity that it turned out to be; its page leads there.",
    )
    seen = models.BooleanField(
        default=False, editable=False, help_text="Whether readers see it, or have seen it."
    )
    public = models.BooleanField(
        default=False, editable=False, help_text="Whether a published statement speaks of it."
    )

    sort_key = SortKey()

    objects = EntityQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "entities"
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="entity_is_not_merged_into_itself",
                violation_error_message="An entity cannot be merged into itself.",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True, precision="")
                | (
                    Q(kind="place", latitude__isnull=False, longitude__isnull=False)
                    & ~Q(precision="")
                    & ~Q(gazetteer="")
                ),
                name="coordinates_are_whole_and_sourced",
                violation_error_message="Coordinates belong to a place and need latitude, "
                "longitude, precision and the gazetteer they come from.",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="coordinates_are_on_earth",
                violation_error_message="Latitude lies between -90 and 90, longitude between "
                "-180 and 180.",
            ),
            models.CheckConstraint(
                condition=Q(precision="radius", radius_km__isnull=False)
                | (~Q(precision="radius") & Q(radius_km__isnull=True)),
                name="radius_belongs_to_its_precision",
                violation_error_message="Give a radius with “within some distance”, and only then.",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="entity_by_name"),
            # With the column of its condition, which SQLite reads again if it is not there.
            models.Index(
                fields=["kind", "sort_key", "id", "public"],
                condition=Q(public=True),
                name="public_entities_of_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def follow_in_search(self) -> None:
        from battles import search  # it reads the models

        search.follow_entity(self.pk)

    def get_absolute_url(self) -> str:
        return address("battles:entity-detail", self.pk)

    def clean(self) -> None:
        super().clean()
        kept = Entity.objects.seen_by_readers().filter(pk=self.pk).exclude(kind=self.kind)
        if kept.exists():
            raise ValidationError(
                {"kind": "Published statements name it as what it is; make a new entity instead."}
            )


class EntityName(SearchedModel, PermanentModel):
    """One form of an entity's name."""

    entity = models.ForeignKey(Entity, models.CASCADE, related_name="names")
    text = models.CharField(max_length=200)
    language = LanguageField()
    script = models.CharField(
        max_length=4, blank=True, help_text="Four letters of ISO 15924, such as “Hans”, “Latn”."
    )
    romanises = models.CharField(
        max_length=200, blank=True, help_text="The original form that this one romanises."
    )

    class Meta:
        ordering = ["entity_id", "text", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "text", "language"],
                name="entity_name_is_recorded_once",
                violation_error_message="This name is already recorded.",
            )
        ]

    def __str__(self) -> str:
        return self.text

    def follow_in_search(self) -> None:
        from battles import search  # it reads the models

        search.follow_names(self.entity_id)


class EntityIdentifier(PermanentModel):
    """A code by which others know an entity."""

    class Scheme(models.TextChoices):
        WIKIDATA = "wikidata", "Wikidata"
        VIAF = "viaf", "VIAF"
        GEONAMES = "geonames", "GeoNames"
        OTHER = "other", "other"

    _PAGES: dict[str, str] = {
        Scheme.WIKIDATA: "https://www.wikidata.org/wiki/{}",
        Scheme.VIAF: "https://viaf.org/viaf/{}",
        Scheme.GEONAMES: "https://www.geonames.org/{}",
    }

    entity = models.ForeignKey(Entity, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=20, choices=Scheme)
    value = models.CharField(max_length=100)

    class Meta:
        ordering = ["entity_id", "scheme", "value", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "scheme", "value"],
                name="entity_identifier_is_recorded_once",
                violation_error_message="This identifier is already recorded.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"

    @property
    def url(self) -> str:
        """Where the scheme describes the entity, if it is one that gives addresses."""
        page = self._PAGES.get(self.scheme, "")
        return page.format(quote(self.value))
