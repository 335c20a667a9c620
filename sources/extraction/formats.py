"""What kind of file something is: by its name, and whether its first bytes agree."""

import mimetypes
import re
from pathlib import Path, PurePath

from sources.extraction.bases import ExtractionError

PLAIN_TEXT = "text/plain"
HTML = "text/html"
XHTML = "application/xhtml+xml"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EPUB = "application/epub+zip"

_HEAD = 4096  # bytes

# Not left to the system, whose tables differ from one machine to the next.
_BY_SUFFIX = {
    "": PLAIN_TEXT,
    ".txt": PLAIN_TEXT,
    ".text": PLAIN_TEXT,
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".htm": HTML,
    ".html": HTML,
    ".xhtml": XHTML,
    ".pdf": PDF,
    ".docx": DOCX,
    ".epub": EPUB,
}
_NAMES = {
    PLAIN_TEXT: "plain text",
    "text/markdown": "plain text",
    "text/csv": "plain text",
    HTML: "HTML",
    XHTML: "HTML",
    PDF: "PDF",
    DOCX: "DOCX",
    EPUB: "EPUB",
}
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
# What first bytes tell, and which of the formats above such a file may be.
_SIGNATURES: tuple[tuple[bytes, str, frozenset[str]], ...] = (
    (b"%PDF-", "PDF", frozenset({PDF})),
    (b"PK\x03\x04", "a ZIP archive", frozenset({DOCX, EPUB})),
    (b"PK\x05\x06", "an empty ZIP archive", frozenset()),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Office file of the old kind, or one locked with a password",
        frozenset(),
    ),
    (b"{\\rtf", "RTF", frozenset()),
    (b"\x1f\x8b", "a gzip archive", frozenset()),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", frozenset()),
    (b"Rar!", "a RAR archive", frozenset()),
    (b"\x89PNG", "a PNG picture", frozenset()),
    (b"\xff\xd8\xff", "a JPEG picture", frozenset()),
    (b"GIF8", "a GIF picture", frozenset()),
    (b"II*\x00", "a TIFF picture", frozenset()),
    (b"MM\x00*", "a TIFF picture", frozenset()),
    (b"AT&TFORM", "DjVu", frozenset()),
    (b"\x7fELF", "a program", frozenset()),
    (b"MZ", "a program", frozenset()),
)


def media_type_of(name: str) -> str:
    """Return the media type that a file's name tells, plain text if it tells none."""
    suffix = PurePath(name).suffix.lower()
    return _BY_SUFFIX.get(suffix) or mimetypes.guess_type(name)[0] or PLAIN_TEXT


def refuse_another_format(path: Path, media_type: str) -> None:
    """Raise ExtractionError, naming both, if a file's first bytes are those of another format."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    said = _NAMES.get(media_type, media_type)
    for signature, found, fitting in _SIGNATURES:
        # Two letters may well begin a plain text; the NUL of a program's header does not.
        if head.startswith(signature) and (len(signature) > 2 or b"\0" in head):
            if media_type not in fitting:
                raise ExtractionError(f"Its name says {said}, but its bytes are those of {found}.")
            return
    if _MARKUP.match(head):
        if media_type not in (HTML, XHTML):
            raise ExtractionError(f"Its name says {said}, but its bytes are those of HTML.")
    # PDF allows for some other bytes before its header.
    elif media_type in (DOCX, EPUB) or (media_type == PDF and b"%PDF-" not in head[:1024]):
        raise ExtractionError(f"Its name says {said}, but its bytes are not those of {said}.")
