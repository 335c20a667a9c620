"""Law: nothing uncited is published, by whatever path somebody tries."""

import threading
from collections.abc import Callable

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, models, transaction
from django.db.models.deletion import ProtectedError

from battles.models import Citation, PublishedIsFrozenError, Statement
from battles.publication import CannotPublish, publish
from tests.builders import (
    cite,
    make_battle,
    make_passage,
    make_published,
    make_statement,
)

pytestmark = pytest.mark.django_db


def uncited_published() -> int:
    """Count published statements whose evidence is not one of their own citations."""
    own = Citation.objects.filter(pk=models.OuterRef("evidence"), statement=models.OuterRef("pk"))
    return Statement.objects.published().exclude(models.Exists(own)).count()


def test_a_statement_without_citation_is_not_published():
    draft = make_statement()
    with pytest.raises(CannotPublish, match="nothing is cited"):
        publish([draft])
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_statement_that_is_only_disputed_is_not_published():
    draft = make_statement()
    cite(draft, bearing=Citation.Bearing.DISPUTES)
    with pytest.raises(CannotPublish, match="none of its citations supports it"):
        publish([draft])


def test_a_published_row_without_evidence_is_refused_by_the_database():
    with pytest.raises(IntegrityError, match="published_statement_has_evidence"):
        make_statement(state="published")


@pytest.mark.django_db(transaction=True)
def test_the_citation_of_another_statement_is_no_evidence():
    other = make_published()
    draft = make_statement()
    with pytest.raises(IntegrityError):
        Statement.objects.filter(pk=draft.pk).update(state="published", evidence=other.evidence)
    draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.parametrize("delete", ["instance", "queryset"])
def test_the_evidence_of_a_public_statement_is_not_deleted(delete: str):
    statement = make_published()
    citations = Citation.objects.filter(statement=statement)
    evidence = statement.evidence if delete == "instance" else citations
    with pytest.raises((ProtectedError, PublishedIsFrozenError)):
        evidence.delete()
    assert statement.citations.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_raw_delete_of_the_evidence_is_refused_at_commit():
    statement = make_published()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM battles_citation")
    assert statement.citations.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_orm_delete_past_the_managers_is_refused_at_commit():
    statement = make_published()
    with pytest.raises(IntegrityError), transaction.atomic():
        Citation._base_manager.all().delete()
    assert statement.citations.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_citation_cannot_be_moved_away_from_a_public_statement():
    statement, other = make_published(), make_statement()
    citation = statement.evidence
    citation.statement = other
    with pytest.raises(PublishedIsFrozenError):
        citation.save()
    with pytest.raises(IntegrityError):
        Citation.objects.filter(pk=citation.pk).update(statement=other)
    assert statement.citations.get() == citation


@pytest.mark.django_db(transaction=True)
def test_raw_sql_cannot_publish_the_uncited():
    draft = make_statement()
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE battles_statement SET state = 'published'")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_cascade_never_reaches_public_evidence():
    statement = make_published()
    citation = statement.evidence
    for row in (statement, citation.passage, citation.passage.source, citation.claimant):
        with pytest.raises(ProtectedError):
            row.delete()
    with pytest.raises(ProtectedError):
        statement.battle.delete()
    assert uncited_published() == 0
    assert Statement.objects.published().count() == 1


def test_deleting_a_draft_takes_its_citations_along():
    draft = make_statement()
    cite(draft)
    draft.delete()
    assert Citation.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_loaddata_refuses_a_published_statement_whose_citation_is_missing(tmp_path):
    statement = make_published()
    fixture = tmp_path / "partial.json"
    fixture.write_text(serializers.serialize("json", [statement]))
    Statement._base_manager.filter(pk=statement.pk).update(state="draft", evidence=None)
    Citation._base_manager.all().delete()
    with pytest.raises(IntegrityError):
        call_command("loaddata", fixture, verbosity=0)
    assert uncited_published() == 0


@pytest.mark.django_db(transaction=True)
def test_loaddata_accepts_a_published_statement_before_its_citation(tmp_path):
    statement = make_published()
    citation = statement.evidence
    fixture = tmp_path / "whole.json"
    fixture.write_text(serializers.serialize("json", [statement, citation]))
    Statement._base_manager.filter(pk=statement.pk).update(state="draft", evidence=None)
    Citation._base_manager.all().delete()
    call_command("loaddata", fixture, verbosity=0)
    statement.refresh_from_db()
    assert statement.is_published
    assert statement.citations.get() == citation


@pytest.mark.django_db(transaction=True)
def test_evidence_may_be_swapped_within_one_transaction():
    statement = make_published()
    with transaction.atomic():
        Citation._base_manager.filter(statement=statement).delete()
        new = Citation(statement=statement, passage=make_passage(), claimant_id=None)
        new.claimant = new.passage.source.origin
        Citation._base_manager.bulk_create([new])
        Statement._base_manager.filter(pk=statement.pk).update(evidence=new)
    statement.refresh_from_db()
    assert statement.evidence == new


def test_a_public_statement_is_not_changed_by_a_save():
    statement = make_published()
    statement.text = "Something else."
    with pytest.raises(PublishedIsFrozenError, match="Open a revision"):
        statement.save()


def test_a_form_is_told_in_kind_words_what_publication_needs():
    draft = make_statement()
    draft.state = "published"
    with pytest.raises(ValidationError, match="Nothing uncited is published"):
        draft.full_clean()


def test_a_citation_of_another_statement_is_refused_in_kind_words():
    draft = make_statement()
    draft.evidence = make_published().evidence
    with pytest.raises(ValidationError, match="not one of the statement's citations"):
        draft.full_clean()


def in_thread(work: Callable[[], object], failures: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        except (IntegrityError, CannotPublish, PublishedIsFrozenError, ProtectedError) as error:
            failures.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_publish_racing_delete_two_hundred_times_leaves_nothing_uncited():
    battle, passage = make_battle(), make_passage()
    published = refused = 0
    for number in range(200):
        statement = make_statement(battle=battle, position=number)
        citation = cite(statement, passage)
        failures: list[BaseException] = []
        barrier = threading.Barrier(2)

        def publish_it(statement=statement, barrier=barrier) -> None:
            barrier.wait()
            publish([statement])

        def delete_it(citation=citation, barrier=barrier) -> None:
            barrier.wait()
            # Past the managers: only the database stands between this and an uncited statement.
            Citation._base_manager.filter(pk=citation.pk).delete()

        for thread in [in_thread(publish_it, failures), in_thread(delete_it, failures)]:
            thread.join()
        statement.refresh_from_db()
        assert len(failures) == 1, failures
        published += statement.is_published
        refused += not statement.is_published
    assert uncited_published() == 0
    assert published + refused == 200


@pytest.mark.django_db(transaction=True)
def test_the_law_survives_a_table_rebuilt_by_a_migration():
    statement = make_published()
    for model in (Citation, Statement):
        wider = models.CharField(max_length=77)
        name = "note_marker" if model is Citation else "role"
        old = model._meta.get_field(name)
        wider.set_attributes_from_name(name)
        wider.model = model
        with connection.schema_editor() as editor:
            editor.alter_field(model, old, wider)
            if connection.vendor == "sqlite":
                editor._remake_table(model)
        with connection.schema_editor() as editor:
            editor.alter_field(model, wider, old)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM battles_citation")
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE battles_statement SET evidence_id = NULL")
    statement.refresh_from_db()
    assert statement.evidence.statement == statement
