"""A prepared query gives what the query it was made from gives, whoever asks and however often."""

import threading
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Count

from battles.models import Battle, Statement
from sources.models import Document, Origin
from sources.prepared import Prepared, PreparedForMany
from tests.builders import (
    make_battle,
    make_document,
    make_origin,
    make_published,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db


def test_rows_of_a_model_come_with_what_is_fetched_beside_them(django_assert_num_queries):
    war = make_battle("The War", scale="war")
    for name in ("ford", "hill"):
        make_battle(name, slug=name, part_of=war)
    of = Prepared(lambda slug: Battle.objects.select_related("part_of").filter(slug=slug), str)
    with django_assert_num_queries(3):
        found = [[(row.name, row.part_of.name) for row in of(slug)] for slug in ("ford", "hill")]
        assert of("dale") == []
    assert found == [[("ford", "The War")], [("hill", "The War")]]


def test_values_annotations_orders_and_limits_are_kept():
    battle = make_battle()
    for position in (3, 1, 2):
        make_statement(battle=battle, position=position)
    make_statement()
    places = Prepared(
        lambda pk: (
            Statement.objects.filter(battle=pk)
            .order_by("-position")
            .values_list("battle_id", "position")[:2]
        ),
        UUID,
    )
    assert places(battle.pk) == [(battle.pk, 3), (battle.pk, 2)]
    numbered = Prepared(lambda: Battle.objects.annotate(n=Count("statements")).order_by("-n"))
    assert [row.n for row in numbered()] == [3, 1]


def test_columns_mean_what_they_mean_to_plain_queries():
    war = make_battle("The War", slug="war", scale="war")
    for slug in ("ford", "hill"):
        make_statement(
            battle=make_battle(slug, slug=slug, part_of=war), is_quotation=slug == "ford"
        )
    columns = ("pk", "battle", "battle__part_of", "parent", "is_quotation", "created", "position")
    rows = Statement.objects.order_by("pk").values_list(*columns)
    found = Prepared(lambda: rows)()
    assert found == list(rows)
    assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in rows]
    assert Prepared(lambda: Battle.objects.order_by("pk"))() == list(Battle.objects.order_by("pk"))


def test_keys_of_one_kind_each_stand_in_their_own_place():
    war, other = make_battle("The War", scale="war"), make_battle("Another", scale="war")
    ford = make_battle(part_of=war)
    part = Prepared(lambda pk, of: Battle.objects.filter(pk=pk, part_of=of), UUID, UUID)
    assert part(ford.pk, war.pk) == [ford]
    assert part(ford.pk, other.pk) == part(war.pk, ford.pk) == []


def test_two_keys_each_stand_in_their_own_place():
    one, other = make_battle(slug="one"), make_battle(slug="other")
    both = Prepared(lambda pk, slug: Battle.objects.filter(pk=pk, slug=slug), UUID, str)
    assert both(one.pk, "one") == [one]
    assert both(other.pk, "one") == []


def test_many_keys_choose_what_they_would_one_by_one(django_assert_num_queries):
    battles = [make_battle(slug=f"battle-{number}") for number in range(9)]
    of = PreparedForMany(lambda ids: Battle.objects.filter(pk__in=ids).order_by("slug"), UUID)
    named = PreparedForMany(lambda slugs: Battle.objects.filter(slug__in=slugs), str)
    for number in (1, 2, 3, 5, 8, 9, 4):
        some = battles[:number]
        with django_assert_num_queries(1):
            assert of({row.pk for row in some}) == some
        assert set(named([row.slug for row in some])) == set(some)
    with django_assert_num_queries(0):
        assert of([]) == []


def test_a_key_may_be_a_number():
    places = [make_statement(position=number).position for number in (1, 4, 9)]
    at = PreparedForMany(
        lambda numbers: (
            Statement.objects.filter(position__in=numbers)
            .order_by("position")
            .values_list("position", flat=True)
        ),
        int,
    )
    assert at(places) == places
    assert at(places[1:]) == places[1:]


def test_each_run_sees_what_is_stored_then():
    origins = Prepared(Origin.objects.public)
    assert origins() == []
    make_published()
    assert origins() == list(Origin.objects.public())
    assert origins()


def test_a_key_may_hold_whatever_a_text_may():
    named = Prepared(lambda name: Origin.objects.filter(name=name), str)
    for name in ("%s", "'; --", "金城", "a\\b"):
        make_origin(name)
        assert [row.name for row in named(name)] == [name]


@pytest.mark.django_db(transaction=True)
def test_threads_each_read_through_their_own_connection():
    source = make_source()
    document = make_document(source=source)
    of = Prepared(lambda pk: Document.objects.filter(source=pk), UUID)
    assert of(source.pk) == [document]
    found = []

    def ask() -> None:
        try:
            found.append(of(source.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[document]] * 4
