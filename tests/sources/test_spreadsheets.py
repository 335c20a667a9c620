"""CSV for spreadsheets: words of the material are never formulas, and nothing is lost."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.spreadsheets import as_csv, neutral

CELLS = st.one_of(st.text(), st.text("=+-@\t\r\n ＝\"',;x", max_size=6), st.integers(), st.none())


def read(table):
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-0479", "@x", "＝1", "\t=1", "  =1", "\r=1", "\n"]
)
def test_what_looks_like_a_formula_is_made_text(value):
    assert neutral(value) == f"'{value}"


@pytest.mark.parametrize("value", ["", "2,689 killed", "1953-07-13", "a=b", 2689, "金城"])
def test_other_values_stay_as_they_are(value):
    assert neutral(value) == value


def test_nothing_is_an_empty_cell():
    assert neutral(None) == ""


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=4))
def test_a_table_reads_back_as_it_was_written_and_holds_no_formula(rows):
    first, *found = read(as_csv(["one", "two"], rows))
    assert first == ["one", "two"]
    assert found == [[str(neutral(cell)) for cell in row] for row in rows]
    for row, cells in zip(rows, found, strict=True):
        for value, cell in zip(row, cells, strict=True):
            if isinstance(value, str):
                assert not cell.lstrip().startswith(("=", "+", "-", "@"))
                assert cell.removeprefix("'") == value.removeprefix("'")


def test_spreadsheets_are_told_that_it_is_utf_8():
    assert as_csv(["name"], [["金城"]]).startswith(b"\xef\xbb\xbf")
