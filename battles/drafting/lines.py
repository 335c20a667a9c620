"""The lines of a text that are no prose: page furniture, headings, works and notes in a list."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sources.notes import NOTE_BODY

LONGEST_HEADING = 100  # code points

_BREAK = re.compile(r"[\n\f\r\v\x85\u2028\u2029]")
_STOP = re.compile(r"[.!。！｡…][\"'”’»›)\]」』》）】]*(?:\s?\[[^\[\]]{1,12}\])*$")
_ASKS = re.compile(r"[?？][\"'”’»›)\]」』》）】]*$")

_FURNITURE = re.compile(
    r"""
    from\ .{1,40},\ the\ free\ encyclop(?:a|æ|ae)edia | from\ .{1,40},\ the\ free\ encyclopedia
  | jump\ to\b.{0,40} | skip\ to\b.{0,40} | navigation\ menu | navigation,?\ search
  | .{0,80}\[\s?edit(?:\s?\|\s?edit\ source|\ source)?\s?\]
  | (?:read\ more|see\ also|main\ articles?|further\ information|related|source|photo)\s?:.*
  | scroll\ to\ continue | advertisement | share(?:\ this(?:\ \w+)?)? | print(?:\ this\ page)?
  | (?:sign\ up|subscribe|log\ in|create\ account)\b.{0,60} | (?:table\ of\ )?contents | search
  | (?:hidden\ )?categor(?:y|ies)\s?:.* | retrieved\ from\b.*
  | this\ page\ was\ last\ (?:edited|modified)\b.* | (?:text|content)\ is\ available\ under\b.*
  | by\ using\ this\ site\b.* | wikipedia®\ is\b.* | (?:©|copyright\b|\(c\)\ [12]\d{3}).*
  | .{0,150}\ball\ rights\ reserved\b.{0,40}
  | (?:privacy\ policy|terms\ of\ (?:use|service)|cookie\ (?:policy|statement)|disclaimers)\b.{0,80}
  | (?:page\s)?[-–—\s]*\d{1,4}(?:\ (?:of|/)\ \d{1,4})?[-–—\s]*
  | .{0,20}(?:自由的百科全[书書]) | 跳[转轉]到.{0,30} | .{0,40}\[\s?(?:编辑|編輯)[^\[\]]{0,12}\]
  | 本[页頁]面最[后後].* | .{0,80}(?:版权所有|版權所有).{0,40} | (?:分类|分類)\s?[:：].* | 取自.*
  | .{0,20}우리\ 모두의\ 백과사전.{0,10} | 둘러보기로.{0,30} | .{0,40}\[\s?편집\s?\]
  | 이\ 문서는\ .{0,80}편집되었.{0,20} | .{0,80}무단\ ?전재.{0,40} | 분류\s?[:：].*
    """,
    re.VERBOSE | re.IGNORECASE,
)

# A work as lists of works print it: with its number, or with name, year, place and publisher.
_NUMBERED = re.compile(r"\b(?:ISBN|ISSN|OCLC|DOI)\b[\s:]?\s?[\dX10./-]", re.IGNORECASE)
_YEAR = r"c?(?:1[4-9]|20)\d\d[a-z]?"
_NAMES = r"[^\W\d_][\w’'-]{0,30}(?: [\w’'-]{1,30}){0,2}, [^\W\d_a-z][^\n]{0,200}?"
_IMPRINT = r"[^\W\d_a-z][\w .’'-]{1,40}(?:, [A-Z][\w.]{1,15})?: ?[^\W\d_a-z][^\n:]{1,100}"
_COULD_BE_A_WORK = re.compile(rf"^.{{1,60}}[,，:：.].*\b{_YEAR}(?!\d)", re.DOTALL)
_WORK = re.compile(
    rf"{_NAMES}[.,] [^\n]{{2,300}}?[.,] {_IMPRINT}, \(?{_YEAR}\)?[^\n]{{0,60}}"
    rf"|{_NAMES} ?\({_YEAR}\)[.,:]? [^\n]{{2,300}}?[.,] {_IMPRINT}"
    rf"|[^\n]{{2,40}}[,，:：.]\s?[《『「][^\n]{{1,120}}[》』」][^\n]{{0,80}}(?:出版|书店|書店|출판)[^\n]{{0,60}}"
)
_BULLET = re.compile(r"[•·▪‣*–—-]\s+|\^\s+")


# Words that a page puts before a remark of its own, in the remark's line or above it.
_LEAD_IN = re.compile(r"(?:did you know|你知道[吗嗎]|알고 계셨나요)\s?[?？]", re.IGNORECASE)


class Line(NamedTuple):
    """One line of a text, without the space around it."""

    start: int
    end: int
    words: str


def lines(text: str) -> Iterator[Line]:
    """Return the lines of a text that are not blank, in order."""
    first = 0
    for ends in [*(match.start() for match in _BREAK.finditer(text)), len(text)]:
        words = text[first:ends]
        start = first + len(words) - len(words.lstrip())
        if words := words.strip():
            yield Line(start, start + len(words), words)
        first = ends + 1


def ends_a_sentence(words: str) -> bool:
    return _STOP.search(words) is not None


def is_furniture(words: str) -> bool:
    """Whether a line belongs to the page and not to the account: navigation, licence, footer."""
    return _FURNITURE.fullmatch(words) is not None


def is_lead_in(words: str) -> bool:
    """Whether a sentence only draws the eye to the next one."""
    return _LEAD_IN.fullmatch(words) is not None


def is_note(words: str) -> bool:
    """Whether a line is a note in a list of notes."""
    return NOTE_BODY.match(words) is not None


def is_heading(words: str) -> bool:
    """Whether a paragraph of one line is a heading, or a caption, and no sentence."""
    if _ASKS.search(words):
        return len(words) <= LONGEST_HEADING
    return len(words) <= LONGEST_HEADING and not ends_a_sentence(words)


def work_in(line: Line) -> tuple[int, int] | None:
    """Return the span of a work that a line of a bibliography names, without its bullet."""
    bullet = _BULLET.match(line.words)
    words = line.words[bullet.end() :] if bullet else line.words
    if not 20 <= len(words) <= 1200:
        return None
    could = len(words) <= 500 and _COULD_BE_A_WORK.search(words)
    if not (_NUMBERED.search(words) or (could and _WORK.fullmatch(words))):
        return None
    return line.end - len(words), line.end
