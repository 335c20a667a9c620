"""PostgreSQL plans the queries of pages once for each connection."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.utils import ConnectionHandler
from django.test.utils import CaptureQueriesContext

from battles.models import Battle
from sources.prepared import Prepared, PreparedForMany
from tests.builders import make_battle

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps statements itself"),
]

NAMES = Prepared(lambda pk: Battle.objects.filter(pk=pk).values_list("name", flat=True), UUID)


def planned() -> dict[str, str]:
    """Return the queries whose plans are kept, by the names of the plans."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements")
        return dict(cursor.fetchall())


def test_the_plan_of_a_query_that_returns_is_kept():
    battle = make_battle("Ford")
    for _ in range(4):
        assert NAMES(battle.pk) == ["Ford"]
    assert any("battles_battle" in statement for statement in planned().values())


def test_a_query_that_is_not_prepared_is_sent_whole():
    before = planned()
    battle = make_battle("Ford")
    for _ in range(4):
        assert Battle.objects.get(pk=battle.pk).name == "Ford"
    assert planned() == before


def test_what_was_asked_is_told_of_a_query_that_was_sent_without_its_keys():
    battle = make_battle("Ford")
    for _ in range(4):
        with CaptureQueriesContext(connection) as asked:
            NAMES(battle.pk)
        assert battle.pk.hex in asked[0]["sql"].replace("-", "")


def test_a_query_with_more_keys_than_can_be_sent_apart_is_sent_whole():
    battle = make_battle("Ford")
    named = PreparedForMany(lambda ids: Battle.objects.filter(pk__in=ids), UUID)
    assert named([battle.pk, *(uuid4() for _ in range(32_768))]) == [battle]


@pytest.mark.django_db(transaction=True)
def test_a_migration_under_a_running_worker_does_not_stop_its_pages(another_connection):
    battle = make_battle("Ford")
    for _ in range(4):
        assert NAMES(battle.pk) == ["Ford"]
    change = "ALTER TABLE battles_battle ALTER COLUMN name TYPE varchar(%s)"
    with another_connection.cursor() as cursor:
        cursor.execute(change, [333])
        try:
            for _ in range(4):
                assert NAMES(battle.pk) == ["Ford"]
        finally:
            cursor.execute(change, [Battle._meta.get_field("name").max_length])


@pytest.mark.django_db(transaction=True)
def test_plans_that_a_pooler_threw_away_are_not_missed():
    battle = make_battle("Ford")
    for _ in range(4):
        assert NAMES(battle.pk) == ["Ford"]
    connection.connection.pgconn.exec_(b"DEALLOCATE ALL")  # which the driver does not see
    for _ in range(4):
        assert NAMES(battle.pk) == ["Ford"]


def test_no_plan_has_the_name_of_one_of_another_connection():
    battle = make_battle("Ford")
    for _ in range(4):
        NAMES(battle.pk)
    names = planned().keys()
    assert names
    assert all(int(name.removeprefix("_pg3_")) > 1_000_000 for name in names)


def test_whoever_runs_the_archive_may_do_without_plans():
    handler = ConnectionHandler(
        {"default": connection.settings_dict | {"OPTIONS": {"prepare_threshold": None}}}
    )
    assert handler["default"].get_connection_params()["prepare_threshold"] is None
    assert connection.get_connection_params()["prepare_threshold"] == 2
