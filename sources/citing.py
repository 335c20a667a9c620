"""Citations of a source as three style guides write them, for a reader to copy.

- Chicago: The Chicago Manual of Style, 18th edition (2024), notes and bibliography, the form for a
  bibliography. Works since 1900 need no place of publication there.
- APA: Publication Manual of the American Psychological Association, 7th edition (2020).
- MLA: MLA Handbook, 9th edition (2021).

Names take their corrected form. A name marked as always family-first is never turned round, and
only APA puts a comma into it; one without a comma is a body's, or a person's whose parts are not
known, and stays whole. A title that is printed in translation stands in brackets after the
original, as all three ask. `docs/bibliography-formats.md` names the rules, and where records
cannot follow them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sources import dates
from sources.bibliographies.entry import is_calendar_date
from sources.models import Contribution, Source

Kind = Source.Kind
Role = Contribution.Role

_PARTS = (Kind.CHAPTER, Kind.ARTICLE, Kind.ENTRY)  # titles in quotation marks
_DATED_BY_DAY = (Kind.ARTICLE, Kind.WEB_PAGE, Kind.REPORT, Kind.ARCHIVAL_ITEM, Kind.OTHER)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MLA_MONTHS = (
    "Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of a citation: whether they are italic, and their language if it is another."""

    text: str
    italic: bool = False
    lang: str = ""


@dataclass(frozen=True, slots=True)
class StyledCitation:
    """A source as one style guide cites it."""

    style: str
    runs: tuple[Run, ...]

    def __str__(self) -> str:
        return "".join(run.text for run in self.runs)


def cited(source: Source) -> list[StyledCitation]:
    """Return a source as each style cites it; its names and numbers are best fetched before."""
    work = _Work(source)
    return [
        StyledCitation("Chicago (18th ed.)", _joined(_chicago(work))),
        StyledCitation("APA (7th ed.)", _joined(_apa(work), stop=False)),
        StyledCitation("MLA (9th ed.)", _joined(_mla(work))),
    ]


# What a record says, in the terms of the guides


@dataclass(frozen=True, slots=True)
class _Person:
    family: str  # the whole name, if its parts are not known
    given: str = ""
    suffix: str = ""
    original: str = ""
    family_first: bool = False

    @property
    def turned(self) -> bool:
        return bool(self.given) and not self.family_first

    @property
    def in_list(self) -> str:
        if not self.turned:
            return self.plain
        return ", ".join(filter(None, (self.family, self.given, self.suffix)))

    @property
    def plain(self) -> str:
        parts = (self.family, self.given) if self.family_first else (self.given, self.family)
        return " ".join(filter(None, (*parts, self.suffix)))

    @property
    def initials(self) -> str:
        """The first letters: a particle’s stays small, a syllable’s after a hyphen does not."""
        words = (re.findall(r"[^\W\d_]+", word) for word in self.given.split())
        return " ".join(
            "-".join([f"{first[0]}.", *(f"{part[0].upper()}." for part in rest)])
            for first, *rest in filter(None, words)
        )


def _person(row: Contribution) -> _Person:
    family, *rest = (row.name_corrected or row.name).split(", ")
    given, *suffix = rest or [""]
    return _Person(family, given, ", ".join(suffix), row.name_original, row.family_first)


class _Work:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.kind = Kind(source.kind)
        self.people: dict[str, list[_Person]] = {role: [] for role in Role.values}
        for row in source.contributions.all():
            self.people[row.role].append(_person(row))
        whole = source.contained_in
        self.whole = whole.title if whole is not None and whole.public else ""
        self.edition = _edition(source.edition)
        self.volume = _volume(source.volume)
        self.issue = re.sub(r"^(?:(?:no|nr|issue|number)\b\.?\s*)", "", source.issue, flags=re.I)
        self.pages = re.sub(r"(?<=\w)\s*-+\s*(?=\w)", "–", _PAGE_WORDS.sub("", source.pages))
        self.publisher = _publisher(source.publisher)
        if self.publisher == self.whole:
            self.publisher = ""  # a site that its owner names is told once
        dois = [row.value for row in source.identifiers.all() if row.scheme == "doi"]
        doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", dois[0].strip()) if dois else ""
        self.link = f"https://doi.org/{doi}" if doi else source.url
        # An address without a date is cited with the day on which it was read.
        self.read_on = source.accessed if self.link and not doi else None
        self._read_title()
        self._read_date()

    def _read_title(self) -> None:
        """Tell apart the title in its own script, in Latin letters, and in English."""
        source = self.source
        self.original, self.latin = source.title_original, source.title
        self.latin_sentence = source.title_sentence or source.title
        self.english = self.english_sentence = source.title_translated
        if not self.original and not _is_latin(source.title):
            self.original, self.latin, self.latin_sentence = source.title, "", ""
        elif self.original and not self.english:
            # “In English, if not printed so”: left out, the printed title is English.
            self.english, self.english_sentence = self.latin, self.latin_sentence
            self.latin = self.latin_sentence = ""
        elif self.original == self.latin:
            self.latin = self.latin_sentence = ""

    def _read_date(self) -> None:
        edtf, printed = self.source.issued_edtf, self.source.issued_printed
        self.year = self.month = self.day = 0
        self.words = printed or (dates.describe(edtf) if edtf else "")
        if is_calendar_date(edtf):
            numbers = [int(part) for part in edtf.split("-")]
            if self.kind not in _DATED_BY_DAY:
                numbers = numbers[:1]
            self.year, self.month, self.day = (*numbers, 0, 0)[:3]
            self.words = str(self.year)

    @property
    def undated_read_on(self) -> date | None:
        """The day of access, where no other day tells which text was read."""
        return None if self.words else self.read_on

    def leading(self) -> tuple[list[_Person], str]:
        """Return who a bibliography lists the work under, and in which role."""
        for role in (Role.AUTHOR, Role.EDITOR, Role.COMPILER):
            if self.people[role]:
                return self.people[role], role
        return [], ""


def _is_latin(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return not letters or sum(letter < "\u0250" for letter in letters) * 2 >= len(letters)


_PAGE_WORDS = re.compile(r"^(?:pages?|pp?)\b\.?\s*", re.IGNORECASE)
_ROMAN = re.compile(r"(?=[MDCLXVI])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}


def _volume(printed: str) -> str:
    """Return the number of a volume in Arabic figures; what is no number stays as printed."""
    number = re.sub(r"^(?:volume|vol\.?)\s+", "", printed.strip(), flags=re.IGNORECASE)
    if not _ROMAN.fullmatch(number):
        return number
    values = [_VALUES[letter] for letter in number]
    following = [*values[1:], 0]
    return str(sum(v if v >= f else -v for v, f in zip(values, following, strict=True)))


def _pp(pages: str) -> str:
    """Return pages as APA and MLA write them: “p. 5”, “pp. 5–20”."""
    several = re.search(r"[–,;]", pages)
    return f"{'pp.' if several else 'p.'} {pages}" if pages else ""


def _vol(volume: str) -> str:
    return f"Vol. {volume}" if volume[:1].isdigit() else volume


_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip


def _edition(printed: str) -> str:
    """Return an edition as the guides write it, “2nd ed.”; empty for the first."""
    edition = re.sub(r"\bedition\b", "ed.", printed.strip(), flags=re.IGNORECASE)
    first, _, rest = edition.partition(" ")
    if first.casefold() in _ORDINALS and rest in ("", "ed."):
        edition = str(_ORDINALS.index(first.casefold()) + 1)
    if number := re.fullmatch(r"([0-9]+)(?:st|nd|rd|th)?\.?(?: ed\.?)?", edition):
        n = int(number[1])
        ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
        return "" if n == 1 else f"{n}{ending} ed."
    return re.sub(r"^Revised\b", "Rev.", edition)


def _publisher(printed: str) -> str:
    """Return a publisher's name without “The” and the form of its business."""
    name = re.sub(r"^The\s+", "", printed.strip())
    return re.sub(r"(?:,?\s+(?:Inc|Ltd|Co|Corp|LLC|Limited|S\.A|GmbH)\b\.?)+$", "", name)


def _mla_publisher(name: str) -> str:
    """Shorten a university press: “U of Nebraska P”, “UP of Kansas”."""
    if not (re.search(r"\bUniversity\b", name) and re.search(r"\bPress\b", name)):
        return name
    name = name.replace("University Press", "UP")
    return re.sub(r"\bPress\b", "P", re.sub(r"\bUniversity\b", "U", name))


# Sentences of runs, so that no full stop stands twice

Sentence = list[Run]


def _text(words: str) -> Sentence:
    return [Run(words)] if words else []


def _joined(sentences: Iterable[Sentence], stop: bool = True) -> tuple[Run, ...]:
    """Return sentences with a full stop and a space after each, an address only if `stop`."""
    runs: list[Run] = []
    for sentence in sentences:
        if not sentence:
            continue
        if runs:
            runs.append(Run(" "))
        runs += sentence
        said = "".join(run.text for run in sentence)
        is_link = not stop and re.search(r"(?:^|, from )https?://\S+$", said)
        if not is_link and not re.search(r"[.!?。？！][”’]?$", said):
            runs.append(Run("."))
    merged: list[Run] = []
    for run in runs:
        if merged and (merged[-1].italic, merged[-1].lang) == (run.italic, run.lang):
            merged[-1] = replace(merged[-1], text=merged[-1].text + run.text)
        else:
            merged.append(run)
    return tuple(merged)


def _spaced(*groups: Sentence) -> Sentence:
    runs: Sentence = []
    for group in groups:
        runs += [Run(" "), *group] if runs and group else group
    return runs


def _quoted(words: str, is_last: bool) -> str:
    """Return words in quotation marks, the full stop inside if they end their sentence."""
    inner = words.replace("“", "‘").replace("”", "’")
    stop = "." if is_last and not inner.endswith(("?", "!", ".")) else ""
    return f"“{inner}{stop}”"


def _listed(names: Sequence[str], last: str = "and", comma: bool = False) -> str:
    """Return names in a row; two take a comma only if asked for, three and more always."""
    if len(names) < 2:
        return "".join(names)
    before = ", " if comma or len(names) > 2 else " "
    return f"{', '.join(names[:-1])}{before}{last} {names[-1]}"


# Chicago, 18th edition


def _chicago(work: _Work) -> list[Sentence]:
    people, role = work.leading()
    lead = _leading_names(people)
    if lead and role != Role.AUTHOR:
        word = "ed" if role == Role.EDITOR else "comp"
        lead += [Run(f", {word}{'s' if len(people) > 1 else ''}.")]
    if work.kind in _PARTS or work.kind == Kind.WEB_PAGE:
        beside = _spaced(_original(work), _bracketed(work))
        title = _quoted(work.latin, not beside) if work.latin else ""
        titled = _spaced(_text(title), beside)
    else:
        italic = work.kind != Kind.ARCHIVAL_ITEM
        latin = [Run(work.latin, italic=italic)] if work.latin else []
        titled = _spaced(latin, _original(work), _bracketed(work))
    makers = [
        f"{verb} {_listed(_chicago_names(work.people[other]))}"
        for other, verb in _VERBS
        if work.people[other] and other != role
    ]
    date = _chicago_date(work)
    link = _text(work.link)
    volume = _vol(work.volume)
    if read_on := work.undated_read_on:
        month = _MONTHS[read_on.month - 1]
        link = [Run(f"Accessed {month} {read_on.day}, {read_on.year}. "), *link]
    if work.kind == Kind.ARTICLE and work.whole:
        issue = [Run(work.whole, italic=True), *_text(_chicago_numbers(work, date))]
        return [lead, titled, *map(_text, makers), issue, link]
    if work.kind == Kind.WEB_PAGE:
        said = [_text(words) for words in (*makers, work.whole, work.publisher, date)]
        return [lead, titled, *said, link]
    if work.kind == Kind.ARCHIVAL_ITEM:
        place = ", ".join(filter(None, (work.source.box, work.source.fonds)))
        return [lead, titled, _text(date), _text(place), _text(work.source.repository), link]
    facts = ", ".join(filter(None, (work.publisher, date)))
    if 0 < work.year < 1900 and work.source.place_published:
        facts = ": ".join(filter(None, (work.source.place_published, facts)))
    if work.kind in _PARTS and work.whole:
        inside = [_lower(item) for item in (volume, *makers) if item]
        whole = [
            Run("In "),
            Run(work.whole, italic=True),
            *_text("".join(f", {i}" for i in inside)),
        ]
        return [lead, titled, whole, _text(work.edition), _text(facts), link]
    series = _series(work)
    number = f"No. {work.issue}" if work.issue and not series else ""
    said = [_text(words) for words in (*makers, work.edition, volume, series, number, facts)]
    return [lead, titled, *said, link]


def _chicago_numbers(work: _Work, date: str) -> str:
    """Return what follows a journal’s name; an issue known by its day alone takes no brackets."""
    by_day = work.month and not work.volume and not work.issue
    if by_day:
        return f", {date}"
    numbers = f" {work.volume}" if work.volume else ""
    if work.issue:
        numbers += f", no. {work.issue}"
    return numbers + (f" ({date})" if date else "") + (f": {work.pages}" if work.pages else "")


def _series(work: _Work) -> str:
    """Return the series of a book or report, and its number in it."""
    in_series = work.kind in (Kind.BOOK, Kind.REPORT) and work.whole
    return " ".join(filter(None, (work.whole, work.issue))) if in_series else ""


_VERBS = (
    (Role.EDITOR, "Edited by"),
    (Role.TRANSLATOR, "Translated by"),
    (Role.COMPILER, "Compiled by"),
)


def _leading_names(people: Sequence[_Person]) -> Sentence:
    """Return the names an entry begins with: the first turned round, if it is ever. Six stand
    whole, of more the first three."""
    if not people:
        return []
    shown = people if len(people) <= 6 else people[:3]
    names = [_with_script(shown[0], shown[0].in_list)]
    names += [_with_script(person, person.plain) for person in shown[1:]]
    if len(shown) < len(people):
        return _text(f"{', '.join(names)}, et al.")
    return _text(_listed(names, comma=shown[0].turned))


def _chicago_names(people: Sequence[_Person]) -> list[str]:
    return [_with_script(person, person.plain) for person in people]


def _with_script(person: _Person, name: str) -> str:
    return f"{name} {person.original}" if person.original else name


def _original(work: _Work) -> Sentence:
    return [Run(work.original, lang=work.source.language)] if work.original else []


def _bracketed(work: _Work) -> Sentence:
    return _text(f"[{work.english_sentence}]" if work.english_sentence else "")


def _chicago_date(work: _Work) -> str:
    if work.month:
        day = f" {work.day}," if work.day else ""
        return f"{_MONTHS[work.month - 1]}{day} {work.year}"
    return work.words or ("n.d." if work.kind in (Kind.BOOK, Kind.REPORT) else "")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


# APA, 7th edition


def _apa(work: _Work) -> list[Sentence]:
    people, role = work.leading()
    lead = _apa_leading([_apa_in_list(person) for person in people])
    if lead and role != Role.AUTHOR:
        lead += f" ({_apa_role(role, len(people))})"
    date = f"({_apa_date(work)})"
    parts = work.kind in _PARTS
    latin = work.latin_sentence
    title = [Run(latin, italic=not parts)] if latin else _original(work)
    inside: list[str] = []
    for other in (Role.EDITOR, Role.TRANSLATOR, Role.COMPILER):
        if work.people[other] and other != role:
            names = _listed([_apa_plain(one) for one in work.people[other]], "&")
            inside.append(f"{names}, {_apa_role(other, len(work.people[other]))}")
    report = f"Report No. {work.issue}" if work.kind == Kind.REPORT and work.issue else ""
    pages = _pp(work.pages) if parts else ""
    numbers = ", ".join(filter(None, (report, work.edition, _vol(work.volume), pages)))
    article = work.kind == Kind.ARTICLE and bool(work.whole)
    bracketed = _bracketed(work)
    if work.kind == Kind.DATASET:
        bracketed = _spaced(bracketed, _text("[Data set]"))
    in_brackets = "; ".join([*inside, *([numbers] if numbers and not parts else [])])
    if parts and work.whole and not article:
        in_brackets = ""
    titled = _spaced(title, bracketed, _text(f"({in_brackets})" if in_brackets else ""))
    whole: Sentence = []
    if article:
        whole = [Run(work.whole, italic=True)]
        whole += [Run(", "), Run(work.volume, italic=True)] if work.volume else []
        issue = f"({work.issue})" if work.issue else ""
        whole += _text(issue if work.volume or not issue else f", {issue}")
        whole += _text(f", {work.pages}" if work.pages else "")
    elif parts and work.whole:
        makers = f"{', '.join(inside)}, " if inside else ""
        makers = re.sub(r", (Eds?\.|Trans\.|Comps?\.)", r" (\1)", makers)
        after = f" ({numbers})" if numbers else ""
        whole = [Run(f"In {makers}"), Run(work.whole, italic=True), *_text(after)]
    elif work.kind == Kind.WEB_PAGE and work.whole != lead:
        whole = _text(work.whole)
    place: list[Sentence] = []
    if work.kind == Kind.ARCHIVAL_ITEM:
        box = f"({work.source.box})" if work.source.box else ""
        place = [
            _text(" ".join(filter(None, (work.source.fonds, box)))),
            _text(work.source.repository),
        ]
    publisher = "" if [work.publisher] == [one.plain for one in people] else work.publisher
    first = [_text(lead), _text(date), titled] if lead else [titled, _text(date)]
    link = work.link
    if read_on := work.undated_read_on:
        link = f"Retrieved {_MONTHS[read_on.month - 1]} {read_on.day}, {read_on.year}, from {link}"
    return [*first, whole, *place, _text("" if article else publisher), _text(link)]


def _apa_in_list(person: _Person) -> str:
    if not person.given:
        return person.plain
    return ", ".join(filter(None, (person.family, person.initials, person.suffix)))


def _apa_plain(person: _Person) -> str:
    if not person.given:
        return person.plain
    return " ".join(filter(None, (person.initials, person.family, person.suffix)))


def _apa_leading(names: list[str]) -> str:
    """Return up to twenty names; of more, the first nineteen and the last."""
    if len(names) > 20:
        return f"{', '.join(names[:19])}, . . . {names[-1]}"
    return _listed(names, "&", comma=True)


def _apa_role(role: str, number: int) -> str:
    words = {Role.EDITOR: ("Ed.", "Eds."), Role.TRANSLATOR: ("Trans.", "Trans.")}
    return words.get(Role(role), ("Comp.", "Comps."))[number > 1]


def _apa_date(work: _Work) -> str:
    if work.month:
        day = f" {work.day}" if work.day else ""
        return f"{work.year}, {_MONTHS[work.month - 1]}{day}"
    return work.words or "n.d."


# MLA, 9th edition


def _mla(work: _Work) -> list[Sentence]:
    people, role = work.leading()
    same = [one.plain for one in people] == [work.publisher]  # then the work begins with its title
    lead = "" if same else _mla_leading(people)
    if lead and role != Role.AUTHOR:
        word = "editor" if role == Role.EDITOR else "compiler"
        lead += f", {word}{'s' if len(people) > 1 else ''}"
    parts = work.kind in _PARTS or work.kind == Kind.WEB_PAGE
    titled = _mla_title(work, parts)
    makers = [
        f"{verb} {_mla_others(work.people[other])}"
        for other, verb in _VERBS
        if work.people[other] and other != role
    ]
    place = (work.source.box, work.source.fonds, work.source.repository)
    series = _series(work)
    facts = [
        *makers,
        work.edition,
        _vol(work.volume),
        f"No. {work.issue}" if work.issue and not series else "",
        _mla_publisher(work.publisher),
        *(place if work.kind == Kind.ARCHIVAL_ITEM else ()),
        _mla_date(work),
        _pp(work.pages) if parts else "",
        work.link,
    ]
    facts = [fact for fact in facts if fact]
    whole = [Run(work.whole, italic=True)] if work.whole and not series else []
    if whole:
        told = [*whole, *_text("".join(f", {_mla_lower(fact)}" for fact in facts))]
    else:
        told = _text(", ".join([*facts[:1], *map(_mla_lower, facts[1:])]))
        told = [
            replace(run, text=_upper(run.text)) for run in told if facts[0] != work.link
        ] or told
    read_on, accessed = work.read_on, ""
    if read_on:
        month = _MLA_MONTHS[read_on.month - 1]
        accessed = f"Accessed {read_on.day} {month} {read_on.year}"
    return [_text(lead), titled, told, _text(series), _text(accessed)]


def _mla_lower(fact: str) -> str:
    return (
        _lower(fact)
        if re.match(r"Vol\. |No\. |Edited by|Translated by|Compiled by", fact)
        else fact
    )


def _mla_leading(people: Sequence[_Person]) -> str:
    if not people:
        return ""
    first = people[0]
    if len(people) > 2:
        return f"{first.in_list}{',' if first.turned else ''} et al."
    return _listed([first.in_list, *(one.plain for one in people[1:])], comma=first.turned)


def _mla_others(people: Sequence[_Person]) -> str:
    if len(people) > 2:
        return f"{people[0].plain} et al."
    return _listed([one.plain for one in people])


def _mla_title(work: _Work, parts: bool) -> Sentence:
    """Return a title in its own script first, then in brackets in Latin letters and in English."""
    first = _original(work) or [Run(work.latin, italic=not parts)]
    beside = [words for words in (work.latin if work.original else "", work.english) if words]
    if parts and work.original:
        first = [Run("“"), *first, Run("”")]
    elif parts:
        first = _text(_quoted(work.latin, not beside))
    bracketed: Sentence = []
    for words in beside:
        bracketed += [Run("; " if bracketed else "["), Run(words, italic=not parts)]
    return _spaced(first, [*bracketed, Run("]")] if bracketed else [])


def _mla_date(work: _Work) -> str:
    if work.month:
        day = f"{work.day} " if work.day else ""
        return f"{day}{_MLA_MONTHS[work.month - 1]} {work.year}"
    return work.words
