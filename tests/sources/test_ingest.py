"""Files come in whole or not at all, and nothing that is cited is touched."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections

from sources import storage
from sources.anchoring import quote_hash
from sources.ingest import (
    IngestError,
    Outcome,
    ingest,
    ingest_upload,
    read_again,
    sweep_stray_bytes,
)
from sources.models import Document, File, Passage, Source, Text
from tests.builders import CHRONICLE, make_document, make_passage, make_source
from tests.sample_files import PICTURE, docx, epub, pdf, word_paragraph

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
    assert storage.path_of(document.file.sha256).is_file()
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


def test_a_source_says_that_words_of_it_are_here_once_they_are(chronicle, tmp_path):
    passage = not_held_passage()
    opened = Source.objects.get()
    assert not opened.held
    ingest(chronicle)
    assert Source.objects.get().held
    opened.save()  # as it was loaded before
    assert Source.objects.get().held
    ingest(write(tmp_path / "scan.pdf", pdf([PICTURE] * 3)))
    assert not Source.objects.exclude(pk=passage.source_id).get().held


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
    assert storage.path_of(report.sha256).is_file()
    assert not storage.path_of(left_behind.sha256).is_file()


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


# Formats ----------------------------------------------------------------------------------------


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_each_format_becomes_a_document(tmp_path):
    files = {
        "a.txt": b"At dawn.",
        "b.html": b"<p>At dawn.",
        "c.pdf": pdf([["At dawn."]]),
        "d.docx": docx(word_paragraph("At dawn.")),
        "e.epub": epub({"one.xhtml": "<p>At dawn.</p>"}),
    }
    for name, data in files.items():
        report = ingest(write(tmp_path / name, data))
        document = Document.objects.get(pk=report.document)
        assert document.text.content == "At dawn."
        assert document.file.name == name
        assert not document.lacks
    assert sorted(Document.objects.values_list("extractor", flat=True)) == [
        *("DOCX", "EPUB", "HTML", "PDF", "plain text"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", b"PK\x03\x04", "Its name says PDF, but its bytes are those of a ZIP archive"),
        ("a.docx", b"%PDF-1.7", "Its name says DOCX, but its bytes are those of PDF"),
        (
            "a.txt",
            b"<!DOCTYPE html><p>At dawn.",
            "says plain text, but its bytes are those of HTML",
        ),
        ("a.txt", b"\x89PNG\r\n", "says plain text, but its bytes are those of a PNG picture"),
        ("a.html", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office file of the old kind, or one"),
        ("a.epub", b"At dawn.", "Its name says EPUB, but its bytes are not those of EPUB"),
        ("a.pdf", b"At dawn.", "Its name says PDF, but its bytes are not those of PDF"),
        ("a.exe", b"MZ\0", "cannot be read; plain text, HTML, PDF, DOCX, EPUB can"),
    ],
)
def test_a_wrong_name_is_refused_with_both(tmp_path, name, data, said):
    with pytest.raises(IngestError, match=said):
        ingest(write(tmp_path / name, data))
    assert not File.objects.exists()


def test_a_text_may_begin_with_any_two_letters(tmp_path):
    assert ingest(write(tmp_path / "a.txt", b"MZ was his mark.")).text_length == 16


def test_a_scan_is_kept_and_says_that_it_has_no_text(tmp_path, capsys):
    call_command("ingest", write(tmp_path / "scan.pdf", pdf([PICTURE] * 3)))
    assert "None of its 3 pages has text" in capsys.readouterr().out
    document = Document.objects.get()
    assert (document.text.content, document.text_length) == ("", 0)
    assert document.lacks == "None of its 3 pages has text: they are pictures, it seems."
    assert storage.path_of(document.file.sha256).is_file()


def test_the_command_takes_folders_and_leaves_out_what_is_hidden(tmp_path, capsys):
    write(tmp_path / "war" / "b.txt", b"At dusk.")
    write(tmp_path / "war" / "1953" / "a.pdf", pdf([["At dawn."]]))
    write(tmp_path / "war" / ".hidden" / "c.txt", b"Hidden.")
    write(tmp_path / "war" / ".DS_Store", b"\0")
    (tmp_path / "war" / "link.txt").symlink_to(tmp_path / "war" / "b.txt")
    call_command("ingest", tmp_path / "war")
    assert sorted(Source.objects.values_list("slug", flat=True)) == ["a", "b"]
    assert "[2/2]" in capsys.readouterr().out
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="There is no file in it"):
        call_command("ingest", tmp_path / "empty")


@pytest.mark.django_db(transaction=True)
def test_the_same_upload_ten_times_at_once_makes_one_file(tmp_path):
    data = pdf([["At dawn."], PICTURE])
    outcomes: list[str] = []
    barrier = threading.Barrier(10)

    def take_in() -> None:
        barrier.wait()
        try:
            outcomes.append(ingest_upload(io.BytesIO(data), "ford.pdf").outcome)
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
    assert len(list(storage.stored_hashes())) == 1


def test_an_upload_is_never_read_whole():
    class Upload(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= storage.CHUNK
            return super().read(size)

    assert ingest_upload(Upload(b"At dawn.\n" * 500_000), "long.txt").text_length == 4_500_000


# Transcriptions ---------------------------------------------------------------------------------


def make_scan(tmp_path: Path, pages: Sequence[Sequence[str] | str] = (PICTURE,) * 3) -> Document:
    report = ingest(write(tmp_path / "scan.pdf", pdf(pages)))
    return Document.objects.get(pk=report.document)


def test_a_transcription_is_a_document_of_its_own_that_names_the_scan(tmp_path, chronicle):
    scan = make_scan(tmp_path)
    call_command("ingest", chronicle, source="scan", transcribes=1)
    transcription = scan.source.documents.get(number=2)
    assert transcription.transcribes == scan
    assert transcription.text.content == CHRONICLE
    assert scan.file != transcription.file


def test_a_transcription_of_some_pages_is_attached_too(tmp_path, chronicle):
    scan = make_scan(tmp_path, [["One."], PICTURE])
    assert ingest(chronicle, source=scan.source, transcribes=scan).number == 2


def test_what_has_its_text_needs_no_transcription(tmp_path, chronicle):
    whole = Document.objects.get(pk=ingest(chronicle).document)
    other = write(tmp_path / "other.txt", b"Other words.")
    with pytest.raises(IngestError, match="Version 1 has its text"):
        ingest(other, source=whole.source, transcribes=whole)
    scan = make_scan(tmp_path)
    with pytest.raises(IngestError, match="belongs to the source"):
        ingest(other, source=whole.source, transcribes=scan)
    with pytest.raises(IngestError, match="This file is version 1 of the source already"):
        ingest(tmp_path / "scan.pdf", source=scan.source, transcribes=scan)
    with pytest.raises(CommandError, match="has no version 7"):
        call_command("ingest", other, source="scan", transcribes=7)
    with pytest.raises(CommandError, match="needs --source"):
        call_command("ingest", other, transcribes=1)


@pytest.mark.django_db(transaction=True)
def test_the_database_keeps_a_transcription_within_its_source(tmp_path):
    scan = make_document("", lacks="None of its pages has text.")
    with pytest.raises(IntegrityError):
        make_document("Elsewhere.", transcribes=scan)
    itself = uuid4()
    with pytest.raises(IntegrityError):
        make_document("Itself.", pk=itself, transcribes_id=itself)


# Reading again ----------------------------------------------------------------------------------


def make_outdated(text: str, *, path: Path, extractor: str = "HTML") -> Document:
    """Make a document as an earlier version of an extractor would have left it."""
    with path.open("rb") as stream:
        stored = storage.store(stream)
    file = File.objects.create(
        sha256=stored.sha256,
        length=stored.length,
        media_type="text/html",
        name=path.name,
        held=True,
    )
    document = make_document(text, extractor=extractor, extractor_version="0")
    Document._base_manager.filter(pk=document.pk).update(file=file)
    document.refresh_from_db()
    return document


def test_a_newer_extractor_makes_a_new_version_and_moves_nothing(tmp_path, capsys):
    page = write(tmp_path / "ford.html", b"<nav>Menu</nav><p>The army crossed the ford at dawn.")
    old = make_outdated("Menu The army crossed the ford at dawn.", path=page)
    passage = make_passage("crossed the ford", document=old)
    call_command("read_again", source=old.source.slug)
    assert "v2 was made" in (said := capsys.readouterr().out)
    assert "moved: “crossed the ford”" in said
    new = old.source.documents.get(number=2)
    assert (new.file, new.extractor_version) == (old.file, "1")
    assert new.text.content == "The army crossed the ford at dawn."
    assert old.text.content.startswith("Menu")
    assert Passage.objects.get().document == passage.document == old
    call_command("read_again")
    assert capsys.readouterr().out == ""


def test_a_file_that_reads_the_same_makes_no_version(tmp_path):
    document = make_outdated("At dawn.", path=write(tmp_path / "a.html", b"<p>At dawn."))
    assert read_again(document).outcome is Outcome.READS_THE_SAME
    assert read_again(document, dry_run=True).number == 1
    assert Document.objects.count() == 1


def test_a_file_that_cannot_be_read_again_is_told(tmp_path, capsys):
    make_outdated("At dawn.", path=write(tmp_path / "a.html", b"<script>fill()</script>"))
    with pytest.raises(CommandError, match="1 of 1 files could not be read"):
        call_command("read_again")
    assert "not read. The page holds no words" in capsys.readouterr().err
    with pytest.raises(IngestError, match="not held"):
        read_again(make_document("Elsewhere.", held=False))
