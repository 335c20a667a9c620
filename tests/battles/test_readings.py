"""Reading a document through: marking it, taking that back, and what readers are told of it."""

import csv
import io

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models.deletion import ProtectedError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from archive.verification import verify
from battles.accounts import accounts
from battles.kinds import Kind
from battles.models import Reading
from battles.publication import open_revision, publish, publish_reading, withdraw, withdraw_reading
from battles.readings import Parts, Unit, mark, progress, unread_or_partly_read
from sources.anchoring import Span
from sources.models import Document, ImmutableError
from tests.admin_forms import text_of
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_origin,
    make_passage,
    make_published,
    make_side,
    make_source,
    make_statement,
    store_chronicle,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db

PAGED = "First.\n\nSecond.\n\f\nThird.\n\nFourth.\fFifth."


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
def publisher() -> Client:
    return client_of("Publisher")


@pytest.fixture
def battle():
    return make_battle(slug="the-ford")


@pytest.fixture
def chronicle():
    source = make_source(origin=make_origin("Chroniclers"), title="Chronicle of the Ford")
    return make_document(source=source)


def whole(document: Document) -> Span:
    return Span(0, document.text_length)


def where(document: Document) -> str:
    return reverse("admin:battles_reading_of", args=[document.pk])


# Pages and paragraphs ---------------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("ab. \n\n\f\t\xa0金𠮷"), min_size=1, max_size=80)


@given(TEXTS, st.data())
def test_all_pages_together_and_all_paragraphs_together_are_the_whole_text(text, data):
    parts = Parts(text)
    for unit, edges in ((Unit.PAGES, parts.pages), (Unit.PARAGRAPHS, parts.paragraphs)):
        number = len(edges) - 1
        spans = [parts.span(unit, one, one) for one in range(1, number + 1)]
        assert "".join(text[slice(*span)] for span in spans) == text
        first = data.draw(st.integers(1, number))
        last = data.draw(st.integers(first, number))
        assert parts.span(unit, first, last) == (spans[first - 1].start, spans[last - 1].end)


def test_parts_are_told_by_the_numbers_that_the_reader_gives_them():
    parts = Parts(PAGED)
    assert parts.units == ["document", "pages", "paragraphs"]
    assert PAGED[slice(*parts.span(Unit.PAGES, 2, 2))] == "\nThird.\n\nFourth.\f"
    assert PAGED[slice(*parts.span(Unit.PARAGRAPHS, 2, None))] == "Second.\n\f\n"
    told = [parts.told(parts.span(Unit.PAGES, 1, 2)), parts.told(parts.span(Unit.PARAGRAPHS, 2, 2))]
    assert told == ["pages 1–2", "paragraph 2"]
    assert parts.told(Span(0, len(PAGED))) == "the whole document"
    assert Parts("No page ends.").units == ["document", "paragraphs"]


@pytest.mark.parametrize(("first", "last"), [(None, None), (0, 1), (2, 1), (1, 9), (None, 2)])
def test_numbers_that_the_text_lacks_are_refused_and_it_says_how_many_there_are(first, last):
    with pytest.raises(ValidationError, match="this document has 3, counted from 1"):
        Parts(PAGED).span(Unit.PAGES, first, last)


# Marking ----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), min_size=1, max_size=5))
def test_what_was_read_is_counted_once_however_it_was_marked(places):
    document, battle = make_document("x" * 42), make_battle()
    read: set[int] = set()
    for start, length in places:
        span = Span(start, start + length)
        if set(range(*span)) <= read:
            with pytest.raises(ValidationError, match="already"):
                mark(document, battle, span, by=None)
        else:
            mark(document, battle, span, by=None)
        read |= set(range(*span))
    [found] = progress(document)
    marked = [place for row in found.readings for place in range(row.start, row.end)]
    assert sorted(read) == sorted(marked)
    assert {place for span in found.unread for place in range(*span)} == set(range(42)) - read


def test_a_place_beyond_the_text_is_refused(chronicle, battle):
    with pytest.raises(ValidationError):
        mark(chronicle, battle, Span(0, chronicle.text_length + 1), by=None)


def test_documents_are_unread_or_partly_read_until_they_are_read_to_their_end(chronicle, battle):
    waiting = unread_or_partly_read(Document.objects.all())
    assert set(waiting) == {chronicle}
    mark(chronicle, battle, Span(0, 5), by=None)
    assert set(waiting.all()) == {chronicle}
    mark(chronicle, battle, whole(chronicle), by=None)
    assert not waiting.all()
    mark(chronicle, make_battle(), Span(0, 5), by=None)
    assert set(waiting.all()) == {chronicle}


def test_what_cannot_be_read_here_and_tables_of_datasets_wait_for_nobody():
    make_document("Unheld words.", held=False)
    make_document("a,b\n", source=make_source(kind="dataset"))
    assert not unread_or_partly_read(Document.objects.all())


def test_a_reading_is_never_changed_and_what_readers_were_told_of_never_deleted(chronicle, battle):
    make_published(battle=battle, passage=make_passage(document=chronicle))
    [reading] = mark(chronicle, battle, whole(chronicle), by=None)
    with pytest.raises(ImmutableError):
        reading.save()
    publish_reading(chronicle, battle)
    with pytest.raises(ProtectedError):
        reading.delete()


@pytest.mark.parametrize(
    "values",
    [
        {"start": 5, "end": 5},
        {"state": "published"},
        {"state": "withdrawn"},
        {"withdrawn_because": "No reason."},
    ],
)
def test_the_database_refuses_half_a_reading(chronicle, battle, values):
    row = Reading(**{"document": chronicle, "battle": battle, "start": 0, "end": 5} | values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading._base_manager.bulk_create([row])


# The page of a document -------------------------------------------------------------------------


def test_a_curator_marks_paragraphs_and_sees_who_read_what_and_what_is_left(curator, battle):
    document = make_document(PAGED)
    data = {"battle": str(battle.pk), "unit": "paragraphs", "first": "1", "last": "2"}
    page = text_of(curator.post(where(document), data | {"_mark": "1"}, follow=True))
    assert "Marked as read through for Battle of the Ford: paragraphs 1–2." in page
    assert "partly read" in page
    assert "Paragraphs 1–2, by curator on" in page
    assert "Not yet read: paragraphs 3–4" in page
    assert f'value="{battle.pk}" selected' in page
    desk = text_of(curator.get(reverse("admin:battles_statement_read", args=[document.pk])))
    assert "Partly read for Battle of the Ford" in desk
    assert where(document) in desk


def test_what_was_selected_at_the_desk_is_proposed_by_its_paragraphs(curator):
    document = make_document(PAGED)
    start, end = PAGED.index("cond"), PAGED.index("ird.")
    page = curator.get(where(document), {"start": start, "end": end})
    proposed = page.context["form"].initial
    assert (proposed["unit"], proposed["first"], proposed["last"]) == ("paragraphs", 2, 3)
    assert '<li value="2">Second.</li>' in text_of(page)
    for nonsense in ({"start": "x", "end": "9"}, {"start": 9, "end": 9}, {"start": 0, "end": 999}):
        assert "unit" not in curator.get(where(document), nonsense).context["form"].initial


def test_a_wrong_number_is_told_and_nothing_typed_is_lost(curator, battle):
    document = make_document(PAGED)
    data = {"battle": str(battle.pk), "unit": "pages", "first": "2", "last": "7", "_mark": "1"}
    answer = curator.post(where(document), data)
    assert answer.status_code == 409
    assert "this document has 3, counted from 1" in text_of(answer)
    assert 'value="7"' in text_of(answer)
    assert not Reading.objects.exists()


def test_a_mark_is_taken_back_until_readers_were_told_of_it(curator, chronicle, battle):
    make_published(battle=battle, passage=make_passage(document=chronicle))
    [reading] = mark(chronicle, battle, whole(chronicle), by=None)
    publish_reading(chronicle, battle)
    answer = curator.post(where(chronicle), {"_take_back": str(reading.pk)})
    assert answer.status_code == 409
    assert "Readers were told of it" in text_of(answer)
    [other] = mark(chronicle, make_battle("Another"), whole(chronicle), by=None)
    page = text_of(curator.post(where(chronicle), {"_take_back": str(other.pk)}, follow=True))
    assert "Taken back." in page
    assert list(Reading.objects.all()) == [reading]
    gone = curator.post(where(chronicle), {"_take_back": str(other.pk)})
    assert "It was taken back already." in text_of(gone)


def test_curators_mark_and_publishers_tell_readers(curator, publisher, chronicle, battle):
    make_published(battle=battle, passage=make_passage(document=chronicle))
    data = {"battle": str(battle.pk), "unit": "document", "_mark": "1"}
    assert curator.post(where(chronicle), data).status_code == 302
    step = {"_publish": str(battle.pk)}
    assert curator.post(where(chronicle), step).status_code == 403
    assert "Publish that it was read through" not in text_of(curator.get(where(chronicle)))
    assert "Publish that it was read through" in text_of(publisher.get(where(chronicle)))
    page = text_of(publisher.post(where(chronicle), step, follow=True))
    assert "read through, published" in page
    away = {"_withdraw": str(battle.pk), "reason": ""}
    assert "Say why" in text_of(publisher.post(where(chronicle), away))
    away["reason"] = "A page was overlooked."
    assert publisher.post(where(chronicle), away).status_code == 302
    assert Reading.objects.get().withdrawn_because == "A page was overlooked."


@pytest.mark.parametrize("step", ["_mark", "_take_back", "_publish", "_withdraw"])
def test_who_may_only_look_takes_no_step(chronicle, battle, step):
    user = User.objects.create_user("viewer", password="ford-and-river", is_staff=True)
    client = Client()
    client.force_login(user)
    assert client.get(where(chronicle)).status_code == 403
    names = ("view_reading", "view_document")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    mark(chronicle, battle, Span(0, 5), by=None)
    page = client.get(where(chronicle))
    assert page.status_code == 200
    assert "Take back" not in text_of(page)
    assert 'name="_mark"' not in text_of(page)
    assert client.post(where(chronicle), {step: str(battle.pk)}).status_code == 403


def test_the_page_asks_as_much_for_many_readings(curator, chronicle, django_assert_max_num_queries):
    for number in range(5):
        battle = make_battle(f"Battle {number}")
        for start in range(0, 50, 10):
            mark(chronicle, battle, Span(start, start + 5), by=None)
    with django_assert_max_num_queries(12):
        curator.get(where(chronicle))


# Silence ----------------------------------------------------------------------------------------


@pytest.fixture
def told(battle, chronicle):
    """Two accounts; the chronicle says when it was, and nothing of how many fell."""
    say(battle, Kind.DATE, make_passage("at dawn", document=chronicle))
    source = make_source(origin=make_origin("South Korea"), title="Annals")
    other = make_document("So many fell: 5.", source=source)
    say(battle, Kind.CASUALTIES, make_passage("5", document=other))
    return battle


def say(battle, kind, passage, claimant=None, **values):
    if kind == Kind.CASUALTIES:
        values.setdefault("side", make_side("China", battle=battle))
    statement = make_statement(kind, battle=battle, **values)
    cite(statement, passage, **({"claimant": claimant} if claimant else {}))
    publish([statement])
    return statement


def on_losses(battle, name="Chroniclers"):
    """Return what the comparison says beside the answers of a claimant on the losses."""
    row = next(row for row in accounts(battle).rows if "Casualties" in row.group.wording)
    [cell] = [cell for cell in row.cells if cell.claimant.name == name]
    return [finding.words for finding in cell.findings]


SILENT = ["silent: “Chronicle of the Ford”, read through, has no answer"]


def test_a_document_is_called_silent_only_once_its_reading_is_published(told, chronicle, client):
    assert on_losses(told) == ["nothing recorded"]
    mark(chronicle, told, whole(chronicle), by=None)
    assert on_losses(told) == ["nothing recorded"]
    publish_reading(chronicle, told)
    assert on_losses(told) == SILENT
    page = Page(client.get("/battles/the-ford/accounts/"))
    assert "silent: Chronicle of the Ford, read through, has no answer" in page.words
    assert 'href="#shape-silent"' in page.html
    assert reverse("sources:document-detail", args=[chronicle.pk]) in page.links
    withdraw_reading(chronicle, told, "A page was overlooked.")
    assert on_losses(told) == ["nothing recorded"]


def test_the_spreadsheet_says_who_is_silent_and_in_what(told, chronicle, client):
    mark(chronicle, told, whole(chronicle), by=None)
    publish_reading(chronicle, told)
    answer = client.get("/battles/the-ford/accounts.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(answer)))
    [row] = [row for row in rows if row["beside the others"].startswith("silent")]
    assert (row["claimant"], row["source"]) == ("Chroniclers", "Chronicle of the Ford")
    assert row["bearing"] == row["passage address"] == row["reading"] == ""
    assert len(rows) == 3


def test_a_reading_for_another_battle_says_nothing_here(told, chronicle):
    other = make_battle("Another")
    make_published(battle=other, passage=make_passage(document=chronicle))
    mark(chronicle, other, whole(chronicle), by=None)
    publish_reading(chronicle, other)
    assert on_losses(told) == ["nothing recorded"]


def test_who_has_another_work_here_that_was_not_read_is_not_called_silent(told, chronicle):
    mark(chronicle, told, whole(chronicle), by=None)
    publish_reading(chronicle, told)
    second = make_document("Sequel.", source=make_source(origin=chronicle.source.origin))
    say(told, Kind.NAME, make_passage("Sequel", document=second))
    assert on_losses(told) == ["nothing recorded"]


def test_who_reports_the_answer_of_another_is_not_called_silent(told, chronicle):
    korea = make_origin("South Korea")
    passage = make_passage("32,253", document=chronicle)
    say(told, Kind.CASUALTIES, passage, claimant=korea, value=32253)
    mark(chronicle, told, whole(chronicle), by=None)
    publish_reading(chronicle, told)
    assert on_losses(told) == ["nothing recorded"]


def test_a_claimant_heard_only_in_the_works_of_others_is_never_silent(told, chronicle):
    guard = make_origin("A guard")
    say(told, Kind.DATE, make_passage("Ford", document=chronicle), claimant=guard)
    mark(chronicle, told, whole(chronicle), by=None)
    publish_reading(chronicle, told)
    assert on_losses(told, "A guard") == ["nothing recorded"]


def test_what_waits_as_a_draft_keeps_the_reading_from_readers(told, chronicle):
    mark(chronicle, told, whole(chronicle), by=None)
    draft = make_statement(Kind.CASUALTIES, battle=told, side=make_side("China", battle=told))
    cite(draft, make_passage("32,253", document=chronicle))
    with pytest.raises(ValidationError, match="1 statement that rests on it"):
        publish_reading(chronicle, told)
    publish([draft])
    publish_reading(chronicle, told)
    assert "silent" not in " ".join(on_losses(told))


def test_a_partly_read_or_uncited_document_is_not_told_of(told, chronicle):
    mark(chronicle, told, Span(0, 5), by=None)
    with pytest.raises(ValidationError, match="not read through to its end"):
        publish_reading(chronicle, told)
    unseen = make_document("Never cited.")
    mark(unseen, told, whole(unseen), by=None)
    with pytest.raises(ValidationError, match="nothing that is published"):
        publish_reading(unseen, told)


def test_withdrawing_a_statement_withdraws_the_reading_of_what_it_cites(told, chronicle):
    statement = say(told, Kind.CASUALTIES, make_passage("32,253", document=chronicle), value=32253)
    mark(chronicle, told, whole(chronicle), by=None)
    publish_reading(chronicle, told)
    statement.refresh_from_db()
    withdraw([statement], "It needs another look.")
    assert on_losses(told) == ["nothing recorded"]
    assert "was withdrawn" in Reading.objects.get().withdrawn_because
    mark(chronicle, told, whole(chronicle), by=None)
    publish_reading(chronicle, told)
    assert on_losses(told) == SILENT


def test_an_open_revision_keeps_the_reading_from_readers(told, chronicle):
    statement = told.statements.get(kind=Kind.DATE)
    open_revision(statement)
    mark(chronicle, told, whole(chronicle), by=None)
    with pytest.raises(ValidationError, match="or a revision"):
        publish_reading(chronicle, told)


# Verification and the bundle --------------------------------------------------------------------


def test_verify_names_readings_beyond_the_text_and_those_that_overlap(chronicle, battle):
    assert list(verify()) == [fault for fault in verify() if fault.what != "reading"]
    for start, end in ((0, 9), (5, chronicle.text_length + 1)):
        Reading.objects.create(document=chronicle, battle=battle, start=start, end=end)
    problems = sorted(fault.problem for fault in verify() if fault.what == "reading")
    assert problems == [
        "[0, 9) was read through twice",
        f"[5, {chronicle.text_length + 1}) lies beyond the text",
    ]


def test_readings_that_readers_were_told_of_leave_with_the_bundle(battle, tmp_path):
    from tests.archive.test_bundle import contents, empty_the_archive, lines

    document = store_chronicle(origin=make_origin("Chroniclers"))
    say(battle, Kind.DATE, make_passage("at dawn", document=document))
    mark(document, battle, whole(document), by=None)
    mark(document, make_battle("Another"), Span(0, 5), by=None)
    publish_reading(document, battle)
    call_command("export_archive", tmp_path / "one", verbosity=0, stdout=io.StringIO())
    [record] = lines(tmp_path / "one", "readings")
    assert (record["start"], record["end"]) == whole(document)
    empty_the_archive()
    call_command("import_archive", tmp_path / "one", verbosity=0, stdout=io.StringIO())
    assert Reading.objects.get().state == "published"
    call_command("export_archive", tmp_path / "two", verbosity=0, stdout=io.StringIO())
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
