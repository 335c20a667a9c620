"""An archive made to do harm is refused before anything of it is unpacked."""

import io
import stat
import string
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sources.extraction import ExtractionError, archives
from sources.extraction.archives import Archive
from tests.sample_files import archive


def opened(tmp_path: Path, data: bytes) -> Archive:
    path = tmp_path / "book.epub"
    path.write_bytes(data)
    return Archive(path)


def named(name: str) -> bytes:
    """Return an archive with an entry that zipfile itself would rename."""
    return archive({"x" * len(name): "harm"}).replace(b"x" * len(name), name.encode())


def linked() -> bytes:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        packed.writestr(entry, "/etc/passwd")
    return written.getvalue()


def twice() -> bytes:
    written = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(written, "w") as packed:
        packed.writestr("one.xhtml", "At dawn.")
        packed.writestr("one.xhtml", "At dusk.")
    return written.getvalue()


def encrypted() -> bytes:
    data = bytearray(archive({"one.xhtml": "At dawn."}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def overlapping() -> bytes:
    """Return an archive whose entries all unpack the same bytes."""
    data = archive({"a": bytes(range(256)) * 40, "b": bytes(range(256)) * 40, "c": b""})
    first, second = (data.index(b"PK\x01\x02", at) for at in (0, data.index(b"PK\x01\x02") + 4))
    kernel = data[: data.index(b"PK\x03\x04", 4)]
    directory = bytearray(data[first:second] * 40)  # forty names for the first entry
    for number in range(40):
        directory[number * (second - first) + 46] = ord(string.ascii_letters[number])
    end = bytearray(data[data.index(b"PK\x05\x06") :])
    end[8:12] = (40).to_bytes(2, "little") * 2
    end[12:16] = len(directory).to_bytes(4, "little")
    end[16:20] = len(kernel).to_bytes(4, "little")
    return kernel + bytes(directory) + bytes(end)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (lambda: named("/etc/passwd"), "“/etc/passwd” is refused: its path is absolute"),
        (lambda: named("C:/autoexec"), "its path is absolute"),
        (lambda: named("../outside"), "its path leads out of the archive"),
        (lambda: named("a/../../b"), "its path leads out of the archive"),
        (lambda: named("..\\outside"), "a backslash in its path"),
        (lambda: named("one\x07two"), "its name is not plain text"),
        (linked, "“link” is refused: it is a link"),
        (twice, "“one.xhtml” is refused: it stands there twice"),
        (encrypted, "it is encrypted"),
        (overlapping, "overlap"),
        (lambda: archive({"bomb": bytes(20_000_000)}), "20,000,000, which is more than 200 times"),
        (lambda: archive({str(number): "" for number in range(10_001)}), "10,001 entries"),
        (lambda: archive({"one.xhtml": "At dawn."})[:-5], "damaged or cut short"),
        (lambda: b"PK\x03\x04", "damaged or cut short"),
    ],
)
def test_harm_is_refused_by_name(tmp_path, data: Callable[[], bytes], said: str):
    with pytest.raises(ExtractionError, match=said):
        opened(tmp_path, data())


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_MOST_BYTES", 1000)
    with pytest.raises(ExtractionError, match="unpacks to 1,200 bytes"):
        opened(tmp_path, archive({"a": "x" * 600, "b": "x" * 600}))


def test_a_length_that_lies_does_not_unpack_more(tmp_path):
    data = archive({"one.xhtml": "At dawn. " * 100})
    real, claimed = (900).to_bytes(4, "little"), (10).to_bytes(4, "little")
    with (
        opened(tmp_path, data.replace(real, claimed)) as lying,
        pytest.raises(ExtractionError, match=r"“one\.xhtml” in the archive is damaged"),
    ):
        lying.read("one.xhtml")


def test_a_damaged_part_is_named(tmp_path):
    data = bytearray(archive({"one.xhtml": "At dawn. " * 100}))
    data[45] ^= 0xFF
    with (
        opened(tmp_path, bytes(data)) as damaged,
        pytest.raises(ExtractionError, match=r"“one\.xhtml” in the archive is damaged"),
    ):
        damaged.read("one.xhtml")


def test_an_archive_within_an_archive_stays_packed(tmp_path):
    bomb = archive({"bomb": bytes(1_000_000)})
    with opened(tmp_path, archive({"nested.zip": bomb})) as outer:
        assert outer.names == {"nested.zip"}
