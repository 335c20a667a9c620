"""What every extractor is and gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class ExtractionError(Exception):
    """Bytes that cannot be read as text without a guess; the message says why and what to do."""


@dataclass(frozen=True)
class Extraction:
    """The text that was read, the character set it was read with, and what it lacks of the file.

    `lacks` is empty where the text is whole; a text without words says there why it has none.
    """

    text: str
    charset: str = ""
    lacks: str = ""


class Extractor(Protocol):
    """Reads files of some media types.

    It is deterministic: the same bytes and character set give the same text for ever under one
    version. A changed rule is a new version, and re-reading makes a new document. The libraries
    are part of the rule: tests keep what they give, and an upgrade that changes it is a new
    version too.
    """

    name: str
    version: str
    media_types: frozenset[str]

    def extract(self, path: Path, charset: str | None) -> Extraction:
        """Return the text of a file; raise ExtractionError rather than garble it."""
