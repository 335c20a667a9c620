"""The store of original bytes: each file under its SHA-256, written once, read-only, never changed.

Bytes are on the disk, synced, before any row says so: temporary file → fsync → rename → fsync of
the folder → commit. A process killed at any moment leaves at most stray bytes, which `sweep()`
removes.
"""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK = 1024 * 1024  # bytes
# Seconds: younger bytes may belong to an ingest that has not committed yet.
STRAY_AFTER = 24 * 3600.0


@dataclass(frozen=True)
class StoredBytes:
    """What was stored: its SHA-256 and its length in bytes."""

    sha256: str
    length: int


def path_of(sha256: str) -> Path:
    """Return where the bytes of that hash are, or would be."""
    return Path(settings.FILES_ROOT) / sha256[:2] / sha256[2:4] / sha256


def open_stored(sha256: str) -> BinaryIO:
    """Open stored bytes for reading; raises FileNotFoundError if they are not here."""
    return path_of(sha256).open("rb")


def digest(stream: BinaryIO) -> StoredBytes:
    """Hash a stream from where it stands, in bounded memory."""
    hashed, length = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        hashed.update(chunk)
        length += len(chunk)
    return StoredBytes(hashed.hexdigest(), length)


def store(stream: BinaryIO) -> StoredBytes:
    """Keep the bytes of a stream for good and return their hash; the same bytes are kept once."""
    waiting = Path(settings.FILES_ROOT) / "incoming"
    waiting.mkdir(parents=True, exist_ok=True)
    hashed, length = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=waiting, delete=False) as temporary:
        try:
            while chunk := stream.read(CHUNK):
                temporary.write(chunk)
                hashed.update(chunk)
                length += len(chunk)
            temporary.flush()
            os.fsync(temporary.fileno())
            os.fchmod(temporary.fileno(), 0o444)
            final = path_of(hashed.hexdigest())
            _make_folders(final.parent)
            try:
                os.utime(final)  # fresh again, so that no sweep takes it before the commit
                os.unlink(temporary.name)
            except FileNotFoundError:
                os.rename(temporary.name, final)
                _sync_folder(final.parent)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary.name)
            raise
    return StoredBytes(hashed.hexdigest(), length)


def stored_hashes() -> Iterator[tuple[str, Path]]:
    """Yield the name and path of everything in the store, whole or left half-written."""
    root = Path(settings.FILES_ROOT)
    if root.is_dir():
        for path in sorted(root.rglob("*")):
            if path.is_file():
                yield path.name, path


def sweep(held: set[str]) -> list[Path]:
    """Remove bytes that no held file's row speaks of, once they have stood long enough."""
    limit = time.time() - STRAY_AFTER
    swept = []
    for sha256, path in stored_hashes():
        if sha256 not in held and path.stat().st_mtime <= limit:
            path.unlink()
            swept.append(path)
    return swept


def _make_folders(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        for made in (folder.parent, folder.parent.parent):
            _sync_folder(made)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
