"""A source written in a format and read again: nothing is lost but what the description says."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.bibliographies.entry import (
    COLUMNS,
    LINES,
    OF_THE_WHOLE,
    PARTS,
    Container,
    Entry,
    Name,
    one_line,
)
from sources.bibliographies.formats import FORMATS
from sources.bibliographies.importing import READERS
from sources.models import Contribution, Source

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "bibliography-formats.md"
ROWS = [
    "kind",
    *LINES,
    "accessed",
    "issued_printed",
    "issued_edtf",
    "note",
    "note_lines",
    "contributions",
    "role",
    "name_original",
    "name_corrected",
    "family_first",
    "isbn",
    "issn",
    "doi",
    "oclc",
    "wikidata",
    "other",
    "contained_in",
    "whole_numbers",
]


def described() -> dict[str, dict[str, str]]:
    """Return the table of the description: what → format → where, or “lost”."""
    lines = DESCRIPTION.read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| `")
    ]
    return {what.strip("`"): dict(zip(FORMATS, places, strict=True)) for what, _, *places in rows}


def test_the_description_says_where_each_format_puts_what():
    table = described()
    assert list(table) == ROWS
    for what, places in table.items():
        for name, place in places.items():
            assert place == FORMATS[name].carries.get(what, "lost"), (what, name)


def as_described(entry: Entry, format_name: str) -> Entry:
    """Return what the description leaves of an entry."""
    kept = {what for what, places in described().items() if places[format_name] != "lost"}
    values = {name: value for name, value in entry.values.items() if name in kept}
    if "note" in values and "note_lines" not in kept:
        values["note"] = one_line(values["note"])
    own = [pair for pair in entry.identifiers if pair[0] in kept]
    whole = entry.container
    if whole and entry.kind in PARTS:
        numbers = [pair for pair in own if pair[0] in OF_THE_WHOLE]
        own = [pair for pair in own if pair not in numbers]
        numbers += [pair for pair in whole.identifiers if pair[0] in kept]
        whole = Container(whole.title, tuple(sorted(set(numbers))))
    elif whole:
        whole = Container(whole.title)
    return Entry(key=entry.key, values=values, names=entry.names, identifiers=own, container=whole)


def comparable(entry: Entry) -> tuple:
    whole = entry.container
    return (
        entry.key,
        {name: str(value) for name, value in entry.values.items()},
        # The order within a role is kept, that between roles is not.
        sorted(entry.names, key=lambda name: name.role),
        sorted(entry.identifiers),
        whole and (whole.title, sorted(whole.identifiers)),
    )


def written_and_read(entry: Entry, format_name: str) -> Entry:
    text = "".join(FORMATS[format_name].write([entry])).replace("\r\n", "\n")
    reading = READERS["bibtex" if format_name == "biblatex" else format_name](text)
    assert reading.unreadable == []
    (found,) = reading.entries
    assert found.unplaced == []
    return found


LINE = (
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
    .map(lambda text: one_line(text).strip())
    .filter(bool)
)
# A straight quotation mark bounds a value in annotations, and RIS has no way to write one in it.
FORM = st.one_of(st.just(""), LINE.map(lambda text: text.replace('"', "”")))
PART = LINE.map(lambda text: text.replace(",", " ")).map(one_line).map(str.strip).filter(bool)
NAME = st.builds(
    Name,
    name=st.one_of(PART, st.builds("{}, {}".format, PART, PART)),
    role=st.sampled_from(Contribution.Role.values),
    name_original=FORM,
    name_corrected=FORM,
    family_first=st.booleans(),
)
DATES = ["1990", "1990-07", "1990-07-13", "1990-21", "1990~", "199X", "1990/1992", "-0480",
         "[1990,1992]", "1950-06-25/..", "1984?", "{1990..1992}"]  # fmt: skip
WORDS = st.text("abcXYZ019-._()/:%&#", min_size=1, max_size=12)
NUMBERS = st.one_of(
    st.tuples(
        st.just("isbn"), st.sampled_from(["0-16-035957-0", "7-5043-0542-2", "9780803277953"])
    ),
    st.tuples(st.just("issn"), st.sampled_from(["0317-8471", "0317-8472", "2049363X"])),
    st.tuples(st.just("doi"), WORDS.map("10.1/{}".format)),
    st.tuples(st.sampled_from(["oclc", "wikidata", "other"]), WORDS),
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    values = {"kind": draw(st.sampled_from(Source.Kind.values)), "title": draw(LINE)}
    for column in COLUMNS:
        strategy = {
            "language": st.sampled_from(["en", "zh", "zh-Hans", "ko"]),
            "issued_edtf": st.sampled_from(DATES),
            "accessed": st.dates().map(str),
            "pages": st.one_of(st.sampled_from(["241–58", "1-9", "ix", "5, 7–9"]), LINE),
            "url": WORDS.map("https://example.org/{}".format),
            "note": st.lists(LINE, min_size=1, max_size=3).map("\n".join),
        }.get(column, LINE)
        if column not in values and draw(st.booleans()):
            values[column] = draw(strategy)
    whole = st.builds(
        Container, title=LINE, identifiers=st.lists(NUMBERS, max_size=2, unique=True).map(tuple)
    )
    container = draw(st.one_of(st.none(), whole))
    if container:
        numbers = tuple(pair for pair in container.identifiers if pair[0] in OF_THE_WHOLE)
        container = Container(container.title, numbers)
    return Entry(
        key="xue-1990",
        values=values,
        names=draw(st.lists(NAME, max_size=4)),
        identifiers=draw(st.lists(NUMBERS, max_size=4, unique=True)),
        container=container,
    )


@pytest.mark.parametrize("format_name", FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entry=entries())
def test_a_round_trip_loses_what_the_description_says_and_nothing_else(format_name, entry):
    found = written_and_read(entry, format_name)
    assert comparable(found) == comparable(as_described(entry, format_name))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(
    "name",
    [
        "King, Martin Luther, Jr.",
        "Simon and Schuster",
        "van der Berg, Ludwig",
        "others",
        "Smith, Jones and Partners",
        "Sun, Moon, and Stars",
        "U.S. Army Concepts Analysis Agency",
        "Émile {X}, \\o",
    ],
)
def test_names_that_are_hard_to_write_come_back_as_they_were(format_name, name):
    entry = Entry(key="k", values={"kind": "book", "title": "T"}, names=[Name(name), Name("B, C")])
    assert written_and_read(entry, format_name).names == entry.names
