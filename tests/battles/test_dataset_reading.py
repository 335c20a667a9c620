"""Reading tables: spans, lines, and what is wrong with a file or a row."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from battles.datasets import reading
from battles.datasets.mapping import File
from battles.datasets.reading import Unreadable, read_rows, read_text

TABLE = File("t", "t.csv", ("id", "words"), ("id",))
LINES = File("t", "t.jsonl", ("id", "words"), ("id",))


def refused(text: str, file: File = TABLE) -> list[str]:
    _, refusals = read_rows(text, file)
    return [str(refusal) for refusal in refusals]


def unreadable(call, *arguments) -> list[str]:
    with pytest.raises(Unreadable) as error:
        call(*arguments)
    return str(error.value).splitlines()


def test_each_row_has_its_line_and_its_exact_span():
    text = 'id,words\n1,"two\nlines, and ""quotes"""\n\n2,end'
    rows, refusals = read_rows(text, TABLE)
    assert refusals == []
    assert [(row.line, text[row.start : row.end], row.cells["words"]) for row in rows] == [
        (2, '1,"two\nlines, and ""quotes"""', 'two\nlines, and "quotes"'),
        (5, "2,end", "end"),
    ]


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from('",\n'), max_size=9
        )
    )
)
def test_rows_written_by_a_spreadsheet_are_read_back(cells):
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["id", "words"])
    for number, cell in enumerate(cells):
        writer.writerow([number, f".{cell}"])
    text = written.getvalue()
    rows, refusals = read_rows(text, TABLE)
    assert refusals == []
    assert [row.cells["words"] for row in rows] == [f".{cell}" for cell in cells]
    for row in rows:
        assert next(csv.reader(io.StringIO(text[row.start : row.end]))) == list(row.cells.values())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1,a,b\n2,ok", "t.csv, line 2: it has 3 cells, and the header 2."),
        ("1\n2,ok", "t.csv, line 2: it has 1 cells, and the header 2."),
        (
            '1,"a" b\n2,ok',
            "t.csv, line 2: a quotation mark stands within a cell; write it twice.",
        ),
        (
            '1,"never closed\n2,ok',
            "t.csv, line 2: a quotation mark is opened and never closed.",
        ),
        (
            "1,=1+1\n2,ok",
            "t.csv, line 2: words is a formula: “=1+1”; save the table with its values.",
        ),
        (
            "1,@SUM(A1)\n2,ok",
            "t.csv, line 2: words is a formula: “@SUM(A1)”; save the table with its values.",
        ),
        (
            "1,-2+cmd|x\n2,ok",
            "t.csv, line 2: words is a formula: “-2+cmd|x”; save the table with its values.",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_next_is_read(rows, said):
    text = f"id,words\n{rows}"
    read, _ = read_rows(text, TABLE)
    assert refused(text) == [said]
    assert [row.cells["words"] for row in read] == ["ok"]


@pytest.mark.parametrize("cell", ["-87.011", "+5", "-", "-0479-08", "-0479/-0401~", "1=1", "a@b"])
def test_signed_numbers_and_dates_are_no_formulas(cell):
    assert refused(f"id,words\n1,{cell}") == []


def test_rows_of_one_key_are_all_refused():
    rows, _ = read_rows("id,words\n1,a\n2,b\n1,c", TABLE)
    assert [row.cells["words"] for row in rows] == ["b"]
    assert refused("id,words\n1,a\n2,b\n1,c") == [
        "t.csv, line 2: its key (id 1) is given on several lines: 2, 4.",
        "t.csv, line 4: its key (id 1) is given on several lines: 2, 4.",
    ]


def test_a_huge_cell_is_refused():
    [said] = refused(f"id,words\n1,{'a' * (reading.LONGEST_CELL + 1)}\n2,ok")
    assert said == "t.csv, line 2: words has 20,001 characters; 20,000 is the most."
    [said] = refused(f"id,words\n1,{'a' * 200_000}\n2,ok")
    assert "a cell is too long" in said


def test_a_wrong_header_refuses_the_file():
    assert unreadable(read_rows, "id,word,id\n1,a,2", TABLE) == [
        "t.csv, line 1: the column “id” stands twice.",
        "t.csv, line 1: the column “words” is missing.",
        "t.csv, line 1: the column “word” is not in the mapping, [file.t].",
    ]


def test_columns_may_stand_in_another_order():
    [row], _ = read_rows("words,id\na,1", TABLE)
    assert row.cells == {"words": "a", "id": "1"}


def test_a_file_of_which_nothing_can_be_read_is_refused_whole():
    text = "id,words\n" + "1\n" * (reading.MOST_FAULTS + 1)
    assert unreadable(read_rows, text, TABLE)[-1] == "t.csv: more than 1,000 rows cannot be read."


def test_bytes_that_are_not_utf_8_are_named_by_line_and_offset(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("id,words\n1,château\n".encode("latin-1"))
    said = "t.csv, line 2: it is not UTF-8: byte 13 of the file is 0xe2; save it as UTF-8."
    assert unreadable(read_text, path) == [said]
    path.write_bytes(b"\xef\xbb\xbf" + "id,words\n1,château\n".encode("latin-1"))
    assert "byte 16 of the file" in unreadable(read_text, path)[0]
    path.write_bytes("id,words\n1,a\n".encode("utf-16"))
    assert unreadable(read_text, path)[0].startswith("t.csv, line 1: it is not UTF-8: byte 0")


def test_a_nul_is_named_by_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,words\n1,a\n2,\0\n")
    assert unreadable(read_text, path) == ["t.csv, line 3: it holds a NUL, which no text does."]


def test_a_mark_at_the_start_and_windows_line_ends_are_read_as_the_archive_keeps_them(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfid,words\r\n1,a\r\n")
    assert read_text(path) == "id,words\n1,a\n"


def test_an_empty_or_a_huge_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_bytes(b" \n")
    assert unreadable(read_text, path) == ["t.csv: it is empty."]
    monkeypatch.setattr(reading, "LONGEST_FILE", 1)
    assert unreadable(read_text, path) == ["t.csv: it is longer than 0 MiB."]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "it is no JSON object"),
        ("[1]", "it is no JSON object"),
        ('{"id": 1}', "“words” is missing"),
        ('{"id": 1, "words": "a", "more": 1}', "“more” is not in the mapping"),
        ('{"id": 1, "words": ["a"]}', "“words” is neither text nor a number"),
        ('{"id": 1, "words": true}', "“words” is neither text nor a number"),
        ('{"id": 1, "words": "\\u0000"}', "“words” holds a control character"),
        ('{"id": 1, "words": "\\ud800"}', "“words” holds a control character"),
    ],
)
def test_a_wrong_line_of_json_is_refused(line, said):
    text = f'{{"id": 2, "words": null}}\n{line}'
    rows, _ = read_rows(text, LINES)
    assert refused(text, LINES) == [f"t.jsonl, line 2: {said}."]
    assert [row.cells for row in rows] == [{"id": "2", "words": ""}]


def test_numbers_in_json_are_kept_as_written():
    [row], _ = read_rows('{"id": 100000000000000000001, "words": 1.10}', LINES)
    assert row.cells == {"id": "100000000000000000001", "words": "1.10"}
