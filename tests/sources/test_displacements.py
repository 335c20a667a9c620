"""What a newer version displaces waits for a curator, and nothing is re-pointed meanwhile."""

import pytest
from django.test import Client

from sources.ingest import ingest
from sources.models import Displacement, Document, Passage, Source
from tests.admin_forms import address, text_of
from tests.builders import make_curator, make_locator, make_passage

pytestmark = pytest.mark.django_db

FIRST = (
    "At dawn the northern army crossed the ford and held the farther bank.\n\n"
    "By the evening 2,689 were killed on the plain beside the old mill.\n\n"
    "Nobody counted the horses that were lost in the river that day.\n"
)
# A line before all moves everything; one sentence is reworded, another is gone.
SECOND = (
    "A chronicle of the ford.\n\n"
    "At dawn the northern army crossed the ford and held the farther bank.\n\n"
    "By the evening 2,698 were killed on the plain beside the old mill.\n"
)
QUOTES = {
    "moved": "the northern army crossed the ford",
    "edited": "By the evening 2,689 were killed on the plain beside the old mill.",
    "lost": "Nobody counted the horses that were lost in the river that day.",
}


@pytest.fixture
def chronicle(settings, tmp_path) -> Source:
    settings.FILES_ROOT = tmp_path / "store"
    path = tmp_path / "chronicle.txt"
    path.write_text(FIRST, encoding="utf-8")
    ingest(path)
    for quote in QUOTES.values():
        make_passage(quote, document=Document.objects.get())
    return Source.objects.get()


def take_in(source: Source, text: str, folder) -> Document:
    path = folder / "again.txt"
    path.write_text(text, encoding="utf-8")
    ingest(path, source=source)
    return source.documents.latest("number")


def outcomes() -> dict[str, str]:
    rows = Displacement.objects.waiting().select_related("passage")
    return {row.passage.quote: row.outcome for row in rows}


def test_what_a_new_version_displaces_is_kept_with_its_place_there(chronicle, tmp_path):
    newer = take_in(chronicle, SECOND, tmp_path)
    assert outcomes() == {quote: outcome for outcome, quote in QUOTES.items()}
    moved = Displacement.objects.get(outcome="moved")
    assert moved.document == newer
    assert SECOND[moved.start : moved.end] == QUOTES["moved"]
    assert Displacement.objects.get(outcome="lost").start is None
    assert not Passage.objects.filter(document=newer).exists()


def test_a_version_in_which_all_stands_as_it_stood_displaces_nothing(chronicle, tmp_path):
    take_in(chronicle, FIRST + "\nThe end.\n", tmp_path)
    assert outcomes() == {}


def test_a_dry_run_displaces_nothing(chronicle, tmp_path):
    path = tmp_path / "again.txt"
    path.write_text(SECOND, encoding="utf-8")
    ingest(path, source=chronicle, dry_run=True)
    assert outcomes() == {}


def test_the_newest_version_alone_is_waited_for(chronicle, tmp_path):
    take_in(chronicle, SECOND, tmp_path)
    take_in(chronicle, FIRST + "\nThe end.\n", tmp_path)
    assert outcomes() == {}


def test_what_was_looked_at_waits_no_more_and_says_who_looked(chronicle, tmp_path):
    take_in(chronicle, SECOND, tmp_path)
    client, curator = Client(), make_curator("ann")
    client.force_login(curator)
    lost = Displacement.objects.get(outcome="lost")
    where = address(Displacement, "changelist")
    action = {"action": "settle", "_selected_action": [str(lost.pk)]}
    page = client.post(where, action, follow=True)
    assert "Marked as looked at: 1." in text_of(page)
    lost.refresh_from_db()
    assert lost.settled is not None
    assert lost.settled_by == curator
    assert QUOTES["lost"] not in outcomes()


def test_its_page_shows_the_words_in_both_versions(chronicle, tmp_path):
    take_in(chronicle, SECOND, tmp_path)
    client = Client()
    client.force_login(make_curator())
    page = text_of(client.get(address(Displacement.objects.get(outcome="edited"))))
    assert QUOTES["edited"] in page
    assert "2,698 were killed" in page


def test_a_locator_waits_once_a_document_of_its_source_is_here(chronicle):
    waiting = make_locator(source=chronicle)
    make_locator("p. 3")  # of a source without a document
    assert list(Passage.objects.locators_with_a_document()) == [waiting]
