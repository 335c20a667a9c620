"""Which source an entry describes already, and in what the two differ."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sources import dates
from sources.bibliographies.entry import COLUMNS, Entry, Name, entry_of, is_calendar_date, one_line
from sources.identifiers import comparable
from sources.models import Source, SourceIdentifier

Scheme = SourceIdentifier.Scheme

# By these a number is one work's own: an ISSN is all its issues'.
_TELLING = (Scheme.ISBN, Scheme.DOI, Scheme.OCLC, Scheme.WIKIDATA)

_DASH = re.compile("-+")  # one program’s dash between pages is another’s hyphen

_LABELS = {column.name: str(column.verbose_name) for column in Source._meta.concrete_fields}

CONTRIBUTIONS = "contributions"
IDENTIFIERS = "identifiers"
CONTAINER = "contained_in"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which an entry says something else than the source it matches."""

    field: str
    label: str
    stored: str
    incoming: str


class Index:
    """What tells works apart, by numbers and then by title and year: those of the archive, under
    their ids, and those of a file, under the keys they are added with."""

    def __init__(self) -> None:
        self._by_number: dict[tuple[str, str], dict[Any, None]] = defaultdict(dict)
        self._by_title: dict[tuple[str, str], dict[Any, None]] = defaultdict(dict)
        self._schemes: dict[Any, set[str]] = defaultdict(set)
        columns = ("title", "title_original", "issued_edtf", "issued_printed")
        # Columns alone: an archive has many more sources than a file has entries.
        standing = Source.objects.standing()
        for pk, *values in standing.values_list("pk", *columns).iterator():
            self.add(pk, Entry(values=dict(zip(columns, values, strict=True))))
        numbers = SourceIdentifier.objects.filter(
            scheme__in=_TELLING, source__merged_into__isnull=True
        )
        for pk, scheme, value in numbers.values_list("source", "scheme", "value").iterator():
            self.add(pk, Entry(identifiers=[(scheme, value)]))

    def add(self, key: Any, entry: Entry) -> None:
        for number in _numbers(entry):
            self._by_number[number][key] = None
            self._schemes[key].add(number[0])
        for title in _titles(entry):
            self._by_title[title][key] = None

    def matches(self, entry: Entry) -> tuple[list[Any], str]:
        """Return the keys of what an entry may describe, and by what they were known.

        Title and year do not make one work of two that have each an ISBN, or each a DOI, and none
        in common: other editions have the same.
        """
        known = [number for number in sorted(_numbers(entry)) if number in self._by_number]
        if known:
            found = {key: None for number in known for key in self._by_number[number]}
            return list(found), " and ".join(str(Scheme(scheme).label) for scheme, _ in known)
        own = {scheme for scheme, _ in _numbers(entry)}
        found = {
            key: None
            for title in sorted(_titles(entry))
            for key in self._by_title.get(title, ())
            if not own & self._schemes[key]
        }
        return list(found), "title and year"


def _numbers(entry: Entry) -> set[tuple[str, str]]:
    return {
        (str(scheme), comparable(scheme, value))
        for scheme, value in entry.identifiers
        if scheme in _TELLING
    }


def _titles(entry: Entry) -> set[tuple[str, str]]:
    year = year_of(entry)
    titles = (_plain(entry.values.get(name, "")) for name in ("title", "title_original"))
    return {(title, year) for title in titles if title}


def _plain(title: str) -> str:
    """Return a title without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", title).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def year_of(entry: Entry) -> str:
    """Return the year of an entry, or whatever it says instead; empty if it says nothing."""
    edtf = entry.values.get("issued_edtf", "")
    if is_calendar_date(edtf):
        return edtf[:4]
    if edtf:
        return edtf
    printed = re.findall("[0-9]{4}", entry.values.get("issued_printed", ""))
    return printed[0] if len(printed) == 1 else entry.values.get("issued_printed", "")


def differences(source: Source, entry: Entry) -> list[Difference]:
    """Return the fields of which an entry says something else than a source does.

    What an entry leaves out it does not deny. A date says nothing new where it is the stored one in
    other words, nor a kind that says only “other”.
    """
    stored = entry_of(source)
    found = []
    for name in COLUMNS:
        old, new = stored.values.get(name, ""), entry.values.get(name, "")
        if (
            not new
            or one_line(old) == one_line(new)
            or (name == "pages" and _DASH.sub("–", old) == _DASH.sub("–", new))
            or (name == "kind" and new == Source.Kind.OTHER)
        ):
            continue
        if name == "issued_printed" and not old and _same_day(new, stored):
            continue
        label = _LABELS[name]
        if name == "kind":
            old, new = str(Source.Kind(old).label), str(Source.Kind(new).label)
        found.append(Difference(name, label, old, new))
    if entry.names and _differ(stored.names, entry.names):
        found.append(
            Difference(CONTRIBUTIONS, "names", names_shown(stored.names), names_shown(entry.names))
        )
    if new_numbers := unknown_numbers(stored, entry):
        found.append(
            Difference(
                IDENTIFIERS,
                "numbers (added to those there)",
                _numbers_shown(stored.identifiers),
                _numbers_shown(new_numbers),
            )
        )
    whole = source.contained_in
    if entry.container and (whole is None or _plain(whole.title) != _plain(entry.container.title)):
        old = whole.title if whole else ""
        found.append(Difference(CONTAINER, "contained in", old, entry.container.title))
    return found


def unknown_numbers(stored: Entry, entry: Entry) -> list[tuple[str, str]]:
    """Return the numbers of an entry that a source does not have in any form."""
    known = {(scheme, comparable(scheme, value)) for scheme, value in stored.identifiers}
    return [
        (scheme, value)
        for scheme, value in entry.identifiers
        if (scheme, comparable(scheme, value)) not in known
    ]


def _same_day(printed: str, stored: Entry) -> bool:
    edtf = stored.values.get("issued_edtf", "")
    return bool(edtf) and printed in (edtf, dates.describe(edtf))


def _differ(stored: list[Name], incoming: list[Name]) -> bool:
    """Say whether names differ in what the entry says of them, their order by role included."""

    def in_order(names: list[Name]) -> list[Name]:
        return sorted(names, key=lambda name: name.role)

    if len(stored) != len(incoming):
        return True
    return any(
        (old.name, old.role) != (new.name, new.role)
        or (new.name_original and new.name_original != old.name_original)
        or (new.name_corrected and new.name_corrected != old.name_corrected)
        or (new.family_first and not old.family_first)
        for old, new in zip(in_order(stored), in_order(incoming), strict=True)
    )


def names_shown(names: Iterable[Name]) -> str:
    """Return names in one line, as a curator compares them."""
    return "; ".join(
        " ".join(
            filter(
                None,
                (
                    name.name,
                    name.name_original,
                    f"(corrected: {name.name_corrected})" if name.name_corrected else "",
                    f"({name.role})" if name.role != "author" else "",
                ),
            )
        )
        for name in names
    )


def _numbers_shown(numbers: Iterable[tuple[str, Any]]) -> str:
    return "; ".join(f"{Scheme(scheme).label} {value}" for scheme, value in numbers)
