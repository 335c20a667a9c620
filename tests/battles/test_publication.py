"""Publishing and withdrawing: what an action makes public, numbers, records and refuses."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.deletion import ProtectedError

from battles.kinds import Kind
from battles.models import Battle, Citation, Publication, Statement
from battles.publication import CannotPublish, obstacles, open_revision, publish, withdraw
from sources.models import Derivation, ImmutableError, Origin, Passage, Source
from tests.builders import (
    VALUES,
    cite,
    make_battle,
    make_curator,
    make_document,
    make_entity,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_question,
    make_side,
    make_source,
    make_statement,
    rechecked,
)

pytestmark = pytest.mark.django_db


def cited(kind: str = Kind.NARRATIVE, passage: Passage | None = None, **values: Any) -> Statement:
    statement = make_statement(kind, **values)
    cite(statement, passage)
    return statement


def reasons_against(*statements: Statement) -> list[str]:
    with pytest.raises(CannotPublish) as refusal:
        publish(statements)
    return [reason for why in refusal.value.reasons.values() for reason in why]


def public(model: Any) -> set[str]:
    return {str(row) for row in model.objects.filter(public=True)}


# What one action makes


def test_one_action_makes_one_edition_of_each_battle_it_touches():
    ford, hill, untouched = (make_battle(name) for name in ("Ford", "Hill", "Untouched"))
    drafts = [cited(battle=battle) for battle in (ford, ford, hill)]
    assert publish(drafts) == [ford, hill]
    publish([cited(battle=ford)])
    editions = Battle.objects.in_bulk()
    assert [editions[battle.pk].edition for battle in (ford, hill, untouched)] == [2, 1, 0]
    numbers = Publication.objects.filter(battle=ford).values_list("edition", flat=True)
    assert list(numbers) == [1, 1, 2]
    assert list(Battle.objects.public().order_by("name")) == [ford, hill]


def test_a_publication_tells_who_when_and_what():
    curator = make_curator("ada")
    moment = datetime(2024, 5, 1, 9, 30, tzinfo=UTC)
    statement = cited(text="The army crossed.")
    publish([statement], by=curator, at=moment)
    record = Publication.objects.get()
    assert (record.by, record.by_name, record.at) == (curator, "ada", moment)
    assert (record.action, record.reason) == ("published", "")
    assert record.record["statement"]["text"] == "The army crossed."
    assert record.record["evidence"] == str(statement.citations.get().pk)
    labels = record.record["labels"].values()
    assert {"Battle of the Ford", "Chronicle of the Ford", "Chroniclers"} <= set(labels)


def test_a_deleted_user_leaves_the_publications_with_the_name():
    curator = make_curator("ada")
    publish([cited()], by=curator)
    curator.delete()
    record = Publication.objects.get()
    assert (record.by, record.by_name) == (None, "ada")


def test_publication_bumps_the_version_so_that_an_open_form_is_stale():
    statement = cited()
    statement.refresh_from_db()
    before = statement.version
    publish([statement])
    statement.refresh_from_db()
    assert (statement.state, statement.version) == ("published", before + 1)


def test_the_evidence_is_the_first_citation_that_supports():
    statement = make_statement()
    document = make_document()
    cite(statement, make_passage("killed", document=document), bearing="disputes")
    cite(statement, make_passage("2,689", document=document), bearing="context")
    first = cite(statement, make_passage("32,253", document=document))
    cite(statement, make_passage("at dusk", document=document))
    publish([statement])
    statement.refresh_from_db()
    assert statement.evidence == first


def test_nothing_chosen_makes_no_edition():
    assert publish([]) == []
    assert Publication.objects.count() == 0


# What becomes public


def test_what_a_published_statement_rests_on_becomes_public_and_nothing_else():
    world = make_origin("The world", slug="world")
    korea = make_origin("South Korea", slug="korea", part_of=world)
    ministry = make_origin("The ministry", slug="ministry", part_of=korea)
    press = make_origin("The press", slug="press")
    series = make_source(title="A series", origin=press)
    volume = make_source(title="A volume", origin=press, contained_in=series)
    letters = make_source(title="Letters", origin=ministry)
    book = make_source(title="A book", origin=press, contained_in=volume)
    older = make_source(title="An older book", origin=press)
    Derivation.objects.create(source=book, derives_from=older)
    Derivation.objects.create(source=older, derives_from=letters)
    make_source(title="Unrelated", origin=make_origin("Elsewhere"))
    make_source(title="A later book", origin=press, contained_in=volume)
    document = make_document(source=book)
    passage = make_passage("2,689 killed", document=document)
    make_passage("32,253", document=document)
    statement = make_statement()
    cite(statement, passage, claimant=ministry)
    assert public(Origin) == public(Source) == public(Passage) == set()

    publish([statement])

    assert public(Passage) == {"2,689 killed"}
    assert public(Source) == {"A book", "A volume", "A series", "An older book", "Letters"}
    assert public(Origin) == {"The press", "The ministry", "South Korea", "The world"}


def test_a_source_that_the_account_names_becomes_public_with_its_voice():
    named = make_source(title="A report", origin=make_origin("The staff", slug="staff"))
    statement = make_statement()
    cite(statement, named_source=named)
    publish([statement])
    assert "A report" in public(Source)
    assert "The staff" in public(Origin)


def test_a_source_far_up_without_an_origin_stays_hidden():
    nameless = make_source(title="A nameless series", origin=None)
    book = make_source(title="A book", contained_in=nameless)
    publish([cited(passage=make_locator(source=book))])
    assert public(Source) == {"A book"}


def test_sources_that_contain_one_another_do_not_trap_publication():
    one = make_source(title="One")
    other = make_source(title="Other", contained_in=one)
    Source.objects.filter(pk=one.pk).update(contained_in=other)
    publish([cited(passage=make_locator(source=one))])
    assert public(Source) == {"One", "Other"}


# Withdrawing


def test_withdrawing_needs_a_reason():
    statement = make_published()
    with pytest.raises(ValidationError, match="Say why"):
        withdraw([statement], "  ")
    statement.refresh_from_db()
    assert statement.is_published


def test_a_withdrawal_is_an_edition_with_its_reason():
    statement = make_published()
    curator = make_curator("ada")
    assert withdraw([statement], " Misread. ", by=curator) == [statement.battle]
    statement.refresh_from_db()
    assert (statement.state, statement.withdrawn_because) == ("withdrawn", "Misread.")
    record = Publication.objects.get(action="withdrawn")
    assert (record.edition, record.reason, record.by_name) == (2, "Misread.", "ada")
    assert list(Statement.objects.published()) == []


def test_what_is_not_published_is_not_withdrawn():
    with pytest.raises(CannotPublish, match="it is not published"):
        withdraw([make_published(), make_statement()], "Misread.")
    assert Statement.objects.published().count() == 1


def test_passages_that_nothing_published_cites_are_hidden():
    document = make_document()
    shared = make_passage("2,689 killed", document=document)
    alone = make_passage("32,253", document=document)
    one, other = make_statement(), make_statement()
    for statement, passage in ((one, shared), (one, alone), (other, shared)):
        cite(statement, passage)
    publish([one, other])
    withdraw([one], "Misread.")
    assert public(Passage) == {"2,689 killed"}
    withdraw([other], "Misread.")
    assert public(Passage) == set()


def test_a_withdrawn_statement_can_be_published_again():
    statement = make_published()
    withdraw([statement], "Misread.")
    publish([statement])
    statement.refresh_from_db()
    assert (statement.state, statement.withdrawn_because) == ("published", "")
    assert statement.citations.get().passage.public
    actions = Publication.objects.order_by("edition").values_list("action", flat=True)
    assert list(actions) == ["published", "withdrawn", "published"]


# What keeps a statement from publication


def test_obstacles_are_told_in_words():
    source = make_source(title="Nameless", origin=None)
    named = make_source(title="Named", origin=None)
    unread = make_battle("War of the Fords")
    passage = make_locator(source=source)
    parted = make_statement(Kind.PART_OF, parent=unread)
    cite(parted, passage, named_source=named, claimant=make_origin())
    assert reasons_against(parted) == [
        "the source “Nameless” has no origin yet",
        "the source “Named” has no origin yet",
        "nothing is published yet about “War of the Fords”",
    ]
    assert reasons_against(make_statement()) == ["nothing is cited"]
    assert reasons_against(make_published()) == ["it is already published"]
    disputed = make_statement()
    cite(disputed, bearing=Citation.Bearing.DISPUTES)
    assert reasons_against(disputed) == ["none of its citations supports it"]


def test_the_archive_s_own_words_support_its_notes_only():
    own = make_source(origin=make_origin("This archive", kind=Origin.Kind.ARCHIVE))
    passage = make_locator(source=own)
    for kind in (Kind.NARRATIVE, Kind.CASUALTIES, Kind.NAME):
        assert reasons_against(cited(kind, passage)) == [
            "the archive's own words are evidence for its notes only"
        ]
    publish([cited(Kind.NOTE, passage)])
    assert Statement.objects.published().get().kind == Kind.NOTE


def test_the_archive_s_own_words_may_stand_beside_real_evidence():
    own = make_source(origin=make_origin("This archive", kind=Origin.Kind.ARCHIVE))
    statement = cited(passage=make_locator(source=own))
    evidence = cite(statement)
    publish([statement])
    statement.refresh_from_db()
    assert statement.evidence == evidence


def test_a_battle_and_the_war_it_is_part_of_can_be_published_together():
    war = make_battle("War of the Fords")
    part = cited(Kind.PART_OF, parent=war)
    assert obstacles(part) == ["nothing is published yet about “War of the Fords”"]
    publish([part, cited(battle=war)])
    assert Battle.objects.public().count() == 2


def test_the_revision_of_a_withdrawn_statement_is_not_published():
    statement = make_published()
    revision = open_revision(statement)
    withdraw([statement], "Misread.")
    revision.refresh_from_db()
    assert reasons_against(revision) == ["the statement it revises was withdrawn"]


def test_a_revision_moved_to_another_battle_is_not_published():
    revision = open_revision(make_published())
    revision.battle = make_battle("Battle of the Pass")
    revision.save()
    assert reasons_against(revision) == [
        "a revision stays with the battle of the statement it revises"
    ]


def test_one_obstacle_publishes_nothing_and_every_reason_is_told():
    good, uncited = cited(), make_statement()
    disputed = make_statement()
    cite(disputed, bearing=Citation.Bearing.DISPUTES)
    assert sorted(reasons_against(good, uncited, disputed)) == [
        "none of its citations supports it",
        "nothing is cited",
    ]
    assert Statement.objects.published().count() == 0
    assert Publication.objects.count() == 0
    assert public(Passage) == set()


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_can_be_published(kind: str):
    battle = make_battle()
    values: dict[str, dict[str, Any]] = {
        Kind.PART_OF: {"parent": make_published().battle},
        Kind.PLACE: {"place": make_entity("The ford", "place")},
        Kind.BELLIGERENT: {"entity": make_entity()},
        Kind.COMMANDER: {"entity": make_entity("Ada", "person"), "side": make_side(battle=battle)},
        Kind.UNIT: {"entity": make_entity("1st", "unit"), "party": make_entity()},
    }
    assert set(values) | set(VALUES) == set(Kind)
    statement = cited(kind, battle=battle, **values.get(kind, {}))
    publish([statement])
    record = Publication.objects.get(statement=statement).record
    assert record["statement"]["kind"] == kind
    for column, row in values.get(kind, {}).items():
        assert record["statement"][column] == str(row.pk)
        assert record["labels"][str(row.pk)] == str(row)


# What is public stays


def test_public_rows_are_never_deleted_and_drafts_are():
    battle = make_battle()
    side = make_side(battle=battle)
    commander = make_entity("Ada", "person")
    party = make_entity()
    place = make_entity("The ford", "place")
    parent = make_origin("South Korea", slug="korea")
    source = make_source(origin=make_origin("The ministry", slug="ministry", part_of=parent))
    passage = make_passage(document=make_document(source=source))
    statement = cited(
        Kind.COMMANDER, passage, battle=battle, entity=commander, party=party, side=side
    )
    located = cited(Kind.PLACE, passage, battle=battle, place=place)
    drafts: list[Any] = [
        cited(passage=make_passage(document=make_document("Other words."), quote="Other"))
    ]
    drafts += [drafts[0].citations.get().passage, drafts[0].battle, make_entity("Nobody")]
    publish([statement, located])
    withdraw([located], "Misread.")
    citation = statement.citations.get()
    withdrawn = located.citations.get()
    for row in (
        *(statement, located, citation, withdrawn, passage, source, source.origin, parent),
        *(battle, commander, party, place),
    ):
        with pytest.raises((ProtectedError, ValidationError)):
            row.delete()
        with pytest.raises(ProtectedError):
            type(row).objects.filter(pk=row.pk).delete()
        assert type(row).objects.filter(pk=row.pk).exists()
    with pytest.raises(ProtectedError):
        side.delete()
    for draft in drafts:
        draft.delete()
        assert not type(draft).objects.filter(pk=draft.pk).exists()


def test_deleting_drafts_with_a_public_one_among_them_deletes_none():
    statement, draft = make_published(), make_statement()
    with pytest.raises(ProtectedError, match="Public rows are never deleted"):
        Statement.objects.all().delete()
    assert set(Statement.objects.all()) == {statement, draft}


def test_an_entity_that_drafts_alone_speak_of_is_not_public():
    entity = make_entity()
    draft = cited(Kind.BELLIGERENT, entity=entity)
    assert not type(entity).objects.public().exists()
    publish([draft])
    assert type(entity).objects.public().get() == entity


def test_publications_never_change():
    make_published()
    record = Publication.objects.get()
    record.reason = "Rewritten."
    with pytest.raises(ImmutableError):
        record.save()
    with pytest.raises(ImmutableError):
        record.delete()
    for change in (
        lambda: Publication.objects.update(reason="Rewritten."),
        lambda: Publication.objects.all().delete(),
        lambda: Publication.objects.bulk_update([record], ["reason"]),
    ):
        with pytest.raises(TypeError, match="publication"), transaction.atomic():
            change()
    assert Publication.objects.get().reason == ""


# Rows that were loaded before a publication


def test_saving_a_row_loaded_before_publication_takes_nothing_back():
    battle, passage = make_battle(), make_passage()
    source, origin = passage.source, passage.source.origin
    publish([cited(passage=passage, battle=battle)])
    battle.name, source.note, origin.description = "Battle at the Ford", "A note.", "Monks."
    for row in (battle, source, origin, passage):
        row.save()
        row.refresh_from_db()
    assert (battle.edition, battle.name) == (1, "Battle at the Ford")
    assert (source.public, source.note) == (True, "A note.")
    assert (origin.public, origin.description) == (True, "Monks.")
    assert passage.public


def test_a_row_loaded_before_publication_cannot_publish_what_is_not():
    source = make_source()
    source.public = True
    source.save()
    source.refresh_from_db()
    assert not source.public


# Questions


def test_a_question_is_disputed_while_published_answers_differ():
    battle = make_battle()
    side = make_side(battle=battle)
    one = cited(Kind.CASUALTIES, battle=battle, side=side)
    other = cited(Kind.CASUALTIES, battle=battle, side=side, value=9000)
    assert one.question == other.question
    publish([one])
    one.question.refresh_from_db()
    assert not one.question.disputed
    publish([other])
    one.question.refresh_from_db()
    assert one.question.disputed
    withdraw([other], "Misread.")
    one.question.refresh_from_db()
    assert not one.question.disputed


def test_an_answer_revised_to_another_question_settles_both():
    battle = make_battle()
    side = make_side(battle=battle)
    one = make_published(Kind.CASUALTIES, battle=battle, side=side)
    other = make_published(Kind.CASUALTIES, battle=battle, side=side, value=9000)
    wounded = make_published(Kind.CASUALTIES, battle=battle, side=side, category="wounded", value=7)
    question = one.question
    question.refresh_from_db()
    assert question.disputed
    revision = open_revision(other)
    revision.category = "wounded"
    revision.save()
    publish(rechecked(revision))
    question.refresh_from_db()
    wounded.question.refresh_from_db()
    assert (question.disputed, wounded.question.disputed) == (False, True)


def test_a_narrative_question_is_disputed_once_two_voices_answer_it():
    battle = make_battle()
    question = make_question(battle=battle)
    publish([cited(battle=battle, question=question)])
    question.refresh_from_db()
    assert not question.disputed
    answer = make_statement(battle=battle, question=question, text="They did not.")
    cite(answer, claimant=make_origin("Southerners", slug="south"))
    publish([answer])
    question.refresh_from_db()
    assert question.disputed


def test_a_passage_that_disputes_a_lone_answer_makes_its_question_disputed():
    statement = make_statement(Kind.DATE)
    cite(statement)
    cite(statement, make_passage("32,253"), bearing=Citation.Bearing.DISPUTES)
    publish([statement])
    statement.question.refresh_from_db()
    assert statement.question.disputed


def test_what_stands_on_the_archives_own_word_is_no_evidence_for_a_fact():
    statement = make_statement(Kind.DATE)
    cite(statement, claimant=make_origin("This archive", kind="archive"))
    with pytest.raises(CannotPublish, match="the archive's own words"):
        publish([statement])


def test_a_draft_deleted_meanwhile_is_named():
    statement = make_statement()
    cite(statement)
    kept = Statement.objects.get(pk=statement.pk)
    statement.delete()
    with pytest.raises(CannotPublish, match="it was deleted"):
        publish([kept])


def test_what_a_revision_drops_was_seen_and_is_neither_deleted_nor_moved():
    statement = make_published(Kind.COMMANDER, entity=make_entity("Clark", "person"))
    old_passage, old_person = statement.evidence.passage, statement.entity
    revision = open_revision(statement)
    revision.entity = make_entity("Taylor", "person")
    revision.save()
    revision.citations.all().delete()
    cite(revision, make_passage("32,253"))
    publish(rechecked(revision))
    old_passage.refresh_from_db()
    assert not old_passage.public
    for row in (old_passage, old_person):
        with pytest.raises(ProtectedError):
            row.delete()
    old_passage.start += 1
    old_passage.quote = old_passage.quote_sha256 = ""
    with pytest.raises(ImmutableError):
        old_passage.save()


# The newest editions


def test_an_edition_of_many_statements_does_not_hide_those_before_it(monkeypatch):
    monkeypatch.setattr("battles.querysets._LOOKED_AT", 2)
    first = make_published(battle=make_battle("The Hill", slug="hill"))
    make_published(battle=make_battle("The Dale", slug="dale"))
    publish([cite(make_statement(battle=first.battle, position=n)).statement for n in range(1, 7)])
    newest = Publication.objects.of_newest_editions
    assert newest(3).count() == 8
    assert {(row.battle.slug, row.edition) for row in newest(2)} == {("hill", 2), ("dale", 1)}
    assert {(row.battle.slug, row.edition) for row in newest(1)} == {("hill", 2)}


def test_before_anything_is_published_there_are_no_editions():
    assert list(Publication.objects.of_newest_editions(3)) == []
