"""Whose word a passage reports: the words by which an account gives it to somebody else.

What is found here is a proposal. A curator confirms it, because "according to plan" is nobody's
word and "he" is whoever was named a page before.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from sources.models import Origin

BEFORE = 160  # code points before a passage in which its account may name whose word it is

_NAME = r"(?P<name>[^\W\d_][^\n.,;:()“”\"]{1,60}?)"
_PHRASES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\baccording to (?:the )?{_NAME}(?=[\s]*[.,;:()“”\"\n]|\s+(?:sources|figures|records)|$)",
        rf"(?<!\w){_NAME} (?:official )?"
        r"(?:sources?|estimat(?:e|ion)s?|figures|records|accounts?|claims?)\b"
        r"(?=\s*(?:[:(]|put\b|give\b|say\b|state\b|claim\b|speak\b))",
        rf"\b(?:estimate|claim|report|figure)s? (?:by|of) (?:the )?{_NAME}(?=\s*[.,;:()\n]|$)",
        rf"(?<!\w){_NAME} (?:claim(?:s|ed)|estimate[sd]|reported)\b",
        r"(?:据|根据|據|根據)(?P<name>[^\s，。；：、\d]{1,20}?)(?=的?(?:统计|統計|估计|估計|公布|报道|報道|"
        r"资料|資料|说法|說法|记载|記載)|称|稱)",
        r"(?P<name>[^\s，。；：、\d]{2,20}?)(?:方面?)(?:称|稱|宣称|宣稱|声称|聲稱|统计|統計)",
        r"(?P<name>[가-힣A-Za-z ]{2,20}?)(?:에 따르면|에 의하면|측은|측 (?:주장|추산|자료))",
    )
]
_WORD = re.compile(r"\w+")


class Attribution(NamedTuple):
    """The words that name somebody, and the origin they seem to mean, if the archive has it."""

    words: str
    origin: Origin | None


def attribution(text: str, start: int, end: int, origins: Iterable[Origin]) -> Attribution | None:
    """Return whose word a span of a text seems to be; the nearest words count.

    They are looked for in the span and before it in its own paragraph.
    """
    line = text.rfind("\n", 0, start) + 1
    first = max(line, start - BEFORE)
    found = [
        match for phrase in _PHRASES for match in phrase.finditer(text[first:end]) if match["name"]
    ]
    if not found:
        return None
    # Words in the span speak of it before words that precede it; of these the last are nearest.
    inside = [match for match in found if first + match.end("name") > start]
    named = inside or [max(found, key=lambda match: match.end())]
    known = list(origins)
    for match in sorted(named, key=lambda match: match.start("name")):
        if origin := _meant(match["name"], known):
            return Attribution(match[0].strip(), origin)
    return Attribution(named[0][0].strip(), None)


def _meant(name: str, origins: list[Origin]) -> Origin | None:
    """Return the origin that a name means; that of the most words, so that Korea waits its turn."""
    fitting = [origin for origin in origins if is_named(name, origin.name)]
    return max(fitting, key=lambda origin: (len(origin.name), str(origin.pk)), default=None)


def is_named(phrase: str, name: str) -> bool:
    """Whether a phrase holds a name, or the adjective of it: “South Korean”, “Chinese”."""
    if not phrase.isascii() and name in phrase:
        return True
    words, wanted = _WORD.findall(phrase.casefold()), _WORD.findall(name.casefold())
    return bool(wanted) and any(
        all(_alike(word, one) for word, one in zip(words[at:], wanted, strict=False))
        and len(words) - at >= len(wanted)
        for at in range(len(words))
    )


def _alike(word: str, wanted: str) -> bool:
    stem = wanted if len(wanted) < 4 else wanted[: max(4, len(wanted) - 1)]
    return word == wanted or (len(stem) >= 4 and word.startswith(stem))
