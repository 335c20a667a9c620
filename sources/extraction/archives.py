"""Opening a ZIP archive that may have been made to do harm; nothing of it is ever unpacked."""

import re
import stat
import zipfile
from pathlib import Path

from sources.extraction.bases import ExtractionError

_MOST_ENTRIES = 10_000
_MOST_BYTES = 1024 * 1024 * 1024  # of all entries together
_LARGEST_PART = 128 * 1024 * 1024  # bytes of one entry that is read
_MOST_EXPANSION = 200  # times; deflate can reach 1,032
_ALWAYS_FINE = 1024 * 1024  # bytes: a short entry may repeat itself as it likes
_DRIVE = re.compile(r"[A-Za-z]:")


class Archive:
    """A ZIP archive that has been checked; its parts are read one by one."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise ExtractionError(
                f"The archive is damaged or cut short: {_reason(error)}."
            ) from error
        _refuse_harmful(entries, path.stat().st_size)
        self.names = frozenset(entry.filename for entry in entries if not entry.is_dir())

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def read(self, name: str) -> bytes:
        """Return a part of the archive; raises ExtractionError if it is missing or damaged."""
        try:
            entry = self._zip.getinfo(name)
            if entry.file_size > _LARGEST_PART:
                raise ExtractionError(
                    f"“{name}” is {entry.file_size:,} bytes long; {_LARGEST_PART:,} can be read."
                )
            return self._zip.read(entry)
        except KeyError as error:
            raise ExtractionError(f"“{name}” is missing in the archive.") from error
        except (ExtractionError, MemoryError):
            raise
        # What damaged bytes make zlib and zipfile raise is more than they document.
        except Exception as error:
            raise ExtractionError(
                f"“{name}” in the archive is damaged: {_reason(error)}."
            ) from error


def _refuse_harmful(entries: list[zipfile.ZipInfo], length: int) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise ExtractionError(
            f"The archive has {len(entries):,} entries; no document needs over {_MOST_ENTRIES:,}."
        )
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        if problem := _problem_with(entry) or (name in seen and "it stands there twice"):
            raise ExtractionError(f"The archive’s entry {_shown(name)} is refused: {problem}.")
        seen.add(name)
    if (total := sum(entry.file_size for entry in entries)) > _MOST_BYTES:
        raise ExtractionError(
            f"The archive unpacks to {total:,} bytes; no document needs over {_MOST_BYTES:,}."
        )
    if sum(entry.compress_size for entry in entries) > length:
        raise ExtractionError("The archive’s entries overlap: it was made to unpack without end.")


def _problem_with(entry: zipfile.ZipInfo) -> str:
    name = entry.orig_filename
    if not name.isprintable() or not name:
        return "its name is not plain text"
    if name.startswith("/") or _DRIVE.match(name):
        return "its path is absolute"
    if "\\" in name:
        return "there is a backslash in its path"
    if ".." in name.split("/"):
        return "its path leads out of the archive"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link"
    if entry.flag_bits & 0x41:  # encrypted, or strongly so
        return "it is encrypted; save the document without a password"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in a way that no document uses"
    if entry.file_size > max(_ALWAYS_FINE, entry.compress_size * _MOST_EXPANSION):
        return (
            f"{entry.compress_size:,} bytes unpack to {entry.file_size:,}, "
            f"which is more than {_MOST_EXPANSION} times as many"
        )
    return ""


def _shown(name: str) -> str:
    return f"“{name[:80]}”" if name.isprintable() else ascii(name[:80])


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
