"""Files come in whole or not at all, and nothing that is cited is touched."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from sources import storage
from sources.anchoring import quote_hash
from sources.ingest import IngestError, Outcome, ingest, sweep_stray_bytes
from sources.models import Document, File, Passage, Source, Text
from tests.builders import CHRONICLE, make_document, make_passage, make_source

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "store"


@pytest.fixture
def chronicle(tmp_path) -> Path:
    path = tmp_path / "chronicle.txt"
    path.write_text(CHRONICLE, encoding="utf-8")
    return path


def test_a_new_file_makes_a_source_a_document_and_its_text(chronicle):
    report = ingest(chronicle)
    assert (report.outcome, report.source, report.number) == ("new source", "chronicle", 1)
    document = Document.objects.get()
    assert document.text.content == CHRONICLE
    assert document.text_length == len(CHRONICLE)
    assert storage.is_stored(document.file.sha256)
    assert not document.source.public


def test_the_same_bytes_again_are_already_held(chronicle, tmp_path):
    ingest(chronicle)
    again = tmp_path / "another name.txt"
    again.write_bytes(chronicle.read_bytes())
    assert ingest(again).outcome is Outcome.ALREADY_HELD
    assert Document.objects.count() == 1


def test_a_known_name_with_other_bytes_asks_whether_it_is_a_version(chronicle):
    ingest(chronicle)
    chronicle.write_text("Other words.", encoding="utf-8")
    with pytest.raises(IngestError, match="--source chronicle"):
        ingest(chronicle)
    assert Document.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda text: text + " The end.", "same"),
        (lambda text: "A long new beginning. " + text, "moved"),
        (
            lambda text: text.replace("crossed the ford at dawn", "crossed the fjord at dawn"),
            "edited",
        ),
        (lambda text: "Nothing of it is left in this version.", "lost"),
        (lambda text: f"Twice.\n\n{text}\n\n{text}", "ambiguous"),
    ],
)
def test_a_new_version_reports_each_passage_and_moves_none(chronicle, change, outcome):
    first = ingest(chronicle)
    document = Document.objects.get(pk=first.document)
    quote = "The army crossed the ford at dawn"
    passage = make_passage(quote, document=document)
    chronicle.write_text(change(CHRONICLE), encoding="utf-8")
    report = ingest(chronicle, source=document.source)
    assert (report.outcome, report.number) == (Outcome.NEW_VERSION, 2)
    [found] = report.passages
    kept = Passage.objects.get()
    assert (kept.document_id, kept.span) == (document.pk, passage.span)
    text = Text.objects.get(document=report.document).content
    if outcome == "moved":
        [place] = found.places
        assert text[place.start : place.end] == quote
    assert found.outcome == outcome


def test_a_dry_run_reports_and_leaves_nothing(chronicle):
    report = ingest(chronicle, dry_run=True)
    assert report.outcome is Outcome.NEW_SOURCE
    assert not Source.objects.exists()
    assert not list(storage.stored_hashes())


def not_held_passage(quote: str = "at dawn") -> Passage:
    document = make_document(held=False)
    start = CHRONICLE.index(quote)
    passage = Passage(
        source=document.source, document=document, start=start, end=start + len(quote)
    )
    passage.quote_sha256 = quote_hash(quote)
    passage.save()
    return passage


def test_a_document_that_was_not_held_is_received_and_its_passages_verified(chronicle):
    passage = not_held_passage()
    assert not passage.is_verified
    report = ingest(chronicle)
    assert report.outcome is Outcome.RECEIVED
    assert [found.outcome for found in report.passages] == ["same"]
    passage.refresh_from_db()
    assert passage.quote == "at dawn"
    assert passage.suffix.startswith(", and the army")
    assert File.objects.get().held
    assert Source.objects.count() == 1


def test_a_received_document_whose_passage_does_not_fit_is_refused_and_named(chronicle):
    good = not_held_passage()
    wrong = Passage(source=good.source, document=good.document, start=0, end=5)
    wrong.quote_sha256 = "0" * 64
    wrong.save()
    with pytest.raises(IngestError, match=str(wrong.pk)):
        ingest(chronicle)
    good.refresh_from_db()
    assert not good.is_verified
    assert not File.objects.get().held
    assert not Text.objects.exists()


def test_a_file_that_cannot_be_read_leaves_no_row(tmp_path):
    path = tmp_path / "broken.txt"
    path.write_bytes(b"one\x00two")
    with pytest.raises(IngestError, match="NUL"):
        ingest(path)
    assert not File.objects.exists()
    assert not Source.objects.exists()


def test_a_folder_or_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(IngestError, match="directory"):
        ingest(tmp_path)
    with pytest.raises(IngestError, match="No such file"):
        ingest(tmp_path / "nowhere.txt")


def test_the_same_file_can_be_read_for_a_second_source(chronicle):
    ingest(chronicle)
    other = make_source(slug="second-edition")
    report = ingest(chronicle, source=other)
    assert report.outcome is Outcome.NEW_VERSION
    assert File.objects.count() == 1
    assert other.documents.count() == 1


def test_stray_bytes_are_swept_and_held_ones_stay(chronicle):
    report = ingest(chronicle)
    left_behind = storage.store(io.BytesIO(b"left behind"))
    for sha256 in (report.sha256, left_behind.sha256):
        os.utime(storage.path_of(sha256), (0, 0))
    sweep_stray_bytes()
    assert storage.is_stored(report.sha256)
    assert not storage.is_stored(left_behind.sha256)


def test_the_command_reports_each_file_and_fails_if_one_is_refused(chronicle, tmp_path, capsys):
    broken = tmp_path / "broken.txt"
    broken.write_bytes(b"\xff\x00")
    with pytest.raises(CommandError, match="1 of 2 files refused"):
        call_command("ingest", chronicle, broken)
    out, err = capsys.readouterr()
    assert "[1/2]" in out
    assert "new source: chronicle v1" in out
    assert "broken.txt: refused." in err
    call_command("ingest", chronicle, json=True)
    [again] = json.loads(capsys.readouterr().out)
    assert again["outcome"] == "already held"


def test_the_command_names_a_source_that_does_not_exist(chronicle):
    with pytest.raises(CommandError, match="no source “nobody”"):
        call_command("ingest", chronicle, source="nobody")
    with pytest.raises(CommandError, match="one file"):
        call_command("ingest", chronicle, chronicle, source="nobody")


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_ten_times_at_once_make_one_document(chronicle):
    outcomes: list[str] = []
    barrier = threading.Barrier(10)

    def take_in() -> None:
        barrier.wait()
        try:
            outcomes.append(ingest(chronicle).outcome)
        except IngestError as error:
            outcomes.append(str(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take_in) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already held"] * 9 + ["new source"]
    assert (File.objects.count(), Document.objects.count(), Text.objects.count()) == (1, 1, 1)


def test_a_kill_at_any_moment_leaves_no_row_without_bytes(tmp_path):
    """Real processes, killed later and later, on a database of their own."""
    if connection.vendor != "sqlite":
        pytest.skip("the order of bytes and rows does not depend on the database")
    environment = os.environ | {
        "DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{tmp_path}/killed.sqlite3",
        "FILES_ROOT": str(tmp_path / "killed"),
    }

    def manage(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", KILLABLE, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    manage("migrate", "--verbosity=0").communicate()
    files = [tmp_path / f"file-{number}.txt" for number in range(12)]
    for number, file in enumerate(files):
        file.write_text(f"Chronicle {number}\n" * 20_000)
    for number, file in enumerate(files):
        process = manage("ingest", str(file))
        process.stdout.readline()  # it is about to begin
        time.sleep(number * 0.006)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    checked = manage("verify")
    out, err = checked.communicate()
    assert checked.returncode == 0, (out, err)


KILLABLE = """
import os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "archive.settings"
django.setup()
from django.core.management import call_command
print("ready", flush=True)
call_command(*sys.argv[1:])
"""
