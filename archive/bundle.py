"""The exchange bundle: what it holds, in which files, and what of the archive goes into it.

A bundle is a folder: `manifest.json`, one JSON Lines file for each kind of record in the order of
`KINDS` (each refers only to its own kind and to those before it), `texts/` with the text and
`files/` with the bytes of what is held, both named by their SHA-256. `docs/exchange-bundle.md`
describes the records.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Model, Q, QuerySet

from battles import schemas as battle_schemas
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
from sources import schemas as source_schemas
from sources.models import (
    Contribution,
    Derivation,
    Document,
    File,
    Footnote,
    FormerSlug,
    Gloss,
    Origin,
    Passage,
    Source,
    SourceIdentifier,
)
from sources.schemas import Schema

FORMAT = "battle-history-archive"
VERSION = 1
MANIFEST = "manifest.json"
FOLDERS = ("files", "texts")


@dataclass(frozen=True)
class RecordKind:
    """One file of the bundle: its schema, and the rows that may leave the archive."""

    name: str
    schema: Schema
    public_rows: Callable[[], QuerySet[Any]]

    @property
    def file_name(self) -> str:
        return f"{self.name}.jsonl"


def contents(folder: Path) -> Iterator[tuple[str, bool]]:
    """Yield the name of everything in a bundle but its folders, and whether it is a plain file."""
    for inside in ("", *(f"{name}/" for name in FOLDERS if (folder / name).is_dir())):
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                name = inside + entry.name
                if name not in FOLDERS or not entry.is_dir(follow_symlinks=False):
                    yield name, entry.is_file(follow_symlinks=False)


def _questions() -> QuerySet[Question]:
    return Question.objects.filter(answers__state="published").distinct()


def _sides() -> QuerySet[Side]:
    published = Statement.objects.published()
    return Side.objects.filter(
        Q(pk__in=published.values("side")) | Q(pk__in=published.values("victor"))
    )


def _entities() -> QuerySet[Entity]:
    """Return the entities that readers see, and those whose addresses lead to one of them."""
    public = Entity.objects.public().values("pk")
    return Entity.objects.filter(Q(pk__in=public) | Q(merged_into__in=public, seen=True))


def _former_slugs() -> QuerySet[FormerSlug]:
    return FormerSlug.objects.filter(
        Q(target__in=Origin.objects.public().values("pk"))
        | Q(target__in=Source.objects.public().values("pk"))
        | Q(target__in=Battle.objects.seen_by_readers().values("pk"))
        | Q(target__in=_entities().values("pk"))
    )


def _readings() -> QuerySet[Reading]:
    return Reading.objects.published().filter(document__in=documents())


def _cited_documents() -> QuerySet[Document]:
    return Document.objects.filter(passages__public=True)


def documents() -> QuerySet[Document]:
    """Return the documents a bundle tells of.

    They are those cited, those that these transcribe, and those without a word to cite.
    """
    cited = _cited_documents()
    return Document.objects.filter(
        Q(pk__in=cited.values("pk"))
        | Q(pk__in=cited.values("transcribes"))
        | Q(text_length=0, source__public=True)
    )


def opened_documents() -> QuerySet[Document]:
    """Return the documents whose bytes may leave: those cited, and the scans these transcribe."""
    cited = _cited_documents()
    return Document.objects.filter(
        Q(pk__in=cited.values("pk")) | Q(pk__in=cited.values("transcribes"), text_length=0)
    )


# Keys that may be empty, and the rows they may name in a bundle; any other row stays behind.
OPTIONAL_KEYS: dict[type[Model], dict[str, Callable[[], QuerySet[Any]]]] = {
    Origin: {"part_of": lambda: Origin.objects.public()},
    Source: {
        "contained_in": lambda: Source.objects.public(),
        "merged_into": lambda: Source.objects.public(),
    },
    Battle: {
        "part_of": lambda: Battle.objects.seen_by_readers(),
        "merged_into": lambda: Battle.objects.public(),
    },
    Entity: {"merged_into": lambda: Entity.objects.public()},
    Document: {"transcribes": documents},
    Question: {"side": _sides, "entity": _entities},
}

KINDS: tuple[RecordKind, ...] = (
    RecordKind("origins", source_schemas.ORIGIN, lambda: Origin.objects.public()),
    RecordKind("sources", source_schemas.SOURCE, lambda: Source.objects.public()),
    RecordKind(
        "derivations",
        source_schemas.DERIVATION,
        lambda: Derivation.objects.filter(source__public=True, derives_from__public=True),
    ),
    RecordKind(
        "contributions",
        source_schemas.CONTRIBUTION,
        lambda: Contribution.objects.filter(source__public=True),
    ),
    RecordKind(
        "source_identifiers",
        source_schemas.SOURCE_IDENTIFIER,
        lambda: SourceIdentifier.objects.filter(source__public=True),
    ),
    RecordKind(
        "files",
        source_schemas.FILE,
        lambda: File.objects.filter(documents__in=documents()).distinct(),
    ),
    RecordKind(
        "documents",
        source_schemas.DOCUMENT,
        documents,
    ),
    RecordKind("passages", source_schemas.PASSAGE, lambda: Passage.objects.public()),
    RecordKind("glosses", source_schemas.GLOSS, lambda: Gloss.objects.filter(passage__public=True)),
    RecordKind(
        "supplied_notes",
        source_schemas.FOOTNOTE,
        lambda: Footnote.objects.public().filter(document__in=documents()),
    ),
    RecordKind("entities", battle_schemas.ENTITY, _entities),
    RecordKind(
        "entity_names",
        battle_schemas.ENTITY_NAME,
        lambda: EntityName.objects.filter(entity__in=_entities()),
    ),
    RecordKind(
        "entity_identifiers",
        battle_schemas.ENTITY_IDENTIFIER,
        lambda: EntityIdentifier.objects.filter(entity__in=_entities()),
    ),
    RecordKind("battles", battle_schemas.BATTLE, lambda: Battle.objects.seen_by_readers()),
    RecordKind("sides", battle_schemas.SIDE, _sides),
    RecordKind("questions", battle_schemas.QUESTION, _questions),
    RecordKind("statements", battle_schemas.STATEMENT, lambda: Statement.objects.published()),
    RecordKind(
        "tombstones",
        battle_schemas.TOMBSTONE,
        lambda: Statement.objects.filter(state=Statement.State.WITHDRAWN),
    ),
    RecordKind("citations", battle_schemas.CITATION, lambda: Citation.objects.public()),
    RecordKind("publications", battle_schemas.PUBLICATION, lambda: Publication.objects.all()),
    RecordKind("readings", battle_schemas.READING, _readings),
    RecordKind("former_slugs", source_schemas.FORMER_SLUG, _former_slugs),
)
