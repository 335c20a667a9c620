"""Works as lists of works print them, a line each, into entries.

Surname, Given. Title. Place: Publisher, Year. ISBN …
Surname, Given; Surname, Given (Year), Title, Volume I, Place: Publisher, ISBN …
作者：《书名》，北京：出版社，1990年。
저자, 『제목』, 출판사, 1990.

What a line leaves in doubt is left out: a curator sees the entry before it becomes a source.
"""

import re
from collections.abc import Iterator

from sources.bibliographies.entry import (
    MOST_ENTRIES,
    BibliographyError,
    Entry,
    EntryError,
    Name,
    Reading,
    Role,
    Scheme,
    Unreadable,
    one_line,
    read_date,
    refuse_what_no_database_keeps,
)
from sources.bibliographies.languages import language_tag
from sources.models import Source

_LONGEST = 2000  # code points of a line
_BULLET = re.compile(r"(?:[•·▪‣*–—-]|\d{1,3}[.)])\s+")
_NUMBERS = [
    (scheme, re.compile(rf"[,.;]?\s*\(?{words}", re.IGNORECASE))
    for scheme, words in (
        (Scheme.ISBN, r"\bISBN(?:-1[03])?\s?:?\s?(?P<number>\d[\d -]{8,16}[\dX])\b\)?"),
        (Scheme.ISSN, r"\bISSN\s?:?\s?(?P<number>\d{4}-?\d{3}[\dX])\b\)?"),
        (
            Scheme.DOI,
            r"(?:\bdoi\s?:?\s?|https?://(?:dx\.)?doi\.org/)(?P<number>10\.\d{4,9}/\S*[^\s.,;)])",
        ),
        (Scheme.OCLC, r"\bOCLC\s?:?\s?(?P<number>\d{3,12})\b\)?"),
    )
]
_YEAR = r"c?(?P<year>1[4-9]\d\d|20\d\d)[a-z]?"
_YEAR_FIRST = re.compile(rf"(?P<names>[^《『]{{2,400}}?)\s?\({_YEAR}\)\s?[,.:]?\s+(?P<rest>.+)")
_YEAR_LAST = re.compile(rf"(?P<rest>.+?),?\s\(?{_YEAR}\)?\s?\.?")
_EDITORS = re.compile(r"(?P<names>.{2,300}?),?\s\(?eds?\.\)?,?\s+(?P<rest>.+)")
_IN_LANGUAGE = re.compile(r"\s?\(in (?P<language>[A-Z][a-z]+)\)")
_ORIGINAL = re.compile(r"\s?\((?P<original>[^()]*[\u2e80-\u9fff\uac00-\ud7ff][^()]*)\)")
_VOLUME = re.compile(r",?\s?\b(?:Volume|Vol\.)\s(?P<volume>[\dIVXL]{1,6})\b")
_EDITION = re.compile(r",?\s?\b(?P<edition>\d{1,2}(?:st|nd|rd|th)) ed(?:ition\b|\.|$)")
_STATE = r"[A-Z]{2}|[A-Z]\.\s?[A-Z]\.|[A-Z][a-z]{1,6}\."  # after a town
_PLACE = re.compile(rf"[,.]\s(?P<place>[^,.:]{{2,40}}(?:,\s(?:{_STATE}))?)$")
_EASTERN = re.compile(
    r"(?P<names>[^《『「]{1,80}?)\s?[:：,，]\s?[《『「](?P<title>[^》』」]{1,300})[》』」]"
    r"\s?[,，]\s?(?:(?P<place>[^,，:：]{1,20})[:：]\s?)?(?P<publisher>[^,，]{2,60}?)\s?[,，]\s?"
    rf"{_YEAR}\s?年?\s?[。.]?"
)


def read(text: str) -> Reading:
    """Read a list of works, one a line."""
    reading = Reading()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        if len(reading.entries) + len(reading.unreadable) >= MOST_ENTRIES:
            raise BibliographyError(f"It has more than {MOST_ENTRIES:,} entries. Split the file.")
        try:
            entry = read_line(line)
            entry.where = where
            reading.entries.append(entry)
        except EntryError as error:
            reading.unreadable.append(Unreadable(where, line.strip()[:60], str(error)))
    return reading


def read_line(line: str) -> Entry:
    """Read one work. Raises EntryError if it is in none of the ways that are known."""
    refuse_what_no_database_keeps([line])
    if len(line) > _LONGEST:
        raise EntryError(f"it has more than {_LONGEST:,} characters, so it is no line of a list")
    words = one_line(line.replace("\xa0", " "))
    words = _BULLET.sub("", words, count=1) if _BULLET.match(words) else words
    entry = Entry(values={"kind": Source.Kind.BOOK})
    for scheme, printed in _NUMBERS:
        for match in printed.finditer(words):
            entry.identifiers.append((scheme.value, match["number"].strip()))
        words = printed.sub("", words)
    words = words.strip(" .;,。")
    if eastern := _EASTERN.fullmatch(words):
        _take_eastern(entry, eastern)
    elif first := _YEAR_FIRST.fullmatch(words):
        entry.names += _names(first["names"], Role.AUTHOR)
        read_date(entry, first["year"])
        rest = first["rest"]
        if editors := _EDITORS.match(rest):
            entry.names += _names(editors["names"], Role.EDITOR)
            rest = editors["rest"]
        _take_title_and_imprint(entry, rest)
    elif (last := _YEAR_LAST.fullmatch(words)) and ": " in last["rest"]:
        read_date(entry, last["year"])
        names, rest = _parted_names(last["rest"])
        role = Role.EDITOR if re.search(r",\seds?$", names) else Role.AUTHOR
        entry.names += _names(re.sub(r",\seds?$", "", names), role)
        _take_title_and_imprint(entry, rest)
    else:
        raise EntryError("it is not printed as names, title, place: publisher and year")
    if not entry.values.get("title"):
        raise EntryError("its title cannot be told from the rest")
    return entry


def _take_eastern(entry: Entry, found: re.Match[str]) -> None:
    entry.values["title"] = found["title"].strip()
    entry.values["publisher"] = found["publisher"].strip()
    if found["place"]:
        entry.values["place_published"] = found["place"].strip()
    read_date(entry, found["year"])
    for name in re.split(r"[、，,;；]\s?", found["names"]):
        if name := re.sub(r"\s?(?:主?[编編]|[编編]著|著|지음|저|편)$", "", name).strip(" :："):
            entry.names.append(Name(name, family_first=True))


def _take_title_and_imprint(entry: Entry, words: str) -> None:
    """Take the title, and after it volume, edition, place and publisher as far as they are told."""
    values = entry.values
    for name, printed in (
        ("language", _IN_LANGUAGE),
        ("title_original", _ORIGINAL),
        ("volume", _VOLUME),
        ("edition", _EDITION),
    ):
        if match := printed.search(words):
            value = match[1].strip()
            if value := language_tag(value) if name == "language" else value:
                values[name] = value
            words = words[: match.start()] + words[match.end() :]
    words = words.strip(" .,")
    before, colon, publisher = words.rpartition(": ")
    place = _PLACE.search(before.rstrip()) if colon else None
    if place:
        values["place_published"], values["publisher"] = place["place"].strip(), publisher.strip()
        words = before[: place.start()]
    values["title"] = one_line(words).strip(' ,.“”"')


def _parted_names(words: str) -> tuple[str, str]:
    """Return what stands before the title and the rest; a full stop parts them.

    The stop of an initial parts them, too, unless another name follows it.
    """
    for stop in re.finditer(r"\.\s", words):
        before, after = words[: stop.start()], words[stop.end() :]
        initial = re.search(r"(?:^|[\s.-])[^\W\d_]$", before)
        if initial and re.match(r"[^\W\d_]\.|and\s|&\s|eds?\.", after):
            continue
        return (f"{before}." if initial else before), after
    return "", words


def _names(words: str, role: str) -> Iterator[Name]:
    """Yield the names of a list: “Family, Given; Family, Given”, or the first of them so."""
    words = words.strip(" ,;")
    parts = re.split(r"\s?;\s?", words)
    if len(parts) == 1 and (listed := re.match(r"([^,]+, [^,]+?),?\s(?:and|&)\s(.+)", words)):
        given, family = listed[2].rsplit(" ", 1) if " " in listed[2] else ("", listed[2])
        parts = [listed[1], f"{family}, {given}" if given and "," not in listed[2] else listed[2]]
    for part in parts:
        original = _ORIGINAL.search(part)
        name = _ORIGINAL.sub("", part).strip(" ,")
        if name:
            yield Name(name, role, name_original=original["original"] if original else "")
