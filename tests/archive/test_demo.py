"""The demo archive: what a newcomer sees first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from archive.exporting import export_archive
from archive.importing import import_archive
from archive.management.commands.load_demo import DEMO
from archive.verification import verify
from battles.kinds import Kind
from battles.models import Battle, Citation, Question, Statement
from battles.unquoted import unquoted
from sources.models import Document, Origin, Passage, Source
from tests.builders import make_battle
from tests.reading import Page

ROOT = DEMO.parents[1]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "store"


@pytest.fixture
def demo():
    import_archive(DEMO)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_demo_exports_to_the_same_bytes_on_either_database(demo, tmp_path):
    export_archive(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(DEMO)


def test_the_demo_is_sound(demo):
    assert list(verify()) == []


def test_the_demo_is_loaded_once_and_never_over_something_else():
    call_command("load_demo", verbosity=0)
    count = Statement.objects.count()
    assert count > 250
    call_command("load_demo", verbosity=0)
    assert Statement.objects.count() == count


def test_an_archive_that_holds_something_is_left_alone():
    make_battle()
    call_command("load_demo", verbosity=0)
    assert Battle.objects.count() == 1


def test_the_originals_are_not_held_and_every_passage_of_theirs_has_a_gloss(demo):
    documents = Document.objects.filter(file__held=False)
    assert documents.count() == 3
    passages = Passage.objects.filter(document__in=documents)
    assert not passages.exclude(quote="").exists()
    assert not passages.filter(glosses=None).exists()


def test_the_archives_own_survey_is_held_and_is_evidence_for_notes_alone(demo):
    [own] = Source.objects.filter(origin__kind=Origin.Kind.ARCHIVE)
    text = own.documents.get().text.content
    assert len(text.split()) >= 800
    evidence = Statement.objects.filter(evidence__passage__source=own)
    assert set(evidence.values_list("kind", flat=True)) == {Kind.NOTE}


def test_the_books_of_the_bibliography_have_no_passages(demo):
    entry = Source.objects.get(slug="kumsong-encyclopedia-entry")
    assert entry.derives_from.count() == 7
    assert not Passage.objects.filter(source__derivatives=entry).exists()


def test_every_number_of_the_infobox_stands_with_its_claimant(demo):
    figures = Citation.objects.filter(
        statement__battle__slug="battle-of-kumsong", statement__kind=Kind.CASUALTIES
    ).values_list("statement__value", "claimant__name")
    assert {
        (2689, "South Korea"),
        (7548, "South Korea"),
        (4136, "South Korea"),
        (78000, "China"),
        (32253, "China"),
        (66000, "South Korea"),
    } <= set(figures)


def test_killed_and_an_undivided_estimate_are_no_conflict(demo):
    figures = Question.objects.filter(battle__slug="battle-of-kumsong", kind=Kind.CASUALTIES)
    assert figures.count() >= 5
    assert not figures.filter(disputed=True).exists()


def test_with_the_originals_every_passage_verifies_and_pages_show_the_exact_words(
    demo, originals, client, capsys
):
    call_command("ingest", *sorted(originals.glob("seeds/*.txt")))
    assert capsys.readouterr().out.count("received") == 3
    assert not Passage.objects.filter(document__isnull=False, quote="").exists()
    assert list(verify()) == []
    for document in Document.objects.exclude(source__origin__kind=Origin.Kind.ARCHIVE):
        page = client.get(f"/documents/{document.pk}/").content.decode()
        for passage in document.passages.all():
            assert f'id="p-{passage.pk}"' in page
    figures = Passage.objects.get(quote__contains="32,253[8]")
    assert figures.quote in client.get(f"/passages/{figures.pk}/").content.decode()


def test_what_no_quote_contains_has_a_reason_that_readers_see(demo, originals):
    call_command("ingest", *sorted(originals.glob("seeds/*.txt")), verbosity=0)
    statements = Statement.objects.published().with_values().with_evidence().with_names()
    assert [row for row in statements if unquoted(row) and not row.inference] == []


# Names, titles and lines of the infobox: these stand as printed.
AS_PRINTED = (
    "the chinese people s volunteer army pva",
    "the rok 4th 6th and 8th divisions",
    "south korean sources 2 689 killed 7 548 wounded 4 136 missing",
    "the kumsong battle of 1953 a strategic clash in the korean war",
    "was the korean war a victory or defeat",
    "center of military history united states army",
    "first confrontation reviews and reflections on the history of war to resist america "
    "and aid korea",
    "mao s military romanticism china and the korean war 1950 1953",
)


def test_no_sentence_of_the_originals_stands_in_the_project(originals):
    sentences = {run for path in originals.glob("seeds/*.txt") for run in runs_of_words(path)}
    found = {
        (path.name, run)
        for path in [*DEMO.glob("*.jsonl"), *DEMO.glob("texts/*"), *ROOT.glob("docs/**/*.md")]
        for run in runs_of_words(path)
        if run in sentences and not any(run in name for name in AS_PRINTED)
    }
    assert not found


def runs_of_words(path: Path, length: int = 7) -> Iterator[str]:
    """Yield every run of so many words of a file, without case and punctuation."""
    text = path.read_text(encoding="utf-8").casefold()
    words = "".join(letter if letter.isalnum() else " " for letter in text).split()
    for start in range(len(words) - length + 1):
        yield " ".join(words[start : start + length])


@pytest.mark.parametrize("name", ["金城", "금성", "Jincheng", "Jin Cheng Zhan Yi", "Kumsong"])
def test_every_form_of_its_name_finds_the_battle(demo, client, name):
    page = Page(client.get("/search/", {"q": name, "kind": "battles"}))
    assert "/battles/battle-of-kumsong/" in page.links
