"""CSL-JSON: the items that citation processors read (csl-data.json, version 1.0.2).

What it has no variable for stands in its object `custom`, which is there for that.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

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
    "title": "title",
    "language": "language",
    "volume": "volume",
    "pages": "page",
    "edition": "edition",
    "publisher": "publisher",
    "place_published": "publisher-place",
    "repository": "archive",
    "fonds": "archive_collection",
    "box": "archive_location",
    "url": "URL",
}
_CUSTOM_LINES = {
    "title_original": "title-original",
    "title_translated": "title-translated",
    "title_sentence": "title-sentence",
}
_NUMBERS = {Scheme.ISBN: "ISBN", Scheme.ISSN: "ISSN", Scheme.DOI: "DOI"}
_CUSTOM_NUMBERS = {Scheme.OCLC: "oclc", Scheme.WIKIDATA: "wikidata", Scheme.OTHER: "other"}
_NAMES = {
    "author": Role.AUTHOR,
    "editor": Role.EDITOR,
    "translator": Role.TRANSLATOR,
    "compiler": Role.COMPILER,
    "contributor": Role.OTHER,
}
# What the format carries, and where. `docs/bibliography-formats.md` shows this.
CSL = {
    **_LINES,
    **{column: f"custom.{name}" for column, name in _CUSTOM_LINES.items()},
    "kind": "type",
    "contributions": "author, editor, translator, compiler, contributor",
    "role": "custom.names",
    "name_original": "custom.names",
    "name_corrected": "custom.names",
    "family_first": "static-ordering",
    "issue": "issue, number, collection-number",
    "accessed": "accessed",
    "issued_printed": "issued.literal",
    "issued_edtf": "issued, custom.edtf",
    "note": "note",
    "note_lines": "note",
    **{str(scheme): name for scheme, name in _NUMBERS.items()},
    **{str(scheme): f"custom.{name}" for scheme, name in _CUSTOM_NUMBERS.items()},
    "contained_in": "container-title, collection-title",
    "whole_numbers": "ISBN, ISSN",
}
_TYPES_WRITTEN = {
    Kind.BOOK: "book",
    Kind.CHAPTER: "chapter",
    Kind.ARTICLE: "article-journal",
    Kind.ENTRY: "entry-encyclopedia",
    Kind.WEB_PAGE: "webpage",
    Kind.REPORT: "report",
    Kind.DATASET: "dataset",
    Kind.ARCHIVAL_ITEM: "manuscript",
    Kind.OTHER: "document",
}
_TYPES_READ = {name: kind for kind, name in _TYPES_WRITTEN.items()} | {
    "article": Kind.ARTICLE,
    "article-magazine": Kind.ARTICLE,
    "article-newspaper": Kind.ARTICLE,
    "paper-conference": Kind.CHAPTER,
    "entry": Kind.ENTRY,
    "entry-dictionary": Kind.ENTRY,
    "post": Kind.WEB_PAGE,
    "post-weblog": Kind.WEB_PAGE,
}


# Reading


def read(text: str) -> Reading:
    """Read CSL-JSON: a list of items, or one. Raises BibliographyError if it is neither."""
    try:
        items = json.loads(text, object_pairs_hook=_each_name_once)
    except json.JSONDecodeError as error:
        raise BibliographyError(f"Line {error.lineno} is not JSON: {error.msg}.") from error
    except RecursionError as error:
        raise BibliographyError("It is nested too deep to be read.") from error
    except ValueError as error:
        raise BibliographyError(f"It cannot be read as JSON: {error}.") from error
    if isinstance(items, dict):
        items = items["items"] if isinstance(items.get("items"), list) else [items]
    if not isinstance(items, list):
        raise BibliographyError("It is JSON, but no list of CSL items.")
    if len(items) > MOST_ENTRIES:
        raise BibliographyError(f"It has more than {MOST_ENTRIES:,} entries. Split the file.")
    reading = Reading()
    for number, item in enumerate(items, start=1):
        where = f"item {number}"
        key = one_line(str(item.get("id", ""))) if isinstance(item, dict) else ""
        try:
            reading.entries.append(_read_item(where, key, item))
        except EntryError as error:
            reading.unreadable.append(Unreadable(where, key, str(error)))
    return reading


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice}” stands twice in one object")
    return found


def _read_item(where: str, key: str, item: Any) -> Entry:
    if not isinstance(item, dict):
        raise EntryError("it is no JSON object")
    refuse_what_no_database_keeps([key, *_texts_in(item)])
    item = dict(item)
    item.pop("id", None)
    custom = item.pop("custom", {})
    if not isinstance(custom, dict):
        raise EntryError("its “custom” is no JSON object")
    custom = dict(custom)
    entry = Entry(where=where, key=key)
    type_name = _text(item, "type")
    entry.values["kind"] = _TYPES_READ.get(type_name, Kind.OTHER)
    if type_name not in _TYPES_READ:
        entry.unplaced.append(("type", type_name))
    _read_names(entry, item, custom)
    _read_issued(entry, item, custom)
    _read_accessed(entry, item)
    _read_issue(entry, item)
    for columns, container in ((_LINES, item), (_CUSTOM_LINES, custom)):
        for column, name in columns.items():
            if value := _text(container, name):
                if column == "language" and not (value := language_tag(given := value)):
                    entry.unplaced.append((name, given))
                    continue
                entry.values[column] = value
    if note := str(item.pop("note", "") or "").strip():
        entry.values["note"] = note
    for scheme, name in _NUMBERS.items():
        for value in dict.fromkeys(re.split(r"\s*[;,]\s*", _text(item, name))):
            if value:
                entry.identifiers.append((scheme, value))
    for scheme, name in _CUSTOM_NUMBERS.items():
        values = custom.pop(name, [])
        for value in values if isinstance(values, list) else [values]:
            if value := one_line(str(value)):
                entry.identifiers.append((scheme, value))
    wholes = [name for name in ("container-title", "collection-title") if item.get(name)]
    settle(entry, _text(item, wholes[0]) if wholes else "")
    for prefix, rest in (("", item), ("custom.", custom)):
        entry.unplaced += [
            (f"{prefix}{name}", one_line(_shown(value)))
            for name, value in rest.items()
            if value not in (None, "", [], {})
        ]
    return entry


def _texts_in(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case dict(pairs):
                yield from pairs
                waiting += pairs.values()
            case list(values):
                waiting += values


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(item: dict[str, Any], name: str) -> str:
    """Take a variable that is text or a number."""
    value = item.pop(name, "")
    if value is None or isinstance(value, bool | list | dict):
        if value not in (None, [], {}):
            raise EntryError(f"its “{name}” is neither text nor a number")
        return ""
    return one_line(str(value))


def _read_names(entry: Entry, item: dict[str, Any], custom: dict[str, Any]) -> None:
    notes: dict[str, Any] = custom.pop("names") if _fits(custom.get("names"), item) else {}
    for variable, role in _NAMES.items():
        names = item.pop(variable, None) or []
        if not isinstance(names, list):
            raise EntryError(f"its “{variable}” is no list of names")
        if len(entry.names) + len(names) > MOST_NAMES:
            raise EntryError(f"it has more than {MOST_NAMES} names")
        forms = notes.get(variable, [])
        for place, name in enumerate(names):
            form = forms[place] if place < len(forms) else {}
            own_role = form.get("role")
            entry.names.append(
                Name(
                    _read_name(name, variable),
                    own_role if own_role in Role.values else role,
                    one_line(str(form.get("original", ""))),
                    one_line(str(form.get("corrected", ""))),
                    name.get("static-ordering") in (True, 1, "true"),
                )
            )


def _fits(notes: Any, item: dict[str, Any]) -> bool:
    """Say whether further forms of names belong to the names of an item, one by one."""
    return isinstance(notes, dict) and all(
        variable in _NAMES
        and isinstance(forms, list)
        and isinstance(item.get(variable), list)
        and len(forms) <= len(item[variable])
        and all(isinstance(form, dict) for form in forms)
        for variable, forms in notes.items()
    )


def _read_name(name: Any, variable: str) -> str:
    if not isinstance(name, dict):
        raise EntryError(f"a name in its “{variable}” is no JSON object")
    parts = {part: one_line(str(value)) for part, value in name.items() if value is not None}
    family = " ".join(filter(None, (parts.get("non-dropping-particle"), parts.get("family"))))
    given = " ".join(filter(None, (parts.get("given"), parts.get("dropping-particle"))))
    whole = ", ".join(filter(None, (family, given, parts.get("suffix"))))
    found = parts.get("literal") or whole
    if not found:
        raise EntryError(f"a name in its “{variable}” is empty")
    return found


def _read_issued(entry: Entry, item: dict[str, Any], custom: dict[str, Any]) -> None:
    issued, edtf = item.pop("issued", None), _text(custom, "edtf")
    if isinstance(issued, str):
        read_date(entry, edtf or issued)
        return
    if not isinstance(issued, dict):
        issued = {} if issued is None else {"raw": str(issued)}
    # Beside a date of our own, `raw` only repeats it for programs that know no other.
    printed = one_line(str(issued.get("literal") or ("" if edtf else issued.get("raw")) or ""))
    edtf = edtf or _edtf_of(issued)
    if issued.get("date-parts") and not edtf:
        entry.unplaced.append(("issued", one_line(_shown(issued))))
    read_date(entry, edtf, printed)


def _read_accessed(entry: Entry, item: dict[str, Any]) -> None:
    accessed = item.pop("accessed", None)
    said = accessed if isinstance(accessed, str) else _shown(accessed) if accessed else ""
    if isinstance(accessed, dict):
        said = _edtf_of(accessed) or str(accessed.get("raw") or "") or said
    read_access(entry, "accessed", said)


def _read_issue(entry: Entry, item: dict[str, Any]) -> None:
    """Take the first number there is; the others stay, to be told of."""
    for name in ("issue", "number", "collection-number"):
        if item.get(name) and "issue" not in entry.values:
            entry.values["issue"] = _text(item, name)


def _edtf_of(issued: dict[str, Any]) -> str:
    """Return date-parts and their marks as EDTF; empty if they are no date."""
    try:
        ends = [[int(part) for part in end] for end in issued.get("date-parts") or []]
        if not ends or not all(1 <= len(end) <= 3 for end in ends) or len(ends) > 2:
            return ""
        season = int(issued.get("season") or 0)
    except (OverflowError, TypeError, ValueError):
        return ""
    written = []
    for year, *rest in ends:
        sign = "-" if year < 0 else ""
        written.append("-".join([f"{sign}{abs(year):04}", *(f"{part:02}" for part in rest)]))
    if season and len(ends) == 1 and len(ends[0]) == 1:
        written = [f"{written[0]}-{season if season > 20 else season + 20:02}"]
    circa = "~" if issued.get("circa") not in (None, False, 0, "", "0", "false") else ""
    return "/".join(f"{end}{circa}" for end in written)


# Writing


def write(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield a list of items, piece by piece."""
    before = "[\n"
    for entry in entries:
        yield before + json.dumps(_item(entry), ensure_ascii=False, indent=1)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {"id": entry.key, "type": _TYPES_WRITTEN[Kind(entry.kind)]}
    custom: dict[str, Any] = {}
    for columns, container in ((_LINES, item), (_CUSTOM_LINES, custom)):
        container |= {
            name: entry.values[column] for column, name in columns.items() if column in entry.values
        }
    _write_names(entry, item, custom)
    _write_issued(entry, item, custom)
    if accessed := entry.values.get("accessed"):
        item["accessed"] = {"date-parts": [[int(part) for part in accessed.split("-")]]}
    if issue := entry.values.get("issue"):
        names = {Kind.REPORT: "number", Kind.BOOK: "collection-number"}
        item[names.get(Kind(entry.kind), "issue")] = issue
    if note := entry.values.get("note"):
        item["note"] = note
    if entry.container:
        series = entry.kind in (Kind.BOOK, Kind.REPORT)
        item["collection-title" if series else "container-title"] = entry.container.title
    for scheme, name in _NUMBERS.items():
        if values := numbers_to_write(entry, scheme):
            item[name] = "; ".join(values)
    for scheme, name in _CUSTOM_NUMBERS.items():
        if values := numbers_to_write(entry, scheme):
            custom[name] = values
    return item | ({"custom": custom} if custom else {})


def _write_names(entry: Entry, item: dict[str, Any], custom: dict[str, Any]) -> None:
    variables = {role: variable for variable, role in _NAMES.items()}
    forms: dict[str, list[dict[str, str]]] = {}
    for name in entry.names:
        variable = variables.get(Role(name.role), "contributor")
        family, comma, given = name.name.partition(", ")
        written: dict[str, Any] = (
            {"family": family, "given": given} if comma and given else {"literal": name.name}
        )
        if name.family_first:
            written["static-ordering"] = True
        item.setdefault(variable, []).append(written)
        form = {"original": name.name_original, "corrected": name.name_corrected}
        form["role"] = "" if Role(name.role) in variables else str(name.role)
        forms.setdefault(variable, []).append({part: text for part, text in form.items() if text})
    if any(form for rows in forms.values() for form in rows):
        custom["names"] = {variable: rows for variable, rows in forms.items() if any(rows)}


def _write_issued(entry: Entry, item: dict[str, Any], custom: dict[str, Any]) -> None:
    edtf, printed = (entry.values.get(name, "") for name in ("issued_edtf", "issued_printed"))
    issued: dict[str, Any] = {}
    if is_calendar_date(edtf):
        issued["date-parts"] = [[int(part) for part in edtf.split("-")]]
    elif edtf:
        custom["edtf"] = edtf
        issued["raw"] = edtf
    if printed:
        issued["literal"] = printed
    if issued:
        item["issued"] = issued
