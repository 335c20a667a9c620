"""Revising what is public: a draft beside it, then one edition more; old editions stay readable."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from battles.kinds import Kind
from battles.models import Battle, Citation, Publication, Statement
from battles.publication import edition, open_revision, publish, withdraw
from sources.models import Passage
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_origin,
    make_passage,
    make_published,
    make_side,
    make_statement,
    rechecked,
)

pytestmark = pytest.mark.django_db


def values_of(statement: Statement) -> dict[str, Any]:
    return Statement.objects.values().get(pk=statement.pk)


def citations_of(statement: Statement) -> list[dict[str, Any]]:
    return list(
        Citation.objects.filter(statement=statement)
        .order_by("passage")
        .values("passage", "claimant", "bearing", "named_source", "note_marker", "note")
    )


# Opening


def test_a_revision_begins_as_a_copy_with_its_own_citations():
    battle = make_battle()
    statement = make_statement(
        Kind.CASUALTIES,
        battle=battle,
        side=make_side(battle=battle),
        low=2000,
        high=3000,
        printed="some 2,689",
        inference="The side is inferred.",
        position=4,
    )
    document = make_document()
    cite(statement, make_passage("2,689", document=document), note_marker="[8]", note="So.")
    cite(statement, make_passage("32,253", document=document), bearing="disputes")
    publish([statement])
    revision = open_revision(statement)
    own = {"id", "state", "evidence_id", "revises_id", "version", "created"}
    before, copy = values_of(statement), values_of(revision)
    assert {name for name in before if before[name] != copy[name]} == own
    assert (revision.state, revision.revises) == ("draft", statement)
    assert citations_of(revision) == citations_of(statement)
    assert set(revision.citations.all()).isdisjoint(statement.citations.all())


def test_a_statement_has_one_revision_however_often_it_is_opened():
    statement = make_published()
    assert open_revision(statement) == open_revision(statement)
    assert Statement.objects.drafts().count() == 1


def test_only_a_published_statement_is_revised():
    withdrawn = make_published()
    withdraw([withdrawn], "Misread.")
    for statement in (make_statement(), withdrawn, open_revision(make_published())):
        with pytest.raises(ValidationError, match="Only a published statement has a revision"):
            open_revision(statement)


def test_work_on_a_revision_leaves_the_public_statement_as_it_is():
    statement = make_published(text="The army crossed.")
    before, cited_before = values_of(statement), citations_of(statement)
    revision = open_revision(statement)
    revision.text = "The army crossed twice."
    revision.save()
    citation = revision.citations.get()
    citation.note = "Read again."
    citation.save()
    cite(revision, make_passage("at dusk"))
    assert values_of(statement) == before
    assert citations_of(statement) == cited_before
    assert not Passage.objects.filter(public=True, quote="at dusk").exists()
    assert Battle.objects.get(pk=statement.battle_id).edition == 1


def test_a_revision_that_is_given_up_leaves_no_trace():
    statement = make_published()
    revision = open_revision(statement)
    revision.delete()
    statement.refresh_from_db()
    assert statement.is_published
    assert statement.citations.count() == Citation.objects.count() == 1


# Publishing it


def test_publishing_a_revision_gives_its_values_to_the_public_statement():
    statement = make_published(Kind.DATE, date_edtf="1953-07")
    revision = open_revision(statement)
    revision.date_edtf, revision.printed = "1953-07-13/1953-07-27", "13–27 July"
    revision.position = 3
    revision.save()
    opened = values_of(statement)
    assert publish(rechecked(revision)) == [statement.battle]
    now = values_of(statement)
    assert (now["date_edtf"], now["printed"], now["position"]) == (
        "1953-07-13/1953-07-27",
        "13–27 July",
        3,
    )
    assert now["date_latest"] - now["date_earliest"] == 14
    assert now["version"] == opened["version"] + 1
    assert (now["state"], now["created"]) == ("published", opened["created"])
    assert not Statement.objects.drafts().exists()
    assert Battle.objects.get(pk=statement.battle_id).edition == 2


def test_citations_are_kept_added_and_removed_as_the_revision_has_them():
    document = make_document()
    kept, dropped, added = (
        make_passage(quote, document=document) for quote in ("2,689", "32,253", "at dusk")
    )
    statement = make_statement()
    gone = cite(statement, dropped)
    same = cite(statement, kept)
    publish([statement])
    statement.refresh_from_db()
    assert statement.evidence == gone
    revision = open_revision(statement)
    revision.citations.get(passage=dropped).delete()
    claimant = make_origin("Southerners", slug="south")
    other = revision.citations.get(passage=kept)
    other.claimant, other.note = claimant, "Read again."
    other.save()
    new = cite(revision, added)
    publish(rechecked(revision))
    statement.refresh_from_db()
    assert set(statement.citations.all()) == {same, new}
    same.refresh_from_db()
    assert (same.claimant, same.note, same.passage) == (claimant, "Read again.", kept)
    assert statement.evidence in {same, new}
    assert Citation.objects.count() == 2
    public = {str(passage) for passage in Passage.objects.filter(public=True)}
    assert public == {"2,689", "at dusk"}
    claimant.refresh_from_db()
    assert claimant.public


def test_a_dropped_passage_stays_public_while_another_statement_cites_it():
    document = make_document()
    shared, own = (make_passage(quote, document=document) for quote in ("2,689", "at dusk"))
    statement = make_published(passage=shared)
    make_published(passage=shared)
    revision = open_revision(statement)
    cite(revision, own)
    revision.citations.get(passage=shared).delete()
    publish(rechecked(revision))
    assert Passage.objects.filter(public=True).count() == 2


def test_the_evidence_moves_when_it_no_longer_supports():
    document = make_document()
    first, second = (make_passage(quote, document=document) for quote in ("2,689", "at dusk"))
    statement = make_statement()
    cite(statement, first)
    other = cite(statement, second)
    publish([statement])
    revision = open_revision(statement)
    citation = revision.citations.get(passage=first)
    citation.bearing = Citation.Bearing.CONTEXT
    citation.save()
    publish(rechecked(revision))
    statement.refresh_from_db()
    assert statement.evidence == other


def test_two_revisions_of_one_battle_make_one_edition():
    battle = make_battle()
    revisions = [open_revision(make_published(battle=battle)) for _ in range(2)]
    publish(rechecked(*revisions))
    battle.refresh_from_db()
    assert battle.edition == 3
    assert Publication.objects.filter(battle=battle, edition=3).count() == 2


# Reading old editions


def shown(battle: Battle, number: int) -> list[Any]:
    return [record.record for record in edition(battle, number)]


def test_each_edition_reads_as_it_was():
    battle = make_battle()
    one = make_published(battle=battle, text="First.")
    two = make_published(battle=battle, text="Second.")
    revision = open_revision(one)
    revision.text = "First, revised."
    revision.save()
    publish(rechecked(revision))
    withdraw([two], "Misread.")

    def texts(number: int) -> set[str]:
        return {record["statement"]["text"] for record in shown(battle, number)}

    assert [texts(number) for number in range(6)] == [
        set(),
        {"First."},
        {"First.", "Second."},
        {"First, revised.", "Second."},
        {"First, revised."},
        {"First, revised."},
    ]


actions = st.lists(
    st.tuples(
        st.sampled_from(["draft", "publish", "revise", "withdraw", "pair"]), st.integers(0, 5)
    ),
    max_size=9,
)


def test_whatever_happens_later_every_edition_reads_as_it_did_at_once():
    passages = [
        make_passage(quote, document=document)
        for document in [make_document()]
        for quote in ("2,689", "32,253", "at dawn", "at dusk")
    ]
    editions_read = set()

    def step(battle: Battle, action: str, number: int) -> None:
        published = list(Statement.objects.published().filter(battle=battle).order_by("position"))
        if action == "draft" or not published:
            count = battle.statements.count()
            statement = make_statement(battle=battle, text=f"Draft {count}.", position=count)
            cite(statement, passages[number % 4])
            publish([statement])
            return
        chosen = published[number % len(published)]
        if action == "withdraw":
            withdraw([chosen], f"Reason {number}.")
        elif action == "publish":
            withdrawn = Statement.objects.filter(battle=battle, state="withdrawn").first()
            publish([withdrawn] if withdrawn else [])
        else:
            revisions = [
                open_revision(row) for row in (published if action == "pair" else [chosen])
            ]
            for revision in revisions:
                revision.text += f" Revised {number}."
                revision.save()
                passage = passages[(number + 1) % 4]
                if not revision.citations.filter(passage=passage).exists():
                    cite(revision, passage)
                    revision.citations.exclude(passage=passage).delete()
            publish(rechecked(*revisions))

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(actions)
    def check(steps: list[tuple[str, int]]) -> None:
        battle = make_battle()
        read_at_once = {}
        for action, number in steps:
            step(battle, action, number)
            battle.refresh_from_db()
            now = Statement.objects.published().filter(battle=battle)
            read_at_once[battle.edition] = shown(battle, battle.edition)
            assert {
                record["statement"]["id"]: record["statement"]["text"]
                for record in read_at_once[battle.edition]
            } == {str(row.pk): row.text for row in now}
        for number, records in read_at_once.items():
            assert shown(battle, number) == records
        editions_read.add(battle.edition)

    check()
    assert max(editions_read) >= 4
