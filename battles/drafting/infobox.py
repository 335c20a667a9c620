"""What the lines of an infobox could state: its labels, and the values that follow them.

Pages that were copied keep an infobox as lines, often without its columns. So nothing is said of
the side that a line stands on; a curator who sees it says so.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from battles.kinds import FIGURE_KINDS, Bound, Category, Degree, Kind, Population
from sources.notes import RAISED
from sources.numerals import numbers_in
from sources.written_dates import dates_in

_LONGEST_ITEM = 120  # code points
_MARKER = re.compile(
    rf"\[(?:\d{{1,3}}|[Nn]ote \d{{1,3}})\]|(?<=\w)\[[a-z]\](?!\w)|(?<=[^\W\d_]{{3}}){RAISED}|[†‡]"
)

_LABELS: dict[Kind, tuple[str, ...]] = {
    Kind.DATE: ("Dates?", "日期", "[时時][间間]", "날짜", "시기", "일시"),
    Kind.PLACE: ("Location", "Place", "地[点點]", "位置", "장소", "위치"),
    Kind.RESULT: ("Result", "Outcome", "[结結]果", "결과"),
    Kind.BELLIGERENT: (
        "Belligerents?",
        "Combatants",
        "[参參][战戰]方",
        "[参參][战戰]各方",
        "交[战戰](?:方|各方|[国國])",
        "교전국",
        r"교전 ?세력",
    ),
    Kind.COMMANDER: (
        r"Commanders?(?: and leaders?)?",
        "Leaders?",
        r"Commander\(s\)",
        "指[挥揮]官(?:[和与與及][领領][导導](?:者|人))?",
        "[将將][领領]",
        "지휘관(?: 및 지도자)?",
        "지휘자",
    ),
    Kind.UNIT: (
        "Units(?: involved)?",
        "[参參][战戰](?:[单單]位|部[队隊])",
        r"참전 ?부대",
        "부대",
    ),
    Kind.STRENGTH: ("Strengths?", "Forces", "兵力", "[军軍]力", "병력", "군세"),
    Kind.CASUALTIES: (
        "Casualties(?: and losses)?",
        "Losses",
        "[伤傷]亡(?:[与與和及]?[损損]失)?(?:人[数數])?",
        "[损損]失",
        r"피해(?: ?규모)?",
        "사상자",
        r"인명 ?피해",
    ),
}
_LABEL = re.compile(
    "|".join(rf"(?P<{kind}>{'|'.join(words)})" for kind, words in _LABELS.items()).join(
        ("(?:", r")(?P<parts>\s*[:：\t]\s*|\s+|$)(?P<rest>.*)$")
    ),
    re.IGNORECASE,
)
_GROUPS = (Kind.BELLIGERENT, Kind.COMMANDER, Kind.UNIT, *FIGURE_KINDS)

_PART_OF = re.compile(
    r"Part of (?:the )?(?P<english>[^\W\d_a-z].*)"
    r"|(?P<chinese>.{2,30})的一部分|(?P<korean>.{2,40})의 일부",
)
_WINS = re.compile(
    r"\b(?:victory|defeat|inconclusive|stalemate|draw|indecisive|ceasefire|armistice|withdrawal|"
    r"retreat)\b|[胜勝][利]?|败|敗|승리|패배|무승부",
    re.IGNORECASE,
)
_VICTOR = re.compile(
    r"(?:(?:decisive|pyrrhic|costly|limited|tactical|strategic|major|minor)\s+)*"
    r"(?P<english>[^\W\d_][^,;.\n]*?)\s+"
    r"(?:(?:decisive|pyrrhic|costly|limited|tactical|strategic|major|minor)\s+)*victory\b"
    r"|(?P<chinese>[^\s，。；]{2,20}?)(?:方)?(?:[决決]定性|惨|慘|大)?[胜勝]利?"
    r"|(?P<korean>[가-힣A-Za-z ]{2,20}?)(?:군?의)?\s?(?:결정적(?:인)? ?)?승리",
    re.IGNORECASE,
)
_DEGREES = (
    (Degree.DECISIVE, re.compile(r"(?<!in)\bdecisive|[决決]定性|결정적", re.IGNORECASE)),
    (Degree.COSTLY, re.compile(r"\b(?:pyrrhic|costly)|[惨慘][胜勝]", re.IGNORECASE)),
    (
        Degree.INCONCLUSIVE,
        re.compile(r"\b(?:inconclusive|indecisive|draw)\b|무승부", re.IGNORECASE),
    ),
    (Degree.STALEMATE, re.compile(r"\bstalemate\b|僵局|교착", re.IGNORECASE)),
)

_CATEGORIES = (
    (Category.KILLED_OR_WOUNDED, r"killed (?:and|or) wounded|[毙斃][伤傷]|[伤傷]亡|死[伤傷]|사상"),
    (Category.MISSING_OR_CAPTURED, r"missing (?:and|or) captured|captured (?:and|or) missing"),
    (Category.KILLED_IN_ACTION, r"\bkilled\b|\bKIA\b|[阵陣]亡|[战戰]死|[击擊][毙斃]|전사"),
    (Category.DIED, r"\b(?:dead|deaths?|died)\b|死亡|사망"),
    (Category.WOUNDED, r"\b(?:wounded|injured|WIA)\b|受[伤傷]|[负負][伤傷]|부상"),
    (Category.MISSING, r"\b(?:missing|MIA)\b|失[踪蹤]|실종"),
    (Category.CAPTURED, r"\b(?:captured|prisoners|POWs?)\b|被俘|俘[虏虜]|포로"),
    (Category.TOTAL, r"\btotal\b|[总總共合][计計共]|총"),
)
_CATEGORY = [(one, re.compile(words, re.IGNORECASE)) for one, words in _CATEGORIES]
_BOUNDS = (
    (Bound.MORE_THAN, r"\b(?:more than|over|above)\b|[>＞]|[余餘]|超[过過]|넘|초과"),
    (Bound.AT_LEAST, r"\bat least\b|\d\s?\+|[≥]|至少|최소|이상"),
    (Bound.AT_MOST, r"\b(?:at most|up to|no more than)\b|[≤]|至多|최대|이하"),
    (Bound.NEARLY, r"\b(?:nearly|almost)\b|近|[将將]近|거의|가까"),
    (Bound.ABOUT, r"\b(?:about|around|approximately|some|circa|ca?\.)|[~～≈]|[约約]|大[约約]|약"),
)
_BOUND = [(one, re.compile(words, re.IGNORECASE)) for one, words in _BOUNDS]
_VAGUE = re.compile(
    r"\b(?:unknown|heavy|light|severe|minimal|few)\b|不明|不[详詳]|불명|미상", re.IGNORECASE
)
_CIVILIAN = re.compile(r"\bcivilians?\b|平民|민간인", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(?P<english>(?:field )?armies|corps|divisions?|brigades?|regiments?|battalions?|companies|"
    r"squadrons?|tanks?|guns?|(?:artillery )?pieces|aircraft|planes|ships?|vessels|vehicles)\b"
    r"|[个個]?(?P<chinese>兵[团團]|集[团團][军軍]|[军軍](?!力)|[师師]|旅|[团團]|[营營])"
    r"|개\s?(?P<korean>군단|사단|여단|연대|대대)",
    re.IGNORECASE,
)
_DIGITS = r"\d{1,3}(?:[,.]\d{3})+|\d+"
_RANGE = re.compile(rf"(?P<low>{_DIGITS})\s?(?:[-–—~～至到]|to)\s?(?P<high>{_DIGITS})(?![\d,]*\d)")
_SCALED = re.compile(
    r"(?:\d[\d.,]*\s?(?:[百千万萬만亿億억천백]|(?:hundred|thousand|million|billion|dozen)\b)\s?)+",
    re.IGNORECASE,
)
_NEXT_FIGURE = re.compile(r"(?<=[^\d])[,;、，；]\s?(?=\D{0,20}\d)|[,;]\s(?=\D{0,20}\d)")
_SPEAKER = re.compile(r"(?P<who>[^:：\d]{2,60}?)\s?[:：]\s?")
_EITHER_WAY = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{4}")
_CELLS = re.compile(r"\s*\t\s*|[^\S\n]{2,}")
_CELLS_OF_PARTIES = re.compile(r"\s*[\t\xa0]\s*|[^\S\n]{2,}")


@dataclass(frozen=True, slots=True)
class Item:
    """What a line could state: a kind, columns with values, and names for those that hold rows."""

    kind: Kind
    printed: str
    values: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def without_markers(words: str) -> str:
    return re.sub(rf"[ \xa0]?(?:{_MARKER.pattern})", "", words).strip()


# Labels ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    """A label at the beginning of a line, and what follows it there."""

    kind: Kind
    rest: str
    is_marked: bool  # by a colon or a cell's end

    @property
    def heads_a_group(self) -> bool:
        return self.kind in _GROUPS


def label_of(words: str) -> Label | None:
    """Return the label that a line begins with, if it is one of an infobox."""
    match = _LABEL.match(words)
    if match is None or match.lastgroup is None:
        return None
    kind = next(kind for kind in _LABELS if match[kind])
    if words[:1].islower():
        return None
    is_marked = bool(match["parts"].strip() or "\t" in match["parts"])
    return Label(kind, match["rest"].strip(), is_marked)


def speaks_for_itself(label: Label) -> bool:
    """Whether what follows a label is a value of its kind, so that no other label need be near."""
    words = label.rest
    match label.kind:
        case Kind.DATE:
            return bool(_edtf(words))
        case Kind.RESULT:
            return _WINS.search(words) is not None
        case Kind.STRENGTH | Kind.CASUALTIES:
            return is_figure(words)
    return False


def may_follow(kind: Kind, words: str) -> bool:
    """Whether a line can be an item of the group that a label heads."""
    words = without_markers(words)
    if not words or len(words) > _LONGEST_ITEM:
        return False
    if kind in FIGURE_KINDS:
        return is_figure(words)
    first = words.lstrip('"“‘«「『(')[:1]
    return first.isupper() or first.isdigit() or not first.isascii() or _is_formations(words)


def is_figure(words: str) -> bool:
    return bool(_numbers(words)) or _VAGUE.search(words) is not None


def part_of(words: str) -> str:
    """Return what a line says that the battle was part of; nothing if it says no such thing."""
    match = _PART_OF.fullmatch(without_markers(words))
    name = match and (match["english"] or match["chinese"] or match["korean"])
    return name.strip() if name and len(name) <= _LONGEST_ITEM else ""


def speaker(words: str) -> str:
    """Return what stands before a colon, where an item says whose figure it is."""
    match = _SPEAKER.match(words)
    return match["who"] if match else ""


# Cells and parts -------------------------------------------------------------------------------


def cells(kind: Kind, words: str) -> list[tuple[int, int]]:
    """Return the spans of the cells of a line; figures side by side have one each, too."""
    gap = _CELLS_OF_PARTIES if kind == Kind.BELLIGERENT else _CELLS
    spans = _between(words, gap)
    if kind in FIGURE_KINDS:
        return [span for cell in spans for span in _figures_of(words, *cell)]
    return spans


def _between(words: str, gap: re.Pattern[str], start: int = 0) -> list[tuple[int, int]]:
    spans, first = [], 0
    for match in gap.finditer(words):
        spans.append((first, match.start()))
        first = match.end()
    spans.append((first, len(words)))
    return [(start + first, start + end) for first, end in spans if words[first:end].strip()]


def _figures_of(words: str, start: int, end: int) -> list[tuple[int, int]]:
    parts = _between(words[start:end], _NEXT_FIGURE, start)
    told = all(_category(words[slice(*part)]) != Category.UNSPECIFIED for part in parts)
    return (
        parts if told and all(_numbers(words[slice(*part)]) for part in parts) else [(start, end)]
    )


# Values ----------------------------------------------------------------------------------------


def read(kind: Kind, words: str) -> Item:
    """Read an item of an infobox, without its label, as far as its words tell."""
    words = without_markers(words)
    match kind:
        case Kind.DATE:
            edtf = _edtf(words)
            dated = {"date_edtf": edtf} if edtf else {"date_reason": words[:300]}
            return Item(kind, words, {"aspect": "whole"} | dated)
        case Kind.PLACE:
            return Item(kind, words, names={"place": words})
        case Kind.RESULT:
            return _result(words)
        case Kind.UNIT if _is_formations(words):
            return _figure(Kind.STRENGTH, words)
        case Kind.STRENGTH | Kind.CASUALTIES:
            return _figure(kind, words)
    return Item(kind, words, names={"entity": words})


def _edtf(words: str) -> str:
    """Return the one date, or the one span of dates, that some words write out."""
    if _EITHER_WAY.search(words):
        return ""
    found = dates_in(words)
    years = {date.year for date in found if date.year is not None}
    if not found:
        year = re.fullmatch(r"(?:in |c\. ?)?([1-9]\d{3})(?:年|년)?", words.strip())
        return year[1] if year else ""
    if len(years) != 1:
        if any(date.year is None for date in found):
            return ""
    elif any(date.year is None for date in found):
        [only] = years
        found = {date._replace(year=only) for date in found}
    if not years:
        return ""
    exact = {date for date in found if date.day is not None}
    days = sorted(
        f"{date.year:04}-{date.month:02}" + (f"-{date.day:02}" if date.day else "")
        for date in exact or found
    )
    return days[0] if len(days) == 1 else "/".join(days) if len(days) == 2 else ""


def _result(words: str) -> Item:
    values: dict[str, Any] = {}
    for degree, said in _DEGREES:
        if said.search(words):
            values["degree"] = degree.value
            break
    match = _VICTOR.match(words)
    victor = match and (match["english"] or match["chinese"] or match["korean"])
    return Item(Kind.RESULT, words, values, {"victor": victor.strip()} if victor else {})


def _is_formations(words: str) -> bool:
    """Whether words count formations, such as “two corps”, instead of naming one."""
    counted = _COUNTED.search(words)
    if not counted or counted.end() < len(words.rstrip(" .")):
        return False
    before = words[: counted.start()].strip()
    return len(before.split()) <= 3 and len(numbers_in(before)) == 1 and not before[:1].isupper()


def _numbers(words: str) -> list[int]:
    """Return the numbers of some words; the years and days of their dates are none."""
    words = without_markers(words)
    # Digits before a scale, as in 1.5 million or 3万2千, are read with it and not by themselves.
    numbers = numbers_in(_SCALED.sub(" ", words))
    numbers |= {max(numbers_in(scaled[0]), default=0) for scaled in _SCALED.finditer(words)}
    for date in dates_in(words):
        numbers -= {date.year or -1, date.day or -1}
    return sorted(numbers)


def _figure(kind: Kind, words: str) -> Item:
    said = speaker(words)
    stated = words[_SPEAKER.match(words).end() :] if said else words  # type: ignore[union-attr]
    values: dict[str, Any] = {"counted": "persons"}
    if counted := _COUNTED.search(stated):
        values["counted"] = counted["english"] or counted["chinese"] or counted["korean"]
    if kind == Kind.CASUALTIES:
        values["category"] = _category(stated).value
    if _CIVILIAN.search(stated):
        values["population"] = Population.CIVILIAN.value
    numbers = _numbers(stated)
    bound = next((one for one, said in _BOUND if said.search(stated)), Bound.EXACTLY)
    if spread := _RANGE.search(stated):
        low, high = (int(re.sub(r"\D", "", spread[end])) for end in ("low", "high"))
        if low <= high:
            values |= {"low": low, "high": high}
    elif len(numbers) == 1:
        values["value"] = numbers[0]
    elif not any(numbers) and _VAGUE.search(stated):
        bound = Bound.VAGUE
    values["bound"] = bound.value
    return Item(kind, words, values)


def _category(words: str) -> Category:
    return next((one for one, said in _CATEGORY if said.search(words)), Category.UNSPECIFIED)


# Whose -----------------------------------------------------------------------------------------


def part_from_party(words: str, others: list[str], known: list[str]) -> tuple[str, str]:
    """Return the party that the name of a person or a unit begins with, and the rest of it.

    A flattened infobox prints a flag's name before the person's. It is known as a party of the
    archive, or told by standing before other names as well.
    """
    for party in sorted(known, key=len, reverse=True):
        if words.startswith(f"{party} ") and words[len(party) :].strip():
            return party, words[len(party) :].strip()
    own = words.split()
    shared = 0
    for other in others:
        length = 0
        for one, same in zip(own, other.split(), strict=False):
            if one != same:
                break
            length += 1
        if length < len(own):
            shared = max(shared, length)
    return " ".join(own[:shared]), " ".join(own[shared:])
