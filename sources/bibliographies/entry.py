"""A work as bibliographies describe it: what each format is read into and written from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sources import dates
from sources.models import Contribution, Source, SourceIdentifier

Role = Contribution.Role
Scheme = SourceIdentifier.Scheme

# The columns of a source that are one line of text in every format that has a place for them.
LINES = (
    "title",
    "title_original",
    "title_translated",
    "title_sentence",
    "language",
    "volume",
    "issue",
    "pages",
    "edition",
    "publisher",
    "place_published",
    "repository",
    "fonds",
    "box",
    "url",
)
COLUMNS = ("kind", *LINES, "accessed", "issued_printed", "issued_edtf", "note")

# An ISBN or ISSN in the entry of one of these is that of the book or journal it stands in.
PARTS = (Source.Kind.CHAPTER, Source.Kind.ARTICLE, Source.Kind.ENTRY)
OF_THE_WHOLE = (Scheme.ISBN, Scheme.ISSN)

MOST_BYTES = 1_000_000
MOST_ENTRIES = 1_000
MOST_NAMES = 500  # in one entry


class BibliographyError(ValueError):
    """A file that cannot be read at all; the message says why and what to do."""


class EntryError(ValueError):
    """An entry that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Name:
    """One contribution: a name as printed, “Family, Given” or whole, with its other forms."""

    name: str
    role: str = Role.AUTHOR
    name_original: str = ""
    name_corrected: str = ""
    family_first: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """What a work stands in, as far as its entry tells: a title with ISBNs or ISSNs."""

    title: str
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Entry:
    """One work. `where` and `key` say which entry of a file it is; `values` are columns of a
    source, the empty ones left out; `unplaced` is what the archive has no place for."""

    where: str = ""
    key: str = ""
    values: dict[str, str] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    container: Container | None = None
    unplaced: list[tuple[str, str]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.values.get("kind", Source.Kind.OTHER)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that could not be read: which one, and why."""

    where: str
    key: str
    reason: str


@dataclass(slots=True)
class Reading:
    """What a file says: its entries in order, and what of it could not be read."""

    entries: list[Entry] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


def entry_of(source: Source) -> Entry:
    """Return a source as an entry; of what it stands in, only what readers may see."""
    entry = Entry(
        key=source.slug,
        values={name: str(value) for name in COLUMNS if (value := getattr(source, name))},
        names=[
            Name(row.name, row.role, row.name_original, row.name_corrected, row.family_first)
            for row in source.contributions.all()
        ],
        identifiers=[(row.scheme, row.value) for row in source.identifiers.all()],
    )
    whole = source.contained_in
    if whole is not None and whole.public:
        numbers = [(row.scheme, row.value) for row in whole.identifiers.all()]
        numbers = [(scheme, value) for scheme, value in numbers if scheme in OF_THE_WHOLE]
        entry.container = Container(whole.title, tuple(numbers))
    return entry


def numbers_to_write(entry: Entry, scheme: str) -> list[str]:
    """Return the numbers of one scheme that stand in an entry: its own, and of a part also those
    of the whole."""
    numbers = list(entry.identifiers)
    if entry.container and entry.kind in PARTS:
        numbers += entry.container.identifiers
    return [value for known, value in numbers if known == scheme]


def settle(entry: Entry, container_title: str) -> None:
    """Give an entry what it stands in, and to that the numbers that are its own."""
    if not container_title:
        return
    numbers: tuple[tuple[str, str], ...] = ()
    if entry.kind in PARTS:
        numbers = tuple(pair for pair in entry.identifiers if pair[0] in OF_THE_WHOLE)
        entry.identifiers = [pair for pair in entry.identifiers if pair not in numbers]
    entry.container = Container(container_title, numbers)


_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def one_line(text: str) -> str:
    """Return text without line breaks and repeated spaces; a no-break space stays."""
    return _SPACE.sub(" ", text).strip()


def refuse_what_no_database_keeps(texts: Iterable[str]) -> None:
    """Raise EntryError for a NUL or half a surrogate pair."""
    for text in texts:
        if "\0" in text:
            raise EntryError("it holds a NUL, which is no text")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise EntryError("it holds half a character (a lone surrogate)") from None


_CALENDAR_DATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def is_calendar_date(edtf: str) -> bool:
    """Say whether a date is a year, a month or a day, marked in no way."""
    return _CALENDAR_DATE.fullmatch(edtf) is not None


def read_date(entry: Entry, text: str, printed: str = "") -> None:
    """Take a date: as EDTF if it is that, and as printed if it is not or if `printed` is given."""
    text, printed = one_line(text), one_line(printed)
    if text:
        try:
            dates.parse(text)
            entry.values["issued_edtf"] = text
        except dates.DateError:
            printed = printed or text
    if printed:
        entry.values["issued_printed"] = printed


_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})/?")


def read_access(entry: Entry, name: str, text: str) -> None:
    """Take the day of access that a field says; what is no day has no place."""
    text = one_line(text)
    try:
        found = _DAY.fullmatch(text)
        day = date(*map(int, found.groups())).isoformat() if found else ""
    except ValueError:
        day = ""
    if day:
        entry.values["accessed"] = day
    elif text:
        entry.unplaced.append((name, text))


def month_number(text: str) -> str:
    """Return a month (“7”, “jul”, “July”) as two digits; empty if it is none."""
    text = text.strip().strip(".").casefold()
    if text.isascii() and text.isdigit():
        return f"{int(text):02}" if len(text) < 3 and 1 <= int(text) <= 12 else ""
    if len(text) < 3 or text[:3] not in _MONTHS:
        return ""
    return f"{_MONTHS.index(text[:3]) + 1:02}"


def month_name(number: str) -> str:
    """Return BibTeX's name of a month given as two digits."""
    return _MONTHS[int(number) - 1]


# Several forms of the same names stand beside a list of them as BibLaTeX writes annotations:
# 1="徐焰"; 3="白善燁". A value alone, ="…", belongs to the whole field.

_ANNOTATION = re.compile(r'([0-9]{0,4})="([^"]*)"(?:;|$)')


def annotated(values: Iterable[tuple[int, str]]) -> str:
    """Return values, each with the place in the list that it belongs to (0: the whole field).

    The values hold no straight double quotation mark.
    """
    return "; ".join(f'{place or ""}="{value}"' for place, value in values if value)


def annotations_in(text: str) -> dict[int, str] | None:
    """Return the values of annotations by their place; None if the text is something else."""
    found: dict[int, str] = {}
    rest = text.strip()
    while rest:
        match = _ANNOTATION.match(rest)
        if match is None:
            return None
        found[int(match[1] or 0)] = match[2]
        rest = rest[match.end() :].lstrip()
    return found
