"""What turned out to be one is merged, statements move: editions stay, addresses lead on."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive.exporting import export_archive
from archive.importing import import_archive
from archive.verification import verify
from battles import readings
from battles.drafting import deciding
from battles.editions import changes_between, read_edition
from battles.merging import BattleMerger, CannotMerge, EntityMerger
from battles.models import (
    Battle,
    Dismissal,
    Entity,
    EntityName,
    Publication,
    Question,
    Reading,
    Side,
    Statement,
)
from battles.publication import (
    CannotPublish,
    move,
    open_revision,
    publish,
    publish_reading,
    withdraw,
)
from battles.readings import mark
from sources import storage
from sources.anchoring import Span
from tests.admin_forms import act, address, text_of
from tests.builders import (
    CHRONICLE,
    cite,
    make_battle,
    make_curator,
    make_document,
    make_entity,
    make_passage,
    make_published,
    make_question,
    make_side,
    make_statement,
    rechecked,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bytes_of_the_chronicle() -> None:
    storage.store(io.BytesIO(CHRONICLE.encode()))


def client_of(group: str) -> Client:
    user = User.objects.create_user(group.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def publisher() -> Client:
    return client_of("Publisher")


@pytest.fixture
def curator() -> Client:
    return client_of("Curator")


@pytest.fixture
def ford() -> Battle:
    return make_battle("Battle of the Ford", slug="ford")


@pytest.fixture
def bridge() -> Battle:
    return make_battle("Battle of the Bridge", slug="bridge")


def told(battle: Battle, number: int) -> list[str]:
    """Return what an edition of a battle tells, in words."""
    battle = Battle.objects.get(pk=battle.pk)
    return sorted(one.text for one in read_edition(battle, number).page.statements)


def now(battle: Battle) -> Battle:
    return Battle.objects.get(pk=battle.pk)


# Moving statements ------------------------------------------------------------------------------


def test_a_draft_moves_with_its_side_and_its_question(ford: Battle, bridge: Battle):
    side, question = make_side("North", battle=ford), make_question(battle=ford)
    losses = make_statement("casualties", battle=ford, side=side)
    sentence = make_statement(battle=ford, question=question)
    assert move([losses, sentence], bridge) == []
    losses.refresh_from_db()
    sentence.refresh_from_db()
    assert (losses.side.battle, losses.side.name) == (bridge, "North")
    assert losses.question.battle == bridge
    assert (sentence.question.battle, sentence.question.wording) == (bridge, question.wording)
    assert (now(ford).edition, now(bridge).edition) == (0, 0)


def test_a_side_and_a_question_of_the_same_name_are_those_that_are_there(
    ford: Battle, bridge: Battle
):
    side, question = make_side("North", battle=bridge), make_question(battle=bridge)
    losses = make_statement("casualties", battle=ford, side=make_side("North", battle=ford))
    sentence = make_statement(battle=ford, question=make_question(battle=ford))
    move([losses, sentence], bridge)
    losses.refresh_from_db()
    sentence.refresh_from_db()
    assert (losses.side, sentence.question) == (side, question)


def test_a_published_statement_leaves_one_edition_and_enters_the_other(
    ford: Battle, bridge: Battle, client: Client
):
    make_published(battle=ford, text="It began.")
    moved = make_published(battle=ford, text="The army crossed.")
    evidence, where = moved.evidence, moved.get_absolute_url()
    assert [(row.slug, row.edition) for row in move([moved], bridge)] == [
        ("ford", 3),
        ("bridge", 1),
    ]
    moved.refresh_from_db()
    assert (moved.battle, moved.evidence, moved.state) == (bridge, evidence, "published")
    assert told(ford, 1) == ["It began."]
    assert told(ford, 2) == ["It began.", "The army crossed."]
    assert told(ford, 3) == ["It began."]
    assert told(bridge, 1) == ["The army crossed."]
    [change] = changes_between(now(ford), 2, 3)
    assert (change.what, change.reason) == ("withdrawn", "Moved to “Battle of the Bridge”.")
    page = " ".join(client.get(where).content.decode().split())
    assert "Battle of the Bridge" in page
    assert "edition 2 of Battle of the Ford</a>" in page
    assert "The army crossed." in client.get(bridge.get_absolute_url()).content.decode()
    assert "The army crossed." not in client.get(ford.get_absolute_url()).content.decode()
    assert list(verify()) == []


def test_rivals_are_compared_where_a_statement_is_now(ford: Battle, bridge: Battle):
    one = make_published("date", battle=ford, date_edtf="1453-05-29")
    other = make_published("date", battle=bridge, date_edtf="1454")
    assert not Question.objects.filter(disputed=True).exists()
    move([one], bridge)
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.question == other.question
    assert other.question.disputed
    assert list(verify()) == []


def test_an_open_revision_goes_with_what_it_revises(ford: Battle, bridge: Battle):
    moved = make_published(battle=ford)
    revision = open_revision(moved)
    move([moved], bridge)
    revision.refresh_from_db()
    assert revision.battle == bridge
    publish(rechecked(revision))
    assert list(verify()) == []


def test_what_is_withdrawn_after_it_moved_shows_its_reason_alone_in_every_edition(
    ford: Battle, bridge: Battle
):
    moved = make_published(battle=ford, text="The army crossed.")
    move([moved], bridge)
    moved.refresh_from_db()
    withdraw([moved], "Misread.")
    for battle, number in ((ford, 1), (bridge, 1)):
        edition = read_edition(now(battle), number)
        assert edition.page.statements == []
        assert [one.reason for one in edition.withdrawn] == ["Misread."]
    assert list(verify()) == []


def test_a_statement_can_move_back(ford: Battle, bridge: Battle):
    moved = make_published(battle=ford)
    for battle in (bridge, ford):
        moved.refresh_from_db()
        move([moved], battle)
    assert [(now(one).edition, len(told(one, now(one).edition))) for one in (ford, bridge)] == [
        (3, 1),
        (2, 0),
    ]
    assert list(verify()) == []


def test_what_cannot_move_says_why_and_nothing_moves(ford: Battle, bridge: Battle):
    draft, gone = make_statement(battle=ford), make_published(battle=ford)
    withdraw([gone], "Misread.")
    public = make_published(battle=ford)
    revision = open_revision(public)
    part = make_statement("part_of", battle=ford, parent=bridge)
    for row, why in (
        (gone, "it was withdrawn"),
        (revision, "a revision goes with the statement it revises"),
        (part, "cannot be part of itself"),
        (make_statement(battle=bridge), "it is about “Battle of the Bridge” already"),
    ):
        with pytest.raises(CannotPublish, match=why):
            move([draft, row], bridge)
    draft.refresh_from_db()
    assert draft.battle == ford


def test_curators_move_drafts_and_publishers_what_is_public(
    curator: Client, publisher: Client, ford: Battle, bridge: Battle
):
    draft, public = make_statement(battle=ford), make_published(battle=ford)
    page = act(curator, Statement, "move", [draft, public])
    assert "1 of these is public: only those who publish move what is public" in text_of(page)
    page = act(curator, Statement, "move", [draft, public], battle=str(bridge.pk))
    assert "1 statement is now about “Battle of the Bridge”." in text_of(page)
    assert "only those who publish move it" in text_of(page)
    assert set(Statement.objects.filter(battle=bridge)) == {draft}
    page = act(publisher, Statement, "move", [public])
    assert "1 of these is public: each battle gets a new edition" in text_of(page)
    page = act(publisher, Statement, "move", [public], battle=str(bridge.pk))
    assert "New editions: Battle of the Ford, edition 2, Battle of the Bridge, edition 1." in (
        text_of(page)
    )
    history = text_of(publisher.get(address(public, "history")))
    assert "Moved from “Battle of the Ford” to “Battle of the Bridge”." in history


def test_the_page_that_asks_for_the_battle_keeps_the_choice(
    curator: Client, ford: Battle, bridge: Battle
):
    draft, other = make_statement(battle=ford), make_statement(battle=ford)
    page = act(curator, Statement, "move", [draft])
    data = dict(page.context["hidden"]) | {"battle": str(bridge.pk)}
    curator.post(address(Statement, "changelist"), data)
    assert set(Statement.objects.filter(battle=bridge)) == {draft}
    assert set(Statement.objects.filter(battle=ford)) == {other}


def test_moving_asks_for_the_battle(curator: Client, ford: Battle):
    page = act(curator, Statement, "move", [make_statement(battle=ford)], battle="")
    assert "Choose the battle they are to move to." in text_of(page)


# Merging battles --------------------------------------------------------------------------------


def test_a_battle_is_merged_with_all_that_belongs_to_it(
    ford: Battle, bridge: Battle, client: Client
):
    side = make_side("North", battle=bridge)
    make_published(battle=ford, text="It began.")
    moved = make_published(battle=bridge, text="The army crossed.")
    losses = make_published("casualties", battle=bridge, side=side)
    draft = make_statement(battle=bridge)
    gone = make_published(battle=bridge)
    withdraw([gone], "Misread.")
    skirmish = make_battle("Skirmish", part_of=bridge)
    part = make_published("part_of", battle=skirmish, parent=bridge)
    planned = make_statement("part_of", battle=make_battle("Other"), parent=bridge)
    before = told(bridge, 2)
    BattleMerger(bridge, ford).run()

    for row in (moved, losses, draft):
        row.refresh_from_db()
        assert row.battle == ford
    gone.refresh_from_db()
    part.refresh_from_db()
    planned.refresh_from_db()
    assert (gone.battle, part.parent, planned.parent) == (bridge, ford, ford)
    assert now(skirmish).part_of == ford
    assert told(bridge, 2) == before == ["2,689", "The army crossed."]
    assert now(skirmish).edition == 2
    assert now(bridge).merged_into == ford
    assert list(verify()) == []
    assert client.get("/battles/bridge/")["Location"] == "/battles/ford/"
    assert client.get("/battles/bridge/").status_code == 301
    assert client.get("/battles/bridge/accounts/")["Location"] == "/battles/ford/accounts/"
    edition = client.get("/battles/bridge/editions/2/")
    assert edition.status_code == 200
    assert "The army crossed." in edition.content.decode()
    assert "It was merged since into" in edition.content.decode()
    assert "It was merged into" in client.get("/battles/bridge/history/").content.decode()
    listed = client.get("/battles/").content.decode()
    assert 'href="/battles/ford/"' in listed
    assert 'href="/battles/bridge/"' not in listed


def test_former_and_later_addresses_lead_on(ford: Battle, bridge: Battle, client: Client):
    make_published(battle=bridge)
    bridge = now(bridge)
    bridge.slug = "stone-bridge"
    bridge.save()
    make_published(battle=ford)
    last = make_battle("Battle of the River", slug="river")
    make_published(battle=last)
    BattleMerger(now(bridge), ford).run()
    BattleMerger(now(ford), last).run()
    for slug in ("bridge", "stone-bridge", "ford"):
        assert client.get(f"/battles/{slug}/")["Location"] == "/battles/river/"
    assert list(verify()) == []


def test_a_battle_that_readers_never_saw_is_deleted(ford: Battle, bridge: Battle):
    side = make_side(battle=bridge)
    draft = make_statement("casualties", battle=bridge, side=side)
    make_question(battle=bridge)
    merger = BattleMerger(bridge, ford)
    assert not merger.stays
    merger.run()
    draft.refresh_from_db()
    assert draft.battle == ford
    assert set(Battle.objects.all()) == {ford}
    assert set(Side.objects.values_list("battle", flat=True)) == {ford.pk}


def spans(battle: Battle) -> list[tuple[int, int, str, str]]:
    """Return what was read through for a battle, by whom, and whether readers know."""
    rows = Reading.objects.filter(battle=battle).order_by("start", "state")
    return [(row.start, row.end, row.by_name, row.state) for row in rows]


def test_what_was_read_and_dismissed_for_a_battle_counts_for_the_other_and_counts_once(
    ford: Battle, bridge: Battle
):
    document = make_document()
    ann, ben = make_curator("ann"), make_curator("ben")
    [early] = mark(document, bridge, Span(0, 40), by=ann)
    mark(document, ford, Span(10, 20), by=ben)
    for battle, start in ((bridge, 0), (bridge, 9), (ford, 9)):
        Dismissal.objects.create(
            document=document, battle=battle, start=start, end=start + 5, kind="narrative", by=ann
        )
    make_published(battle=bridge)
    make_published(battle=ford)
    BattleMerger(now(bridge), ford).run()
    assert spans(ford) == [
        (0, 10, "ann", "marked"),
        (10, 20, "ben", "marked"),
        (20, 40, "ann", "marked"),
    ]
    assert spans(bridge) == []
    assert {row.at for row in Reading.objects.filter(by=ann)} == {early.at}
    dismissed = Dismissal.objects.order_by("start").values_list("battle", "start")
    assert list(dismissed) == [(ford.pk, 0), (ford.pk, 9)]
    readings.follow(bridge, ford)
    deciding.follow(bridge, ford)
    assert (Reading.objects.count(), Dismissal.objects.count()) == (3, 2)
    assert list(verify()) == []


def test_readers_are_told_of_silence_anew_once_battles_are_merged(ford: Battle, bridge: Battle):
    document = make_document()
    make_published(battle=ford)
    make_published(battle=bridge, passage=make_passage("2,689 killed", document=document))
    whole = Span(0, document.text_length)
    mark(document, bridge, whole, by=None)
    publish_reading(document, bridge)
    BattleMerger(now(bridge), ford).run()
    assert spans(bridge) == [(*whole, "", "withdrawn")]
    assert spans(ford) == [(*whole, "", "marked")]
    publish_reading(document, now(ford))
    assert list(verify()) == []


def test_what_was_read_for_a_battle_that_is_deleted_is_not_lost(ford: Battle, bridge: Battle):
    mark(make_document(), bridge, Span(0, 40), by=None)
    BattleMerger(bridge, ford).run()
    assert set(Battle.objects.all()) == {ford}
    assert spans(ford) == [(0, 40, "", "marked")]


def test_the_page_says_what_becomes_of_what_was_read_and_dismissed(
    publisher: Client, ford: Battle, bridge: Battle
):
    document = make_document()
    mark(document, bridge, Span(0, 40), by=None)
    Dismissal.objects.create(document=document, battle=bridge, start=0, end=5, kind="narrative")
    said = text_of(publisher.get(merging(bridge, ford)))
    assert "Marks of what was read through for it, to hold for the other" in said
    assert "Proposals dismissed for it, to be dismissed for the other" in said
    assert "Marks that readers were told of" not in said


def test_what_was_merged_takes_nothing_new(ford: Battle, bridge: Battle, curator: Client):
    make_published(battle=ford)
    make_published(battle=bridge)
    BattleMerger(bridge, ford).run()
    late = make_statement(battle=bridge)
    cite(late)
    with pytest.raises(CannotPublish, match="its battle was merged into “Battle of the Ford”"):
        publish([late])
    move([late], ford)
    publish([late])
    proposed = curator.get(reverse("admin:battles_statement_add"))
    assert bridge not in proposed.context["battles"]
    query = {"app_label": "battles", "model_name": "statement", "field_name": "battle"}
    found = curator.get(reverse("admin:autocomplete"), query | {"term": "Battle"}).json()
    assert [row["id"] for row in found["results"]] == [str(ford.pk)]


@pytest.mark.parametrize("what", ["itself", "its part", "said to be part", "unseen", "merged"])
def test_battles_that_cannot_be_merged_say_why(ford: Battle, bridge: Battle, what: str):
    make_published(battle=ford)
    kept, why = bridge, ""
    match what:
        case "itself":
            kept, why = ford, "it cannot be merged into itself"
        case "its part":
            Battle.objects.filter(pk=bridge.pk).update(part_of=ford)
            kept, why = now(bridge), "One is filed under the other"
        case "said to be part":
            make_statement("part_of", battle=bridge, parent=ford)
            why = "A statement says that one was part of the other"
        case "unseen":
            withdraw(Statement.objects.published(), "Misread.")
            why = "keep the first instead"
        case "merged":
            make_published(battle=bridge)
            BattleMerger(bridge, make_battle("Third")).run()
            kept, why = now(bridge), "was merged into “Third” already"
    before = list(Publication.objects.values_list("pk"))
    with pytest.raises(CannotMerge, match=why):
        BattleMerger(now(ford), kept).run()
    assert list(Publication.objects.values_list("pk")) == before


# Merging entities -------------------------------------------------------------------------------


def test_an_entity_is_merged_with_its_names_and_all_that_names_it(ford: Battle, client: Client):
    kept, merged = make_entity("Kumsong", "place"), make_entity("Jincheng", "place")
    EntityName.objects.create(entity=merged, text="金城", language="zh")
    EntityName.objects.create(entity=kept, text="金城", language="zh")
    merged.identifiers.create(scheme="wikidata", value="Q1")
    public = make_published("place", battle=ford, place=merged)
    draft = make_statement("place", battle=ford, place=merged)
    gone = make_published("place", battle=ford, place=merged)
    withdraw([gone], "Misread.")
    address_of_merged = merged.get_absolute_url()
    [touched] = EntityMerger(merged, kept).run()

    for row in (public, draft, gone):
        row.refresh_from_db()
    assert (public.place, draft.place, gone.place) == (kept, kept, merged)
    assert (touched, touched.edition) == (ford, 4)
    assert told(ford, 1) == ["Jincheng"]
    assert told(ford, 4) == ["Kumsong"]
    assert set(kept.names.values_list("text", flat=True)) == {"Jincheng", "金城"}
    assert kept.identifiers.get().value == "Q1"
    answer = client.get(address_of_merged)
    assert (answer.status_code, answer["Location"]) == (301, kept.get_absolute_url())
    assert "Jincheng" in client.get(kept.get_absolute_url()).content.decode()
    assert list(verify()) == []


def test_figures_of_a_merged_party_answer_the_same_question(ford: Battle):
    kept, merged = make_entity("North"), make_entity("Northern Kingdom")
    one = make_published("casualties", battle=ford, entity=kept)
    other = make_published("casualties", battle=ford, entity=merged, value=7)
    EntityMerger(merged, kept).run()
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.question == other.question
    assert Question.objects.filter(entity=merged).count() == 0
    assert list(verify()) == []


def test_an_entity_that_readers_never_saw_is_deleted(ford: Battle):
    kept = make_entity("Kumsong", "place")
    merged = make_entity(
        *("Jincheng", "place"),
        latitude="38.3",
        longitude="127.6",
        precision="point",
        gazetteer="GeoNames",
    )
    draft = make_statement("place", battle=ford, place=merged)
    EntityMerger(merged, kept).run()
    draft.refresh_from_db()
    kept.refresh_from_db()
    assert draft.place == kept
    assert (str(kept.latitude), kept.gazetteer) == ("38.30000", "GeoNames")
    assert list(Entity.objects.all()) == [kept]


def test_only_two_of_a_kind_are_merged(ford: Battle):
    person, party = make_entity("Deng", "person"), make_entity("North")
    with pytest.raises(CannotMerge, match="only two of a kind can be one"):
        EntityMerger(person, party).run()
    unit, coalition = make_entity("North"), make_entity("Allies")
    make_statement("belligerent", battle=ford, entity=unit, party=coalition)
    with pytest.raises(CannotMerge, match="names one as the party of the other"):
        EntityMerger(unit, coalition).run()


# In the admin -----------------------------------------------------------------------------------


def merging(merged: Any, kept: Any) -> str:
    return f"{address(merged, 'merge')}?into={kept.pk}"


@pytest.mark.parametrize("seen", [True, False])
def test_a_question_that_nobody_answered_yet_is_asked_about_the_battle_that_stays(
    ford: Battle, bridge: Battle, seen: bool
):
    if seen:
        make_published(battle=ford)
    side = make_side("North", battle=ford)
    asked = make_question("Who had the guns?", battle=ford, side=side)
    make_question("Who blinked?", battle=ford)
    make_question("Who blinked?", battle=bridge)
    ford.refresh_from_db()
    merger = BattleMerger(ford, bridge)
    assert ("questions that nobody answered yet, to be asked about the other", 2) in merger.moves
    merger.run()
    narrative = bridge.questions.filter(kind="narrative").order_by("wording")
    assert [one.wording for one in narrative] == ["Who blinked?", "Who had the guns?"]
    asked.refresh_from_db()
    assert (asked.battle, asked.side) == (bridge, bridge.sides.get(name="North"))


def test_the_page_shows_what_moves_and_then_merges(publisher: Client, ford: Battle, bridge: Battle):
    make_published(battle=ford)
    public = make_published(battle=bridge)
    make_statement(battle=bridge)
    page = publisher.get(merging(bridge, ford))
    said = text_of(page)
    assert "<dt>Published statements that move, in new editions</dt> <dd>1</dd>" in said
    assert "<dt>Drafts and revisions that move</dt> <dd>1</dd>" in said
    assert "its address leads to “Battle of the Ford”" in said
    assert Statement.objects.filter(battle=bridge).count() == 2
    shown = {"shown": page.context["shown"]}
    done = publisher.post(merging(bridge, ford), shown, follow=True)
    assert "“Battle of the Bridge” is merged into “Battle of the Ford”." in text_of(done)
    assert not Statement.objects.filter(battle=bridge).exists()
    assert "It was merged into" in text_of(publisher.get(address(now(bridge))))
    assert "Merged “Battle of the Bridge”" in text_of(publisher.get(address(ford, "history")))
    by = Publication.objects.filter(statement=public).values_list("by_name", flat=True)
    assert set(by) == {"", "publisher"}


def test_what_changed_since_it_was_shown_is_shown_again(
    publisher: Client, ford: Battle, bridge: Battle
):
    shown = {"shown": publisher.get(merging(bridge, ford)).context["shown"]}
    make_statement(battle=bridge)
    page = publisher.post(merging(bridge, ford), shown)
    assert "Something changed since this page was shown" in text_of(page)
    assert Battle.objects.filter(pk=bridge.pk).exists()


def test_why_not_is_said_and_the_other_way_offered(publisher: Client, ford: Battle, bridge: Battle):
    withdraw([make_published(battle=bridge)], "Misread.")
    page = publisher.get(merging(bridge, ford))
    assert "keep the first instead" in text_of(page)
    assert merging(ford, bridge) in page.content.decode()
    publisher.post(merging(bridge, ford), {"shown": page.context["shown"]})
    assert now(bridge).merged_into is None


def test_two_are_chosen_in_the_list(publisher: Client, ford: Battle, bridge: Battle):
    page = act(publisher, Battle, "merge_two", [ford])
    assert "Choose two to merge" in text_of(page)
    page = act(publisher, Battle, "merge_two", [ford, bridge])
    assert page.context["merger"] is not None
    page = act(publisher, Entity, "merge_two", [make_entity("North"), make_entity("Nord")])
    assert page.context["merger"] is not None


def test_only_those_who_publish_merge(curator: Client, client: Client, ford: Battle):
    for row in (ford, make_entity()):
        assert curator.get(address(row, "merge")).status_code == 403
        assert curator.post(address(row, "merge")).status_code == 403
        assert "Merge into another" not in text_of(curator.get(address(row)))
        assert "/login/" in client.get(address(row, "merge"))["Location"]


def test_the_plan_costs_the_same_queries_for_one_statement_or_many(
    publisher: Client, ford: Battle, bridge: Battle
):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            publisher.get(merging(bridge, ford))
        return len(counted)

    make_published(battle=bridge)
    publisher.get(merging(bridge, ford))
    few = queries()
    for _ in range(4):
        make_published(battle=bridge)
    assert queries() == few


# Handed over ------------------------------------------------------------------------------------


def test_a_bundle_carries_what_was_merged_and_moved(
    ford: Battle, bridge: Battle, tmp_path: Path, transactional_db: None, client: Client
):
    place, other = make_entity("Kumsong", "place"), make_entity("Jincheng", "place")
    make_published("place", battle=ford, place=place)
    make_published("place", battle=bridge, place=other)
    moved = make_published(battle=bridge, text="The army crossed.")
    EntityMerger(other, place).run()
    BattleMerger(now(bridge), now(ford)).run()
    before, edition = client.get("/battles/bridge/editions/2/").content, told(bridge, 2)
    counts = export_archive(tmp_path / "bundle")
    assert counts["battles"] == counts["entities"] == 2
    again = import_archive(tmp_path / "bundle")
    assert sum(again.added.values()) == 0
    call_command("flush", interactive=False, verbosity=0)
    import_archive(tmp_path / "bundle")
    assert list(verify()) == []
    assert told(bridge, 2) == edition
    assert client.get("/battles/bridge/editions/2/").content == before
    assert client.get("/battles/bridge/")["Location"] == "/battles/ford/"
    assert client.get(other.get_absolute_url())["Location"] == place.get_absolute_url()
    assert Statement.objects.get(pk=moved.pk).battle == now(ford)
    assert export_archive(tmp_path / "second") == counts


def test_a_bundle_takes_the_evidence_from_where_a_statement_is_now(
    ford: Battle, bridge: Battle, tmp_path: Path, transactional_db: None
):
    moved = make_published(battle=bridge)
    for _ in range(3):
        make_published(battle=bridge)
    withdraw([moved], "Misread.")
    publish([moved])
    move([moved], ford)
    revision = open_revision(Statement.objects.get(pk=moved.pk))
    revision.citations.all().delete()
    cite(revision, make_passage("at dusk"))
    publish(rechecked(revision))
    evidence = Statement.objects.get(pk=moved.pk).evidence_id
    assert (now(bridge).edition, now(ford).edition) == (7, 2)
    export_archive(tmp_path / "bundle")
    call_command("flush", interactive=False, verbosity=0)
    import_archive(tmp_path / "bundle")
    assert Statement.objects.get(pk=moved.pk).evidence_id == evidence
    assert list(verify()) == []
