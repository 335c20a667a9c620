"""Battles in their tree, and the parties, persons, units and places they speak of."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from battles.models import Battle, Entity, EntityIdentifier, EntityName, Question, Side
from tests.builders import make_battle, make_entity, make_question, make_side

pytestmark = pytest.mark.django_db

PLACED = {"kind": "place", "latitude": "38.4", "longitude": "127.5", "precision": "point"}
PLACED |= {"gazetteer": "GeoNames"}

WHOLE = "Coordinates belong to a place and need latitude, longitude, precision and the gazetteer"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "person"}, WHOLE),
        ({"latitude": None}, WHOLE),
        ({"longitude": None}, WHOLE),
        ({"precision": ""}, WHOLE),
        ({"gazetteer": ""}, WHOLE),
        ({"latitude": "90.1"}, "Latitude lies between"),
        ({"latitude": "-90.1"}, "Latitude lies between"),
        ({"longitude": "180.1"}, "longitude between"),
        ({"longitude": "-180.1"}, "longitude between"),
        ({"precision": "radius"}, "Give a radius"),
        ({"radius_km": 5}, "Give a radius"),
    ],
)
def test_coordinates_are_whole_sourced_and_on_earth(values: dict[str, Any], message: str):
    placed = PLACED | values
    with pytest.raises(ValidationError, match=message):
        Entity(name="The ford", slug="ford", **placed).full_clean()
    with pytest.raises(IntegrityError, match=r"coordinates_|radius_"):
        Entity.objects.create(name="The ford", slug="ford", **placed)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"latitude": "-90", "longitude": "180"},
        {"latitude": "0", "longitude": "0"},
        {"precision": "radius", "radius_km": 5},
        {"precision": "region"},
    ],
)
def test_places_with_coordinates_are_taken(values: dict[str, Any]):
    place = Entity(name="The ford", slug="ford", **PLACED | values)
    place.full_clean()
    place.save()


def test_a_place_needs_no_coordinates():
    Entity(name="The ford", slug="ford", kind="place").full_clean()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ford of\x0bthe North", "After “of” stands a control character (U+000B)"),
        ("\x7fFord", "At the beginning stands a control character (U+007F)"),
        ("F" * 201 + "\x01", "at most 200 characters"),
    ],
)
def test_a_control_character_in_a_name_is_refused_where_it_stands(name: str, said: str):
    for row in (make_battle("Ford"), make_entity("Ford", "place")):
        row.name = name
        with pytest.raises(ValidationError) as refused:
            row.full_clean()
        assert said in " ".join(refused.value.message_dict["name"])
        row.full_clean(exclude=["name"])


def test_names_and_identifiers_are_recorded_once():
    entity = make_entity()
    for part in (
        lambda: EntityName(entity=entity, text="金城", language="zh"),
        lambda: EntityIdentifier(entity=entity, scheme="wikidata", value="Q1"),
    ):
        part().save()
        with pytest.raises(ValidationError, match="already recorded"):
            part().full_clean()
    EntityName(entity=entity, text="金城", language="ja").full_clean()
    assert str(EntityIdentifier.objects.get()) == "Wikidata Q1"


# Battles


def test_a_battle_is_not_part_of_its_own_parts():
    war = make_battle("War", scale="war")
    campaign = make_battle("Campaign", part_of=war)
    battle = make_battle(part_of=campaign)
    battle.full_clean()
    for parent in (campaign, battle):
        war.part_of = parent
        with pytest.raises(ValidationError) as refusal:
            war.full_clean()
        assert refusal.value.message_dict["part_of"] == [
            "This would make the battle part of one of its own parts."
        ]
    with pytest.raises(IntegrityError, match="battle_is_not_part_of_itself"):
        Battle.objects.filter(pk=war.pk).update(part_of=war)


def test_a_circle_made_past_the_forms_does_not_hang_the_form_of_a_battle_below_it():
    war, campaign = make_battle("War"), make_battle("Campaign")
    Battle.objects.filter(pk=war.pk).update(part_of=campaign)
    Battle.objects.filter(pk=campaign.pk).update(part_of=war)
    with pytest.raises(ValidationError, match="one of its own parts"):
        Battle(name="Battle", slug="battle", part_of=Battle.objects.get(pk=war.pk)).full_clean()


def test_a_side_is_named_once_in_a_battle():
    battle = make_battle()
    make_side("North", battle=battle)
    with pytest.raises(ValidationError, match="already has a side of this name"):
        Side(battle=battle, name="North").full_clean()
    Side(battle=make_battle("Another"), name="North").full_clean()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"wording": ""}, "cannot be blank"),
        ({"kind": "date"}, "A question you write yourself is of the kind narrative"),
        ({"key": "date|whole"}, "A question you write yourself is of the kind narrative"),
    ],
)
def test_a_question_is_worded_and_typed_ones_arise_by_themselves(
    values: dict[str, str], message: str
):
    question = Question(**{"battle": make_battle(), "wording": "Who had the numbers?"} | values)
    with pytest.raises(ValidationError, match=message):
        question.full_clean()
    with pytest.raises(IntegrityError, match="question_is_"):
        question.save()


def test_a_typed_question_arises_once_and_narrative_ones_as_often_as_asked():
    battle = make_battle()
    for _ in range(2):
        make_question(battle=battle)
    typed = {"battle": battle, "kind": "date", "wording": "When was it?", "key": "date|whole"}
    Question.objects.create(**typed)
    with pytest.raises(IntegrityError):
        Question.objects.create(**typed)
