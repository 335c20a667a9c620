"""The lists of the curators' admin: as many queries for many rows as for two."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from battles.models import EntityName, Reading
from battles.publication import open_revision
from sources.models import Contribution, Displacement, Footnote, Origin, Passage, Text
from tests.admin_forms import address, text_of
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_document,
    make_entity,
    make_origin,
    make_passage,
    make_published,
    make_question,
    make_side,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db

OURS = [model for model in admin.site._registry if model._meta.app_label in {"battles", "sources"}]


def add_rows(number: int) -> None:
    """Add a row of every model, each with other rows of its own around it."""
    state = make_origin(f"Northern State {number}")
    origin = make_origin(f"Northern Staff {number}", part_of=state)
    source = make_source(origin=origin, contained_in=make_source(title="The whole series"))
    Contribution.objects.create(source=source, name="Anon.")
    document = make_document(f"Chapter {number}: 2,689 killed.", source=source)
    war = make_battle(f"War {number}", scale="war")
    battle = make_battle(f"Battle {number}", part_of=war)
    side = make_side(battle=battle)
    make_question(battle=battle)
    party, place = make_entity(f"Kingdom {number}"), make_entity(f"Ford {number}", "place")
    person = make_entity(f"Duke {number}", "person")
    EntityName.objects.create(entity=person, text=f"Dux {number}")
    make_published("strength", battle=battle, side=side, passage=make_passage(document=document))
    whose = {"side": side, "party": party, "entity": person}
    cite(make_statement("commander", battle=battle, **whose), make_passage(document=document))
    cite(make_statement("place", battle=battle, place=place))
    make_statement("part_of", battle=battle, parent=war)
    open_revision(make_published("result", battle=battle, victor=side, degree="decisive"))
    battle.refresh_from_db()
    newer = make_document(f"Chapter {number}: 2,690 killed.", source=source)
    Displacement.objects.create(
        passage=make_passage(document=document), document=newer, outcome="edited", start=0, end=7
    )
    Footnote.objects.create(
        document=document, marker=f"[{number}]", number=number, times=1, first=0
    )
    Reading.objects.create(document=document, battle=battle, start=0, end=7)
    battle.slug = f"renamed-{number}"
    battle.save()


def queries(client: Client, where: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(where).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


@pytest.fixture
def curator() -> Client:
    client = Client()
    client.force_login(make_curator())
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_a_list_asks_as_much_for_many_rows_as_for_two(curator: Client, model: type):
    where = address(model, "changelist")
    add_rows(1)
    add_rows(2)
    few = queries(curator, where)
    for number in range(3, 7):
        add_rows(number)
    many = queries(curator, where)
    assert len(many) == len(few), "\n".join(many)
    assert not [sql for sql in many if '"sources_text"."content"' in sql]


@pytest.mark.parametrize("name", ["battle", "source", "statement"])
def test_a_long_form_asks_as_much_for_many_rows_as_for_two(curator: Client, name: str):
    """Its inlines included."""
    from battles.models import Battle
    from sources.models import Source

    draft = make_statement()
    for _ in range(2):
        cite(draft)
        make_side(f"Side {_}", battle=draft.battle)
    source = Source.objects.first()
    for number in range(2):
        Contribution.objects.create(source=source, name=f"Author {number}")
    row = {"battle": Battle.objects.first(), "source": source, "statement": draft}[name]
    queries(curator, address(row))  # once, for what is remembered between requests
    few = queries(curator, address(row))
    for number in range(4):
        cite(draft)
        make_side(f"Another {number}", battle=draft.battle)
        Contribution.objects.create(source=source, name=f"Editor {number}")
    many = queries(curator, address(row))
    # A field that proposes rows as one types fetches the one that is chosen.
    claimants = 4 if name == "statement" else 0
    assert len(many) == len(few) + claimants, "\n".join(many)


def test_proposals_ask_as_much_for_many_rows_as_for_two(curator: Client):
    asked = [
        ("sources", "passage", "document"),
        ("battles", "citation", "passage"),
        ("battles", "statement", "entity"),
        ("battles", "citation", "claimant"),
    ]

    def ask(app: str, model: str, field: str) -> int:
        query = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
        return len(queries(curator, reverse("admin:autocomplete", query=query)))

    add_rows(1)
    add_rows(2)
    few = [ask(*one) for one in asked]
    for number in range(3, 6):
        add_rows(number)
    assert [ask(*one) for one in asked] == few


def test_documents_and_passages_are_proposed_with_their_source(curator: Client):
    make_passage()

    def proposed(app: str, model: str, field: str) -> list[str]:
        query = {"app_label": app, "model_name": model, "field_name": field}
        found = curator.get(reverse("admin:autocomplete", query=query)).json()
        return [row["text"] for row in found["results"]]

    [document] = proposed("sources", "passage", "document")
    assert document.startswith("Chronicle of the Ford, v1")
    assert proposed("battles", "citation", "passage") == ["Chronicle of the Ford: 2,689 killed"]


def test_lists_can_be_searched_by_what_curators_know(curator: Client):
    add_rows(1)
    for model, words in (
        ("statement", "Battle 1"),
        ("statement", "Duke"),
        ("entity", "Dux"),
        ("source", "Anon."),
        ("passage", "2,689"),
        ("citation", "2,689"),
        ("document", "Chronicle"),
        ("origin", "Staff"),
    ):
        app = "battles" if model in {"statement", "entity", "citation"} else "sources"
        where = reverse(f"admin:{app}_{model}_changelist")
        assert curator.get(where, {"q": words}).context["cl"].result_count, (model, words)
        assert not curator.get(where, {"q": "no such words"}).context["cl"].result_count


def test_a_filter_led_to_by_a_link_says_which_row_it_is(curator: Client):
    add_rows(1)
    origin = Origin.objects.get(name="Northern Staff 1")
    where = reverse("admin:sources_source_changelist")
    page = text_of(curator.get(where, {"origin__id__exact": origin.pk}))
    assert "By origin" in page
    assert "By origin" not in text_of(curator.get(where))
    assert curator.get(where, {"origin__id__exact": "nonsense"}).status_code in {200, 302}


@pytest.mark.parametrize("value", ["yes", "no", "locator"])
def test_filters_part_the_rows(curator: Client, value: str):
    make_passage()
    make_document("Elsewhere.", held=False)
    for name, filter_name in (
        ("sources_source", "held"),
        ("sources_passage", "verified"),
        ("battles_battle", "public"),
    ):
        where = reverse(f"admin:{name}_changelist")
        assert curator.get(where, {filter_name: value}).status_code == 200
    held = curator.get(reverse("admin:sources_source_changelist"), {"held": value})
    assert held.context["cl"].result_count == (2 if value == "locator" else 1)
    verified = curator.get(reverse("admin:sources_passage_changelist"), {"verified": value})
    assert verified.context["cl"].result_count == (1 if value == "yes" else 0)


def test_rows_are_all_there():
    add_rows(1)
    for model in OURS:
        assert model._default_manager.exists(), model
    assert Passage.objects.exists()
    assert Text.objects.exists()


def test_a_nul_in_the_address_of_a_list_is_told_and_not_searched_for(client):
    client.force_login(make_curator())
    response = client.get("/admin/battles/statement/?kind__exact=%00", follow=True)
    assert response.redirect_chain == [("/admin/battles/statement/", 302)]
    assert "held a NUL" in response.content.decode()
