"""One definition of each record of `battles` as data: for export, publication and pages."""

from typing import Any

from battles.kinds import VALUE_COLUMNS
from battles.models import (
    Battle,
    Citation,
    Entity,
    EntityIdentifier,
    EntityName,
    Publication,
    Question,
    Reading,
    Side,
    Statement,
)
from sources.schemas import PASSAGE, Schema

BATTLE = Schema(
    Battle, ("id", "slug", "name", "scale", "part_of", "merged_into", "edition", "created")
)
SIDE = Schema(Side, ("id", "battle", "name", "position"))
ENTITY = Schema(
    Entity,
    (
        "id",
        "slug",
        "kind",
        "name",
        "description",
        "latitude",
        "longitude",
        "precision",
        "radius_km",
        "gazetteer",
        "merged_into",
    ),
)
ENTITY_NAME = Schema(EntityName, ("id", "entity", "text", "language", "script", "romanises"))
ENTITY_IDENTIFIER = Schema(EntityIdentifier, ("id", "entity", "scheme", "value"))
QUESTION = Schema(
    Question,
    ("id", "battle", "kind", "side", "entity", "category", "wording", "key", "position"),
)
STATEMENT = Schema(
    Statement,
    (
        "id",
        "battle",
        "kind",
        "question",
        "position",
        "printed",
        "inference",
        "is_quotation",
        *VALUE_COLUMNS,
        "created",
    ),
)
# A withdrawn statement as it leaves the archive: that it was, and why it is no more.
TOMBSTONE = Schema(Statement, ("id", "battle", "kind", "withdrawn_because", "created"))
CITATION = Schema(
    Citation,
    (
        "id",
        "statement",
        "passage",
        "claimant",
        "bearing",
        "named_source",
        "note_marker",
        "note",
        "created",
    ),
)
PUBLICATION = Schema(
    Publication,
    ("id", "battle", "edition", "statement", "action", "at", "reason", "record"),
)
READING = Schema(Reading, ("id", "battle", "document", "start", "end", "at", "published_at"))


def filing_record(battle: Battle) -> dict[str, Any]:
    """Return, as data, under what readers find a battle, and whether it is one or a war."""
    above = [{"id": str(row.pk), "name": row.name} for row in battle.filed_under]
    return {"scale": battle.scale, "above": above}


def publication_record(statement: Statement) -> dict[str, Any]:
    """Return all that a reader was shown of a statement, its citations and passages, as data.

    `labels` gives the words that stood for each id at the time, `positions` the place of its side
    and its question on the page, `origins` those of the sources. The quotes are kept as hashes:
    documents and passages never change, and protected words stay out of the record.
    """
    citations = sorted(statement.citations.all(), key=lambda citation: str(citation.pk))
    named = [
        statement.battle,
        statement.question,
        *(
            getattr(statement, name)
            for name in ("parent", "place", "victor", "side", "entity", "party")
        ),
    ]
    for citation in citations:
        named += [citation.claimant, citation.passage.source, citation.named_source]
        named.append(citation.passage.source.origin)
    told = STATEMENT.dump(statement)
    if not statement.is_quotation:
        del told["is_quotation"]  # so that records made before it was marked read the same
    return {
        "statement": told,
        "evidence": str(statement.evidence_id),
        "citations": [CITATION.dump(citation) for citation in citations],
        "passages": [PASSAGE.dump(citation.passage) for citation in citations],
        "labels": {str(row.pk): str(row) for row in named if row is not None},
        "positions": {
            str(row.pk): row.position for row in (statement.side, statement.question) if row
        },
        "origins": {
            str(citation.passage.source_id): str(citation.passage.source.origin_id)
            for citation in citations
            if citation.passage.source.origin_id
        },
    }
