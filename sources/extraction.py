"""Reading the words out of stored bytes: one extractor for each media type.

An extractor is deterministic: the same bytes and character set give the same text for ever under
one version. A changed rule is a new version, and re-reading makes a new document.
"""

import codecs
import contextlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import charset_normalizer

# Tabs, line feeds and form feeds (page breaks) are text; PostgreSQL could not even store a NUL.
# Half a surrogate pair, which some codecs give, is no character at all.
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")


class ExtractionError(Exception):
    """Bytes that cannot be read as text without a guess; the message says why and what to do."""


@dataclass(frozen=True)
class Extraction:
    """The text that was read, and the character set it was read with."""

    text: str
    charset: str


class Extractor(Protocol):
    """Reads files of some media types."""

    name: str
    version: str
    media_types: frozenset[str]

    def extract(self, path: Path, charset: str | None) -> Extraction:
        """Return the text of a file; raise ExtractionError rather than garble it."""


class PlainTextExtractor:
    """Plain text: decoded strictly, without a byte-order mark, line ends as LF."""

    name = "plain text"
    version = "1"
    media_types = frozenset({"text/plain", "text/csv", "text/markdown"})

    _MARKS = (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    # What most old East Asian and Western texts are in, in the order they are proposed.
    _CANDIDATES = ("euc_kr", "gb18030", "big5", "euc_jp", "shift_jis", "cp1251", "cp1252")

    def extract(self, path: Path, charset: str | None) -> Extraction:
        data = path.read_bytes()
        charset = self._known(charset) if charset else self._marked(data)
        try:
            text = data.decode(charset or "utf-8")
        except UnicodeDecodeError as error:
            if charset:
                raise ExtractionError(
                    f"Byte {error.start} is not {charset}: {error.reason}."
                ) from error
            raise ExtractionError(self._proposal(data, error)) from error
        except UnicodeError as error:
            raise ExtractionError(f"It is not {charset}: {error}.") from error
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._refuse_control_characters(text)
        if not text.strip():
            raise ExtractionError("The file holds no words.")
        return Extraction(text, charset or "utf-8")

    @staticmethod
    def _known(charset: str) -> str:
        try:
            name = codecs.lookup(charset).name
            with contextlib.suppress(UnicodeError):
                b"?".decode(name)  # some codecs, such as rot13, turn no bytes into text
        except LookupError as error:
            raise ExtractionError(f"“{charset}” is not a known character set.") from error
        return name

    def _marked(self, data: bytes) -> str | None:
        return next((name for mark, name in self._MARKS if data.startswith(mark)), None)

    def _proposal(self, data: bytes, error: UnicodeDecodeError) -> str:
        proposed = []
        best = charset_normalizer.from_bytes(data).best()
        for name in [best.encoding if best else None, *self._CANDIDATES]:
            if name and name not in proposed and _decodes(data, name):
                proposed.append(name)
        advice = (
            f"It could be {', '.join(proposed)}; look at it, and name the right character set."
            if proposed
            else "No character set that we know fits it."
        )
        return f"It is not UTF-8 (byte {error.start}), and none was declared. {advice}"

    @staticmethod
    def _refuse_control_characters(text: str) -> None:
        if found := _CONTROL_CHARACTER.search(text):
            what = "a NUL" if found[0] == "\0" else f"the control character {found[0]!a}"
            raise ExtractionError(
                f"It holds {what} at character {found.start()}: it is no plain text, or its "
                "character set is another one."
            )


def _decodes(data: bytes, charset: str) -> bool:
    try:
        text = data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return False
    return not any("\x80" <= character <= "\x9f" for character in text)


EXTRACTORS: tuple[Extractor, ...] = (PlainTextExtractor(),)


def media_type_of(name: str) -> str:
    """Return the media type that a file's name tells, plain text if it tells none."""
    return mimetypes.guess_type(name)[0] or "text/plain"


def extractor_for(media_type: str) -> Extractor:
    """Return the extractor for a media type; raise ExtractionError if there is none."""
    for extractor in EXTRACTORS:
        if media_type in extractor.media_types:
            return extractor
    known = ", ".join(sorted(type_ for one in EXTRACTORS for type_ in one.media_types))
    raise ExtractionError(f"Files of the type {media_type} cannot be read yet; {known} can.")


def extractor_named(name: str, version: str) -> Extractor:
    """Return the extractor that made a document; raise ExtractionError if it is not here."""
    for extractor in EXTRACTORS:
        if (extractor.name, extractor.version) == (name, version):
            return extractor
    raise ExtractionError(f"The extractor “{name}” {version} is not part of this archive.")
