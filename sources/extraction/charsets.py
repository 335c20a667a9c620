"""Turning bytes into characters: strictly, as declared, never by a guess."""

import codecs
import contextlib

import charset_normalizer

from sources.extraction.bases import ExtractionError

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What most old East Asian and Western texts are in, in the order they are proposed.
_CANDIDATES = ("euc_kr", "gb18030", "big5", "euc_jp", "shift_jis", "cp1251", "cp1252")


def decode(data: bytes, charset: str | None, *, declared: str | None = None) -> tuple[str, str]:
    """Return the text of some bytes without its byte-order mark, and the character set used.

    `charset` is what a person says, `declared` what the file says of itself. Their order is:
    the person, a byte-order mark, the file, UTF-8. Raises ExtractionError with the first byte that
    does not fit, and with what the character set could be.
    """
    used = known(charset) if charset else marked(data) or declared
    try:
        text = data.decode(used or "utf-8")
    except UnicodeDecodeError as error:
        if charset:
            raise ExtractionError(f"Byte {error.start} is not {used}: {error.reason}.") from error
        raise ExtractionError(_proposal(data, error, used)) from error
    except UnicodeError as error:
        raise ExtractionError(f"It is not {used}: {error}.") from error
    return text.removeprefix("\ufeff"), used or "utf-8"


def known(charset: str) -> str:
    """Return the name Python has for a character set; raise ExtractionError if it has none."""
    try:
        name = codecs.lookup(charset).name
        with contextlib.suppress(UnicodeError):
            b"?".decode(name)  # some codecs, such as rot13, turn no bytes into text
    except (LookupError, ValueError) as error:
        raise ExtractionError(f"“{charset}” is not a known character set.") from error
    return name


def marked(data: bytes) -> str | None:
    """Return the character set that a byte-order mark tells, if there is one."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), None)


def _proposal(data: bytes, error: UnicodeDecodeError, declared: str | None) -> str:
    proposed = []
    best = charset_normalizer.from_bytes(data).best()
    for name in [best.encoding if best else None, *_CANDIDATES]:
        if name and name not in proposed and _decodes(data, name):
            proposed.append(name)
    advice = (
        f"It could be {', '.join(proposed)}; look at it, and name the right character set."
        if proposed
        else "No character set that we know fits it."
    )
    if declared:
        return f"It says that it is {declared}, but byte {error.start} is not. {advice}"
    return f"It is not UTF-8 (byte {error.start}), and none was declared. {advice}"


def _decodes(data: bytes, charset: str) -> bool:
    try:
        text = data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return False
    return not any("\x80" <= character <= "\x9f" for character in text)
