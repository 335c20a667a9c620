"""PostgreSQL plans the queries of pages once for each connection."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from battles.models import Battle
from sources.prepared import Prepared
from tests.builders import make_battle

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps statements itself"),
]

NAMES = Prepared(lambda pk: Battle.objects.filter(pk=pk).values_list("name", flat=True), UUID)


def planned() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_the_plan_of_a_query_that_returns_is_kept():
    battle = make_battle("Ford")
    for _ in range(4):
        assert NAMES(battle.pk) == ["Ford"]
    assert any("battles_battle" in statement for statement in planned())


def test_a_query_that_is_not_prepared_is_sent_whole():
    before = planned()
    battle = make_battle("Ford")
    for _ in range(4):
        assert Battle.objects.get(pk=battle.pk).name == "Ford"
    assert planned() == before


def test_what_was_asked_is_told_of_a_planned_query_too():
    battle = make_battle("Ford")
    for _ in range(4):
        with CaptureQueriesContext(connection) as asked:
            NAMES(battle.pk)
    assert battle.pk.hex in asked[0]["sql"]
