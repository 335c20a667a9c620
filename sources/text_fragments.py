"""Links that open a page of the web at given words.

Text fragments: https://wicg.github.io/scroll-to-text-fragment/. A browser that does not know them,
or finds the words no more, opens the page at its beginning.
"""

import re
from urllib.parse import quote as percent_encoded

from sources.anchoring import CONTEXT

_WHOLE = 150  # code points that are asked for word by word; of more, the beginning and the end
_PART = 60  # code points of a beginning or an end

# Where words are written together, these alone part them for certain.
_STOPS = "、。，．：；！？「」『』（）《》〈〉【】"

_LINE_ENDS = re.compile("[\n\r\f\v\x1c\x1d\x1e\x85\u2028\u2029]+")


def live_address(url: str, quote: str, prefix: str = "", suffix: str = "") -> str:
    """Return the address of a page of the web at the words of a quote.

    `prefix` and `suffix` are what stands around it, up to `anchoring.CONTEXT` code points.
    """
    directive = text_directive(quote, prefix, suffix)
    if not directive:
        return url
    url = url.partition(":~:")[0]  # an address may have been copied with other words in it
    return f"{url}{'' if '#' in url else '#'}:~:{directive}"


def text_directive(quote: str, prefix: str = "", suffix: str = "") -> str:
    """Return `text=[prefix-,]start[,end][,-suffix]` for a quote, or nothing if it has no words.

    No term crosses the end of a line, since none may cross the edge of a block of the page. What
    stands around is asked for even beside a long quote: any words may stand on the page twice, and
    to open it at its beginning is better than at the wrong ones.
    """
    lines = _lines(quote)
    if not lines:
        return ""
    start, end = _beginning(lines[0]), _ending(lines[-1])
    if len(lines) == 1 and (len(lines[0]) <= _WHOLE or lines[0] in {start, end}):
        terms = [_encoded(lines[0])]
    else:
        terms = [_encoded(start), _encoded(end)]
    before, after = _before(prefix), _after(suffix)
    terms = [
        *([f"{_encoded(before)}-"] if before else []),
        *terms,
        *([f"-{_encoded(after)}"] if after else []),
    ]
    return f"text={','.join(terms)}"


def _lines(text: str) -> list[str]:
    """Return the lines of a text that are not blank, white space in them made single spaces."""
    lines = (" ".join(line.split()) for line in _LINE_ENDS.split(text))
    return [line for line in lines if line]


def _encoded(term: str) -> str:
    # A hyphen and a comma part the terms, and an ampersand the directives.
    return percent_encoded(term, safe="").replace("-", "%2D")


def _is_edge(text: str, at: int) -> bool:
    """Say whether surely no word goes on across a place in a text."""
    return any(one.isspace() or one in _STOPS for one in text[at - 1 : at + 1])


def _beginning(line: str) -> str:
    if len(line) <= _PART:
        return line
    cut = next((at for at in range(_PART, 0, -1) if _is_edge(line, at)), len(line))
    return line[:cut].strip()


def _ending(line: str) -> str:
    if len(line) <= _PART:
        return line
    cut = next((at for at in range(len(line) - _PART, len(line)) if _is_edge(line, at)), 0)
    return line[cut:].strip()


def _before(prefix: str) -> str:
    """Return the whole words of the last line before a quote."""
    edges = (at for at in range(1, len(prefix)) if _is_edge(prefix, at))
    start = next(edges, len(prefix)) if len(prefix) >= CONTEXT else 0  # it may begin in a word
    return _in_words(_lines(prefix[start:])[-1:])


def _after(suffix: str) -> str:
    """Return the whole words of the first line after a quote."""
    edges = (at for at in range(len(suffix) - 1, 0, -1) if _is_edge(suffix, at))
    end = next(edges, 0) if len(suffix) >= CONTEXT else len(suffix)
    return _in_words(_lines(suffix[:end])[:1])


def _in_words(lines: list[str]) -> str:
    """Return the only line, unless it holds nothing but punctuation."""
    return "".join(line for line in lines if any(map(str.isalnum, line)))
