"""One definition of each record of `sources` as data: for export, publication and pages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime

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


class SchemaError(ValueError):
    """Data that is not a record of its schema; the message names the field."""


@dataclass(frozen=True)
class Schema:
    """The columns of a model's record, in order, and how they are written as JSON values.

    UUIDs and decimals are strings, days and moments (in UTC) are ISO 8601, keys are the ids they
    point at. Data within data has its keys sorted, since not every database keeps their order.
    """

    model: type[models.Model]
    fields: tuple[str, ...]

    def dump(self, row: models.Model) -> dict[str, Any]:
        """Return a row as data."""
        return {name: _as_json(row.serializable_value(name)) for name in self.fields}

    def load(self, data: Mapping[str, Any]) -> models.Model:
        """Return an unsaved row made from data; raise SchemaError naming what does not fit."""
        if unknown := sorted(set(data) - set(self.fields)):
            raise SchemaError(f"unknown field {unknown[0]!r}")
        values: dict[str, Any] = {}
        columns = {field.name: field for field in self.model._meta.concrete_fields}
        for name in self.fields:
            if name not in data:
                raise SchemaError(f"field {name!r} is missing")
            field = columns[name]
            try:
                values[field.attname] = _from_json(field, data[name])
            except (ValidationError, TypeError, ValueError, OverflowError) as error:
                raise SchemaError(f"field {name!r}: {data[name]!r} does not fit") from error
        return self.model(**values)


@dataclass(frozen=True)
class FootnoteSchema(Schema):
    """The record of a note that was supplied, as far as readers see it."""

    def dump(self, row: Any) -> dict[str, Any]:
        passage, named = row.public_passage, row.named_source
        seen = {
            "text": row.text if passage else row.words,
            "passage": _as_json(passage and passage.pk),
            "named_source": _as_json(named.pk if named and named.public else None),
        }
        if not row.document.source.is_open:
            seen["text"] = ""
        return super().dump(row) | seen


def _as_json(value: Any) -> Any:
    match value:
        case UUID() | Decimal():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case dict():
            return {name: _as_json(value[name]) for name in sorted(value)}
        case list():
            return [_as_json(item) for item in value]
    return value


def _from_json(field: Any, value: Any) -> Any:
    if value is None:
        if not field.null:
            raise ValueError("it cannot be null")
        return None
    target = field.target_field if field.is_relation else field
    match target:
        case models.JSONField():
            _refuse_what_no_database_keeps(value)
            return value
        case models.BooleanField():
            fits = isinstance(value, bool)
        case models.IntegerField():
            fits = isinstance(value, int) and not isinstance(value, bool)
        case _:
            fits = isinstance(value, str)
    if not fits:
        raise ValueError("it is of another type")
    if isinstance(target, models.DateTimeField):
        moment = parse_datetime(value)
        if moment is None or moment.tzinfo is None:
            raise ValueError("it is no moment with its time zone")
        return moment.astimezone(UTC)
    if isinstance(value, str):
        value.encode()  # half a surrogate pair is no text: a ValueError
        if "\0" in value:
            raise ValueError("it holds a NUL")
    return target.to_python(value)


def _refuse_what_no_database_keeps(value: Any) -> None:
    """Raise ValueError for data within data that some database could not give back."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text.encode()  # half a surrogate pair is no text: a ValueError
    if "\\u0000" in json.dumps(value):
        raise ValueError("it holds a NUL")


ORIGIN = Schema(Origin, ("id", "slug", "name", "kind", "part_of", "description"))
SOURCE = Schema(
    Source,
    (
        "id",
        "slug",
        "origin",
        "kind",
        "title",
        "title_sentence",
        "title_original",
        "title_translated",
        "language",
        "issued_printed",
        "issued_edtf",
        "volume",
        "issue",
        "pages",
        "edition",
        "publisher",
        "place_published",
        "repository",
        "fonds",
        "box",
        "url",
        "accessed",
        "rights",
        "rights_note",
        "proximity",
        "contained_in",
        "merged_into",
        "note",
        "created",
    ),
)
DERIVATION = Schema(Derivation, ("id", "source", "derives_from"))
CONTRIBUTION = Schema(
    Contribution,
    ("id", "source", "position", "role", "name", "family_first", "name_original", "name_corrected"),
)
SOURCE_IDENTIFIER = Schema(SourceIdentifier, ("id", "source", "scheme", "value"))
FILE = Schema(File, ("id", "sha256", "length", "media_type", "name", "created"))
DOCUMENT = Schema(
    Document,
    (
        "id",
        "source",
        "file",
        "number",
        "extractor",
        "extractor_version",
        "charset",
        "text_sha256",
        "text_length",
        "lacks",
        "transcribes",
        "created",
    ),
)
PASSAGE = Schema(
    Passage,
    ("id", "source", "document", "start", "end", "quote_sha256", "locator", "created"),
)
GLOSS = Schema(Gloss, ("id", "passage", "kind", "language", "text", "by", "by_machine"))
FOOTNOTE = FootnoteSchema(
    Footnote,
    (
        "id",
        "document",
        "marker",
        "number",
        "times",
        "first",
        "text",
        "passage",
        "named_source",
        "supplied",
    ),
)
FORMER_SLUG = Schema(FormerSlug, ("id", "kind", "slug", "target", "since"))
