"""What a statement says that none of the quotes it cites does: figures, dates and names.

It may still be right: inferred, or told in other words. So a curator is asked for the reason, which
stands in `inference`, and nothing is refused.
"""

import csv
import re
from collections.abc import Sequence

from battles.attribution import is_named
from battles.kinds import FIGURE_KINDS, Kind
from battles.models import Battle, Entity, Statement
from sources import dates
from sources.models import Passage, Source
from sources.numerals import numbers_in
from sources.tokens import tokens
from sources.written_dates import dates_in

_FIGURES = ("value", "low", "high")
_NAMED = ("entity", "place", "party")
# A date within EDTF, as far as its digits are stated.
_DATE = re.compile(r"(?P<year>-?[0-9]{4})(?:-(?P<month>[0-9]{2}))?(?:-(?P<day>[0-9]{2}))?")
_TIME_OR_MARK = re.compile(r"T[0-9:.+Z-]*|[?~%]")
# What tells a row of the archive from others of its name: Decatur (AL).
_TOLD_APART = re.compile(r"\s*\([^()]*\)$")
_WRITTEN_NUMBER = re.compile(r"(?<![\w,.])[0-9]+(?:,[0-9]{3})*(?![\w])")


def needs_reason(statement: Statement) -> list[str]:
    """Return what a draft says beyond its quotes, unless a curator has given the reason.

    What was public before is published again as it was.
    """
    return [] if statement.inference or statement.is_public_or_was else unquoted(statement)


def unquoted(statement: Statement) -> list[str]:
    """Return, in words, the figures, dates and names that no quote of a statement contains.

    Nothing where the words of a passage are not held, since they cannot be looked into. Notes are
    the archive's own words, and sides are drawn by the archive.
    """
    passages = [citation.passage for citation in statement.citations.all()]
    if statement.kind == Kind.NOTE or not passages or any(not row.quote for row in passages):
        return []
    text = "\n".join(_words(passage) for passage in passages)
    return [
        *_figures(statement, text),
        *_dates(statement.date_edtf, text),
        *_names(statement, text),
    ]


def _words(passage: Passage) -> str:
    """Return a quote; of a row of a dataset its cells, since a comma there parts two numbers."""
    if passage.source.kind != Source.Kind.DATASET:
        return passage.quote
    return "\n".join(cell for row in csv.reader(passage.quote.splitlines()) for cell in row)


def _figures(statement: Statement, text: str) -> list[str]:
    if statement.kind in FIGURE_KINDS:
        stated = [getattr(statement, column) for column in _FIGURES]
    elif statement.kind == Kind.NARRATIVE:
        written = _WRITTEN_NUMBER.findall(statement.text)
        stated = [int(digits.replace(",", "")) for digits in written if len(digits) < 20]
    else:
        return []
    numbers = numbers_in(text)
    missing = dict.fromkeys(number for number in stated if number is not None)
    return [f"the figure {number:,}" for number in missing if number not in numbers]


def _dates(edtf: str, text: str) -> list[str]:
    if not edtf:
        return []
    written, numbers = dates_in(text), numbers_in(text)
    missing: dict[str, None] = {}
    for match in _DATE.finditer(_TIME_OR_MARK.sub("", edtf)):
        year, month, day = (int(part) if part else None for part in match.groups())
        if year is None:
            continue
        if month is not None and month <= 12:
            same = [
                date
                for date in written
                if date.month == month and date.day == day and date.year in (year, None)
            ]
            within = day is None and any(date.month == month for date in written)
            if not same and not within:
                missing[f"the date {dates.describe(match[0])}"] = None
                continue
        counted = year if year > 0 else 1 - year  # 0 is the year 1 BCE
        if counted not in numbers and all(date.year != counted for date in written):
            missing[f"the year {dates.describe(match['year'])}"] = None
    return list(missing)


def _names(statement: Statement, text: str) -> list[str]:
    missing = []
    for column in _NAMED:
        entity = getattr(statement, column)
        if entity is not None and not _is_said(_forms_of(entity), text):
            missing.append(f"the name “{entity}”")
    if statement.parent is not None and not _is_said(_names_of(statement.parent), text):
        missing.append(f"the name “{statement.parent}”")
    if statement.kind == Kind.NAME:
        forms = list(filter(None, (statement.text, statement.romanises)))
        if not _is_said(forms, text):
            missing.append(f"the name “{statement.text}”")
    return missing


def _forms_of(entity: Entity) -> list[str]:
    forms = [entity.name]
    for name in entity.names.all():
        forms += filter(None, (name.text, name.romanises))
    return forms


def _names_of(battle: Battle) -> list[str]:
    names = Statement.objects.published().filter(battle=battle, kind=Kind.NAME)
    return [battle.name, *names.values_list("text", flat=True)]


def _is_said(forms: Sequence[str], text: str) -> bool:
    said = f" {' '.join(tokens(text))} "
    forms = [*forms, *(_TOLD_APART.sub("", form) for form in forms)]
    return any(f" {' '.join(tokens(form))} " in said or is_named(text, form) for form in forms)
