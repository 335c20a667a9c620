"""Characters that are no text: what no row may hold, and what no page or feed can show."""

import re

# Tabs, line feeds and form feeds (page breaks) are text; PostgreSQL could not even store a NUL.
# Half a surrogate pair, which some codecs give, is no character at all.
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")

_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
# The HTML standard, “Preprocessing the input stream”. XML 1.0 forbids fewer, but also form feeds,
# which HTML takes for spaces.
_UNSHOWABLE = re.compile(rf"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef{_NONCHARACTERS}]")


def showable(text: str) -> str:
    """Return text with a replacement character for each that HTML forbids."""
    return _UNSHOWABLE.sub("\ufffd", text)


def showable_in_xml(text: str) -> str:
    """Return text with a replacement character for each that HTML or XML forbids."""
    return showable(text.replace("\f", " "))
