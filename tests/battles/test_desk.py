"""The desk: reading a document in the admin and citing it without leaving the text."""

import json
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from reversion.models import Version

from battles import desk
from battles.attribution import attribution
from battles.desk import Choice, Selection
from battles.marking import Span
from battles.models import Battle, Citation, Statement
from battles.publication import open_revision, withdraw
from sources.footnotes import find_in
from sources.models import Document, Footnote, Origin, Passage
from sources.sentences import sentences
from tests.admin_forms import address, text_of
from tests.builders import (
    CHRONICLE,
    cite,
    make_battle,
    make_document,
    make_entity,
    make_origin,
    make_passage,
    make_published,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db


def client_of(group: str) -> Client:
    user = User.objects.create_user(group.lower(), password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def curator() -> Client:
    return client_of("Curator")


@pytest.fixture
def viewer() -> Client:
    user = User.objects.create_user("viewer", password="ford-and-river", is_staff=True)
    names = ("view_statement", "view_document")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


def where(document: Document, page: str = "cite") -> str:
    return reverse(f"admin:battles_statement_{page}", args=[document.pk])


def at(document: Document, quote: str) -> str:
    start = document.text.content.index(quote)
    return Selection(start, start + len(quote), quote).dumps()


def fresh(row: Statement) -> str:
    """Return a choice of a statement as a curator would see it now."""
    return str(Choice.of(desk.chosen([Choice(row.pk, 0, None)]).get()))


def sent(document: Document, battle: Battle, quote: str = "2,689 killed", **more: Any) -> Any:
    return {
        "at": at(document, quote),
        "battle": str(battle.pk),
        "bearing": "supports",
        "claimant": str(document.source.origin_id),
        "proposed_for": "1",
        **more,
    }


# The text and its places ------------------------------------------------------------------------


class Words(HTMLParser):
    """Reads back the characters of some HTML, as a browser does."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.words = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_charref(self, name: str) -> None:
        self.words += unescape(f"&#{name};")

    def handle_entityref(self, name: str) -> None:
        self.words += unescape(f"&{name};")


TEXTS = st.text(
    st.sampled_from("ab <&>\"'\n\n\f\r\t\xa0\u3000\u0301\u200d金城한글𠮷😀\u2028\ufeff"),
    min_size=1,
    max_size=120,
)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 119), st.integers(1, 40)), max_size=6))
def test_the_text_laid_out_is_the_text_and_each_stretch_says_where_it_begins(text, places):
    spans = [
        Span(f"{number}", start, min(len(text), start + length))
        for number, (start, length) in enumerate(places)
        if start < len(text)
    ]
    read = ""
    for block, html in desk.lay_out(text, spans):
        assert block.start == len(read)
        read += Words(html).words
    assert read == text


def test_a_long_text_is_laid_out_in_short_stretches():
    text = "The army crossed the ford.\n" * 5000
    laid = desk.lay_out(text, [Span("x", 60_000, 60_010)])
    assert max(block.end - block.start for block, _ in laid) <= 4000
    assert "".join(Words(html).words for _, html in laid) == text


@given(TEXTS, st.lists(st.tuples(st.integers(0, 119), st.integers(1, 40)), max_size=6))
def test_the_uncited_sentences_are_those_that_no_passage_touches(text, places):
    passages = [
        Passage(start=start, end=min(len(text), start + length))
        for start, length in places
        if start < len(text)
    ]
    stretches = [desk.Stretch(0, "", [desk.Mark(1, passage, [])], []) for passage in passages]
    touched = {place for passage in passages for place in range(*passage.span)}
    expected = [span for span in sentences(text) if touched.isdisjoint(range(*span))]
    found = desk.uncited_sentences(text, stretches)
    assert found == expected
    at, read = 0, []
    steps = [int(number) for number in desk.in_steps(found).split()]
    for gap, length in zip(steps[::2], steps[1::2], strict=True):
        read.append((at + gap, at + gap + length))
        at += gap + length
    assert read == expected


@given(TEXTS, st.integers(0, 119), st.integers(1, 40))
def test_a_selection_survives_the_way_through_a_form(text, start, length):
    quote = text[start : start + length]
    selection = Selection(start, start + len(quote), quote)
    assert Selection.loads(selection.dumps()) == selection
    assert "\n" not in selection.dumps()


@given(TEXTS, st.integers(0, 119), st.integers(1, 40), st.integers(-3, 3))
def test_a_selection_is_taken_only_where_its_words_stand(text, start, length, shift):
    quote = text[start : start + length]
    moved = Selection(start + shift, start + shift + len(quote), quote)
    stands = (
        0 <= moved.start < moved.end <= len(text)
        and text[moved.start : moved.end] == quote
        and not quote.isspace()
    )
    if stands:
        desk.check(moved, text)
    else:
        with pytest.raises(ValidationError):
            desk.check(moved, text)


@pytest.mark.parametrize(
    "nonsense", ["", "[]", "{}", "[1,2]", '["1",2,"x"]', "[true,2,3]", "[1,2,3]"]
)
def test_what_is_no_selection_is_refused(nonsense):
    with pytest.raises(ValidationError):
        Selection.loads(nonsense)


# Reading ----------------------------------------------------------------------------------------


def test_the_desk_shows_what_rests_on_a_passage_in_every_state(curator: Client):
    document = make_document()
    passage = make_passage(document=document)
    published = make_published(passage=passage, text="It was published.")
    open_revision(published)
    cite(make_statement(text="It is a draft."), passage)
    cite(make_statement(text="It is in review.", state="in_review"), passage)
    gone = make_published(passage=passage, text="It is withdrawn.")
    withdraw([gone], "It was wrong.")
    page = text_of(curator.get(where(document, "read")))
    assert f'id="p-{passage.pk}"' in page
    for said in (
        "It was published. ",
        "narrative, published ",
        "narrative, draft (a revision) ",
        "It is a draft.",
        "It is in review.",
        "narrative, in review ",
        "narrative, withdrawn ",
    ):
        assert said.strip() in page


def test_the_desk_asks_as_many_questions_for_many_passages(
    curator: Client, django_assert_max_num_queries
):
    document = make_document()
    battle = make_battle()
    for quote in ("2,689 killed", "32,253", "at dawn", "at dusk", "Northern", "Southern"):
        cite(make_statement(battle=battle), make_passage(quote, document=document))
    find_in(document, "One.[1] Two.[2] Three.[3]")
    with django_assert_max_num_queries(19):
        curator.get(where(document, "read"))


def test_markers_lead_to_the_notes_of_the_document_supplied_or_missing(curator: Client):
    document = make_document("They crossed.[1] It rained.[3]\n")
    find_in(document, document.text.content)
    note = Footnote.objects.get(marker="[1]")
    note.text = "Odo, <p. 7>."
    note.supply(None, timezone.now())
    note.save()
    page = curator.get(where(document, "read"))
    said = text_of(page)
    assert f'href="#note-{note.pk}" id="call-{note.pk}" title="Odo, &lt;p. 7&gt;."' in said
    assert 'back to the text">[1]</a> Odo, &lt;p. 7&gt;.' in said
    assert 'back to the text">[3]</a> This note is missing.' in said
    assert "It calls for notes that it lacks: [2] (a gap in the numbers), [3]." in said
    assert said.count("Supply it") == 1
    assert address(Footnote.objects.get(marker="[3]")) in said
    without = curator.get(where(make_document("No notes."), "read"))
    assert "It calls for notes" not in text_of(without)


def test_documents_are_listed_to_be_read_and_lead_to_the_desk(curator: Client):
    document = make_document()
    absent = make_document("Unheld words.", held=False)
    shelf = text_of(curator.get(reverse("admin:battles_statement_shelf")))
    assert where(document, "read") in shelf
    assert where(absent, "read") not in shelf
    assert curator.get(where(absent, "read")).status_code == 404
    assert where(document, "read") in text_of(curator.get(address(document)))
    assert where(document, "read") in text_of(curator.get(address(document.source)))
    assert "No words of it are held here." in text_of(curator.get(address(absent.source)))
    assert reverse("admin:battles_statement_shelf") in text_of(
        curator.get(address(Statement, "changelist"))
    )
    for row in (document.pk, "Annals"):
        found = text_of(curator.get(reverse("admin:battles_statement_shelf"), {"q": str(row)}))
        assert (where(document, "read") in found) == (row == document.pk)


# Citing -----------------------------------------------------------------------------------------


def test_one_save_cites_several_statements(curator: Client):
    document, battle = make_document(), make_battle()
    one, two = make_statement(battle=battle), make_statement("casualties", battle=battle)
    data = sent(document, battle, statements=[fresh(one), fresh(two)], note="As printed.")
    saved = curator.post(where(document), data | {"_save": "1"})
    passage = Passage.objects.get()
    assert saved.url == f"{where(document, 'read')}#p-{passage.pk}"
    assert passage.quote == "2,689 killed"
    assert {row.statement_id for row in passage.citations.all()} == {one.pk, two.pk}
    assert set(passage.citations.values_list("note", flat=True)) == {"As printed."}
    now, found = Version.objects.get_for_object(one)
    assert (found.revision.user, now.revision.user.username) == (None, "curator")


def test_one_save_starts_a_statement_and_cites_an_older_one(curator: Client):
    document, battle = make_document(), make_battle()
    older = make_statement(battle=battle)
    new = {"kind": "narrative", "kind_shown": "narrative", "new-section": "course"}
    data = sent(document, battle, statements=[fresh(older)], _save="1", **new)
    refused = curator.post(where(document), data)
    assert refused.status_code == 409
    assert "A statement of the kind “narrative” needs this." in text_of(refused)
    assert not Passage.objects.exists()
    curator.post(where(document), data | {"new-text": "So many died."})
    made = Statement.objects.get(text="So many died.")
    assert made.state == "draft"
    assert {row.statement for row in Citation.objects.all()} == {made, older}
    assert Passage.objects.count() == 1


def test_choosing_a_kind_shows_its_fields_and_keeps_what_was_typed(curator: Client):
    document, battle = make_document(), make_battle()
    one = make_statement(battle=battle)
    data = sent(
        document, battle, statements=[fresh(one)], kind="casualties", note="Kept.", _show="1"
    )
    page = text_of(curator.post(where(document), data))
    assert 'name="new-category"' in page
    assert 'name="new-section"' not in page
    assert f'value="{fresh(one)}" checked' in page
    assert "Kept." in page
    assert "errorlist" not in page


def test_a_new_statement_begins_with_what_the_selected_words_say(curator: Client):
    document, battle = make_document(), make_battle()
    chosen = sent(document, battle, "2,689 killed", kind="casualties")
    page = curator.post(where(document), chosen | {"_show": "1"})
    new = page.context["new"]
    values = {name: new[name].value() for name in ("value", "bound", "counted", "printed")}
    assert values == {
        "value": "2689",
        "bound": "exactly",
        "counted": "persons",
        "printed": "2,689 killed",
    }
    kept = chosen | {"_show": "1", "new-printed": "as I typed it"}
    page = curator.post(where(document), kept)
    assert page.context["new"]["printed"].value() == "as I typed it"


def test_what_was_proposed_is_saved_only_once_it_was_seen(curator: Client):
    document, battle = make_document(), make_battle()
    data = sent(document, battle, "Northern", kind="name", _save="1")
    assert curator.post(where(document), data).status_code == 409
    assert not Statement.objects.exists()


def test_a_row_is_proposed_only_if_there_is_one_of_that_name(curator: Client):
    document, battle = make_document("Commanders\nDeng Hua\n"), make_battle()
    data = sent(document, battle, "Deng Hua", kind="commander", _show="1")
    assert not curator.post(where(document), data).context["new"]["entity"].value()
    person = make_entity("Deng Hua", "person")
    proposed = curator.post(where(document), data).context["new"]["entity"].value()
    assert proposed == str(person.pk)


def test_a_search_finds_statements_of_the_battle_chosen(curator: Client):
    document, battle = make_document(), make_battle()
    make_statement("casualties", battle=battle, value=2689)
    make_statement(battle=battle, text="They crossed.")
    make_statement(battle=make_battle("Another"), text="They crossed elsewhere.")
    for wanted, found in (("2,689", "2,689"), ("crossed", "They crossed."), ("narrative", "They")):
        data = sent(document, battle, wanted=wanted, _show="1")
        rows = curator.post(where(document), data).context["rows"]
        assert [found in says for _, says, _, _ in rows] == [True]


@pytest.mark.parametrize("change", ["saved", "revised", "withdrawn", "cited"])
def test_a_statement_changed_since_is_not_cited_and_nothing_typed_is_lost(
    curator: Client, change: str
):
    document, battle = make_document(), make_battle()
    row = make_statement(battle=battle)
    if change in {"revised", "withdrawn"}:
        row = make_published(battle=battle, passage=make_passage("at dawn", document=document))
    choice = fresh(row)
    match change:
        case "saved":
            row.save()
        case "revised":
            open_revision(row)
        case "withdrawn":
            withdraw([row], "It was wrong.")
        case "cited":
            cite(row, make_passage("at dusk", document=document))
    passages = Passage.objects.count()
    data = sent(document, battle, statements=[choice], note="Typed with care.", _save="1")
    refused = curator.post(where(document), data)
    page = text_of(refused)
    assert refused.status_code == 409
    assert "Somebody else changed what you chose" in page
    assert "Typed with care." in page
    assert Passage.objects.count() == passages
    if change != "withdrawn":
        assert curator.post(where(document), data | {"statements": [fresh(row)]}).status_code == 302


@pytest.mark.parametrize("choice", ["{pk}", "{pk}:", "{pk}::", "x:1:", "{pk}:one:"])
def test_a_choice_without_its_version_is_refused(curator: Client, choice: str):
    document, battle = make_document(), make_battle()
    row = make_statement(battle=battle)
    data = sent(document, battle, statements=[choice.format(pk=row.pk)], _save="1")
    page = curator.post(where(document), data)
    assert page.status_code == 409
    assert "without saying which version" in text_of(page)
    assert not Citation.objects.exists()


def test_a_published_statement_is_cited_by_its_revision(curator: Client):
    document, battle = make_document(), make_battle()
    row = make_published(battle=battle, passage=make_passage("at dawn", document=document))
    shown = text_of(curator.post(where(document), sent(document, battle, _show="1")))
    assert "its revision will cite this, and is opened for it" in shown
    data = sent(document, battle, statements=[fresh(row)], _save="1")
    page = text_of(curator.post(where(document), data, follow=True))
    assert "cited by its revision, which is opened now" in page
    assert row.citations.count() == 1
    revision = Statement.objects.get(revises=row)
    assert {c.passage.quote for c in revision.citations.all()} == {"at dawn", "2,689 killed"}


def test_words_that_do_not_stand_there_are_refused(curator: Client):
    document, battle = make_document(), make_battle()
    row = make_statement(battle=battle)
    start, end, _ = json.loads(at(document, "2,689 killed"))
    forged = json.dumps([start, end, "2,698 killed"])
    data = sent(document, battle, statements=[fresh(row)], _save="1") | {"at": forged}
    page = curator.post(where(document), data)
    assert page.status_code == 409
    assert "do not stand there" in text_of(page)
    assert not Passage.objects.exists()


def test_a_passage_is_cited_once_by_a_statement(curator: Client):
    document, battle = make_document(), make_battle()
    row = make_statement(battle=battle)
    cite(row, make_passage(document=document))
    data = sent(document, battle, statements=[fresh(row)], _save="1")
    assert "cites this passage already" in text_of(curator.post(where(document), data))
    assert Citation.objects.count() == 1


def test_a_save_without_a_statement_is_refused(curator: Client):
    document, battle = make_document(), make_battle()
    page = curator.post(where(document), sent(document, battle, _save="1"))
    assert "Tick the statements that rest on this" in text_of(page)
    assert not Passage.objects.exists()


# Without scripts --------------------------------------------------------------------------------


def test_pasted_words_are_looked_up_and_their_place_chosen(curator: Client):
    document, battle = make_document(), make_battle()
    row = make_statement(battle=battle)
    asked = curator.post(where(document), {"words": "crossed the ford", "_open": "1"})
    assert "These words stand at 2 places" in text_of(asked)
    second = CHRONICLE.rindex("crossed the ford")
    place = f"{second}-{second + 16}"
    found = curator.post(
        where(document), {"words": "crossed the ford", "place": place, "_open": "1"}
    )
    selection = found.context["panel"]["at"].value()
    assert json.loads(selection) == [second, second + 16, "crossed the ford"]
    data = sent(document, battle, statements=[fresh(row)], _save="1") | {"at": selection}
    curator.post(where(document), data)
    assert Passage.objects.get().start == second


# Whose word -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "quote", "name"),
    [
        ("South Korean sources: 2,689 killed", "2,689 killed", "South Korea"),
        ("According to the Chinese, 500 fell.", "500 fell", "China"),
        ("Losses, according to China: 500.", "500", "China"),
        ("据中国统计，歼敌五千。", "歼敌五千", "中国"),
        ("대한민국에 따르면 2,689명", "2,689명", "대한민국"),
        ("Chinese sources: 5. South Korean sources: 6.", "6", "South Korea"),
    ],
)
def test_attribution_words_propose_whose_word_it_is(text: str, quote: str, name: str):
    for origin in ("China", "South Korea", "North Korea", "Korea", "中国", "대한민국"):
        make_origin(origin)
    start = text.rindex(quote)
    found = attribution(text, start, start + len(quote), Origin.objects.all())
    assert found is not None
    assert str(found.origin) == name


@pytest.mark.parametrize("text", ["The army crossed at dawn.", "Chinese sources:\n5 killed"])
def test_nobody_is_proposed_without_such_words_in_the_paragraph(text: str):
    make_origin("China")
    assert attribution(text, len(text) - 5, len(text), Origin.objects.all()) is None


def test_a_panel_proposes_the_voice_that_the_passage_names_or_the_source_itself(curator: Client):
    document = make_document()
    north = make_origin("Northern Staff")
    for quote, claimant in (("at dusk", document.source.origin), ("2,689", None)):
        data = {"at": at(document, quote), "_open": "1"}
        panel = curator.post(where(document), data).context["panel"]
        assert panel["claimant"].value() == (str(claimant.pk) if claimant else "")
    make_origin("North")
    panel = curator.post(where(document), {"at": at(document, "2,689"), "_open": "1"})
    assert "saving confirms it" in text_of(panel)
    assert panel.context["panel"]["claimant"].value() != str(north.pk)


def test_whose_word_must_be_said_where_the_passage_names_somebody(curator: Client):
    document, battle = make_document(), make_battle()
    row = make_statement(battle=battle)
    data = sent(document, battle, statements=[fresh(row)], _save="1") | {"claimant": ""}
    page = text_of(curator.post(where(document), data))
    assert "say whose word it is" in page
    curator.post(where(document), data | {"at": at(document, "at dusk")})
    assert Citation.objects.get().claimant == document.source.origin


# Taking back ------------------------------------------------------------------------------------


def test_the_last_save_is_taken_back_whole(curator: Client):
    document, battle = make_document(), make_battle()
    kept = make_statement(battle=battle)
    public = make_published(battle=battle, passage=make_passage("at dawn", document=document))
    new = {"kind": "narrative", "kind_shown": "narrative", "new-section": "course"}
    data = sent(document, battle, statements=[fresh(kept), fresh(public)], _save="1", **new)
    curator.post(where(document), data | {"new-text": "So many died."})
    assert Citation.objects.filter(passage__quote="2,689 killed").count() == 3
    page = text_of(curator.post(where(document, "undo"), follow=True))
    assert "The last save was taken back." in page
    assert not Passage.objects.filter(quote="2,689 killed").exists()
    assert set(Statement.objects.all()) == {kept, public}
    again = text_of(curator.post(where(document, "undo"), follow=True))
    assert "There is nothing to take back." in again


def test_what_was_taken_back_is_told_and_comes_back_with_its_passage(curator: Client):
    document, battle = make_document(), make_battle()
    kept = make_statement(battle=battle, text="So it was.")
    data = sent(document, battle, statements=[fresh(kept)], kind="narrative", _save="1")
    data |= {"kind_shown": "narrative", "new-text": "So many died."}
    curator.post(where(document), data | {"new-section": "outcome"})
    made = Statement.objects.get(text="So many died.")
    passage = Passage.objects.get(quote="2,689 killed")
    curator.post(where(document, "undo"))
    last = curator.get(address(kept, "history")).context["changes"][0]
    assert (last.who, last.said) == ("curator", "Took back a citation made at the desk.")
    assert "2,689 killed” (deleted since) removed" in last.words[-1]
    listed = text_of(curator.get(address(Statement, "deleted")))
    assert f'href="{address(made, "history")}">{made}</a>' in listed
    assert "taken back at the desk" in listed
    history = curator.get(address(made, "history"))
    assert "It was deleted by curator" in text_of(history)
    number = history.context["changes"][0].number
    page = curator.post(f"{address(made, 'history')}{number}/", follow=True)
    assert "Restored: " in text_of(page)
    assert "was not restored" not in text_of(page)
    again = Statement.objects.get(text="So many died.")
    assert (again.pk, again.citations.get().passage) == (made.pk, passage)
    assert Passage.objects.get(pk=passage.pk).quote == "2,689 killed"


def test_a_citation_taken_back_is_restored_from_its_statements_history(curator: Client):
    document, battle = make_document(), make_battle()
    row = make_statement(battle=battle)
    curator.post(where(document), sent(document, battle, statements=[fresh(row)], _save="1"))
    curator.post(where(document, "undo"))
    assert not row.citations.exists()
    number = curator.get(address(row, "history")).context["changes"][1].number
    version = f"{address(row, 'history')}{number}/"
    curator.post(version, {"seen": curator.get(version).context["seen"]})
    assert row.citations.get().passage.quote == "2,689 killed"


def test_a_save_that_somebody_built_on_is_not_taken_back(curator: Client):
    document, battle = make_document(), make_battle()
    row = make_statement(battle=battle)
    curator.post(where(document), sent(document, battle, statements=[fresh(row)], _save="1"))
    Statement.objects.get(pk=row.pk).save()
    page = text_of(curator.post(where(document, "undo"), follow=True))
    assert "cannot be taken back" in page
    assert row.citations.count() == 1


# Who may ----------------------------------------------------------------------------------------


def test_who_may_only_view_reads_and_changes_nothing(viewer: Client):
    document, battle = make_document(source=make_source()), make_battle()
    row = make_statement(battle=battle)
    page = viewer.get(where(document, "read"))
    assert page.status_code == 200
    assert 'id="panel"' not in text_of(page)
    data = sent(document, battle, statements=[fresh(row)], _save="1")
    assert viewer.post(where(document), data).status_code == 403
    assert viewer.post(where(document, "undo")).status_code == 403
    assert not Citation.objects.exists()


def test_strangers_are_sent_to_log_in():
    document = make_document()
    for page in ("read", "cite", "undo"):
        assert Client().get(where(document, page)).status_code == 302
    undoing = Client().post(where(document, "undo"))
    assert undoing.status_code == 403
    assert "Nothing was done." in text_of(undoing)
    given_back = Client().post(where(document, "cite"), {"words": "at dawn"})
    assert given_back.status_code == 403
    assert "You are not signed in any more." in text_of(given_back)


def test_the_desk_runs_no_script_of_its_own_page(curator: Client):
    page = curator.get(where(make_document(), "read")).content.decode()
    assert "<script>" not in page
    assert "onclick" not in page
