"""What lasts: addresses, versions against lost edits, bytes and readings that never change."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.db.models.deletion import ProtectedError
from django.test.utils import CaptureQueriesContext

from battles.models import Battle, Entity, Statement
from battles.publication import open_revision, publish
from sources.models import (
    Document,
    File,
    FormerSlug,
    ImmutableError,
    Origin,
    Passage,
    Source,
    StaleSave,
    Text,
)
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_entity,
    make_origin,
    make_passage,
    make_published,
    make_source,
    make_statement,
    rechecked,
)

pytestmark = pytest.mark.django_db

# Former slugs

SLUGGED: dict[type[Any], Callable[..., Any]] = {
    Battle: make_battle,
    Entity: make_entity,
    Origin: lambda slug: make_origin(f"Voice {Origin.objects.count()}", slug=slug),
    Source: make_source,
}


def rename(row: Any, slug: str) -> None:
    row.slug = slug
    row.save()


@pytest.mark.parametrize("model", SLUGGED)
def test_a_changed_slug_leads_to_the_row_for_ever(model: type[Any]):
    row = SLUGGED[model](slug="first")
    for slug in ("second", "third", "fourth"):
        rename(row, slug)
    for former in ("first", "second", "third"):
        assert model.moved_to(former) == row
    assert model.moved_to("fourth") is None
    assert model.moved_to("never") is None
    row.refresh_from_db()
    assert row.slug == "fourth"


@pytest.mark.parametrize("model", SLUGGED)
def test_a_former_slug_is_never_given_to_another_row(model: type[Any]):
    rename(SLUGGED[model](slug="first"), "second")
    with pytest.raises(ValidationError, match="“first” once named another row"):
        SLUGGED[model](slug="first")
    other = SLUGGED[model](slug="other")
    with pytest.raises(ValidationError, match="“first” once named another row"):
        rename(other, "first")
    with pytest.raises(ValidationError) as refusal:
        other.full_clean()
    assert refusal.value.message_dict["slug"] == [
        "“first” once named another row and still redirects to it."
    ]
    other.refresh_from_db()
    assert other.slug == "other"


def test_a_row_may_take_its_own_slug_back():
    battle = make_battle(slug="first")
    for slug in ("second", "first", "second", "first"):
        battle.slug = slug
        battle.full_clean()
        battle.save()
    assert Battle.moved_to("second") == battle
    assert Battle.moved_to("first") is None
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["second"]


def test_kinds_of_rows_have_slugs_of_their_own():
    rename(make_battle(slug="kumsong"), "jincheng")
    assert make_source(slug="kumsong").slug == "kumsong"
    assert make_entity(slug="kumsong").slug == "kumsong"
    assert Source.moved_to("kumsong") is None


def test_a_slug_that_is_in_use_is_refused():
    make_battle(slug="kumsong")
    with pytest.raises(IntegrityError):
        make_battle(slug="kumsong")


def test_a_save_that_fails_leaves_no_former_slug():
    battle = make_battle(slug="first")
    make_battle(slug="taken")
    with pytest.raises(IntegrityError), transaction.atomic():
        rename(battle, "taken")
    assert not FormerSlug.objects.exists()


def test_a_slug_may_be_in_any_script():
    battle = make_battle(slug="金城战役")
    battle.full_clean()
    rename(battle, "금성-전투")
    assert Battle.moved_to("金城战役") == battle


# Stale saves

VERSIONED: dict[str, tuple[Callable[[], Any], str]] = {
    "battle": (make_battle, "name"),
    "source": (make_source, "note"),
    "statement": (make_statement, "text"),
    "passage": (lambda: make_passage(locator="p. 1"), "locator"),
}


@pytest.mark.parametrize("name", VERSIONED)
def test_a_stale_save_is_refused_with_both_texts(name: str):
    build, column = VERSIONED[name]
    row = build()
    stale = type(row).objects.get(pk=row.pk)
    setattr(row, column, "the first edit")
    row.save()
    setattr(stale, column, "the second edit")
    with pytest.raises(StaleSave, match="was changed by someone else since it was opened") as lost:
        stale.save()
    assert lost.value.differences() == {column: ("the second edit", "the first edit")}
    assert lost.value.submitted is stale
    assert getattr(type(row).objects.get(pk=row.pk), column) == "the first edit"
    row.save()  # whoever saved before may go on


def test_a_stale_save_tells_of_keys_too():
    statement = make_statement()
    battle, other = statement.battle, make_battle("Battle of the Pass")
    stale = Statement.objects.get(pk=statement.pk)
    statement.save()
    stale.battle = other
    with pytest.raises(StaleSave) as lost:
        stale.save()
    assert lost.value.differences() == {"battle": (other.pk, battle.pk)}


@pytest.mark.parametrize("name", VERSIONED)
def test_saving_what_was_deleted_brings_nothing_back(name: str):
    row = VERSIONED[name][0]()
    type(row).objects.get(pk=row.pk).delete()
    with pytest.raises(StaleSave, match="was deleted since it was opened") as lost:
        row.save()
    assert (lost.value.current, lost.value.differences()) == (None, {})
    assert not type(row).objects.filter(pk=row.pk).exists()


def test_the_version_a_form_was_loaded_with_decides():
    battle = make_battle()
    battle.save()
    battle.refresh_from_db()
    assert battle.version == 2
    battle.version = 1
    with pytest.raises(StaleSave):
        battle.save()
    battle.version = 2
    battle.save()
    assert Battle.objects.get().version == 3


def test_a_save_that_fails_can_be_tried_again():
    battle, taken = make_battle(), make_battle("Another", slug="taken")
    battle.slug, free = taken.slug, battle.slug
    with pytest.raises(IntegrityError), transaction.atomic():
        battle.save()
    battle.slug = free
    battle.save()
    battle.refresh_from_db()
    assert battle.version == 2


def test_a_citation_saved_or_deleted_makes_the_open_statement_stale():
    statement = make_statement()

    def open_form() -> Statement:
        return Statement.objects.get(pk=statement.pk)

    stale = open_form()
    citation = cite(statement)
    with pytest.raises(StaleSave):
        stale.save()
    stale = open_form()
    citation.note = "Read again."
    citation.save()
    with pytest.raises(StaleSave):
        stale.save()
    stale = open_form()
    citation.delete()
    with pytest.raises(StaleSave):
        stale.save()
    cite(statement)
    stale = open_form()
    statement.citations.all().delete()
    with pytest.raises(StaleSave):
        stale.save()


def test_a_citation_moved_between_drafts_makes_both_stale():
    one, other = make_statement(), make_statement()
    citation = cite(one)
    stale = Statement.objects.in_bulk()
    citation.statement = other
    citation.save()
    for statement in stale.values():
        with pytest.raises(StaleSave):
            statement.save()


def test_a_revision_published_meanwhile_makes_an_open_form_of_it_stale():
    revision = open_revision(make_published())
    stale = Statement.objects.get(pk=revision.pk)
    publish(rechecked(revision))
    with pytest.raises(StaleSave, match="was deleted"):
        stale.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["statement", "source"])
def test_of_saves_at_the_same_moment_one_wins(name: str):
    build, column = VERSIONED[name]
    row = build()
    for _ in range(10):
        copies = [type(row).objects.get(pk=row.pk) for _ in range(2)]
        barrier = threading.Barrier(2)
        refused: list[StaleSave] = []

        def save(number: int, copies=copies, barrier=barrier, refused=refused) -> None:
            try:
                setattr(copies[number], column, f"the edit of {number}")
                barrier.wait(timeout=20)
                copies[number].save()
            except StaleSave as error:
                refused.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=save, args=[number]) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [lost] = refused
        winner = 1 if lost.submitted is copies[0] else 0
        row.refresh_from_db()
        assert getattr(row, column) == f"the edit of {winner}"


# What never changes


@pytest.mark.parametrize("model", [File, Document, Text])
def test_files_documents_and_texts_never_change(model: type[Any]):
    make_document()
    row, queryset = model.objects.get(), model.objects.all()
    before = model.objects.values().get()
    column = {File: "name", Document: "extractor", Text: "content"}[model]
    with pytest.raises(ImmutableError):
        row.save()
    with pytest.raises(ImmutableError):
        row.delete()
    setattr(row, column, "something else")
    for change in (
        lambda: queryset.update(**{column: "something else"}),
        lambda: queryset.bulk_update([row], [column]),
        queryset.delete,
    ):
        refusal = pytest.raises(TypeError, match=f"A {model._meta.verbose_name} (never|is never)")
        with refusal, transaction.atomic():
            change()
    assert model.objects.values().get() == before


def test_a_cascade_reaches_neither_document_nor_text():
    document = make_document()
    with pytest.raises(ProtectedError):
        document.source.delete()
    assert Text.objects.count() == Document.objects.count() == 1


def test_a_public_passage_keeps_its_place():
    passage = make_published().citations.get().passage
    for column, value in (("start", 0), ("locator", "p. 3")):
        moved = Passage.objects.get(pk=passage.pk)
        setattr(moved, column, value)
        moved.quote = moved.quote_sha256 = ""
        with pytest.raises(ImmutableError, match="keeps its place"):
            moved.save()
    Passage.objects.get(pk=passage.pk).save()
    moved = Passage.objects.get(pk=passage.pk)
    assert (moved.start, moved.locator) == (passage.start, "")


def test_a_passage_of_a_draft_may_still_move():
    passage = make_passage("2,689 killed")
    passage.start, passage.end = passage.start + 6, passage.end
    passage.quote = passage.quote_sha256 = ""
    passage.save()
    passage.refresh_from_db()
    assert passage.quote == "killed"


def test_saving_a_citation_holds_its_statement_and_not_the_whole_battle():
    statement = make_statement()
    with CaptureQueriesContext(connection) as queries:
        cite(statement)
    [held] = [query["sql"] for query in queries if "withdrawn_because" in query["sql"]][:1]
    assert "battles_battle" not in held
