"""RIS: one tag and value to a line, records from TY to ER.

The tags C1 to C8 are left to each program by the format; `docs/bibliography-formats.md` says what
they hold here. Years, months and days stand in PY and DA, any other date in C8.
"""

import re
from collections.abc import Iterable, Iterator

from sources.bibliographies.entry import (
    MOST_ENTRIES,
    MOST_NAMES,
    BibliographyError,
    Entry,
    EntryError,
    Name,
    Reading,
    Role,
    Scheme,
    Unreadable,
    annotated,
    annotations_in,
    is_calendar_date,
    numbers_to_write,
    one_line,
    read_access,
    read_date,
    refuse_what_no_database_keeps,
    settle,
)
from sources.bibliographies.languages import language_tag
from sources.models import Source

Kind = Source.Kind

_LINES = {
    "title": "TI",
    "title_original": "C1",
    "title_translated": "TT",
    "title_sentence": "C2",
    "language": "LA",
    "volume": "VL",
    "issue": "IS",
    "edition": "ET",
    "publisher": "PB",
    "place_published": "CY",
    "repository": "DB",
    "fonds": "C7",
    "box": "AV",
    "url": "UR",
    "note": "N1",
}
# What the format carries, and where. `docs/bibliography-formats.md` shows this.
RIS = {
    **_LINES,
    "kind": "TY",
    "contributions": "AU, A2, A4",
    "name_original": "C3",
    "name_corrected": "C4",
    "family_first": "C5",
    "role": "C6",
    "pages": "SP, EP",
    "accessed": "Y2",
    "issued_printed": "DA",
    "issued_edtf": "PY, DA, C8",
    "isbn": "SN",
    "issn": "SN",
    "doi": "DO",
    "contained_in": "T2",
    "whole_numbers": "SN",
}
_NAMES = {"AU": Role.AUTHOR, "A2": Role.EDITOR, "A4": Role.TRANSLATOR}
_OTHER_TAGS = {
    "T1": "TI",
    "A1": "AU",
    "ED": "A2",
    "Y1": "DA",
    "JO": "T2",
    "JF": "T2",
    "BT": "T2",
    "PP": "CY",
    "DI": "DO",
    "ID": "ID",
}
_TYPES_WRITTEN = {
    Kind.BOOK: "BOOK",
    Kind.CHAPTER: "CHAP",
    Kind.ARTICLE: "JOUR",
    Kind.ENTRY: "ENCYC",
    Kind.WEB_PAGE: "ELEC",
    Kind.REPORT: "RPRT",
    Kind.DATASET: "DATA",
    Kind.ARCHIVAL_ITEM: "MANSCPT",
    Kind.OTHER: "GEN",
}
_TYPES_READ = {name: kind for kind, name in _TYPES_WRITTEN.items()} | {
    "EBOOK": Kind.BOOK,
    "EDBOOK": Kind.BOOK,
    "ECHAP": Kind.CHAPTER,
    "CPAPER": Kind.CHAPTER,
    "CONF": Kind.CHAPTER,
    "EJOUR": Kind.ARTICLE,
    "MGZN": Kind.ARTICLE,
    "NEWS": Kind.ARTICLE,
    "DICT": Kind.ENTRY,
    "BLOG": Kind.WEB_PAGE,
    "GOVDOC": Kind.REPORT,
    "DBASE": Kind.DATASET,
    "UNPB": Kind.ARCHIVAL_ITEM,
}
_LINE = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: (.*)|)$")
# Other programs put other things into these tags, so ours say what they hold.
_LABELS = {
    "C1": "original title: ",
    "C2": "title in sentence case: ",
    "C3": "original names: ",
    "C4": "corrected names: ",
    "C5": "names never turned round: ",
    "C6": "roles: ",
    "C7": "record group: ",
    "C8": "EDTF: ",
}
_ISSN = re.compile(r"[0-9]{4}.?[0-9]{3}[0-9Xx]")

Fields = dict[str, list[str]]


# Reading


def read(text: str) -> Reading:
    """Read RIS. Raises BibliographyError if nothing of it can be."""
    reading = Reading()
    fields: Fields | None = None
    begun, last = 0, ""
    for number, line in enumerate(text.split("\n"), start=1):
        found = _LINE.match(line.rstrip())
        tag, value = (found[1], (found[2] or "").strip()) if found else ("", line.strip())
        if tag == "TY":
            if fields is not None:
                _not_ended(reading, begun, fields)
            if len(reading.entries) + len(reading.unreadable) >= MOST_ENTRIES:
                raise BibliographyError(
                    f"It has more than {MOST_ENTRIES:,} entries. Split the file."
                )
            fields, begun, last = {"TY": [value]}, number, "TY"
        elif fields is None:
            if line.strip():
                reading.unreadable.append(
                    Unreadable(f"line {number}", "", f"it stands in no record: “{value[:60]}”")
                )
        elif tag == "ER":
            _read_record(reading, begun, fields)
            fields = None
        elif tag:
            last = _OTHER_TAGS.get(tag, tag)
            fields.setdefault(last, []).append(value)
        elif value:
            fields[last][-1] = f"{fields[last][-1]} {value}"
    if fields is not None:
        _not_ended(reading, begun, fields)
    return reading


def _not_ended(reading: Reading, begun: int, fields: Fields) -> None:
    key = fields.get("ID", [""])[0]
    reading.unreadable.append(
        Unreadable(f"line {begun}", key, "it has no end, a line that begins with “ER  -”")
    )


def _read_record(reading: Reading, begun: int, fields: Fields) -> None:
    where, key = f"line {begun}", fields.pop("ID", [""])[0]
    try:
        reading.entries.append(_read_entry(where, key, fields))
    except EntryError as error:
        reading.unreadable.append(Unreadable(where, key, str(error)))


def _read_entry(where: str, key: str, fields: Fields) -> Entry:
    refuse_what_no_database_keeps([key, *(value for row in fields.values() for value in row)])
    fields = {
        tag: [line for value in row if (line := one_line(value))] for tag, row in fields.items()
    }
    entry = Entry(where=where, key=key)
    for tag, label in _LABELS.items():
        values = fields.pop(tag, [])
        entry.unplaced += [(tag, value) for value in values if not value.startswith(label)]
        fields[tag] = [value.removeprefix(label) for value in values if value.startswith(label)]
    type_name = _take(fields, "TY")
    entry.values["kind"] = _TYPES_READ.get(type_name, Kind.OTHER)
    if type_name not in _TYPES_READ:
        entry.unplaced.append(("TY", type_name))
    _read_names(entry, fields)
    _read_issued(entry, fields)
    _read_pages(entry, fields)
    read_access(entry, "Y2", _take(fields, "Y2"))
    for value in _all_numbers(fields, "SN"):
        entry.identifiers.append((Scheme.ISSN if _ISSN.fullmatch(value) else Scheme.ISBN, value))
    for value in _all_numbers(fields, "DO"):
        entry.identifiers.append((Scheme.DOI, value))
    for column, tag in _LINES.items():
        if value := _take(fields, tag):
            if column == "language" and not (value := language_tag(given := value)):
                entry.unplaced.append((tag, given))
                continue
            entry.values[column] = value
    settle(entry, _take(fields, "T2"))
    entry.unplaced += [(tag, value) for tag, values in fields.items() for value in values]
    return entry


def _take(fields: Fields, tag: str) -> str:
    """Take the first value of a tag; the others stay, to be told of."""
    values = fields.get(tag)
    return values.pop(0) if values else ""


def _all_numbers(fields: Fields, tag: str) -> list[str]:
    values = (part.strip() for value in fields.pop(tag, []) for part in re.split("[;,]", value))
    return list(dict.fromkeys(value for value in values if value))


def _read_names(entry: Entry, fields: Fields) -> None:
    notes: dict[str, dict[int, str]] = {}
    for tag in ("C3", "C4", "C5", "C6"):
        found = annotations_in(fields.get(tag, [""])[0]) if fields.get(tag) else None
        count = sum(len(fields.get(tag, [])) for tag in _NAMES)
        if found and min(found) > 0 and max(found) <= count:
            notes[tag] = found
            fields[tag].pop(0)
    for tag, role in _NAMES.items():
        for name in fields.pop(tag, []):
            place = len(entry.names) + 1
            if place > MOST_NAMES:
                raise EntryError(f"it has more than {MOST_NAMES} names")
            said = {tag: found.get(place, "") for tag, found in notes.items()}
            own_role = said.get("C6", "")
            entry.names.append(
                Name(
                    name,
                    own_role if own_role in Role.values else role,
                    said.get("C3", ""),
                    said.get("C4", ""),
                    said.get("C5") == "family-first",
                )
            )


def _read_issued(entry: Entry, fields: Fields) -> None:
    """Read DA, which is year/month/day/wording, with PY for the year and C8 for what is neither.

    Older files have all of DA in PY.
    """
    edtf, year, date = _take(fields, "C8"), _take(fields, "PY"), _take(fields, "DA")
    if "/" in year and not date:
        year, date = "", year
    *numbers, printed = [*(part.strip() for part in date.split("/", 3)), "", "", "", ""][:4]
    read = year or numbers[0]
    for number in numbers[1:]:
        if re.fullmatch("[0-9]{1,2}", number) and re.match("[0-9]{4}", read):
            read += f"-{int(number):02}"
        elif number:
            entry.unplaced.append(("DA", date))
            break
    read_date(entry, edtf or read, printed)


def _read_pages(entry: Entry, fields: Fields) -> None:
    first, last = _take(fields, "SP"), _take(fields, "EP")
    if first:
        entry.values["pages"] = f"{first}–{last}" if last else first
    elif last:
        entry.unplaced.append(("EP", last))


# Writing


def write(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield each entry as a record."""
    for entry in entries:
        lines = [
            f"{tag}  - {_LABELS.get(tag, '')}{line}"
            for tag, value in _tags(entry)
            if (line := one_line(value))
        ]
        yield "\r\n".join([*lines, "ER  - ", "", ""])


def _tags(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "TY", _TYPES_WRITTEN[Kind(entry.kind)]
    yield "ID", entry.key
    tags: dict[str, str] = {role: tag for tag, role in _NAMES.items()}
    by_tag = [
        (tag, [name for name in entry.names if tags.get(name.role, "A2") == tag]) for tag in _NAMES
    ]
    names = [(tag, name) for tag, rows in by_tag for name in rows]
    for tag, name in names:
        yield tag, name.name
    for column, tag in _LINES.items():
        yield tag, entry.values.get(column, "")
    if entry.container:
        yield "T2", entry.container.title
    yield from _issued(entry)
    yield from _pages(entry.values.get("pages", ""))
    yield "Y2", entry.values.get("accessed", "").replace("-", "/")
    for scheme in (Scheme.ISBN, Scheme.ISSN):
        for value in numbers_to_write(entry, scheme):
            yield "SN", value
    for value in numbers_to_write(entry, Scheme.DOI):
        yield "DO", value
    placed = list(enumerate((name for _, name in names), start=1))
    for tag, of in (
        ("C3", lambda name: name.name_original),
        ("C4", lambda name: name.name_corrected),
        ("C5", lambda name: "family-first" if name.family_first else ""),
        ("C6", lambda name: "" if name.role in tags else name.role),
    ):
        yield tag, annotated((place, of(name).replace('"', "”")) for place, name in placed)


def _pages(pages: str) -> Iterator[tuple[str, str]]:
    """Part the pages where they are a first and a last one; any others stand whole in SP."""
    parts = [part for part in pages.split("–") if part and part == one_line(part)]
    first, last = parts if len(parts) == 2 and "–".join(parts) == pages else (pages, "")
    yield "SP", first
    yield "EP", last


def _issued(entry: Entry) -> Iterator[tuple[str, str]]:
    edtf, printed = (entry.values.get(name, "") for name in ("issued_edtf", "issued_printed"))
    year, month, day = [*(edtf.split("-") if is_calendar_date(edtf) else ()), "", "", ""][:3]
    yield "PY", year
    if month or printed:
        yield "DA", f"{year}/{month}/{day}/{printed}"
    if not year:
        yield "C8", edtf
