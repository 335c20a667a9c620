"""Voices and their families."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from sources.models import Origin
from tests.builders import make_origin

pytestmark = pytest.mark.django_db


def chain(*names: str) -> list[Origin]:
    """Make origins of which each is part of the one before it."""
    made: list[Origin] = []
    for name in names:
        made.append(make_origin(name, slug=name, part_of=made[-1] if made else None))
    return made


def test_a_family_is_an_origin_with_all_that_is_part_of_it():
    world, state, ministry = chain("world", "state", "ministry")
    bureau = make_origin("bureau", slug="bureau", part_of=state)
    make_origin("press", slug="press")
    assert Origin.objects.family(world.pk) == {world.pk, state.pk, ministry.pk, bureau.pk}
    assert Origin.objects.family(ministry.pk) == {ministry.pk}


def test_ancestors_are_found_however_far_up_in_one_query():
    everyone = chain(*(f"origin-{number}" for number in range(9)))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = Origin.objects.with_ancestors([everyone[-1].pk, everyone[2].pk])
    assert found == {origin.pk for origin in everyone}
    assert len(queries) == 1


def test_a_circle_is_refused():
    world, state, ministry = chain("world", "state", "ministry")
    for parent in (world, state, ministry):
        world.part_of = parent
        with pytest.raises(ValidationError) as refusal:
            world.full_clean()
        assert refusal.value.message_dict["part_of"] == [
            "This would make the origin part of one of its own parts."
        ]
    ministry.part_of = world
    ministry.full_clean()


def test_nothing_is_part_of_itself_in_the_database():
    origin = make_origin()
    with pytest.raises(IntegrityError, match="origin_is_not_part_of_itself"):
        Origin.objects.filter(pk=origin.pk).update(part_of=origin)


def test_a_circle_made_past_the_forms_traps_no_one():
    world, state, ministry = chain("world", "state", "ministry")
    Origin.objects.filter(pk=world.pk).update(part_of=ministry)
    everyone = {world.pk, state.pk, ministry.pk}
    assert Origin.objects.family(state.pk) == everyone
    assert Origin.objects.with_ancestors([state.pk]) == everyone
    state.refresh_from_db()
    with pytest.raises(ValidationError, match="one of its own parts"):
        state.full_clean()


def test_a_voice_has_one_name():
    make_origin("South Korea", slug="korea")
    with pytest.raises(ValidationError, match="Origin with this Name already exists"):
        Origin(name="South Korea", slug="rok", kind="state").full_clean()


def test_a_new_voice_is_hidden():
    assert not make_origin().public
    assert not Origin.objects.public().exists()


def test_an_origin_that_speaks_for_no_source_can_be_deleted():
    origin = make_origin()
    origin.delete()
    assert not Origin.objects.exists()
