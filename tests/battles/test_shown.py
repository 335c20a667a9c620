"""Statements of one kind are read without what that kind cannot hold, and shown no otherwise."""

from dataclasses import asdict

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from battles.kinds import Aspect, Kind
from battles.models import Statement
from battles.shown import dates_of, places_told, shown
from tests.builders import make_battle, make_entity, make_published

pytestmark = pytest.mark.django_db


def told(statements):
    """What is shown, less the function that says where pages are."""
    return [asdict(statement) | {"where": None} for statement in statements]


def test_dates_are_shown_in_lists_as_elsewhere():
    battle = make_battle()
    make_published(Kind.DATE, battle=battle, date_edtf="1953-07-13/1953-07-27")
    make_published(
        Kind.DATE,
        battle=battle,
        aspect=Aspect.END,
        date_edtf="1953",
        printed="at last, in 1953",
        inference="From the order of the chapters.",
    )
    make_published(Kind.DATE, battle=battle, date_edtf="", date_reason="no year", printed="later")
    make_published(Kind.PLACE, battle=battle, place=make_entity())
    found = told(dates_of([battle.pk]))
    assert len(found) == 3
    assert found == told(shown(Statement.objects.filter(kind=Kind.DATE)))


def test_places_are_shown_on_the_map_as_elsewhere():
    place = make_published(Kind.PLACE, place=make_entity(), place_precision="south of the town")
    other = make_published(Kind.PLACE, place=make_entity(), printed="at the ford")
    found = told(places_told([place.pk, other.pk]))
    assert len(found) == 2
    assert found == told(shown(Statement.objects.filter(kind=Kind.PLACE)))


def test_what_a_date_cannot_hold_is_not_asked_for():
    battle = make_published(Kind.DATE).battle
    with CaptureQueriesContext(connection) as asked:
        assert dates_of([battle.pk])
    assert not [query for query in asked if "battles_side" in query["sql"]]
