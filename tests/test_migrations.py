"""Migrations: complete, in one direction, and forwards and backwards without loss of a key."""

import ast
import io
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps
from django.utils.module_loading import import_string

from sources.constraints import CompositeForeignKey
from sources.models.fields import EDTFField, LanguageField

ROOT = Path(__file__).resolve().parent.parent
OURS = ("sources", "battles", "archive")


@pytest.mark.django_db
def test_no_migration_is_missing():
    said = io.StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert said.getvalue().strip() == "No changes detected"


def mentions(source: str, app: str) -> list[str]:
    """Return the strings and imports of a module that name an app."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [node.value] if app in node.value.lower() else []
        elif isinstance(node, ast.ImportFrom):
            found += [node.module] if (node.module or "").split(".")[0] == app else []
        elif isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name.split(".")[0] == app]
    return found


@pytest.mark.parametrize(
    "planted",
    [
        'dependencies = [("battles", "0001_initial")]',
        "import battles.models",
        "from battles import models",
        'to = "battles.Battle"',
    ],
)
def test_a_mention_is_found(planted: str):
    assert mentions(planted, "battles")


@pytest.mark.parametrize("path", sorted((ROOT / "sources/migrations").glob("0*.py")), ids=str)
def test_migrations_of_sources_say_nothing_of_battles(path: Path):
    assert mentions(path.read_text(encoding="utf-8"), "battles") == []


def test_migrations_depend_in_one_direction():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    below = {"sources": {"sources"}, "battles": {"battles", "sources"}}
    seen = set()
    for (app, _), migration in loader.disk_migrations.items():
        if app in below:
            seen.add(app)
            ours = {other for other, _ in migration.dependencies if other in OURS}
            assert ours <= below[app], migration
    assert seen == set(below)


def state_after(app: str) -> StateApps:
    loader = MigrationLoader(connection)
    return loader.project_state(loader.graph.leaf_nodes(app)).apps


ALL_KEYS = {
    "document_transcribes_one_of_its_source",
    "passage_document_is_of_its_source",
    "evidence_is_a_citation_of_its_own",
    "statement_side_is_of_its_battle",
    "statement_victor_is_of_its_battle",
    "statement_question_is_of_its_battle",
    "entry_has_the_facet_of_its_heading",
}


def keys_in_the_database(table: str) -> set[str]:
    """Name the keys over two columns that a table has."""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            return ALL_KEYS & set(connection.introspection.get_constraints(cursor, table))
        # SQLite forgets the names of foreign keys, but keeps the words of the table.
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
        [written] = cursor.fetchone()
    assert "new__" not in written  # a table that refers to itself is renamed with its keys
    return {name for name in ALL_KEYS if f'CONSTRAINT "{name}" FOREIGN KEY' in written}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("app", ["sources", "battles"])
def test_every_table_rebuilt_from_its_migrations_keeps_its_keys(app: str):
    """As the next migration will rebuild it: from the models that migrations remember."""
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite rebuilds tables.")
    found = set()
    for model in state_after(app).get_app_config(app).get_models():
        declared = {
            constraint.name
            for constraint in model._meta.constraints
            if isinstance(constraint, CompositeForeignKey)
        }
        with connection.schema_editor() as editor:
            editor._remake_table(model)
        assert keys_in_the_database(model._meta.db_table) == declared
        found |= declared
    assert found == {
        name for name in ALL_KEYS if name.startswith(("passage", "document")) is (app == "sources")
    }


@pytest.mark.django_db(transaction=True)
def test_the_keys_are_added_and_taken_away_by_their_migrations():
    def present() -> set[str]:
        tables = {"battles_entry", "battles_statement", "sources_passage", "sources_document"}
        there = tables & set(connection.introspection.table_names())
        return set().union(*map(keys_in_the_database, there))

    call_command("migrate", "battles", "0001", verbosity=0)
    call_command("migrate", "sources", "0001", verbosity=0)
    try:
        assert present() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert present() == ALL_KEYS


@pytest.mark.parametrize(
    "field", [EDTFField("date", bounds=("first", "last")), LanguageField(help_text="So.")]
)
def test_a_field_of_our_own_is_rebuilt_from_its_parts(field: models.Field):
    _, path, args, kwargs = field.deconstruct()
    again = import_string(path)(*args, **kwargs)
    assert again.deconstruct()[1:] == field.deconstruct()[1:]
    assert again.validators == field.validators


@pytest.mark.parametrize(
    ("model", "constraint"),
    [
        (model, constraint)
        for label in ("sources", "battles")
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
    ],
    ids=lambda part: getattr(part, "name", None),
)
def test_every_constraint_has_words_for_the_curator_who_meets_it(model, constraint):
    words = str(constraint.get_violation_error_message())
    assert constraint.name not in words
    assert words.endswith(".")
