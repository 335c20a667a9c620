"""Tables for spreadsheets, in which words of the material are never formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# What programs take for the beginning of a formula, also in full width and behind white space.
_BEGINS_FORMULA = tuple("=+-@＝＋－＠")
_BEGINS_FIELD = ("\t", "\r", "\n")


def neutral(value: Any) -> Any:
    """Return a value as a cell may hold it: text that looks like a formula gets an apostrophe
    before it, by which spreadsheets know text (OWASP, “CSV Injection”). Numbers stay numbers."""
    if not isinstance(value, str):
        return "" if value is None else value
    looks = value.startswith(_BEGINS_FIELD) or value.lstrip().startswith(_BEGINS_FORMULA)
    return f"'{value}" if looks else value


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a table as CSV (RFC 4180) in UTF-8, with the mark by which spreadsheets know that."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([neutral(value) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")
