"""The index of the archive, like the one at the back of a book: headings, and what is under them.

It says nothing that published statements do not say. `battles.indexing` alone writes it, in the
transaction that publishes or withdraws, so that lists need not read every statement to count.
"""

from django.db import models
from django.db.models import Q

from battles.models.battles import Battle
from battles.models.entities import Entity
from sources.constraints import CompositeForeignKey
from sources.models import Origin, Source
from sources.models.bases import PermanentModel


class Heading(PermanentModel):
    """One heading under which battles are listed: a party that fought, a voice that is heard."""

    class Facet(models.TextChoices):
        PARTY = "party", "party"
        PERSON = "person", "person"
        PLACE = "place", "place"
        CLAIMANT = "claimant", "claimant"
        VICTOR = "victor", "victor"
        DEGREE = "degree", "degree of the result"
        DISPUTED = "disputed", "question on which accounts differ"

    facet = models.CharField(max_length=20, choices=Facet)
    key = models.CharField(max_length=40, help_text="The id of what it names, or a code.")
    entity = models.ForeignKey(
        Entity, models.PROTECT, null=True, related_name="headings", db_index=False
    )
    origin = models.ForeignKey(Origin, models.PROTECT, null=True, related_name="+", db_index=False)
    number = models.PositiveIntegerField(default=0, help_text="How many battles are under it.")

    class Meta:
        ordering = ["facet", "-number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["facet", "key"],
                name="heading_stands_once_in_the_index",
                violation_error_message="The index already has this heading.",
            ),
            # So that an entry can be required to repeat the facet of its heading.
            models.UniqueConstraint(
                fields=["id", "facet"],
                name="heading_facet_key",
                violation_error_message="The index already has this heading.",
            ),
            models.CheckConstraint(
                condition=Q(entity__isnull=True) | Q(origin__isnull=True),
                name="heading_names_one_thing",
                violation_error_message="A heading names an entity or an origin, not both.",
            ),
        ]
        indexes = [models.Index(fields=["facet", "-number", "id"], name="heading_with_most")]

    def __str__(self) -> str:
        return f"{self.facet}: {self.key}"


class Entry(models.Model):
    """One battle under one heading."""

    pk = models.CompositePrimaryKey("heading_id", "battle_id")
    heading = models.ForeignKey(Heading, models.CASCADE, related_name="entries", db_index=False)
    battle = models.ForeignKey(Battle, models.CASCADE, related_name="entries", db_index=False)
    facet = models.CharField(
        max_length=20,
        choices=Heading.Facet,
        help_text="That of the heading, so that entries are counted without a look at headings.",
    )

    class Meta:
        ordering = ["heading_id", "battle_id"]
        constraints = [
            CompositeForeignKey(
                fields=["heading", "facet"],
                to_fields=["id", "facet"],
                name="entry_has_the_facet_of_its_heading",
                violation_error_message="The heading is one of another facet.",
            )
        ]
        indexes = [models.Index(fields=["battle", "facet", "heading"], name="entry_of_battle")]

    def __str__(self) -> str:
        return f"{self.heading_id} → {self.battle_id}"


class Voice(models.Model):
    """One origin on whose word published statements rest in one source."""

    pk = models.CompositePrimaryKey("source_id", "origin_id")
    source = models.ForeignKey(Source, models.CASCADE, related_name="+", db_index=False)
    origin = models.ForeignKey(Origin, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        ordering = ["source_id", "origin_id"]
        indexes = [models.Index(fields=["origin", "source"], name="voice_of_origin")]

    def __str__(self) -> str:
        return f"{self.origin_id} in {self.source_id}"
