"""Languages as bibliographies name them."""

import re

from django.conf.locale import LANG_INFO

# Names that BibLaTeX's styles and library catalogues write, beside those Django knows.
_NAMES = {"chinese": "zh", "mandarin": "zh", "american": "en", "british": "en-GB"}
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def language_tag(text: str) -> str:
    """Return the tag of a language given by its tag or by its name; empty if it is not known."""
    text = text.strip()
    if _TAG.fullmatch(text):
        return text
    name = text.casefold()
    if name in _NAMES:
        return _NAMES[name]
    for tag, known in LANG_INFO.items():
        if name in (known.get("name", "").casefold(), known.get("name_local", "").casefold()):
            return tag
    return ""
