"""A file is read by a process that can do nothing else, and that always ends."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from sources.extraction import ExtractionError, PlainTextExtractor, box, extract
from sources.extraction.docx import DocxExtractor
from sources.extraction.html import HtmlExtractor
from sources.extraction.pdf import PdfExtractor
from tests.sample_files import (
    docx,
    long_docx,
    long_pdf,
    pdf,
    pdf_of_objects,
    word_paragraph,
)

ROOT = Path(__file__).resolve().parents[2]

# What a file that took over its reader would try; each answer is a word.
ATTEMPTS = """
import json, os, socket, subprocess, sys
answer, parent = int(sys.argv[1]), int(sys.argv[2])
from sources.extraction.confinement import confine
tried = {"missing": confine(parent)}
def attempt(name, deed):
    try:
        deed()
        tried[name] = "done"
    except BaseException as error:
        tried[name] = type(error).__name__
attempt("socket", lambda: socket.socket())
attempt("local socket", lambda: socket.socket(socket.AF_UNIX))
attempt("pair", lambda: socket.socketpair())
attempt("resolve", lambda: socket.create_connection(("127.0.0.1", 80), 1))
attempt("fork", lambda: os.fork() or os._exit(0))
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
attempt("spawn", lambda: subprocess.run(["/bin/true"]))
attempt("signal", lambda: os.kill(parent, 0))
attempt("memory", lambda: bytearray(600 * 1024 * 1024))
tried["environment"] = sorted(os.environ)
tried["descriptors"] = sorted(int(name) for name in os.listdir("/proc/self/fd"))
tried["session"] = os.getsid(0) == os.getpid()
os.write(answer, json.dumps(tried).encode())
"""


# Seconds on the clock of a machine that is busy with other tests; those of the processor are 30.
PATIENT = 240


def in_a_box(code: str, *, seconds: float = 30) -> tuple[int | None, bytes]:
    with tempfile.TemporaryFile() as answer:
        command = [sys.executable, "-c", code, str(answer.fileno()), str(os.getpid())]
        status = box.run(command, answer, seconds=seconds)
        answer.seek(0)
        return status, answer.read()


linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines so far")


@linux
def test_what_reads_a_file_has_no_network_no_children_and_no_rights(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for strangers")
    inherited = os.open("/etc/hostname", os.O_RDONLY)
    os.set_inheritable(inherited, True)
    status, answer = in_a_box(ATTEMPTS)
    os.close(inherited)
    tried = json.loads(answer)
    assert status == 0
    assert tried.pop("missing") == []
    # Python itself sets the one variable, for an environment that names no language.
    assert set(tried.pop("environment")) <= {"LC_CTYPE"}
    # Standard input, output and errors, the answer, and the listing itself.
    assert len(tried.pop("descriptors")) == 5
    assert tried.pop("session") is True
    assert tried == {
        "socket": "PermissionError",
        "local socket": "PermissionError",
        "pair": "PermissionError",
        "resolve": "PermissionError",
        "fork": "PermissionError",
        "exec": "PermissionError",
        "spawn": "PermissionError",
        "signal": "PermissionError",
        "memory": "MemoryError",
    }


def test_a_limit_that_the_system_lacks_is_told(tmp_path, monkeypatch, caplog):
    path = tmp_path / "ford.txt"
    path.write_text("At dawn.")

    def answer_without_limits(command, answer, *, seconds):
        answer.write(json.dumps({"missing": ["RLIMIT_AS"], "charset": "utf-8"}).encode() + b"\nA")
        answer.flush()
        return 0

    monkeypatch.setattr(box, "run", answer_without_limits)
    assert extract(PlainTextExtractor(), path, None).text == "A"
    assert "Files are read here without: RLIMIT_AS." in caplog.text


def test_what_takes_too_long_is_ended_with_its_children(tmp_path):
    started = tmp_path / "started"
    code = f"""
import subprocess, sys, time, pathlib
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path({str(started)!r}).write_text(str(child.pid))
time.sleep(60)
"""
    status, _ = in_a_box(code, seconds=2)
    assert status is None
    assert is_gone(int(started.read_text()))


@linux
def test_what_reads_a_file_dies_with_whoever_started_it(tmp_path):
    started = tmp_path / "started"
    inside = f"""
import os, pathlib, sys, time
from sources.extraction.confinement import confine
confine(int(sys.argv[2]))
pathlib.Path({str(started)!r}).write_text(str(os.getpid()))
time.sleep(60)
"""
    outside = f"""
import os, sys, tempfile
from sources.extraction import box
with tempfile.TemporaryFile() as answer:
    command = [sys.executable, "-c", {inside!r}, str(answer.fileno()), str(os.getpid())]
    box.run(command, answer)
"""
    worker = subprocess.Popen([sys.executable, "-c", outside], cwd=ROOT)
    wait_for(started.exists)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert is_gone(int(started.read_text()))


def is_gone(pid: int) -> bool:
    """Say whether a process has ended; init may take a moment to bury it."""

    def ended() -> bool:
        try:
            return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            return True

    return wait_for(ended)


def wait_for(what) -> bool:
    end = time.monotonic() + 20
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_a_pdf_that_grows_without_end_is_ended(tmp_path):
    """Each of its forms draws the next one eight times, twenty deep."""
    form = (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] "
        b"/Resources << /XObject << /X %d 0 R >> >> /Length 50 >>\nstream\n%s\nendstream"
    )
    forms = [form % (number, b"/X Do " * 8 + b"  ") for number in range(5, 25)]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 25 0 R "
        b"/Resources << /XObject << /X 4 0 R >> >> >>",
        *forms,
        form % (24, b" " * 50),
        b"<< /Length 5 >>\nstream\n/X Do\nendstream",
    ]
    path = tmp_path / "circles.pdf"
    path.write_bytes(pdf_of_objects(objects))
    # Which limit it meets first is a matter of the machine.
    with pytest.raises(ExtractionError, match=r"longer than 10 seconds|more than 512 MiB"):
        extract(PdfExtractor(), path, None, seconds=10)


def test_a_file_that_takes_too_long_is_told_so(tmp_path, monkeypatch):
    path = tmp_path / "ford.txt"
    path.write_text("At dawn.")
    monkeypatch.setattr(box, "run", lambda *_, **__: None)
    with pytest.raises(ExtractionError, match="Reading it takes longer than 30 seconds"):
        extract(PlainTextExtractor(), path, None)


@linux
def test_a_file_that_takes_more_memory_than_there_is_is_refused(tmp_path):
    path = tmp_path / "vast.txt"
    with path.open("wb") as vast:
        vast.truncate(600 * 1024 * 1024)
    with pytest.raises(ExtractionError, match="more than 512 MiB of memory"):
        extract(PlainTextExtractor(), path, None)


def test_a_text_longer_than_any_document_is_refused(tmp_path):
    path = tmp_path / "long.txt"
    path.write_bytes(b"At dawn.\n" * 8_000_000)
    with pytest.raises(ExtractionError, match="longer than 64 MiB"):
        extract(PlainTextExtractor(), path, None)


def test_a_reader_that_breaks_off_is_told_with_its_end(tmp_path, monkeypatch):
    path = tmp_path / "ford.txt"
    path.write_text("At dawn.")
    monkeypatch.setattr(box, "run", lambda *_, **__: -signal.SIGSEGV)
    with pytest.raises(ExtractionError, match=r"broke off \(SIGSEGV\): the file is damaged"):
        extract(PlainTextExtractor(), path, None)


@pytest.mark.parametrize(
    "answer",
    [b"", b"{}", b"[]\nA", b'{"missing": []', b'{"missing": []}\n\xff', b'{"missing": []}\nA\x00'],
)
def test_an_answer_that_is_none_is_not_believed(tmp_path, monkeypatch, answer):
    path = tmp_path / "ford.txt"
    path.write_text("At dawn.")

    def lie(command, file, *, seconds):
        file.write(answer)
        file.flush()
        return 0

    monkeypatch.setattr(box, "run", lie)
    with pytest.raises(ExtractionError):
        extract(PlainTextExtractor(), path, None)


def test_an_answer_cut_short_by_the_end_of_its_reader_is_none(tmp_path, monkeypatch):
    path = tmp_path / "ford.txt"
    path.write_text("At dawn.")

    def break_off(command, file, *, seconds):
        file.write(b'{"missing": []}\nhalf a text')
        file.flush()
        return -signal.SIGKILL

    monkeypatch.setattr(box, "run", break_off)
    with pytest.raises(ExtractionError, match="takes longer"):
        extract(PlainTextExtractor(), path, None)


@pytest.mark.parametrize(
    ("extractor", "name", "data", "text"),
    [
        (PlainTextExtractor(), "a.txt", "금성".encode(), "금성"),
        (HtmlExtractor(), "a.html", "<meta charset=utf-8><p>金城".encode(), "金城"),
        (PdfExtractor(), "a.pdf", pdf([["金城"], ["금성"]]), "金城\f금성"),
        (DocxExtractor(), "a.docx", docx(word_paragraph("금성")), "금성"),
    ],
)
def test_each_format_is_read_within_the_limits(tmp_path, extractor, name, data, text):
    path = tmp_path / name
    path.write_bytes(data)
    assert extract(extractor, path, None).text == text


def test_a_pdf_of_600_pages_goes_through(tmp_path):
    path = tmp_path / "long.pdf"
    path.write_bytes(long_pdf(600, random.Random(1)))
    found = extract(PdfExtractor(), path, None, seconds=PATIENT)
    assert found.text.count("\f") == 599
    assert found.lacks == ""


def test_a_docx_of_three_and_a_half_million_characters_goes_through(tmp_path):
    path = tmp_path / "long.docx"
    path.write_bytes(long_docx(3_500_000, random.Random(1)))
    text = extract(DocxExtractor(), path, None, seconds=PATIENT).text
    assert len(text) >= 3_500_000
