"""BibTeX and BibLaTeX: one grammar with two vocabularies, both read, each written.

What they have no field for stands in BibLaTeX's data annotations (its manual, section 3.7), as in
`author+an:original = {1="徐焰"}`. BibTeX passes over these.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bibtexparser import Library, parse_string
from bibtexparser.middlewares.names import (
    InvalidNameError,
    parse_single_name_into_parts,
)
from bibtexparser.model import DuplicateBlockKeyBlock, ImplicitComment, ParsingFailedBlock, String
from bibtexparser.model import Entry as Block

from sources.bibliographies.entry import (
    MOST_BYTES,
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
    month_name,
    month_number,
    numbers_to_write,
    one_line,
    read_access,
    read_date,
    refuse_what_no_database_keeps,
    settle,
)
from sources.bibliographies.languages import language_tag
from sources.bibliographies.latex import decode, encode
from sources.models import Source

Kind = Source.Kind

DEEPEST = 40  # braces within braces

# The columns that are one field, and the field's name in each vocabulary.
_LINES = {
    "title": "title",
    "title_original": "title+an:original",
    "title_translated": "title+an:translated",
    "title_sentence": "title+an:sentence",
    "language": "language",
    "volume": "volume",
    "issue": "number",
    "pages": "pages",
    "edition": "edition",
    "publisher": "publisher",
    "repository": "library",
    "fonds": "fonds",
    "box": "box",
    "url": "url",
}
_NUMBERS = {
    Scheme.ISBN: "isbn",
    Scheme.ISSN: "issn",
    Scheme.DOI: "doi",
    Scheme.OCLC: "oclc",
    Scheme.WIKIDATA: "wikidata",
}
_OF_BOTH = {
    **_LINES,
    "kind": "the entry’s type, entrysubtype",
    "contributions": "author, editor, translator",
    "role": "editor+an:role",
    "name_original": "author+an:original",
    "name_corrected": "author+an:corrected",
    "family_first": "author+an:order",
    "issued_printed": "date+an:printed",
    "accessed": "urldate",
    **{str(scheme): name for scheme, name in _NUMBERS.items()},
    "whole_numbers": "isbn, issn",
}
# What each vocabulary carries, and where. `docs/bibliography-formats.md` shows these.
BIBTEX = _OF_BOTH | {
    "place_published": "address",
    "issued_edtf": "year, month, date",
    "note": "annote",
    "contained_in": "journal, booktitle, series",
}
BIBLATEX = _OF_BOTH | {
    "place_published": "location",
    "issued_edtf": "date",
    "note": "annotation",
    "contained_in": "journaltitle, booktitle, series",
}

_TYPES_WRITTEN = {
    Kind.BOOK: ("book", "book"),
    Kind.CHAPTER: ("incollection", "incollection"),
    Kind.ARTICLE: ("article", "article"),
    Kind.ENTRY: ("incollection", "inreference"),
    Kind.WEB_PAGE: ("misc", "online"),
    Kind.REPORT: ("techreport", "report"),
    Kind.DATASET: ("misc", "dataset"),
    Kind.ARCHIVAL_ITEM: ("misc", "misc"),
    Kind.OTHER: ("misc", "misc"),
}
_TYPES_READ = {
    "book": Kind.BOOK,
    "mvbook": Kind.BOOK,
    "collection": Kind.BOOK,
    "mvcollection": Kind.BOOK,
    "proceedings": Kind.BOOK,
    "booklet": Kind.BOOK,
    "reference": Kind.BOOK,
    "mvreference": Kind.BOOK,
    "inbook": Kind.CHAPTER,
    "bookinbook": Kind.CHAPTER,
    "incollection": Kind.CHAPTER,
    "inproceedings": Kind.CHAPTER,
    "conference": Kind.CHAPTER,
    "suppbook": Kind.CHAPTER,
    "article": Kind.ARTICLE,
    "suppperiodical": Kind.ARTICLE,
    "inreference": Kind.ENTRY,
    "online": Kind.WEB_PAGE,
    "electronic": Kind.WEB_PAGE,
    "www": Kind.WEB_PAGE,
    "report": Kind.REPORT,
    "techreport": Kind.REPORT,
    "dataset": Kind.DATASET,
    "misc": Kind.OTHER,
}
_FIELDS_READ = {field: column for column, field in _LINES.items()} | {
    "location": "place_published",
    "address": "place_published",
    "institution": "publisher",
    "organization": "publisher",
    "school": "publisher",
    "issue": "issue",
}
_WHOLES = ("journaltitle", "journal", "booktitle", "series")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|V")
_VERBATIM = {"url", "doi"}
_ROLES_OF_FIELDS = {
    "author": Role.AUTHOR,
    "editor": Role.EDITOR,
    "translator": Role.TRANSLATOR,
}


# Reading


def read(text: str) -> Reading:
    """Read BibTeX or BibLaTeX. Raises BibliographyError if nothing of it can be."""
    _refuse_depth(text)
    # Its own middleware leaves `a # b` as it is written, so values are put together here.
    library: Library = parse_string(text, parse_stack=[])
    strings: dict[str, str] = {}
    reading = Reading()
    for number, block in enumerate(library.blocks):
        if number > 2 * MOST_ENTRIES:
            raise BibliographyError(f"It has more than {MOST_ENTRIES:,} entries. Split the file.")
        if isinstance(block, String):
            strings[block.key.lower()] = _put_together(block.value, strings)
        else:
            _read_block(block, strings, reading)
    if len(reading.entries) > MOST_ENTRIES:
        raise BibliographyError(f"It has more than {MOST_ENTRIES:,} entries. Split the file.")
    return reading


def _put_together(raw: str, strings: Mapping[str, str]) -> str:
    """Return a value without its outer braces or quotation marks, its parts (`a # "b"`) joined."""
    parts, begins, depth, quoted = [], 0, 0, False
    for place, mark in enumerate(raw):
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
        elif mark == '"' and depth == 0:
            quoted = not quoted
        elif mark == "#" and depth == 0 and not quoted:
            parts.append(raw[begins:place])
            begins = place + 1
    found = ""
    for part in (one.strip() for one in [*parts, raw[begins:]]):
        if len(part) > 1 and part[0] + part[-1] in ('""', "{}"):
            found += part[1:-1]
        else:
            found += strings.get(part.lower(), part)
        if len(found) > MOST_BYTES:  # strings of strings double at every step
            raise BibliographyError("Its @string entries grow without end.")
    return found


def _refuse_depth(text: str) -> None:
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        for mark in re.findall(r"(?<!\\)[{}]", line):
            depth = max(0, depth + (1 if mark == "{" else -1))
            if depth > DEEPEST:
                raise BibliographyError(
                    f"Line {number} has braces within braces, more than {DEEPEST} deep. Perhaps "
                    "a closing brace is missing before it."
                )
        if line.lstrip().startswith("@"):
            depth = line.count("{") - line.count("}")


def _read_block(block: Any, strings: Mapping[str, str], reading: Reading) -> None:
    where = f"line {(block.start_line or 0) + 1}"
    match block:
        case DuplicateBlockKeyBlock():
            # Two entries of one key are two works until a curator says otherwise.
            if isinstance(block.ignore_error_block, Block):
                _read_block(block.ignore_error_block, strings, reading)
        case ParsingFailedBlock():
            kept = block.ignore_error_block
            key = kept.key if isinstance(kept, Block) else _key_in(block.raw or "")
            reason = getattr(block.error, "abort_reason", "") or str(block.error)
            reading.unreadable.append(Unreadable(where, key, one_line(reason)))
        case Block():
            try:
                reading.entries.append(_read_entry(block, strings, where))
            except EntryError as error:
                reading.unreadable.append(Unreadable(where, block.key, str(error)))
        case ImplicitComment() if re.search(r"@\s*[A-Za-z]+", block.comment):
            begins = one_line(block.comment)[:60]
            reading.unreadable.append(
                Unreadable(where, "", f"it looks like an entry, but is none: “{begins}”")
            )


def _key_in(raw: str) -> str:
    found = re.match(r"\s*@\w+\s*[{(]\s*([^,\s{}]{1,100})", raw)
    return found[1] if found else ""


def _read_entry(block: Block, strings: Mapping[str, str], where: str) -> Entry:
    fields = {
        field.key.strip().lower(): _put_together(str(field.value), strings)
        for field in block.fields
    }
    if len(fields) < len(block.fields):
        raise EntryError("a field stands in it twice")
    refuse_what_no_database_keeps([block.key, *fields, *fields.values()])
    entry = Entry(where=where, key=block.key.strip())
    _read_kind(entry, block.entry_type.lower(), fields)
    for field_name, role in _ROLES_OF_FIELDS.items():
        _read_names(entry, fields, field_name, role)
    _read_title(entry, fields)
    _read_issued(entry, fields)
    read_access(entry, "urldate", _value("urldate", fields.pop("urldate", "")))
    _read_note(entry, fields)
    for scheme, field_name in _NUMBERS.items():
        for value in _numbers_in(fields.pop(field_name, "")):
            entry.identifiers.append((scheme, value))
    for field_name in list(fields):
        column = _FIELDS_READ.get(field_name)
        if column and column not in entry.values:
            value = _value(field_name, fields.pop(field_name))
            if column == "language":
                tag = language_tag(value)
                if not tag:
                    entry.unplaced.append((field_name, value))
                value = tag
            if value:
                entry.values[column] = value
    settle(entry, _take_first(fields, _WHOLES))
    entry.unplaced += [
        (name, text) for name, latex in fields.items() if (text := _value(name, latex))
    ]
    return entry


def _value(field_name: str, latex: str) -> str:
    if "+an" in field_name:
        found = annotations_in(latex)
        return one_line(decode(found[0])) if found and set(found) == {0} else one_line(latex)
    if field_name in _VERBATIM:
        bare = re.sub(r"^\\url\{(.*)\}$", r"\1", latex.strip().removeprefix("{").removesuffix("}"))
        return re.sub(r"\\([_%#&~])", r"\1", bare).strip()
    return one_line(decode(latex))


def _read_kind(entry: Entry, type_name: str, fields: dict[str, str]) -> None:
    subtype = one_line(decode(fields.get("entrysubtype", "")))
    by_label = {str(label): value for value, label in Kind.choices}
    if subtype in by_label:
        entry.values["kind"] = by_label[subtype]
        del fields["entrysubtype"]
        return
    entry.values["kind"] = _TYPES_READ.get(type_name, Kind.OTHER)
    if type_name not in _TYPES_READ:
        entry.unplaced.append(("type", f"@{type_name}"))


def _read_names(entry: Entry, fields: dict[str, str], field_name: str, role: str) -> None:
    names = _each_name(fields.pop(field_name, ""))
    notes: dict[str, dict[int, str]] = {}
    for kind in ("original", "corrected", "order", "role"):
        annotation = f"{field_name}+an:{kind}"
        found = annotations_in(fields.get(annotation, ""))
        if found and min(found) > 0 and max(found) <= len(names):
            notes[kind] = found
            del fields[annotation]
    if len(entry.names) + len(names) > MOST_NAMES:
        raise EntryError(f"it has more than {MOST_NAMES} names")
    for place, one in enumerate(names, start=1):
        if one.strip() == "others":
            entry.unplaced.append((field_name, "and others"))
            continue
        said = {kind: one_line(decode(found.get(place, ""))) for kind, found in notes.items()}
        own_role = said.get("role", "")
        entry.names.append(
            Name(
                _read_name(one),
                own_role if own_role in Role.values else role,
                said.get("original", ""),
                said.get("corrected", ""),
                said.get("order") == "family-first",
            )
        )


def _each_name(latex: str) -> list[str]:
    """Return the names of a list, parted by the word “and” outside braces.

    The library's own function loses a command that a name begins with.
    """
    names, depth, begins = [], 0, 0
    for mark in re.finditer(r"\\.|[{}]|\s+and(?=\s)", latex, re.IGNORECASE | re.DOTALL):
        depth += (mark[0] == "{") - (mark[0] == "}")
        if depth == 0 and mark[0].strip().lower() == "and":
            names.append(latex[begins : mark.start()])
            begins = mark.end()
    return [name for one in [*names, latex[begins:]] if (name := one.strip())]


def _read_name(latex: str) -> str:
    """Return a name, turned into “Family, Given” if BibTeX would take it apart so.

    One in braces is whole, and one with a comma is in that order already.
    """
    latex = latex.strip()
    if not _is_whole(latex) and "," not in re.sub(r"\{[^{}]*\}", "", latex):
        try:
            parts = parse_single_name_into_parts(latex, strict=False)
        except InvalidNameError as error:
            raise EntryError(f"the name “{latex}” cannot be read: {error.reason}") from error
        if parts.first:
            latex = f"{' '.join([*parts.von, *parts.last])}, {' '.join(parts.first)}"
    name = one_line(decode(latex))
    if not name:
        raise EntryError("one of its names is empty")
    family, *rest = name.split(", ")
    if len(rest) == 2 and _SUFFIX.fullmatch(rest[0]):  # BibTeX's order: von Last, Jr, First
        return f"{family}, {rest[1]}, {rest[0]}"
    return name


def _is_whole(latex: str) -> bool:
    """Say whether braces keep a name together: a body, or a name nobody may turn round."""
    if not latex.startswith("{") or latex.startswith("{\\"):
        return False
    depth = 0
    for place, mark in enumerate(latex):
        depth += (mark == "{") - (mark == "}")
        if depth == 0:
            return place == len(latex) - 1
    return False


def _read_title(entry: Entry, fields: dict[str, str]) -> None:
    title = _value("title", fields.pop("title", ""))
    if subtitle := _value("subtitle", fields.pop("subtitle", "")):
        title = f"{title}: {subtitle}" if title else subtitle
    if title:
        entry.values["title"] = title


def _read_issued(entry: Entry, fields: dict[str, str]) -> None:
    printed = _value("date+an:printed", fields.pop("date+an:printed", ""))
    date = one_line(fields.pop("date", ""))  # an EDTF string, where “~” is no space
    year = one_line(decode(fields.pop("year", "")))
    month = one_line(decode(fields.pop("month", "")))
    if date:
        read_date(entry, date, printed)
        if not date.startswith(year):
            entry.unplaced.append(("year", year))
        return
    number = month_number(month)
    if month and not number:
        printed, year = printed or f"{month} {year}".strip(), year
    elif month and re.fullmatch("[0-9]{4}", year):
        year = f"{year}-{number}"
    elif month:
        printed = printed or f"{month} {year}".strip()
    read_date(entry, year, printed)


def _read_note(entry: Entry, fields: dict[str, str]) -> None:
    for name in ("annotation", "annote", "note"):
        if "note" not in entry.values and (note := _value(name, fields.pop(name, ""))):
            entry.values["note"] = note


def _numbers_in(latex: str) -> list[str]:
    values = (one_line(part) for part in re.split("[;,]", _value("doi", latex)))
    return list(dict.fromkeys(value for value in values if value))


def _take_first(fields: dict[str, str], names: Iterable[str]) -> str:
    """Take the first field that says something; the others stay, to be told of."""
    for name in names:
        if value := _value(name, fields.get(name, "")):
            del fields[name]
            return value
    return ""


# Writing


def write_bibtex(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield each entry as BibTeX."""
    return _write(entries, BIBTEX, biblatex=False)


def write_biblatex(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield each entry as BibLaTeX."""
    return _write(entries, BIBLATEX, biblatex=True)


def _write(entries: Iterable[Entry], places: Mapping[str, str], biblatex: bool) -> Iterator[str]:
    for entry in entries:
        type_name = _TYPES_WRITTEN[Kind(entry.kind)][biblatex]
        lines = [f"@{type_name}{{{_key(entry.key)},"]
        lines += [
            f"  {name} = {value},"
            for name, value in _fields(entry, type_name, places, biblatex)
            if value not in ("{}", "{{}}")
        ]
        yield "\n".join([*lines, "}\n\n"])


def _fields(
    entry: Entry, type_name: str, places: Mapping[str, str], biblatex: bool
) -> Iterator[tuple[str, str]]:
    if _TYPES_READ.get(type_name) != entry.kind:
        yield "entrysubtype", f"{{{encode(str(Kind(entry.kind).label))}}}"
    editors = [role for role in Role.values if role not in (Role.AUTHOR, Role.TRANSLATOR)]
    yield from _names(entry, "author", [Role.AUTHOR])
    yield from _names(entry, "editor", editors)
    yield from _names(entry, "translator", [Role.TRANSLATOR])
    for column, name in places.items():
        value = entry.values.get(column, "")
        if column not in _LINES and column != "place_published":
            continue
        if column == "url":
            yield name, f"{{{_safe_url(value)}}}"
        elif "+an:" in name:
            yield name, f"{{{annotated([(0, encode(value))])}}}"
        elif column == "title":
            yield name, f"{{{{{encode(value)}}}}}"  # the second braces keep its capitals
        else:
            name = "institution" if (column, entry.kind) == ("publisher", Kind.REPORT) else name
            yield name, f"{{{encode(value)}}}"
    yield from _issued(entry, biblatex)
    yield places["accessed"], f"{{{entry.values.get('accessed', '')}}}"
    yield places["note"], f"{{{encode(one_line(entry.values.get('note', '')))}}}"
    if entry.container:
        yield _whole(entry.kind, biblatex), f"{{{{{encode(entry.container.title)}}}}}"
    for scheme, name in _NUMBERS.items():
        values = [encode_number(value) for value in numbers_to_write(entry, scheme)]
        yield name, f"{{{'; '.join(values)}}}"


def encode_number(value: str) -> str:
    """Return a number as it stands in a field that LaTeX takes word for word."""
    return re.sub(r"([_%#&~])", r"\\\1", re.sub(r"[{}\\]", "", value))


def _key(key: str) -> str:
    """Return a key that every program takes: a slug may hold letters beyond ASCII."""
    return key if key.isascii() and key else "source-" + key.encode().hex()[:24]


def _names(entry: Entry, field_name: str, roles: list[str]) -> Iterator[tuple[str, str]]:
    names = [name for name in entry.names if name.role in roles]
    yield field_name, f"{{{' and '.join(_name(name.name) for name in names)}}}"
    notes = {
        "original": lambda name: name.name_original,
        "corrected": lambda name: name.name_corrected,
        "order": lambda name: "family-first" if name.family_first else "",
        "role": lambda name: "" if name.role == roles[0] else name.role,
    }
    if field_name == "editor":
        notes["role"] = lambda name: "" if name.role == Role.EDITOR else name.role
    for kind, of in notes.items():
        values = ((place, encode(of(name))) for place, name in enumerate(names, start=1))
        yield f"{field_name}+an:{kind}", f"{{{annotated(values)}}}"


def _name(name: str) -> str:
    family, *rest = name.split(", ")
    if len(rest) == 2 and _SUFFIX.fullmatch(rest[1]):
        return f"{_part(family)}, {rest[1]}, {_part(rest[0])}"
    if len(rest) == 1 and family and rest[0]:
        return f"{_part(family)}, {_part(rest[0])}"
    return f"{{{encode(name)}}}"


def _part(text: str) -> str:
    together = re.search(r"\band\b", text, re.IGNORECASE) or "," in text
    return f"{{{encode(text)}}}" if together else encode(text)


def _issued(entry: Entry, biblatex: bool) -> Iterator[tuple[str, str]]:
    edtf, printed = (entry.values.get(name, "") for name in ("issued_edtf", "issued_printed"))
    if biblatex:
        yield "date", f"{{{edtf}}}"
    else:
        if re.match("[0-9]{4}", edtf):
            yield "year", f"{{{edtf[:4]}}}"
        if is_calendar_date(edtf) and len(edtf) > 4:
            yield "month", month_name(edtf[5:7])
        if not re.fullmatch("[0-9]{4}", edtf):
            yield "date", f"{{{edtf}}}"
    yield "date+an:printed", f"{{{annotated([(0, encode(printed))])}}}"


def _whole(kind: str, biblatex: bool) -> str:
    if kind == Kind.ARTICLE:
        return "journaltitle" if biblatex else "journal"
    return "booktitle" if kind in (Kind.CHAPTER, Kind.ENTRY) else "series"


def _safe_url(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
