"""Whether a sentence of the archive says word for word what a protected text says.

The archive tells what documents say in its own words. Where the very words matter they are a
quotation, and readers see them in quotation marks.
"""

from collections.abc import Iterable

from battles.kinds import Kind
from battles.models import Citation, Statement
from sources.tokens import tokens

_SHORTEST_WITHIN = 6  # tokens: fewer that stand within a longer quote are no wording of its own


def copied_from(statement: Statement, citations: Iterable[Citation]) -> list[str]:
    """Return the protected sources whose cited words a narrative statement repeats.

    White space, case, width, accents and punctuation make no other wording. Nothing where it is
    marked as a quotation, or where the words of the passage are not held.
    """
    if statement.kind != Kind.NARRATIVE or statement.is_quotation:
        return []
    told = tokens(statement.text)
    sources = {
        str(citation.passage.source): None
        for citation in citations
        if not citation.passage.source.is_open and _repeats(told, tokens(citation.passage.quote))
    }
    return list(sources)


def _repeats(told: list[str], quote: list[str]) -> bool:
    if not told or len(told) > len(quote):
        return False
    if told == quote:
        return True
    within = f" {' '.join(told)} " in f" {' '.join(quote)} "
    return within and len(told) >= _SHORTEST_WITHIN
