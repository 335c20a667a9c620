"""The register of a bundle answers as sets in memory would."""

from contextlib import closing
from itertools import chain
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.register import CACHE, Register
from battles.models import Battle, Statement
from sources.models import Source

MODELS = [Battle, Source, Statement]
IDS = st.integers(0, 15).map(lambda number: UUID(int=number << 120 | number)) | st.uuids()
ROWS = st.lists(st.tuples(st.sampled_from(MODELS), IDS))


def lines(rows):
    """Give each of some rows the line that it stands in."""
    return [(*row, f"rows.jsonl, line {number}") for number, row in enumerate(rows, start=1)]


@given(came=ROWS, asked=ROWS)
def test_it_knows_what_came_and_where_it_stands(came, asked):
    known = {}
    with closing(Register()) as register:
        for model, pk, place in lines(came):
            assert register.add(model, pk, place) == ((model, pk) not in known)
            known.setdefault((model, pk), place)
        for model, pk in came + asked:
            assert register.holds(model, pk) == ((model, pk) in known)
            if (model, pk) in known:
                assert register.place_of(model, pk) == known[model, pk]
            else:
                with pytest.raises(KeyError):
                    register.place_of(model, pk)


@given(came=ROWS.map(set), size=st.integers(1, 5))
def test_it_yields_ids_in_their_order_so_many_at_a_time(came, size):
    with closing(Register()) as register:
        for row in lines(came):
            register.add(*row)
        for model in MODELS:
            batches = list(register.batches(model, size))
            assert list(chain(*batches)) == sorted(pk for named, pk in came if named is model)
            assert all(len(batch) == size for batch in batches[:-1])


@given(came=ROWS.map(set), wanted=ROWS)
def test_the_first_row_that_was_wanted_and_did_not_come_is_missing(came, wanted):
    with closing(Register()) as register:
        for model, pk, place in lines(wanted):
            register.want(model, pk, place, "part_of")
        for row in lines(came):
            register.add(*row)
        for model in MODELS:
            first = next(
                (
                    (pk, place, "part_of")
                    for named, pk, place in lines(wanted)
                    if named is model and (named, pk) not in came
                ),
                None,
            )
            assert register.missing(model) == first


def test_it_answers_when_it_holds_more_than_its_cache():
    place = "x" * 1000
    with closing(Register()) as register:
        for number in range(CACHE * 2):
            register.add(Battle, UUID(int=number), place)
        assert register.place_of(Battle, UUID(int=0)) == place
        assert sum(map(len, register.batches(Battle, 1000))) == CACHE * 2
