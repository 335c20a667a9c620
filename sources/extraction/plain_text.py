"""Plain text."""

from pathlib import Path

from sources.characters import CONTROL_CHARACTER
from sources.extraction import charsets
from sources.extraction.bases import Extraction, ExtractionError


class PlainTextExtractor:
    """Plain text: decoded strictly, without a byte-order mark, line ends as LF."""

    name = "plain text"
    version = "1"
    media_types = frozenset({"text/plain", "text/csv", "text/markdown"})

    def extract(self, path: Path, charset: str | None) -> Extraction:
        text, charset = charsets.decode(path.read_bytes(), charset)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._refuse_control_characters(text)
        if not text.strip():
            raise ExtractionError("The file holds no words.")
        return Extraction(text, charset)

    @staticmethod
    def _refuse_control_characters(text: str) -> None:
        if found := CONTROL_CHARACTER.search(text):
            what = "a NUL" if found[0] == "\0" else f"the control character {found[0]!a}"
            raise ExtractionError(
                f"It holds {what} at character {found.start()}: it is no plain text, or its "
                "character set is another one."
            )
