"""What the archive asserts: battles, entities, statements, citations, publications."""

from battles.models.battles import Battle, Question, Side
from battles.models.dismissals import Dismissal
from battles.models.entities import Entity, EntityIdentifier, EntityName
from battles.models.index import Entry, Heading, Voice
from battles.models.publications import Publication
from battles.models.readings import Reading
from battles.models.review import Remark
from battles.models.statements import Citation, PublishedIsFrozenError, Statement

__all__ = [
    "Battle",
    "Citation",
    "Dismissal",
    "Entity",
    "EntityIdentifier",
    "EntityName",
    "Entry",
    "Heading",
    "Publication",
    "PublishedIsFrozenError",
    "Question",
    "Reading",
    "Remark",
    "Side",
    "Statement",
    "Voice",
]
