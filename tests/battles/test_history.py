"""The history of battles, sources and statements in words; versions put back as drafts."""

import re
from typing import Any

import pytest
import reversion
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from reversion.models import Version

from battles.history import StatementTeller
from battles.models import Battle, Citation, Statement
from battles.publication import open_revision, withdraw
from sources.models import Contribution, Passage, Source
from tests.admin_forms import act, address, delete, filled, save, text_of
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_document,
    make_entity,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_side,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> Client:
    client = Client()
    client.force_login(make_curator())
    return client


def changes(client: Client, row) -> list[tuple[str, str, list[str]]]:
    """Return what a history tells, the newest first: who, what was said, and the words."""
    page = client.get(address(row, "history"))
    return [(change.who, change.said, change.words) for change in page.context["changes"]]


def last_words(client: Client, row) -> list[str]:
    return changes(client, row)[0][2]


def version(row, number: int) -> str:
    """Return the address of a version, counted from the oldest."""
    versions = Version.objects.get_for_object(row).order_by("pk")
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_version"
    return reverse(name, args=[row.pk, versions[number].pk])


def restore(client: Client, where: str):
    return client.post(where, {"seen": client.get(where).context["seen"]}, follow=True)


def citations(statement: Statement) -> list[tuple[str, str]]:
    cited = statement.citations.order_by("note")
    return [(str(one.passage), one.note) for one in cited.select_related("passage")]


# In words ---------------------------------------------------------------------------------------


def test_a_statement_tells_who_changed_which_value_from_what_to_what(curator: Client):
    draft = make_statement("strength", value=12000, battle=make_battle())
    save(curator, address(draft), value="12500", scope="on the first day")
    assert changes(curator, draft)[0] == (
        "curator",
        "",
        ["Strength changed from 12,000 to 12,500", "Scope set to “on the first day”"],
    )
    save(curator, address(draft), scope="")
    assert last_words(curator, draft) == ["Scope “on the first day” removed"]


def test_names_choices_and_wording_are_told_as_readers_know_them(curator: Client):
    battle = make_battle()
    north, south = make_side(battle=battle), make_side("South", battle=battle)
    draft = make_statement("result", battle=battle, victor=north, degree="decisive")
    save(curator, address(draft), victor=south.pk, degree="limited")
    assert last_words(curator, draft) == [
        "Victor changed from “North” to “South”",
        "Degree changed from decisive to limited",
    ]
    note = make_statement(text="One.")
    save(curator, address(note), text="Two & <b>more</b>.")
    assert last_words(curator, note) == ["Sentence changed from “One.” to “Two & <b>more</b>.”"]
    assert "<b>more" not in curator.get(address(note, "history")).content.decode()


def test_citations_are_told_with_where_they_stand(curator: Client):
    draft = make_statement()
    source = make_source(title="Annals")
    save(curator, address(draft), text="Before.")
    cite(draft, make_locator("p. 21", source=source))
    with_record(draft)
    assert last_words(curator, draft) == ["Citation of “Annals: p. 21” added"]
    save(curator, address(draft), citations__0__note="See the map.")
    assert last_words(curator, draft) == ["Citation of “Annals: p. 21”: note set to “See the map.”"]
    delete(curator, draft.citations.get())
    assert last_words(curator, draft) == ["Citation of “Annals: p. 21” removed"]


def with_record(row) -> None:
    with reversion.create_revision():
        reversion.add_to_revision(type(row).objects.get(pk=row.pk))


def test_steps_are_told_with_their_reasons(curator: Client):
    draft = make_statement()
    cite(draft)
    act(curator, Statement, "publish", [draft])
    act(curator, Statement, "withdraw", [draft], reason="Misread.")
    said = [(said, words[0]) for _, said, words in changes(curator, draft) if words]
    assert said == [
        ("Withdrawn: Misread.", "State changed from published to withdrawn"),
        ("Published.", "State changed from draft to published"),
    ]


def test_publishing_a_revision_tells_no_citation_as_new(curator: Client):
    public = make_published()
    with_record(public)
    revision = open_revision(public)
    save(curator, address(revision), text="Better.")
    Citation.objects.filter(statement=revision).update(rechecked_at="2020-01-01T00:00Z")
    act(curator, Statement, "publish", [Statement.objects.get(pk=revision.pk)])
    assert len(last_words(curator, public)) == 1
    assert last_words(curator, public)[0].endswith("to “Better.”")


def test_a_battle_and_its_sides_have_a_history(curator: Client):
    battle = make_battle("Battle of the Ford")
    make_side("North", battle=battle)
    save(curator, address(battle), name="Battle of the Bridge", sides__0__name="Northern League")
    assert last_words(curator, battle) == [
        "Name changed from “Battle of the Ford” to “Battle of the Bridge”",
        "Side “Northern League”: name changed from “North” to “Northern League”",
    ]
    save(curator, address(battle), sides__0__DELETE="on")
    assert last_words(curator, battle) == ["Side “Northern League” removed"]


def test_a_source_and_its_contributions_have_a_history(curator: Client):
    source = make_source()
    save(curator, address(source), publisher="Ford Press", contributions__0__name="Anon.")
    assert last_words(curator, source) == [
        "Publisher set to “Ford Press”",
        "Contribution “Anon.” added",
    ]


def test_what_was_changed_by_other_ways_is_laid_at_nobodys_door(curator: Client):
    source = make_source(publisher="Old")
    save(curator, address(source), publisher="Mine")
    Source.objects.filter(pk=source.pk).update(publisher="By a command")
    save(curator, address(source), note="Mine, too.")
    told = changes(curator, source)
    assert told[0] == ("curator", "", ["Note set to “Mine, too.”"])
    assert told[1][0] == ""
    assert told[1][2] == ["Publisher changed from “Mine” to “By a command”"]


def test_a_name_deleted_since_is_said_to_be(curator: Client):
    draft = make_statement("commander", entity=(duke := make_entity("Duke", "person")))
    save(curator, address(draft), entity=make_entity("Count", "person").pk)
    duke.delete()
    assert last_words(curator, draft) == [
        "Commander changed from “something deleted since” to “Count”"
    ]


def test_a_history_is_told_page_by_page_in_as_many_queries(curator: Client, monkeypatch):
    draft = make_statement(text="0")
    for number in range(1, 4):
        save(curator, address(draft), text=f"{number}")
    where = address(draft, "history")
    few = queries(curator, where)
    for number in range(4, 12):
        cite(draft, make_locator(f"p. {number}", source=make_source(origin=make_origin("Other"))))
        save(curator, address(draft), text=f"{number}")
    assert queries(curator, where) <= few + 4  # of parts and names, for each kind of which one
    monkeypatch.setattr("sources.admin.history._ON_A_PAGE", 5)
    newest, older = curator.get(where), curator.get(where, {"p": "2"})
    told = [change.words for page in (newest, older) for change in page.context["changes"]]
    assert len(told) == 10
    assert all(words for words in told)
    for odd in ("0", "x", "99999"):
        assert curator.get(where, {"p": odd}).status_code == 200


def queries(client: Client, where: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(where).status_code == 200
    return len(captured)


@pytest.mark.parametrize("make", [make_statement, make_battle, make_source])
def test_a_row_never_recorded_has_a_history_that_says_so(curator: Client, make):
    assert "No change of this" in text_of(curator.get(address(make(), "history")))


def test_a_version_recorded_by_an_older_release_can_be_read(curator: Client):
    draft = make_statement(text="One.")
    save(curator, address(draft), text="Two.")
    old = Version.objects.get_for_object(draft).order_by("pk").first()
    old.serialized_data = re.sub(r'"scope": "", ', '"lost": 1, ', old.serialized_data)
    assert '"lost"' in old.serialized_data
    old.save()
    assert last_words(curator, draft) == ["Sentence changed from “One.” to “Two.”"]
    assert curator.get(version(draft, 0)).status_code == 200


# Restoring statements ---------------------------------------------------------------------------


@pytest.fixture
def changed(curator: Client) -> Statement:
    """A draft of which the sentence, a note and a citation were changed, another one added."""
    draft = make_statement(text="Before.")
    document = make_document()
    kept = cite(draft, make_passage("32,253", document=document), note="kept")
    gone = cite(draft, make_passage("2,689 killed", document=document), note="gone")
    save(curator, address(draft), printed="as it was")
    gone.refresh_from_db()
    delete(curator, gone)
    cite(draft, make_passage("at dawn", document=document), note="new")
    save(curator, address(draft), text="After.", citations__0__note="kept, reworded")
    kept.refresh_from_db()
    draft.refresh_from_db()
    assert citations(draft) == [("32,253", "kept, reworded"), ("at dawn", "new")]
    return draft


WAS = [("2,689 killed", "gone"), ("32,253", "kept")]


def test_a_draft_takes_an_earlier_version_with_its_citations(curator: Client, changed: Statement):
    page = restore(curator, version(changed, 1))
    changed.refresh_from_db()
    assert (changed.text, changed.printed) == ("Before.", "as it was")
    assert citations(changed) == WAS
    assert "Restored as a draft" in text_of(page)
    who, said, words = changes(curator, changed)[0]
    assert who == "curator"
    assert said.startswith("Restored the version of")
    assert "Sentence changed from “After.” to “Before.”" in words


def test_restoring_can_be_taken_back_by_restoring_what_was(curator: Client, changed: Statement):
    before = Version.objects.get_for_object(changed).count()
    restore(curator, version(changed, 0))
    restore(curator, version(changed, before - 1))
    changed.refresh_from_db()
    assert changed.text == "After."
    assert citations(changed) == [("32,253", "kept, reworded"), ("at dawn", "new")]


def test_a_statement_in_review_goes_back_to_draft(curator: Client, changed: Statement):
    act(curator, Statement, "send_for_review", [changed])
    restore(curator, version(changed, 1))
    changed.refresh_from_db()
    assert (changed.state, changed.text) == ("draft", "Before.")


@pytest.mark.parametrize("is_open", [False, True])
def test_a_published_statement_stays_and_its_revision_takes_the_version(
    curator: Client, changed: Statement, is_open: bool
):
    act(curator, Statement, "publish", [changed])
    changed.refresh_from_db()
    assert changed.is_published
    if is_open:
        open_revision(changed)
    before = (changed.version, changed.text, citations(changed))
    restore(curator, version(changed, 1))
    changed.refresh_from_db()
    assert (changed.version, changed.text, citations(changed)) == before
    revision = changed.revision
    assert (revision.state, revision.text) == ("draft", "Before.")
    assert citations(revision) == WAS
    assert not revision.citations.exclude(rechecked_at=None).exists()


def test_a_withdrawn_statement_stays_and_a_new_draft_takes_the_version(
    curator: Client, changed: Statement
):
    act(curator, Statement, "publish", [changed])
    withdraw([changed], "Misread.")
    restore(curator, version(changed, 1))
    changed.refresh_from_db()
    assert (changed.state, changed.text) == ("withdrawn", "After.")
    made = Statement.objects.exclude(pk=changed.pk).get()
    assert (made.state, made.text, made.revises_id) == ("draft", "Before.", None)
    assert citations(made) == WAS


def test_what_was_deleted_since_is_told_and_the_rest_is_restored(
    curator: Client, changed: Statement
):
    Passage.objects.get(quote="2,689 killed").delete()
    page = restore(curator, version(changed, 1))
    changed.refresh_from_db()
    assert citations(changed) == [("32,253", "kept")]
    assert "was not restored: its passage was deleted since." in text_of(page)


def test_a_version_whose_values_cannot_be_held_is_refused_whole(curator: Client):
    draft = make_statement("commander", entity=(duke := make_entity("Duke", "person")))
    save(curator, address(draft), entity=make_entity("Count", "person").pk)
    duke.delete()
    page = restore(curator, version(draft, 0))
    assert "It cannot be restored." in text_of(page)
    draft.refresh_from_db()
    assert str(draft.entity) == "Count"


@pytest.mark.parametrize("seen", ["", "1:", "99:", "x", None])
def test_nothing_is_restored_over_what_was_not_seen(curator: Client, changed: Statement, seen):
    page = curator.post(version(changed, 1), {} if seen is None else {"seen": seen}, follow=True)
    assert "Nothing was restored; this is what is stored now." in text_of(page)
    changed.refresh_from_db()
    assert changed.text == "After."


def test_a_revision_changed_meanwhile_is_not_written_over(curator: Client, changed: Statement):
    act(curator, Statement, "publish", [changed])
    revision = open_revision(changed)
    where = version(changed, 1)
    seen = curator.get(where).context["seen"]
    save(curator, address(revision), text="Somebody’s work.")
    curator.post(where, {"seen": seen})
    revision.refresh_from_db()
    assert revision.text == "Somebody’s work."


def test_seeing_a_version_changes_nothing_and_says_what_would(curator: Client, changed: Statement):
    page = text_of(curator.get(version(changed, 1)))
    assert "Sentence changed from “Before.” to “After.”" in page
    assert "(not there now)" in page
    changed.refresh_from_db()
    assert changed.text == "After."


def test_a_version_is_of_its_own_row_alone(curator: Client, changed: Statement):
    other = make_statement(text="Other.")
    number = Version.objects.get_for_object(changed).first().pk
    where = reverse("admin:battles_statement_version", args=[other.pk, number])
    assert curator.get(where).status_code == 302
    curator.post(where, {"seen": f"{other.version}:"})
    other.refresh_from_db()
    assert other.text == "Other."


def test_who_may_only_look_does_not_restore(client: Client, changed: Statement):
    reader = User.objects.create_user("reader", is_staff=True)
    client.force_login(reader)
    assert client.get(version(changed, 1)).status_code == 403
    group = Group.objects.create(name="Readers")
    group.permissions.set(
        Group.objects.get(name="Curator").permissions.filter(codename__startswith="view")
    )
    reader.groups.add(group)
    page = client.get(version(changed, 1))
    assert page.status_code == 200
    assert "Restore" not in text_of(page)
    assert client.post(version(changed, 1), {"seen": page.context["seen"]}).status_code == 403


# Battles and sources ----------------------------------------------------------------------------


def test_the_form_of_a_battle_takes_an_earlier_version_and_saves_nothing(curator: Client):
    battle = make_battle("Battle of the Ford", scale="campaign")
    make_side("North", battle=battle)
    save(curator, address(battle), name="Battle of the Bridge", sides__0__name="League")
    shown = curator.get(version(battle, 0))
    [where] = re.findall(r'href="([^"]*from_version=[^"]*)"', shown.content.decode())
    page = curator.get(where)
    assert filled(page)["name"] == "Battle of the Ford"
    assert "Side “League”: name changed from “North” to “League”" in text_of(page)
    battle.refresh_from_db()
    assert battle.name == "Battle of the Bridge"
    curator.post(address(battle), filled(page))
    battle.refresh_from_db()
    assert battle.name == "Battle of the Ford"
    assert "Nothing was restored" in text_of(curator.post(version(battle, 0), follow=True))


def test_the_form_of_a_source_leaves_out_what_was_deleted_since(curator: Client):
    origin, other = make_origin("Gone"), make_origin("Here")
    source = make_source(origin=origin)
    Contribution.objects.create(source=source, name="Anon.")
    save(curator, address(source), origin=other.pk, publisher="New")
    origin.delete()
    number = Version.objects.get_for_object(source).last().pk
    page = curator.get(address(source), {"from_version": number})
    assert filled(page)["origin"] == str(other.pk)
    assert "publisher" not in filled(page) or filled(page)["publisher"] == ""


@pytest.mark.parametrize("number", ["x", "0", "-1", "99999999", ""])
def test_a_version_that_is_not_there_leaves_the_form_as_it_is(curator: Client, number: str):
    battle = make_battle()
    page = curator.get(address(battle), {"from_version": number})
    assert filled(page)["name"] == battle.name
    assert "Nothing is changed until you save" not in text_of(page)


def test_the_history_of_a_citation_is_its_statements(curator: Client):
    citation = cite(make_statement())
    where = address(citation, "history")
    assert curator.get(where)["Location"] == address(citation.statement, "history")


def test_the_stock_history_is_gone(curator: Client):
    battle = make_battle()
    save(curator, address(battle), name="Battle of the Bridge")
    assert Battle.objects.get().name == "Battle of the Bridge"
    page = curator.get(address(battle, "history"))
    assert "admin/object_history.html" not in [one.name for one in page.templates]


# Restoring what was deleted ---------------------------------------------------------------------


def put_back(client: Client, row: Any, number: int = 0):
    """Restore a deleted row from its history, as the links of the admin lead there."""
    where = address(row, "history")
    assert f'href="{where}"' in text_of(client.get(address(type(row), "deleted")))
    version = client.get(where).context["changes"][number].number
    return client.post(f"{where}{version}/", follow=True)


def test_a_deleted_draft_is_restored_with_its_id_values_and_citations(curator: Client):
    draft = make_statement(text="They crossed.", state="in_review")
    cite(draft, make_passage("2,689 killed"), note="as printed")
    delete(curator, draft)
    assert not Statement.objects.exists()
    assert "It was deleted by curator" in text_of(curator.get(address(draft, "history")))
    assert "Restored: " in text_of(put_back(curator, draft))
    again = Statement.objects.get()
    assert (again.pk, again.text, again.state) == (draft.pk, "They crossed.", "draft")
    assert again.battle == draft.battle
    assert citations(again) == [("2,689 killed", "as printed")]
    assert "it is here again" in text_of(curator.get(address(Statement, "deleted")))
    who, said, _ = changes(curator, again)[0]
    assert (who, said.partition(" of ")[0]) == ("curator", "Restored the version")


def test_drafts_deleted_from_a_list_are_restored_too(curator: Client):
    battle = make_battle()
    drafts = [make_statement(battle=battle, text=text) for text in ("One.", "Two.")]
    act(curator, Statement, "delete_selected", drafts, post="yes")
    assert not Statement.objects.exists()
    put_back(curator, drafts[1])
    assert Statement.objects.get().text == "Two."


def test_a_deleted_battle_comes_back_and_then_what_was_about_it(curator: Client):
    war = make_battle("War of the River", scale="war")
    battle = make_battle("Battle of the Bridge", scale="battle", part_of=war)
    side = make_side(battle=battle)
    save(curator, address(battle), scale="campaign")
    draft = make_statement("result", battle=battle, victor=side, degree="decisive")
    delete(curator, draft)
    delete(curator, battle)
    refused = text_of(put_back(curator, draft))
    assert "It is about “Battle of the Bridge” (deleted since)" in refused
    assert not Statement.objects.exists()
    put_back(curator, battle)
    again = Battle.objects.get(pk=battle.pk)
    assert (again.name, again.scale) == ("Battle of the Bridge", "campaign")
    assert (again.part_of, again.sides.get()) == (war, side)
    put_back(curator, draft)
    assert Statement.objects.get().victor == side


def test_battles_deleted_from_a_list_come_back_with_their_sides(curator: Client):
    battles = [make_battle(name) for name in ("Battle of the Bridge", "Battle of the Ford")]
    sides = [make_side(name, battle=battle) for battle in battles for name in ("North", "South")]
    act(curator, Battle, "delete_selected", battles, post="yes")
    assert not Battle.objects.exists()
    put_back(curator, battles[1])
    assert list(Battle.objects.get().sides.order_by("name")) == sides[2:]


def test_a_deleted_source_comes_back_without_what_is_gone(curator: Client):
    origin, other = make_origin("Northern Staff"), make_source(title="Annals")
    source = make_source(title="Chronicle", origin=origin)
    save(curator, address(source), contributions__0__name="Anon.")
    save(curator, address(source), derivations__0__derives_from=other.pk)
    delete(curator, source)
    delete(curator, other)
    delete(curator, origin)
    page = text_of(put_back(curator, source))
    assert "Origin: “Northern Staff” (deleted since) is not there, so it is empty." in page
    assert "was not restored. Derives from: “Annals” (deleted since) is not there" in page
    again = Source.objects.get()
    assert (again.pk, again.origin, again.contributions.get().name) == (source.pk, None, "Anon.")
    assert not again.derivations.exists()


def test_a_deleted_row_whose_place_is_taken_is_refused_kindly(curator: Client):
    battle = make_battle("Battle of the Ford", slug="ford")
    delete(curator, battle)
    make_battle("Another", slug="ford")
    page = text_of(put_back(curator, battle))
    assert "It cannot be restored." in page
    assert "Nothing was changed." in page
    assert Battle.objects.get().name == "Another"


def test_a_citation_whose_passage_is_gone_is_named_and_left_out(curator: Client):
    draft = make_statement()
    passage = make_passage("2,689 killed")
    cite(draft, passage)
    delete(curator, draft)
    delete(curator, passage)
    page = text_of(put_back(curator, draft))
    assert "2,689 killed” (deleted since) was not restored: its passage was deleted since." in page
    assert not Statement.objects.get().citations.exists()


def test_a_deleted_revision_comes_back_as_the_revision_of_what_is_public(curator: Client):
    public = make_published(text="As published.")
    revision = open_revision(public)
    save(curator, address(revision), text="Better.")
    delete(curator, revision)
    put_back(curator, revision)
    assert Statement.objects.get(revises=public).text == "Better."
    public.refresh_from_db()
    assert public.text == "As published."


@pytest.mark.parametrize("make", [make_battle, make_source, make_statement])
def test_restoring_what_is_there_again_does_nothing(curator: Client, make):
    row = make()
    delete(curator, row)
    version = curator.get(address(row, "history")).context["changes"][0].number
    where = f"{address(row, 'history')}{version}/"
    curator.post(where)
    page = curator.post(where, follow=True)
    assert type(row).objects.count() == 1
    assert "Nothing was restored" in text_of(page)


def test_who_may_not_add_restores_nothing_that_was_deleted(curator: Client, client: Client):
    battle = make_battle()
    delete(curator, battle)
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_battle"))
    client.force_login(user)
    page = client.get(address(battle, "history"))
    where = f"{address(battle, 'history')}{page.context['changes'][0].number}/"
    assert "It was deleted since." in text_of(client.get(where))
    assert 'value="Restore"' not in text_of(client.get(where))
    assert client.post(where).status_code == 403
    assert not Battle.objects.exists()


# Nobody is held to have done what others did -----------------------------------------------------


def by_a_command(row: Any, **values: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**values)


def test_what_a_command_changed_is_not_credited_to_who_takes_the_next_step(curator: Client):
    draft = make_statement("strength", value=4000, battle=make_battle())
    with_record(draft)
    by_a_command(draft, value=5000)
    act(curator, Statement, "send_for_review", [draft])
    by_a_command(draft, value=6000)
    draft.refresh_from_db()
    curator.post(address(draft, "return"), {"version": draft.version})
    assert [(who, words) for who, _, words in changes(curator, draft)[:4]] == [
        ("curator", ["State changed from in review to draft"]),
        ("", ["Strength changed from 5,000 to 6,000"]),
        ("curator", ["State changed from draft to in review"]),
        ("", ["Strength changed from 4,000 to 5,000"]),
    ]


def test_what_a_command_changed_is_not_credited_to_who_merges(curator: Client):
    kept, merged = make_battle("Ford"), make_battle("Bridge")
    with_record(kept)
    by_a_command(kept, name="Great Ford")
    where = reverse("admin:battles_battle_merge", args=[merged.pk], query={"into": kept.pk})
    curator.post(where, {"shown": curator.get(where).context["shown"]})
    last, before = changes(curator, kept)[:2]
    assert (last[0], last[1][:15], last[2]) == ("curator", "Merged “Bridge”", [])
    assert (before[0], before[2]) == ("", ["Name changed from “Ford” to “Great Ford”"])


def test_rows_are_compared_with_their_records_in_as_many_queries_however_many(curator: Client):
    battle = make_battle()
    rows = [make_statement(battle=battle, text=f"{number}.") for number in range(12)]
    for row in rows:
        cite(row)
        with_record(row)

    def asked(some: list[Statement]) -> int:
        chosen = list(Statement.objects.filter(pk__in=[row.pk for row in some]))
        with CaptureQueriesContext(connection) as captured:
            assert StatementTeller(Statement).unrecorded(chosen) == []
        return len(captured)

    assert asked(rows) == asked(rows[:2])
