"""Reading tables: CSV or JSON Lines as text, each row with its line and its exact span.

What cannot be read is told by file and line. Nothing is guessed: not the character set, not a
missing cell, not where a quotation mark should have been closed.
"""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from battles.datasets.mapping import File
from sources.characters import CONTROL_CHARACTER

LONGEST_FILE = 32 * 1024 * 1024  # bytes
LONGEST_CELL = 20_000  # code points
MOST_FAULTS = 1_000  # in one file; more are no slips of the pen

# A spreadsheet would compute it. A sign before a number, a date or nothing is none.
_FORMULA = re.compile(r"[=@]|[+-](?![\d.,:/~?%XY-]*\Z)")


@dataclass(frozen=True, order=True)
class Refusal:
    """Something that was not taken in: where it stands, and why. Line 0 is the whole file."""

    file: str
    line: int
    reason: str
    kind: str = ""

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.kind + ': ' if self.kind else ''}{self.reason}."


class Unreadable(Exception):  # noqa: N818  it names what happened
    """Files that cannot be read as what they should be; nothing of the dataset is taken in."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = refusals
        super().__init__("\n".join(map(str, refusals)))


@dataclass(frozen=True)
class Row:
    """One row: the line it begins on, its span in the text, and its cells by column."""

    file: File
    line: int
    start: int
    end: int
    cells: dict[str, str]

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.cells[column] for column in self.file.key)


def read_text(path: Path) -> str:
    """Return the text of a file as the archive keeps it; raises Unreadable."""
    name = path.name
    try:
        if path.stat().st_size > LONGEST_FILE:
            most = LONGEST_FILE // 1024 // 1024
            raise Unreadable([Refusal(name, 0, f"it is longer than {most} MiB")])
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable([Refusal(name, 0, f"it cannot be read: {error.strerror}")]) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = data.count(b"\n", 0, at) + 1
        reason = f"it is not UTF-8: byte {at} of the file is 0x{data[at]:02x}; save it as UTF-8"
        raise Unreadable([Refusal(name, line, reason)]) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    faults = []
    # The extractor that keeps the file would refuse it too.
    for found in CONTROL_CHARACTER.finditer(text):
        what = "a NUL" if found[0] == "\0" else f"the control character {found[0]!a}"
        line = text.count("\n", 0, found.start()) + 1
        faults.append(Refusal(name, line, f"it holds {what}, which no text does"))
        if len(faults) == 20:
            break
    if faults:
        raise Unreadable(faults)
    if not text.strip():
        raise Unreadable([Refusal(name, 0, "it is empty")])
    return text


def read_rows(text: str, file: File) -> tuple[list[Row], list[Refusal]]:
    """Return the rows of a table and those refused; raises Unreadable at a wrong header."""
    records = _json_lines if file.name.endswith(".jsonl") else _csv
    rows, refusals = [], []
    for found in records(text, file):
        if isinstance(found, Refusal):
            refusals.append(found)
            if len(refusals) > MOST_FAULTS:
                reason = f"more than {MOST_FAULTS:,} rows cannot be read"
                raise Unreadable([*refusals[:20], Refusal(file.name, 0, reason)])
        elif reason := _wrong(found.cells, formulas=records is _csv):
            refusals.append(Refusal(file.name, found.line, reason))
        else:
            rows.append(found)
    lines = defaultdict(list)
    for row in rows:
        lines[row.key].append(row.line)
    for key, stands in lines.items():
        if len(stands) > 1:
            # Which of them is meant, nobody can tell.
            named = ", ".join(f"{c} {v}" for c, v in zip(file.key, key, strict=True))
            where = ", ".join(map(str, stands))
            reason = f"its key ({named[:200]}) is given on several lines: {where[:200]}"
            refusals += [Refusal(file.name, line, reason) for line in stands]
    return [row for row in rows if len(lines[row.key]) == 1], sorted(refusals)


def _wrong(cells: dict[str, str], *, formulas: bool) -> str:
    for column, cell in cells.items():
        if len(cell) > LONGEST_CELL:
            return f"{column} has {len(cell):,} characters; {LONGEST_CELL:,} is the most"
        if formulas and _FORMULA.match(cell):
            return f"{column} is a formula: “{cell[:80]}”; save the table with its values"
    return ""


def _csv(text: str, file: File) -> Iterator[Row | Refusal]:
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    header: list[str] | None = None
    at = 0  # the line that the next record begins on, counted from 0
    while at < len(lines):
        reader = csv.reader(_from(lines, at), delimiter=file.delimiter, strict=True)
        first = at
        try:
            for cells in reader:
                begins, at = at, first + reader.line_num
                if not cells:
                    continue
                if header is None:
                    header = cells
                    _check_header(file, header, begins + 1)
                    continue
                start, end = starts[begins], min(starts[at] - 1, len(text))
                if len(cells) != len(header):
                    said = f"it has {len(cells)} cells, and the header {len(header)}"
                    yield Refusal(file.name, begins + 1, said)
                else:
                    yield Row(file, begins + 1, start, end, dict(zip(header, cells, strict=True)))
            at = len(lines)
        except csv.Error as error:
            said = str(error)
            if "unexpected end" in said:
                said = "a quotation mark is opened and never closed"
            elif "field larger" in said:
                said = "a cell is too long, or a quotation mark is never closed"
            elif "expected after" in said:
                said = "a quotation mark stands within a cell; write it twice"
            if header is None:
                raise Unreadable([Refusal(file.name, at + 1, said)]) from error
            yield Refusal(file.name, at + 1, said)
            at += 1  # what follows is read as if this line were not there
    if header is None:
        raise Unreadable([Refusal(file.name, 0, "it has no header")])


def _from(lines: list[str], at: int) -> Iterator[str]:
    for number in range(at, len(lines)):
        # The last line is ended by the end of the text, and no line follows it.
        yield lines[number] if number == len(lines) - 1 else lines[number] + "\n"


def _check_header(file: File, header: list[str], line: int) -> None:
    counted = Counter(header)
    faults = [f"the column “{name[:80]}” stands twice" for name in counted if counted[name] > 1]
    faults += [f"the column “{name}” is missing" for name in file.columns if name not in counted]
    faults += [
        f"the column “{name[:80]}” is not in the mapping, [file.{file.id}]"
        for name in counted
        if name not in file.columns
    ]
    if faults:
        raise Unreadable([Refusal(file.name, line, reason) for reason in faults[:20]])


def _json_lines(text: str, file: File) -> Iterator[Row | Refusal]:
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        end = start + len(line)
        if line.strip():
            try:
                record: Any = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
            except (ValueError, RecursionError):
                record = None
            yield _json_row(record, file, number, start, end)
        start = end + 1


def _json_row(record: Any, file: File, line: int, start: int, end: int) -> Row | Refusal:
    if not isinstance(record, dict):
        return Refusal(file.name, line, "it is no JSON object")
    if set(record) != set(file.columns):
        lacking = sorted(set(file.columns) - set(record))
        strange = sorted(set(record) - set(file.columns))
        said = [f"“{name}” is missing" for name in lacking]
        said += [f"“{name[:80]}” is not in the mapping" for name in strange]
        return Refusal(file.name, line, "; ".join(said[:10]))
    cells = {name: "" if value is None else value for name, value in record.items()}
    wrong = [name for name, value in cells.items() if not isinstance(value, str)]
    if wrong:
        return Refusal(file.name, line, f"“{wrong[0]}” is neither text nor a number")
    # An escape, such as \u0000, may have brought it in.
    strange = [name for name, value in cells.items() if CONTROL_CHARACTER.search(value)]
    if strange:
        return Refusal(file.name, line, f"“{strange[0]}” holds a control character")
    return Row(file, line, start, end, cells)
