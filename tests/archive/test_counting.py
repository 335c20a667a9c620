"""Whatever writes what pages may show bumps the counter, once, in its own transaction."""

import io
import threading
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet

from archive.databases.counting import PRIVATE, changes_pages
from battles.models import (
    Battle,
    Dismissal,
    Entity,
    EntityIdentifier,
    EntityName,
    Entry,
    PublishedIsFrozenError,
    Question,
    Reading,
    Remark,
    Side,
    Voice,
)
from battles.publication import (
    open_revision,
    publish,
    publish_reading,
    withdraw,
    withdraw_reading,
)
from battles.readings import mark
from sources.anchoring import Span
from sources.models import (
    Contribution,
    Counter,
    Derivation,
    Displacement,
    Footnote,
    Gloss,
    ImmutableError,
    Origin,
    Passage,
    Source,
    SourceIdentifier,
)
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_entity,
    make_locator,
    make_origin,
    make_published,
    make_question,
    make_source,
    make_statement,
    rechecked,
)
from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db(transaction=True)

OURS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in {"battles", "sources"}
]


def stamp() -> Any:
    return Counter.objects.values_list("number", "stamp").get()


def is_counted(before: Any) -> bool:
    now = stamp()
    return now[0] > before[0] and now[1] != before[1]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_table_of_ours_is_left_out(model):
    table = model._meta.db_table
    assert not table.startswith(PRIVATE)
    for sql in (
        f'INSERT INTO "{table}" ("id") VALUES (%s)',
        f'INSERT OR IGNORE INTO "{table}" ("id") VALUES (%s)',
        f'UPDATE "{table}" SET "id" = %s',
        f"delete from {table} where id = 1",
        f'\n  DELETE FROM "{table}"',
        f'TRUNCATE "auth_user", "{table}"',
        f"WITH gone AS (DELETE FROM {table} RETURNING id) SELECT * FROM gone",
    ):
        assert changes_pages(sql), sql
    assert not changes_pages(f'SELECT * FROM "{table}" WHERE "text" = \'UPDATE\'')


@pytest.fixture
def public_rows() -> None:
    """A row of every kind that is counted."""
    make_small_archive()
    origin = make_origin()
    source, original = make_source(origin=origin), make_source(origin=origin)
    Contribution.objects.create(source=source, name="Hermes, Walter G.", role="author")
    SourceIdentifier.objects.create(source=source, scheme="isbn", value="9780160837128")
    Derivation.objects.create(source=source, derives_from=original)
    source.slug = "leads-on-from-the-former-one"
    source.save()
    entity = make_entity()
    EntityName.objects.create(entity=entity, text="North", language="en")
    EntityIdentifier.objects.create(entity=entity, scheme="wikidata", value="Q1")
    passage = Passage.objects.exclude(document=None).first()
    Displacement.objects.create(passage=passage, document=passage.document, outcome="lost")
    Footnote.objects.create(document=passage.document, marker="[7]", number=7, times=1, first=0)
    Dismissal.objects.create(
        document=passage.document, battle=make_battle(), start=0, end=3, kind="narrative"
    )
    Remark.objects.create(statement=make_statement(), text="Is this all?")
    Reading.objects.create(document=passage.document, battle=make_battle(), start=0, end=9)


def test_a_change_of_any_row_is_counted(public_rows):
    for model in set(OURS) - {Counter}:
        row = model._base_manager.first()
        assert row is not None, f"{model} has no row here"
        field = next(one for one in model._meta.concrete_fields if not one.primary_key)
        before = stamp()
        # Past the guards of what never changes, to what the connection sees of it.
        QuerySet.update(model._base_manager.filter(pk=row.pk), **{field.name: F(field.name)})
        assert is_counted(before), model


def test_a_save_and_a_deletion_of_any_row_that_allows_them_are_counted(public_rows):
    saved = set()
    for model in set(OURS) - {Counter, Entry, Voice}:  # two that are nothing but their key
        row = model._default_manager.first()
        before = stamp()
        try:
            row.save()
        except (ImmutableError, PublishedIsFrozenError, IntegrityError):
            continue
        assert is_counted(before), model
        saved.add(model)
    assert {Origin, Source, Battle, Side, Question, Entity, EntityName, Gloss, Passage} <= saved
    for row in (Gloss.objects.first(), EntityName.objects.first(), make_battle()):
        before = stamp()
        row.delete()
        assert is_counted(before), row


def test_publishing_and_withdrawing_are_counted_once_each():
    statement = make_statement()
    cite(statement)
    number = stamp()[0]
    publish([statement])
    assert stamp()[0] == number + 1
    withdraw([statement], "It was a forgery.")
    assert stamp()[0] == number + 2


def test_telling_readers_what_was_read_through_is_counted_and_taking_it_back_too():
    evidence = make_published().evidence
    document, battle = evidence.passage.document, evidence.statement.battle
    mark(document, battle, Span(0, document.text_length), by=None)
    for change in (
        lambda: publish_reading(document, battle),
        lambda: withdraw_reading(document, battle, "A page was overlooked."),
    ):
        before = stamp()
        change()
        assert is_counted(before)


def test_a_revision_that_is_published_is_counted():
    revision = open_revision(make_published())
    before = stamp()
    publish(rechecked(revision))
    assert is_counted(before)


def test_a_form_of_the_admin_is_counted(client):
    client.force_login(make_curator())
    origin = make_origin()
    before = stamp()
    form = {"name": "Renamed", "slug": origin.slug, "kind": origin.kind, "part_of": ""}
    response = client.post(f"/admin/sources/origin/{origin.pk}/change/", form)
    assert response.status_code == 302
    assert Origin.objects.get().name == "Renamed"
    assert is_counted(before)


@pytest.mark.parametrize("command", ["rebuild_index", "rebuild_search"])
def test_what_rebuilds_an_index_is_counted(command):
    make_published()
    before = stamp()
    call_command(command, verbosity=0, stdout=io.StringIO())
    assert is_counted(before)


def test_an_import_is_counted_and_a_refused_one_is_not(tmp_path):
    make_published(passage=make_locator())
    call_command("export_archive", tmp_path / "bundle", verbosity=0, stdout=io.StringIO())
    call_command("flush", interactive=False, verbosity=0)
    before = stamp()
    with pytest.raises(CommandError):
        call_command("import_archive", tmp_path, verbosity=0, stdout=io.StringIO())
    assert stamp() == before
    call_command("import_archive", tmp_path / "bundle", verbosity=0, stdout=io.StringIO())
    assert stamp()[0] == before[0] + 1


def test_reading_and_signing_in_are_not_counted(client):
    curator = make_curator()
    addresses = make_small_archive()
    before = stamp()
    for address in addresses.values():
        client.get(address)
    client.force_login(curator)
    client.get("/admin/")
    assert stamp() == before


def test_a_transaction_is_counted_once_and_last():
    before = stamp()
    with transaction.atomic():
        make_battle()
        with transaction.atomic():
            make_battle()
        assert stamp() == before
    assert stamp()[0] == before[0] + 1


def test_what_is_rolled_back_is_not_counted():
    before = stamp()
    with transaction.atomic():
        make_battle()
        transaction.set_rollback(True)
    assert stamp() == before
    with transaction.atomic():
        Battle.objects.count()
    assert stamp() == before


def test_a_change_outside_any_transaction_brings_its_own():
    make_battle()
    number = stamp()[0]
    Battle.objects.update(name="Renamed")
    assert stamp()[0] == number + 1


def test_no_two_transactions_that_write_at_once_are_counted_as_one():
    make_battle()
    number = stamp()[0]
    started = threading.Barrier(8)

    def write(which: int) -> None:
        try:
            started.wait()
            make_battle(f"Battle {which}", slug=f"at-once-{which}")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[which]) for which in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Battle.objects.count() == 9
    assert stamp()[0] == number + 8


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_long_transaction_makes_no_other_one_wait():
    """It takes the counter only as it commits."""
    battle = make_battle()

    def write() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            make_question("Who was late?", battle=battle)
        finally:
            connection.close()

    with transaction.atomic():
        make_question("Who was early?", battle=battle)
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert Question.objects.filter(wording="Who was late?").exists()


def test_the_counter_is_begun_where_it_was_emptied():
    Counter.objects.all().delete()  # which is a change, and so counted
    assert stamp()
