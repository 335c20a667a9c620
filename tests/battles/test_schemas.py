"""Records as data: what is written can be read back, and nothing else."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from battles import schemas as of_battles
from battles.kinds import VALUE_COLUMNS
from battles.models import Statement
from battles.publication import publish
from battles.schemas import publication_record
from sources import schemas as of_sources
from sources.models import Passage
from sources.schemas import Schema, SchemaError
from tests.builders import (
    cite,
    make_battle,
    make_origin,
    make_passage,
    make_published,
    make_statement,
)

SCHEMAS = {
    name: schema
    for module in (of_sources, of_battles)
    for name, schema in vars(module).items()
    if isinstance(schema, Schema)
}
# Of a note, a record says what readers see; the round trip of bundles is its test.
OF_ROWS_ALONE = [name for name, schema in SCHEMAS.items() if type(schema) is Schema]

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
moments = st.datetimes(
    min_value=datetime(1950, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))]),
)


def value_of(field: Any) -> st.SearchStrategy[Any]:
    """What could stand in a column."""
    target = field.target_field if field.is_relation else field
    values: st.SearchStrategy[Any]
    match target:
        case models.UUIDField():
            values = st.uuids()
        case models.BooleanField():
            values = st.booleans()
        case models.IntegerField():
            values = st.integers(0, 2**31 - 1)
        case models.DecimalField():
            values = st.decimals(-90, 90, places=5)
        case models.DateTimeField():
            values = moments
        case models.DateField():
            values = st.dates()
        case models.JSONField():
            values = st.dictionaries(words, words | st.integers() | st.none(), max_size=3)
        case _:
            values = words
    return st.none() | values if field.null else values


def rows(schema: Schema) -> st.SearchStrategy[models.Model]:
    columns = {field.name: field for field in schema.model._meta.concrete_fields}
    return st.fixed_dictionaries(
        {columns[name].attname: value_of(columns[name]) for name in schema.fields}
    ).map(lambda values: schema.model(**values))


@pytest.mark.parametrize("name", OF_ROWS_ALONE)
def test_a_row_comes_back_from_json_as_it_was(name: str):
    schema = SCHEMAS[name]

    @settings(max_examples=25, deadline=None, database=None)
    @given(rows(schema))
    def check(row: models.Model) -> None:
        data = json.loads(json.dumps(schema.dump(row)))
        assert list(data) == list(schema.fields)
        again = schema.load(data)
        for column in schema.fields:
            assert again.serializable_value(column) == row.serializable_value(column)
        assert schema.dump(again) == data
        assert again._state.adding

    check()


def example(schema: Schema) -> dict[str, Any]:
    """A record with something in every column."""
    stand_ins: dict[type[models.Field], Any] = {
        models.UUIDField: str(uuid4()),
        models.BooleanField: True,
        models.IntegerField: 7,
        models.DecimalField: "38.40000",
        models.DateTimeField: "2024-05-01T09:30:00Z",
        models.DateField: "2024-05-01",
        models.JSONField: {"words": "So."},
    }
    data = {}
    for name in schema.fields:
        field: Any = schema.model._meta.get_field(name)
        target = field.target_field if field.is_relation else field
        data[name] = next(
            (value for kind, value in stand_ins.items() if isinstance(target, kind)), "words"
        )
    return data


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_unknown_or_a_missing_field_is_named(name: str):
    schema = SCHEMAS[name]
    schema.load(example(schema))
    with pytest.raises(SchemaError, match="unknown field 'colour'"):
        schema.load(example(schema) | {"colour": "red"})
    for field in schema.fields:
        data = example(schema)
        del data[field]
        with pytest.raises(SchemaError, match=f"field '{field}' is missing"):
            schema.load(data)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_value_of_the_wrong_type_is_named(name: str):
    schema = SCHEMAS[name]
    for field in schema.fields:
        column: Any = schema.model._meta.get_field(field)
        if isinstance(column, models.JSONField):
            continue
        wrong: list[Any] = [[], {}, 1.5, "half a pair: \ud800", "a NUL: \0"]
        wrong += ["7"] if isinstance(example(schema)[field], int) else [7, True]
        wrong += [] if column.null else [None]
        for value in wrong:
            with pytest.raises(SchemaError, match=f"field '{field}': .* does not fit"):
                schema.load(example(schema) | {field: value})


@pytest.mark.parametrize(
    ("name", "field", "wrong"),
    [
        ("BATTLE", "id", "kumsong"),
        ("BATTLE", "edition", True),
        ("BATTLE", "created", "2024-05-01T09:30:00"),
        ("BATTLE", "created", "2024-13-01T09:30:00Z"),
        ("BATTLE", "created", "yesterday"),
        ("ENTITY", "latitude", "north"),
        ("STATEMENT", "parent", "war"),
        ("GLOSS", "by_machine", 1),
    ],
)
def test_what_looks_right_and_is_not_is_refused(name: str, field: str, wrong: Any):
    with pytest.raises(SchemaError, match=f"field '{field}'"):
        SCHEMAS[name].load(example(SCHEMAS[name]) | {field: wrong})


def test_values_are_written_plainly():
    pk = UUID(int=7)
    moment = datetime(2024, 5, 1, 18, 30, tzinfo=timezone(timedelta(hours=9)))
    data = of_battles.BATTLE.dump(SCHEMAS["BATTLE"].model(id=pk, part_of_id=pk, created=moment))
    assert data["id"] == data["part_of"] == "00000000-0000-0000-0000-000000000007"
    assert data["created"] == "2024-05-01T09:30:00Z"
    entity = SCHEMAS["ENTITY"].model(latitude=Decimal("38.40000"))
    assert of_battles.ENTITY.dump(entity)["latitude"] == "38.40000"


def test_a_statement_is_recorded_with_all_its_values():
    assert set(VALUE_COLUMNS) < set(of_battles.STATEMENT.fields)


@pytest.mark.parametrize("name", SCHEMAS)
def test_no_record_tells_who_works_here_or_what_is_computed(name: str):
    hidden = {"by", "by_name", "version", "state", "evidence", "public", "held", "quote", "prefix"}
    allowed = {"GLOSS": {"by"}}.get(name, set())
    assert hidden & set(SCHEMAS[name].fields) == allowed


@pytest.mark.django_db
def test_a_publication_s_record_is_whole_and_holds_no_protected_words():
    war = make_battle("War of the Fords")
    make_published(battle=war)
    statement = make_statement("part_of", parent=war, printed="part of the war")
    passage = make_passage("The army crossed the ford at dawn")
    cite(statement, passage, claimant=make_origin("South Korea", slug="korea"), note="So.")
    publish([statement])
    statement = Statement.objects.with_values().with_evidence().get(pk=statement.pk)
    record = json.loads(json.dumps(publication_record(statement)))
    assert record["statement"]["parent"] == str(war.pk)
    [citation] = record["citations"]
    assert (citation["note"], citation["passage"]) == ("So.", str(passage.pk))
    assert record["evidence"] == citation["id"]
    [place] = record["passages"]
    assert place["quote_sha256"] == Passage.objects.get(pk=passage.pk).quote_sha256
    assert record["labels"][str(war.pk)] == "War of the Fords"
    assert "South Korea" in record["labels"].values()
    assert "at dawn" not in json.dumps(record)
