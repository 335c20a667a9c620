"""Notes that a text calls for and does not hold: found when it arrives, supplied by curators."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from battles.models import Citation, Statement
from battles.publication import publish
from sources.footnotes import find_in
from sources.models import Document, Footnote, Passage
from sources.worklists import FOOTNOTES
from tests.admin_forms import address, save, text_of
from tests.builders import cite, make_document, make_passage, make_source, make_statement

pytestmark = pytest.mark.django_db

TEXT = """They crossed.[1] It rained.[2][2] They met no one.[4]

[1] Odo, p. 12.

Odo tells it so in his letters, page 7."""


@pytest.fixture
def document() -> Document:
    document = make_document(TEXT)
    find_in(document, TEXT)
    return document


@pytest.fixture
def curator() -> Client:
    user = User.objects.create_user("curator", password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name="Curator"))
    client = Client()
    client.force_login(user)
    return client


def note(number: int) -> Footnote:
    return Footnote.objects.get(number=number)


def cited(document: Document, quote: str, marker: str) -> Citation:
    return cite(make_statement(), make_passage(quote, document=document), note_marker=marker)


def test_notes_that_are_missing_and_gaps_in_their_numbers_are_recorded_once(document):
    found = [(row.marker, row.times, row.first) for row in Footnote.objects.order_by("number")]
    assert found == [("[2]", 2, TEXT.index("[2]")), ("[3]", 0, None), ("[4]", 1, TEXT.index("[4]"))]
    call_command("find_notes", verbosity=0)
    assert Footnote.objects.count() == 3


def test_texts_that_came_earlier_are_looked_through_by_a_command():
    make_document(TEXT)
    make_document("No notes here.")
    assert not Footnote.objects.exists()
    call_command("find_notes", verbosity=0)
    assert Footnote.objects.count() == 3


def test_an_ingested_file_has_its_missing_notes_recorded(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "store"
    (tmp_path / "letters.txt").write_text(TEXT, encoding="utf-8")
    call_command("ingest", str(tmp_path / "letters.txt"), verbosity=0)
    assert Footnote.objects.count() == 3


def test_only_the_newest_version_of_a_source_waits_for_notes(document):
    assert FOOTNOTES[0].rows().count() == 3
    newer = make_document(f"{TEXT}\n[2] Bero, p. 3.", source=document.source)
    find_in(newer, newer.text.content)
    assert {row.document_id for row in FOOTNOTES[0].rows()} == {newer.pk}
    assert FOOTNOTES[0].rows().count() == 2


def test_a_note_is_supplied_as_text_and_drafts_that_cite_its_marker_name_its_source(
    curator, document
):
    draft = cited(document, "They met no one.[4]", "[4]")
    other = cited(document, "It rained.[2]", "[2]")
    published = cited(document, "met no one", "[4]")
    elsewhere = make_source(title="Another source")
    naming = cited(document, "They met", "[4]")
    Citation.objects.filter(pk=naming.pk).update(named_source=elsewhere)
    publish([published.statement])
    letters = make_source(title="Letters of Odo")
    answer = save(
        curator, address(note(4)), text="Odo, Letters, p. 7.", named_source=str(letters.pk)
    )
    assert "Drafts that name “Letters of Odo” now: 1." in text_of(answer)
    supplied = note(4)
    assert (supplied.words, supplied.supplied_by.username) == ("Odo, Letters, p. 7.", "curator")
    named = {row.pk: row.named_source for row in Citation.objects.all()}
    assert named == {
        draft.pk: letters,
        other.pk: None,
        published.pk: None,
        naming.pk: elsewhere,
    }
    page = text_of(curator.get(address(supplied)))
    for citation in (draft, published):
        assert address(citation.statement) in page
    assert FOOTNOTES[0].rows().count() == 2


def test_a_note_is_supplied_by_the_passage_where_it_stands(curator, document):
    words = "Odo tells it so in his letters"
    save(curator, address(note(2)), words=words)
    passage = Passage.objects.get()
    assert note(2).passage == passage
    assert (passage.quote, passage.start) == (words, TEXT.index(words))
    assert note(2).words == words
    save(curator, address(note(2)), words="")
    assert note(2).supplied is None
    refused = save(curator, address(note(2)), words="Words that stand nowhere in it.")
    assert "The document does not say this" in text_of(refused)
    assert note(2).supplied is None


def test_a_source_without_its_note_is_refused(curator, document):
    refused = save(curator, address(note(2)), named_source=str(make_source().pk))
    assert "Supply the note that names it, too." in text_of(refused)


def test_a_stale_save_is_refused(curator, document):
    page = curator.get(address(note(2)))
    save(curator, address(note(2)), text="Bero, p. 3.")
    stale = {"version": str(page.context["original"].version), "text": "Mine."}
    answer = curator.post(address(note(2)), stale)
    assert "Somebody else changed this" in text_of(answer)
    assert note(2).text == "Bero, p. 3."


@pytest.mark.parametrize("values", [{"text": "Odo."}, {"named_source": True}])
def test_the_database_refuses_half_a_note(document, values: dict[str, Any]):
    if "named_source" in values:
        values = {"named_source": make_source()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Footnote.objects.filter(number=2).update(**values)
    half = note(2)
    half.text = "Odo."
    with pytest.raises(ValidationError):
        half.full_clean()


def test_a_document_counts_the_notes_it_lacks(curator, document):
    row = text_of(curator.get(address(Document, "changelist")))
    assert f"document__id__exact={document.pk}&amp;supplied__isempty=1" in row
    listed = curator.get(address(Footnote, "changelist"), {"document__id__exact": document.pk})
    assert listed.context["cl"].result_count == 3
    assert "a gap in the numbers" in text_of(listed)
    assert Statement.objects.count() == 0
