"""The index behind the lists says what is published, and can be made anew."""

import io
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.db.models import Case, Exists, OuterRef, When

from archive.verification import verify
from battles.indexing import rebuild
from battles.kinds import Kind
from battles.models import (
    Battle,
    Citation,
    Entity,
    Entry,
    Heading,
    Question,
    Statement,
    Voice,
)
from battles.publication import open_revision, publish, rename, withdraw
from sources.models import Passage, Source
from tests.builders import (
    cite,
    make_document,
    make_entity,
    make_passage,
    make_published,
    rechecked,
)
from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db


def contents():
    return (
        set(Entry.objects.values_list("heading__facet", "heading__key", "battle")),
        set(Heading.objects.filter(number__gt=0).values_list("facet", "key", "number")),
        set(Voice.objects.values_list("source", "origin")),
        set(Battle.objects.values_list("slug", "first_day", "statements_published")),
        set(Entity.objects.values_list("slug", "public")),
        set(Source.objects.values_list("slug", "passages_published")),
    )


def not_indexed():
    return [fault for fault in verify() if "run rebuild_index" in fault.problem]


@pytest.mark.django_db(transaction=True)
def test_no_entry_has_another_facet_than_its_heading():
    make_small_archive()
    with pytest.raises(IntegrityError):
        Entry.objects.filter(facet="party").update(facet="place")


def test_made_anew_it_is_what_publication_kept():
    make_small_archive()
    kept = contents()
    Heading.objects.all().delete()
    Voice.objects.all().delete()
    Battle.objects.update(first_day=1, statements_published=0)
    Entity.objects.update(public=Case(When(public=True, then=False), default=True))
    Source.objects.update(passages_published=7)
    assert contents() != kept
    said = io.StringIO()
    call_command("rebuild_index", stdout=said)
    assert contents() == kept
    assert "2 battles indexed" in said.getvalue()


def test_what_is_in_dispute_is_made_anew():
    make_small_archive()
    kept = set(Question.objects.values_list("pk", "disputed"))
    assert {disputed for _, disputed in kept} == {True, False}
    Question.objects.update(disputed=Case(When(disputed=True, then=False), default=True))
    assert not_indexed()
    rebuild()
    assert not_indexed() == []
    assert set(Question.objects.values_list("pk", "disputed")) == kept


def test_whether_words_of_a_source_are_here_is_noted_anew():
    make_small_archive()
    kept = set(Source.objects.values_list("pk", "held"))
    assert {held for _, held in kept} == {True, False}
    Source.objects.update(held=Case(When(held=True, then=False), default=True))
    assert not_indexed()
    rebuild()
    assert set(Source.objects.values_list("pk", "held")) == kept
    assert not not_indexed()


def test_sort_keys_are_made_anew():
    make_small_archive()
    kept = set(Battle.objects.values_list("slug", "sort_key"))
    Battle.objects.update(sort_key=b"")
    assert len(not_indexed()) == len(kept)
    rebuild()
    assert not_indexed() == []
    assert set(Battle.objects.values_list("slug", "sort_key")) == kept


def test_rows_that_are_made_together_are_sorted_by_their_names_too():
    Battle.objects.bulk_create(Battle(name=name, slug=name) for name in ("b", "a"))
    found = Battle.objects.order_by("sort_key").values_list("name", flat=True)
    assert list(found) == ["a", "b"]


def test_making_it_anew_changes_nothing_that_is_right():
    make_small_archive()
    kept = contents()
    rebuild()
    assert contents() == kept


def public():
    return set(Entity.objects.public().values_list("name", flat=True))


def test_entities_are_public_while_something_published_speaks_of_them():
    ford, bridge = make_entity("The ford", "place"), make_entity("The bridge", "place")
    first = make_published(Kind.PLACE, place=ford)
    second = make_published(Kind.PLACE, battle=first.battle, place=ford)
    withdraw([second], "It misread the chronicle.")
    assert public() == {"The ford"}
    revision = open_revision(first)
    revision.place = bridge
    revision.save()
    assert public() == {"The ford"}
    publish(rechecked(revision))
    assert public() == {"The bridge"}
    rename(bridge, ford)
    assert public() == {"The ford"}
    first.refresh_from_db()
    withdraw([first], "It was a dream.")
    assert public() == set()


def test_a_source_counts_the_passages_that_readers_see():
    document = make_document()
    first, second = (make_passage(quote, document=document) for quote in ("2,689", "at dusk"))
    one, other = make_published(passage=first), make_published(passage=first)
    revision = open_revision(one)
    cite(revision, second)

    def counted():
        return Source.objects.get().passages_published

    assert counted() == 1
    publish(rechecked(revision))
    assert counted() == 2
    revision = open_revision(one)
    revision.citations.get(passage=second).delete()
    publish(rechecked(revision))
    assert counted() == 1
    withdraw([one, other], "They misread the chronicle.")
    assert counted() == 0


def test_every_heading_has_as_many_battles_as_it_says():
    make_small_archive()
    for heading in Heading.objects.all():
        assert heading.number == heading.entries.count()


@pytest.mark.parametrize("what", ["entry", "voice", "number", "entity", "passages"])
def test_verify_names_what_is_not_up_to_date(what):
    make_small_archive()
    assert not_indexed() == []
    if what == "entry":
        Entry.objects.filter(pk=Entry.objects.order_by("pk").first().pk).delete()
    elif what == "voice":
        Voice.objects.filter(pk=Voice.objects.order_by("pk").first().pk).delete()
    elif what == "entity":
        Entity.objects.filter(pk=Entity.objects.public().first().pk).update(public=False)
    elif what == "passages":
        Source.objects.filter(pk=Source.objects.public().first().pk).update(passages_published=99)
    else:
        Battle.objects.filter(slug="the-ford").update(statements_published=1)
    assert len(not_indexed()) == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts what it holds")
def test_sqlite_looks_for_the_published_by_battle_or_passage_and_for_what_waits_by_state():
    published = Statement.objects.published().order_by()
    assert "statement_battle_id" in published.filter(battle=uuid4()).explain()
    assert "statement_battle_id" in published.filter(battle__in=[uuid4(), uuid4()]).explain()
    cited = Citation.objects.public().filter(passage=OuterRef("pk"))
    plan = Passage.objects.public().exclude(Exists(cited)).explain()
    assert "citation_passage_id" in plan
    for waiting in (
        Statement.objects.drafts(),
        Statement.objects.in_review(),
        Statement.objects.uncited(),
    ):
        assert "statement_by_state" in waiting.order_by().explain()
        assert "statement_by_state" not in published.explain()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts what is missing")
def test_sqlite_finds_who_is_named_though_no_statement_names_a_party():
    make_small_archive()
    Statement._base_manager.update(party=None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = Entity.objects.misnoted().explain()
    for name in ("entity", "party", "place"):
        assert f"statement_naming_{name} ({name}_id=? AND state=?)" in plan
