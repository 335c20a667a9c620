"""Plain builders of rows for tests, with fixed and readable defaults."""

import io
import itertools
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from battles.kinds import Bound, Category, Kind, Section
from battles.models import Battle, Citation, Entity, Question, Side, Statement
from battles.publication import publish
from sources import storage
from sources.anchoring import quote_hash
from sources.models import Document, File, Origin, Passage, Source, Text

CHRONICLE = (
    "The Chronicle of the Ford.\n\n"
    "Northern sources: 2,689 killed. Southern sources: 32,253.\n\n"
    "The army crossed the ford at dawn, and the army crossed the ford again at dusk."
)

_numbers = itertools.count(1)


def make_origin(name: str = "Chroniclers", **values: Any) -> Origin:
    number = next(_numbers)
    defaults = {"slug": f"origin-{number}", "kind": Origin.Kind.SCHOLARSHIP}
    origin, _ = Origin.objects.get_or_create(name=name, defaults=defaults | values)
    return origin


def make_source(**values: Any) -> Source:
    defaults: dict[str, Any] = {
        "slug": f"chronicle-{next(_numbers)}",
        "title": "Chronicle of the Ford",
        "kind": Source.Kind.BOOK,
        "rights": Source.Rights.PUBLIC_DOMAIN,
    }
    if "origin" not in values:
        values["origin"] = make_origin()
    return Source.objects.create(**defaults | values)


def make_document(
    text: str = CHRONICLE, *, source: Source | None = None, held: bool = True, **values: Any
) -> Document:
    source = source or make_source()
    file, _ = File.objects.get_or_create(
        sha256=quote_hash(text),
        defaults={"length": len(text.encode()), "name": "chronicle.txt", "held": held},
    )
    defaults: dict[str, Any] = {
        "number": source.documents.count() + 1,
        "extractor": "plain text",
        "extractor_version": "1",
        "charset": "utf-8",
    }
    document = Document.objects.create(
        source=source,
        file=file,
        text_sha256=quote_hash(text),
        text_length=len(text),
        **defaults | values,
    )
    if held:
        Text.objects.create(document=document, content=text)
    return document


def make_passage(
    quote: str = "2,689 killed", *, document: Document | None = None, **values: Any
) -> Passage:
    """Make a passage of the first place where a document says `quote`."""
    document = document or make_document()
    start = Text.objects.get(document=document).content.index(quote)
    return Passage.objects.create(
        source=document.source, document=document, start=start, end=start + len(quote), **values
    )


def make_locator(locator: str = "p. 12", *, source: Source | None = None) -> Passage:
    return Passage.objects.create(source=source or make_source(), locator=locator)


def make_battle(name: str = "Battle of the Ford", **values: Any) -> Battle:
    return Battle.objects.create(**{"slug": f"battle-{next(_numbers)}", "name": name} | values)


def make_side(name: str = "North", *, battle: Battle) -> Side:
    return Side.objects.get_or_create(battle=battle, name=name)[0]


def make_entity(
    name: str = "Northern Kingdom", kind: str = Entity.Kind.PARTY, **values: Any
) -> Entity:
    return Entity.objects.create(
        **{"slug": f"entity-{next(_numbers)}", "name": name, "kind": kind} | values
    )


VALUES: dict[str, dict[str, Any]] = {
    Kind.NAME: {"text": "Ford Fight"},
    Kind.DATE: {"date_edtf": "1453-05-29", "aspect": "whole"},
    Kind.RESULT: {"degree": "inconclusive"},
    Kind.STRENGTH: {"bound": Bound.EXACTLY, "value": 4000, "counted": "persons"},
    Kind.CASUALTIES: {
        "bound": Bound.EXACTLY,
        "value": 2689,
        "counted": "persons",
        "category": Category.KILLED_IN_ACTION,
    },
    Kind.NOTE: {"text": "The two accounts do not agree."},
    Kind.NARRATIVE: {"text": "The army crossed at dawn.", "section": Section.COURSE},
}


def make_statement(
    kind: str = Kind.NARRATIVE, *, battle: Battle | None = None, **values: Any
) -> Statement:
    """Make a draft of any kind that needs no other row, or of another with its values given."""
    battle = battle or make_battle()
    return Statement.objects.create(battle=battle, kind=kind, **VALUES.get(kind, {}) | values)


def cite(statement: Statement, passage: Passage | None = None, **values: Any) -> Citation:
    passage = passage or make_passage()
    defaults = {"claimant": passage.source.origin or make_origin()}
    citation = Citation.objects.create(statement=statement, passage=passage, **defaults | values)
    statement.refresh_from_db()
    return citation


def make_published(kind: str = Kind.NARRATIVE, **values: Any) -> Statement:
    """Make a statement with one supporting citation, and publish it."""
    passage = values.pop("passage", None)
    statement = make_statement(kind, **values)
    cite(statement, passage)
    publish([statement])
    statement.refresh_from_db()
    return statement


def rechecked(*revisions: Statement) -> list[Statement]:
    """Mark the citations of revisions as re-checked, as a curator does one by one."""
    Citation.objects.filter(statement__in=revisions).update(rechecked_at=timezone.now())
    return list(revisions)


def make_question(
    wording: str = "Who had the numbers?", *, battle: Battle, **values: Any
) -> Question:
    return Question.objects.create(battle=battle, wording=wording, **values)


def make_curator(name: str = "curator", **values: Any) -> User:
    return User.objects.create_user(
        name, password="ford-and-river", is_staff=True, is_superuser=True, **values
    )


def store_chronicle(text: str = CHRONICLE, **source: Any) -> Document:
    """Make a document of a text whose bytes are in the store, as `ingest` would."""
    storage.store(io.BytesIO(text.encode()))
    return make_document(text, source=make_source(**source))
