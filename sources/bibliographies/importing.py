"""Bibliographies into sources: first a plan that a curator reads, then what was chosen of it.

Knows neither HTTP nor console. New sources are drafts without an origin; nothing of a source that
is there changes unless it was chosen field by field, against the very rows that the plan showed.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from sources.bibliographies import bibtex, csl, printed, ris
from sources.bibliographies.entry import (
    MOST_BYTES,
    BibliographyError,
    Container,
    Entry,
    Name,
    Reading,
    Unreadable,
    entry_of,
    is_calendar_date,
)
from sources.bibliographies.matching import (
    CONTAINER,
    CONTRIBUTIONS,
    IDENTIFIERS,
    Difference,
    Index,
    differences,
    names_shown,
    unknown_numbers,
    year_of,
)
from sources.identifiers import comparable, problem_of
from sources.models import Contribution, Source, SourceIdentifier

READERS = {
    "bibtex": bibtex.read,
    "ris": ris.read,
    "csl-json": csl.read,
    "printed": printed.read,
}
_SUFFIXES = {".bib": "bibtex", ".bibtex": "bibtex", ".ris": "ris", ".json": "csl-json"}


class PlanChanged(Exception):  # noqa: N818  it names what happened
    """What the archive holds is no longer what the plan compared with; nothing was written."""


@dataclass(slots=True)
class Proposal:
    """What one entry would do: `new`, `same`, `differs`, `ambiguous` or `repeats`."""

    number: int
    entry: Entry
    outcome: str = "new"
    matched: list[Source] = field(default_factory=list)
    known_by: str = ""
    differences: list[Difference] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    repeats: Entry | None = None

    @property
    def names(self) -> str:
        """The names of the entry in one line."""
        return names_shown(self.entry.names)


@dataclass(slots=True)
class Plan:
    """What a file would do to the archive."""

    proposals: list[Proposal] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """A hash that is another as soon as anything of the plan is."""
        said: list[Any] = [
            [
                proposal.outcome,
                repr(proposal.entry),
                sorted([str(row.pk), row.version] for row in proposal.matched),
                [[d.field, d.stored, d.incoming] for d in proposal.differences],
            ]
            for proposal in self.proposals
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(slots=True)
class Choices:
    """What a curator decided of a plan, by the numbers of its proposals.

    A new entry is made unless it is in `left_out`; one that may be known already is made only if
    it is in `made`; a field of a known source is taken only if it is in `taken`.
    """

    left_out: Collection[int] = ()
    made: Collection[int] = ()
    taken: dict[int, set[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Done:
    """What an import wrote."""

    made: list[Source] = field(default_factory=list)
    changed: list[Source] = field(default_factory=list)


def decoded(data: bytes) -> str:
    """Return a file as text. Raises BibliographyError if it is too long or not UTF-8."""
    if len(data) > MOST_BYTES:
        raise BibliographyError(
            f"It has {len(data):,} bytes; at most {MOST_BYTES:,} are read at once. Split the file."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BibliographyError(
            f"It is not UTF-8: byte {error.start + 1:,} does not fit. Save it as UTF-8."
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BibliographyError(f"Line {line} holds a NUL, which is no text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(text: str, name: str = "") -> Reading:
    """Read a bibliography in the format that its name or its beginning tells.

    Raises BibliographyError if it is in none of them, or nothing of it can be read.
    """
    reading = READERS[_format_of(text, name)](text)
    if not reading.entries and not reading.unreadable:
        raise BibliographyError("There is no entry in it.")
    return reading


_ENTRY = re.compile(r"@\s*\w+\s*[{(]")  # of BibTeX


def _format_of(text: str, name: str) -> str:
    for suffix, known in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            return known
    begins = text.lstrip()
    if begins.startswith(("[", "{")):
        return "csl-json"
    if begins.startswith(("TY  -", "TY -")):
        return "ris"
    # A list as it is printed may hold an “@” as well, that of an address.
    is_list = name.lower().endswith(".txt")
    if _ENTRY.search(begins) or ("@" in begins and not is_list):
        return "bibtex"
    if is_list:
        return "printed"
    raise BibliographyError(
        "It is neither BibTeX (entries begin with “@”), nor RIS (“TY  -”), nor CSL-JSON (“[”). "
        "A list as it is printed, one work a line, is read from a file named .txt."
    )


def plan(reading: Reading) -> Plan:
    """Compare what was read with the sources that are here, and with itself."""
    index = Index()
    found = Plan(unreadable=list(reading.unreadable))
    keys: dict[int, list[Any]] = {}
    for number, entry in enumerate(reading.entries, start=1):
        if reason := _why_unfit(entry):
            found.unreadable.append(Unreadable(entry.where, entry.key, reason))
            continue
        keys[number], known_by = index.matches(entry)
        if not keys[number]:
            index.add(number, entry)
        found.proposals.append(Proposal(number, entry, known_by=known_by))
    sources = Source.objects.for_bibliography().in_bulk(
        {key for row in keys.values() for key in row if isinstance(key, UUID)}
    )
    wholes: dict[Any, Source | None] = {}
    for proposal in found.proposals:
        _compare(proposal, keys[proposal.number], sources, reading)
        proposal.remarks += _remarks(proposal.entry, wholes)
    return found


def _compare(
    proposal: Proposal, keys: list[Any], sources: dict[Any, Source], reading: Reading
) -> None:
    proposal.matched = [sources[key] for key in keys if key in sources]
    earlier = [key for key in keys if key not in sources]
    if earlier:
        proposal.outcome, proposal.repeats = "repeats", reading.entries[earlier[0] - 1]
    elif len(proposal.matched) > 1:
        proposal.outcome = "ambiguous"
    elif proposal.matched:
        proposal.differences = differences(proposal.matched[0], proposal.entry)
        proposal.outcome = "differs" if proposal.differences else "same"


def _remarks(entry: Entry, wholes: dict[Any, Source | None]) -> list[str]:
    """Return what a curator should know of an entry: invalid numbers, and what it stands in."""
    numbers = [*entry.identifiers, *(entry.container.identifiers if entry.container else ())]
    remarks = [
        f"{value}: {problem}; kept as printed"
        for scheme, value in numbers
        if (problem := problem_of(scheme, value))
    ]
    if entry.container:
        asked = (entry.container, entry.kind, year_of(entry))
        if asked not in wholes:
            wholes[asked] = _known_whole(entry)
        title = entry.container.title
        state = "is here already" if wholes[asked] else "would be made as a source of its own"
        remarks.append(f"It stands in “{title}”, which {state}.")
    return remarks


def _why_unfit(entry: Entry) -> str:
    """Return why an entry cannot be a source; empty if it can."""
    if not entry.values.get("title"):
        return "it has no title"
    try:
        source = Source(**entry.values)
        source.clean_fields(exclude=["slug"])
        source.check_sentence_case()
        for row in _names_of(Source(), entry.names):
            row.clean_fields(exclude=["source"])
        for scheme, value in entry.identifiers:
            SourceIdentifier(scheme=scheme, value=value).clean_fields(exclude=["source"])
        if entry.container:
            Source(title=entry.container.title).clean_fields(exclude=["slug"])
            for scheme, value in entry.container.identifiers:
                SourceIdentifier(scheme=scheme, value=value).clean_fields(exclude=["source"])
    except ValidationError as error:
        return "; ".join(
            f"{name.replace('_', ' ')}: {' '.join(messages)}"
            for name, messages in error.message_dict.items()
        )
    return ""


def _names_of(source: Source, names: Iterable[Name]) -> list[Contribution]:
    return [
        Contribution(
            source=source,
            position=position,
            role=name.role,
            name=name.name,
            name_original=name.name_original,
            name_corrected=name.name_corrected,
            family_first=name.family_first,
        )
        for position, name in enumerate(names, start=1)
    ]


@transaction.atomic
def carry_out(reading: Reading, choices: Choices, digest: str | None = None) -> Done:
    """Write what was chosen of the plan of a reading: all of it, or nothing.

    Raises PlanChanged if `digest` is given and the plan is another now, StaleSave if a source
    changes in the same moment, and ValidationError if a source would break a rule of its own.
    """
    now = plan(reading)
    if digest is not None and now.digest != digest:
        raise PlanChanged
    done = Done()
    for proposal in now.proposals:
        known_already = proposal.outcome in ("differs", "ambiguous", "repeats")
        if (
            proposal.number in choices.made
            if known_already
            else (proposal.outcome == "new" and proposal.number not in choices.left_out)
        ):
            done.made.append(_make(proposal.entry, done))
        elif proposal.outcome == "differs":
            wanted = choices.taken.get(proposal.number, set())
            taken = [d.field for d in proposal.differences if d.field in wanted]
            if taken:
                _change(proposal.matched[0], proposal.entry, taken, done)
    return done


def _make(entry: Entry, done: Done) -> Source:
    source = Source(**entry.values)
    source.slug = Source.free_slug(source.title)
    if entry.container:
        source.contained_in = _whole(entry, entry.container, done)
    source.full_clean()
    source.save()
    Contribution.objects.bulk_create(_names_of(source, entry.names))
    _add_numbers(source, entry.identifiers)
    return source


def _change(source: Source, entry: Entry, taken: Collection[str], done: Done) -> None:
    stored = entry_of(source)
    for name in set(taken) - {CONTRIBUTIONS, IDENTIFIERS, CONTAINER}:
        setattr(source, name, entry.values[name])
    has_its_words = source.title_sentence.casefold() == source.title.casefold()
    if "title_sentence" not in taken and not has_its_words:
        source.title_sentence = ""
    if CONTAINER in taken and entry.container:
        source.contained_in = _whole(entry, entry.container, done)
    source.full_clean()
    source.save()
    if CONTRIBUTIONS in taken:
        _replace_names(source, entry)
    if IDENTIFIERS in taken:
        _add_numbers(source, unknown_numbers(stored, entry))
    done.changed.append(source)


def _replace_names(source: Source, entry: Entry) -> None:
    """Put the names of an entry in the place of a source's, keeping what it says nothing of."""
    known = {(row.name, row.role): row for row in source.contributions.all()}
    rows = _names_of(source, entry.names)
    for row in rows:
        if old := known.get((row.name, row.role)):
            row.name_original = row.name_original or old.name_original
            row.name_corrected = row.name_corrected or old.name_corrected
            row.family_first = row.family_first or old.family_first
    source.contributions.all().delete()
    Contribution.objects.bulk_create(rows)


def _add_numbers(source: Source, numbers: Iterable[tuple[str, str]]) -> None:
    SourceIdentifier.objects.bulk_create(
        SourceIdentifier(source=source, scheme=scheme, value=value)
        for scheme, value in dict.fromkeys(numbers)
        # Two entries of one file may bring the same number to one source.
        if not SourceIdentifier.objects.filter(source=source, scheme=scheme, value=value).exists()
    )


def _known_whole(entry: Entry) -> Source | None:
    """Return the source that a work stands in: the one of its number, or the only one of its title
    that can be meant. A book of another year, or a journal for a chapter, cannot."""
    container = entry.container
    if container is None:
        return None
    wanted = {(scheme, comparable(scheme, value)) for scheme, value in container.identifiers}
    schemes = {scheme for scheme, _ in wanted}
    for row in SourceIdentifier.objects.filter(scheme__in=schemes).select_related("source"):
        if (row.scheme, comparable(row.scheme, row.value)) in wanted:
            return row.source
    rows = Source.objects.filter(title__iexact=container.title, kind=_kind_of_whole(entry))
    if _kind_of_whole(entry) == Source.Kind.BOOK:
        rows = rows.filter(issued_edtf=year_of(entry))
    found = list(rows.order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def _kind_of_whole(entry: Entry) -> str:
    in_book = entry.kind in (Source.Kind.CHAPTER, Source.Kind.ENTRY)
    return Source.Kind.BOOK if in_book else Source.Kind.OTHER


def _whole(entry: Entry, container: Container, done: Done) -> Source:
    """Return what a work stands in, made if it is not known."""
    if known := _known_whole(entry):
        return known
    whole = Source(title=container.title, kind=_kind_of_whole(entry))
    if whole.kind == Source.Kind.BOOK and is_calendar_date(year_of(entry)):
        whole.issued_edtf = year_of(entry)
    whole.slug = Source.free_slug(container.title)
    whole.full_clean()
    whole.save()
    _add_numbers(whole, container.identifiers)
    done.made.append(whole)
    return whole
