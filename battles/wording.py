"""A statement's values in words: how we read what the document prints."""

import re
from collections.abc import Sequence

from battles.kinds import Bound, Category, Degree, Kind, Level, Population
from sources import dates
from sources.filters import language_name

_CATEGORY, _POPULATION, _LEVEL, _KIND = (
    {str(value): str(label) for value, label in choices.choices}
    for choices in (Category, Population, Level, Kind)
)
_KIND |= {Kind.NARRATIVE: "sentence", Kind.NOTE: "archive’s note"}  # as readers see them
_BEFORE = {
    Bound.ABOUT: "about",
    Bound.AT_LEAST: "at least",
    Bound.MORE_THAN: "more than",
    Bound.NEARLY: "nearly",
    Bound.AT_MOST: "at most",
}
_DEGREE_OF_VICTORY = {
    Degree.DECISIVE: "decisive victory",
    Degree.LIMITED: "limited victory",
    Degree.COSTLY: "costly (Pyrrhic) victory",
}
_SCRIPT = {
    "Arab": "Arabic",
    "Cyrl": "Cyrillic",
    "Grek": "Greek",
    "Hang": "Hangul",
    "Hans": "simplified Han",
    "Hant": "traditional Han",
    "Hebr": "Hebrew",
    "Jpan": "Japanese",
    "Kore": "Korean",
    "Latn": "Latin",
}
_DAY = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?")


def figure(
    bound: str, value: int | None, low: int | None, high: int | None, counted: str = "persons"
) -> str:
    """Return a figure exactly as far as it goes: “about 4,000”, “66,000–78,000”, “2 corps”."""
    if value is None and low is None and high is None:
        return "no number given"
    if low is not None and high is not None:
        span = f"{low:,}–{high:,}" if low != high else f"{low:,}"
    elif low is not None:
        span = f"{low:,} or more"
    elif high is not None:
        span = f"up to {high:,}"
    else:
        span = ""
    number = span if value is None else f"{value:,}" + (f" ({span})" if span else "")
    words = [_BEFORE.get(Bound(bound), "") if bound else "", number]
    return " ".join(filter(None, [*words, "" if counted == "persons" else counted]))


def date(edtf: str, reason: str) -> str:
    """Return a date in words, or the reason why none can be given."""
    return dates.describe(edtf) if edtf else reason


def machine_date(edtf: str) -> str:
    """Return the date as a `<time>` element can say it, or nothing."""
    return edtf if _DAY.fullmatch(edtf) and edtf[:4] != "0000" else ""


def result(victor: str, degree: str, level: str) -> str:
    """Return who won and how far: “decisive victory: China (tactical level)”."""
    if victor:
        how = _DEGREE_OF_VICTORY.get(Degree(degree), f"victory, {degree}") if degree else "victory"
        words = f"{how}: {victor}"
    else:
        words = f"no victor named, {degree}" if degree in _DEGREE_OF_VICTORY else degree
    return f"{words} ({_LEVEL[level]} level)" if level else words


def counted_as(category: str, counted: str, population: str, scope: str) -> str:
    """Return what a figure counts: “killed in action; civilian; 13–16 July”."""
    parts = [
        _CATEGORY.get(category, ""),
        counted if counted != "persons" else "",
        _POPULATION.get(population, ""),
        scope,
    ]
    return "; ".join(filter(None, parts))


def form_of_name(language: str, script: str, romanises: str) -> str:
    """Return what is recorded of a form of a name: “Chinese, Latin script, for 金城战役”."""
    tag = language.removesuffix(f"-{script}")
    in_script = f"{_SCRIPT.get(script, script)} script" if script else ""
    original = f"for {romanises}" if romanises else ""
    return ", ".join(filter(None, (language_name(tag) if tag else "", in_script, original)))


def kind(value: str) -> str:
    return _KIND[value]


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: “killed, wounded and missing”."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def shortened(text: str, length: int) -> str:
    """Return a text, cut at a word if it is longer."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut).rstrip(" ,;:.") + "…"


_CLOSED_BY = {"“": "”", "‘": "’", '"': '"', "「": "」", "『": "』", "«": "»", "„": "“"}


def in_quotation_marks(text: str) -> str:
    """Return a quotation as it is printed, with its marks if it has none around all of it."""
    return text if _is_in_quotation_marks(text) else f"“{text}”"


def without_quotation_marks(text: str) -> str:
    """Return printed words without the marks around all of them, for where marks are added."""
    return text[1:-1] if _is_in_quotation_marks(text) else text


def _is_in_quotation_marks(text: str) -> bool:
    closing = _CLOSED_BY.get(text[:1])
    return closing is not None and text.find(closing, 1) == len(text) - 1
