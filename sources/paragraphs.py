"""Paragraphs of a text: places that readers can name and point to.

A document never changes, so neither does the number of a paragraph, as long as this rule stays.
"""

import re

_LINE = 100  # code points; a longer line is no line of a page but a paragraph of its own

_NEXT_LINE = re.compile(r"\n\s*")
_NEXT_AFTER_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def paragraph_starts(text: str) -> list[int]:
    """Return the code points at which the paragraphs of a text begin, in order.

    Where lines are paragraphs, as in pages saved from the web, each line that is not blank is one.
    A text set in short lines, as on paper, has its paragraphs between blank lines: it is taken for
    such if less than a tenth of it stands in lines longer than a page is wide. A paragraph goes on
    over the end of a page.
    """
    in_long_lines = sum(len(line) for line in text.split("\n") if len(line) > _LINE)
    is_set_in_lines = in_long_lines * 10 < len(text) and _NEXT_AFTER_BLANK_LINE.search(text)
    ends = _NEXT_AFTER_BLANK_LINE if is_set_in_lines else _NEXT_LINE
    first = len(text) - len(text.lstrip())
    starts = [first, *(match.end() for match in ends.finditer(text, first))]
    return starts if starts[-1] < len(text) else starts[:-1]
