"""The foreign key over two columns: the same to migrations, to forms and to both databases."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter

from battles.models import Citation, Statement
from sources.constraints import CompositeForeignKey
from sources.models import Passage
from tests.builders import (
    cite,
    make_document,
    make_passage,
    make_published,
    make_source,
    make_statement,
)

KEYS = [
    (model, constraint)
    for model in (Passage, Statement)
    for constraint in model._meta.constraints
    if isinstance(constraint, CompositeForeignKey)
]


def a_key(**changed: Any) -> CompositeForeignKey:
    values: dict[str, Any] = {
        "name": "leaf_is_of_its_tree",
        "fields": ["leaf", "tree"],
        "to_fields": ["id", "tree"],
        "violation_error_message": "The leaf is one of another tree.",
    }
    return CompositeForeignKey(**values | changed)


def test_the_keys_that_guard_the_laws_are_all_declared():
    assert sorted(constraint.name for _, constraint in KEYS) == [
        "evidence_is_a_citation_of_its_own",
        "passage_document_is_of_its_source",
        "statement_question_is_of_its_battle",
        "statement_side_is_of_its_battle",
        "statement_victor_is_of_its_battle",
    ]


# To migrations


def test_a_key_is_rebuilt_from_its_parts_and_copied_whole():
    path, args, kwargs = a_key().deconstruct()
    assert (path, args) == ("sources.constraints.CompositeForeignKey", ())
    assert CompositeForeignKey(**kwargs) == a_key() == a_key().clone()
    assert a_key().clone() is not a_key()


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "another"},
        {"fields": ["leaf", "wood"]},
        {"to_fields": ["id", "wood"]},
        {"violation_error_message": "Other words."},
        {"violation_error_code": "another"},
    ],
)
def test_keys_that_differ_are_not_equal(changed: dict[str, Any]):
    assert a_key() != a_key(**changed)
    assert a_key() != "leaf_is_of_its_tree"


def test_a_migration_can_write_a_key_down_and_read_it_back():
    written, imports = MigrationWriter.serialize(a_key())
    scope: dict[str, Any] = {}
    exec("\n".join(imports), scope)  # noqa: S102  what the migration file would do
    assert eval(written, scope) == a_key()  # noqa: S307


def changes(before: list[Any], after: list[Any]) -> list[str]:
    def state(constraints: list[Any]) -> ProjectState:
        project = ProjectState()
        tree = models.ForeignKey("wood.tree", models.CASCADE)
        leaf = models.ForeignKey("wood.leaf", models.CASCADE, null=True)
        pk = models.AutoField(primary_key=True)
        project.add_model(ModelState("wood", "tree", [("id", pk)]))
        project.add_model(ModelState("wood", "leaf", [("id", pk), ("tree", tree)]))
        fields = [("id", pk), ("leaf", leaf), ("tree", tree)]
        project.add_model(ModelState("wood", "note", fields, {"constraints": constraints}))
        return project

    found = MigrationAutodetector(state(before), state(after))._detect_changes()
    return [
        operation.describe()
        for migration in found.get("wood", [])
        for operation in migration.operations
    ]


def test_migrations_see_a_key_come_change_and_go_and_nothing_else():
    assert changes([a_key()], [a_key()]) == []
    assert changes([], [a_key()]) == ["Create constraint leaf_is_of_its_tree on model note"]
    assert changes([a_key()], []) == ["Remove constraint leaf_is_of_its_tree from model note"]
    assert len(changes([a_key()], [a_key(to_fields=["id", "wood"])])) == 2


# To forms


@pytest.mark.django_db
def test_a_form_is_told_in_the_key_s_own_words():
    elsewhere = make_document("Another chronicle.")
    passage = Passage(source=make_source(), document=elsewhere, start=0, end=3)
    with pytest.raises(ValidationError) as refusal:
        passage.full_clean()
    assert refusal.value.message_dict == {"__all__": ["The document is one of another source."]}
    passage.source = elsewhere.source
    passage.full_clean()


@pytest.mark.django_db
def test_what_is_empty_or_left_out_of_the_form_is_not_checked():
    [key] = [constraint for model, constraint in KEYS if model is Passage]
    elsewhere = make_document("Another chronicle.")
    key.validate(Passage, Passage(source=make_source(), document=None))
    key.validate(Passage, Passage(source=None, document=elsewhere))
    wrong = Passage(source=make_source(), document=elsewhere)
    key.validate(Passage, wrong, exclude={"source"})
    with pytest.raises(ValidationError, match="one of another source"):
        key.validate(Passage, wrong, exclude={"locator"})


@pytest.mark.django_db
def test_a_statement_is_checked_even_where_the_form_leaves_the_column_out():
    draft = make_statement()
    draft.evidence = make_published().evidence
    with pytest.raises(ValidationError, match="not one of the statement's citations"):
        draft.full_clean(exclude={"evidence", "id", "battle"})


# To the databases


@pytest.mark.parametrize(("model", "key"), KEYS, ids=lambda value: getattr(value, "name", ""))
@pytest.mark.django_db
def test_the_database_has_the_key_deferred(model: type[models.Model], key: CompositeForeignKey):
    if connection.vendor == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE name = %s"
    else:
        query = (
            "SELECT string_agg('CONSTRAINT \"' || conname || '\" ' || pg_get_constraintdef(oid), "
            "', ') FROM pg_constraint WHERE conrelid = %s::regclass"
        )
    with connection.cursor() as cursor:
        cursor.execute(query, [model._meta.db_table])
        [written] = cursor.fetchone()
    target = model._meta.get_field(key.fields[0]).related_model
    start = written.index(f'CONSTRAINT "{key.name}" FOREIGN KEY')
    words = written[start : written.index("DEFERRED", start)].replace('"', "")
    assert f"REFERENCES {target._meta.db_table}" in words
    assert words.endswith("DEFERRABLE INITIALLY ")
    editor = connection.schema_editor(collect_sql=True)
    created = str(key.create_sql(model, editor)).replace('"', "")
    assert created.startswith(f"ALTER TABLE {model._meta.db_table} ADD CONSTRAINT {key.name}")
    dropped = str(key.remove_sql(model, editor)).replace('"', "")
    assert dropped == f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {key.name}"


@pytest.mark.django_db(transaction=True)
def test_a_document_of_another_source_is_refused_by_the_database():
    passage = make_passage()
    elsewhere = make_document("Another chronicle, and longer than the first one was.")
    with pytest.raises(IntegrityError):
        Passage._base_manager.filter(pk=passage.pk).update(document=elsewhere)
    with pytest.raises(IntegrityError):
        Passage._base_manager.filter(pk=passage.pk).update(source=elsewhere.source)
    with transaction.atomic():  # in two steps, as the key is checked at the end
        Passage._base_manager.filter(pk=passage.pk).update(document=elsewhere)
        Passage._base_manager.filter(pk=passage.pk).update(source=elsewhere.source)
    passage.refresh_from_db()
    assert passage.document == elsewhere


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Citation, Statement, Passage])
def test_a_table_that_a_migration_rebuilds_keeps_its_keys(model: type[models.Model]):
    published, other = make_published(), make_statement()
    foreign = cite(other)
    elsewhere = make_document("Another chronicle, and longer than the first one was.")
    name = {Citation: "note_marker", Statement: "role", Passage: "locator"}[model]
    old = model._meta.get_field(name)
    wider = models.CharField(max_length=321)
    wider.set_attributes_from_name(name)
    wider.model = model
    for before, after in ((old, wider), (wider, old)):
        with connection.schema_editor() as editor:
            editor.alter_field(model, before, after)
    if connection.vendor == "sqlite":
        with connection.schema_editor() as editor:
            editor._remake_table(model)
    with pytest.raises(IntegrityError):
        Statement._base_manager.filter(pk=published.pk).update(evidence=foreign)
    with pytest.raises(IntegrityError):
        Passage._base_manager.filter(pk=foreign.passage_id).update(document=elsewhere)
    published.refresh_from_db()
    assert published.evidence.statement == published
