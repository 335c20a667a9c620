"""From rows to planned records: what each row says by the mapping, and how that differs from here.

Nothing is written. A row's identity is the dataset, the rule and the row's key, and the ids of
battles, sides, entities and statements are made from it (UUID version 5): the same row is the same
record at every import, and two imports at once cannot make it twice.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Prefetch, QuerySet

from battles.datasets.mapping import Mapping, RowError, Rule, Template
from battles.datasets.reading import Refusal, Row, read_rows
from battles.kinds import SHAPES, VALUE_COLUMNS, Bound, Kind
from battles.models import Battle, Citation, Entity, Side, Statement
from sources import anchoring
from sources.anchoring import Span
from sources.models import Origin, Source

# Drawn once, for the ids of datasets alone. Another would make every record a new one.
NAMESPACE = UUID("3541e1af-4848-4cef-a3d2-3b5c67c28ea3")
BATCH = 500

_NUMBERS = ("value", "low", "high", "position")
_NAMED = {
    "parent": "battle",
    "victor": "side",
    "side": "side",
    "place": "entity",
    "entity": "entity",
    "party": "entity",
}
COMPARED = ("kind", "printed", "inference", "is_quotation", "position", *VALUE_COLUMNS)
CITED = ("claimant", "named_source", "note_marker", "note")
_LARGEST = 2**63 - 1


class Outcome(StrEnum):
    """What an import makes of a record."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    KEPT = "kept"  # it differs here, because somebody worked on it since
    WITHDRAWN = "withdrawn here"
    REFUSED = "refused"


@dataclass(frozen=True)
class Evidence:
    """The place a statement rests on: a row of a cited file, or a passage of a document."""

    source: str  # slug
    span: Span
    quote: str
    is_row: bool


@dataclass
class Planned:
    """A statement that a row makes, as a draft that is not saved, and what it cites."""

    rule: str
    row: Row
    statement: Statement
    evidence: Evidence
    cited: dict[str, str]  # claimant and named source by slug, note and its marker
    outcome: Outcome = Outcome.NEW
    here: Statement | None = None  # the draft, or the public statement, of the same id


@dataclass
class Plan:
    """All that an import would do."""

    mapping: Mapping
    texts: dict[str, str]  # by the slug of the source that a file or document is kept as
    battles: dict[str, Battle] = field(default_factory=dict)
    sides: dict[tuple[str, str], Side] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    new: set[UUID] = field(default_factory=set)  # of those three
    statements: dict[UUID, Planned] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    refused: set[UUID] = field(default_factory=set)  # statements that refused rows would make
    removed: list[Statement] = field(default_factory=list)
    sources: dict[str, UUID] = field(default_factory=dict)  # those here already, by slug
    origins: dict[str, UUID] = field(default_factory=dict)

    def records(self) -> Iterator[tuple[str, models.Model]]:
        """Yield battles, sides and entities with the name of their kind."""
        for battle in self.battles.values():
            yield battle.scale, battle
        for side in self.sides.values():
            yield "side", side
        for entity in self.entities.values():
            yield entity.kind, entity

    def counts(self) -> dict[str, Counter[str]]:
        """Return how many records of each kind are new, same, changed …"""
        counts: dict[str, Counter[str]] = {}
        for kind, row in self.records():
            outcome = Outcome.NEW if row.pk in self.new else Outcome.SAME
            counts.setdefault(kind, Counter())[outcome] += 1
        for planned in self.statements.values():
            kind = f"statement: {planned.statement.get_kind_display()}"
            counts.setdefault(kind, Counter())[planned.outcome] += 1
        for refusal in self.refusals:
            counts.setdefault(refusal.kind or "row", Counter())[Outcome.REFUSED] += 1
        return counts

    def with_outcome(self, *outcomes: Outcome) -> list[Planned]:
        return [planned for planned in self.statements.values() if planned.outcome in outcomes]


def make_plan(mapping: Mapping, tables: dict[str, str], documents: dict[str, str]) -> Plan:
    """Plan an import from the texts of tables, by file id, and documents, by the mapping's name.

    Raises Unreadable if a table is not what the mapping says.
    """
    return _Planning(mapping, tables, documents).run()


class _Planning:
    def __init__(self, mapping: Mapping, tables: dict[str, str], documents: dict[str, str]) -> None:
        self.mapping = mapping
        self.documents = documents
        cited = {mapping.slug_of(file): tables[file.id] for file in mapping.cited_files()}
        held = {mapping.documents[name]["source"]: text for name, text in documents.items()}
        self.plan = Plan(mapping, texts=cited | held)
        self.own = uuid5(NAMESPACE, mapping.name)
        self.tables = tables
        self.rows: dict[str, list[Row]] = {}
        self.side_names: set[tuple[str, str]] = set()

    def run(self) -> Plan:
        for file in self.mapping.files.values():
            self.rows[file.id], refusals = read_rows(self.tables[file.id], file)
            self.plan.refusals += refusals
            self._count(file.id)
        self._join()
        for what, add in (
            ("battle", self._add_battle),
            ("side", self._add_side),
            ("entity", self._add_entity),
            ("statement", self._add_statement),
        ):
            for rule in self.mapping.rules_for(what):
                for row in self.rows[rule.file]:
                    try:
                        if not self._applies(rule, row):
                            continue
                        add(rule, row)
                    except RowError as error:
                        self._refuse(rule, row, str(error))
        _compare(self.plan)
        self.plan.refusals.sort()
        return self.plan

    # Rows -----------------------------------------------------------------------------------------

    def _count(self, name: str) -> None:
        for new, columns in self.mapping.files[name].count.items():
            keys = [tuple(row.cells[column] for column in columns) for row in self.rows[name]]
            counted = Counter(keys)
            for row, key in zip(self.rows[name], keys, strict=True):
                row.cells[new] = str(counted[key])

    def _join(self) -> None:
        """Add to each row the cells of the rows it names, as “file.column”."""
        joined: dict[str, list[Row]] = {}
        for name, file in self.mapping.files.items():
            joined[name] = self.rows[name]
            for other, pairs in file.join.items():
                there = {row.key: row for row in self.rows[other]}
                theirs = {theirs: ours for ours, theirs in pairs.items()}
                found = []
                for row in joined[name]:
                    key = tuple(row.cells[theirs[c]] for c in self.mapping.files[other].key)
                    if match := there.get(key):
                        for column in match.file.columns:
                            row.cells[f"{other}.{column}"] = match.cells[column]
                        found.append(row)
                    else:
                        named = " ".join(key)[:80]
                        missing = f"{self.mapping.files[other].name} has no row “{named}”"
                        self.plan.refusals.append(Refusal(row.file.name, row.line, missing))
                joined[name] = found
        self.rows = joined

    def _applies(self, rule: Rule, row: Row) -> bool:
        return "when" not in rule.templates or bool(self._read(rule, "when", row))

    def _read(self, rule: Rule, key: str, row: Row) -> str:
        template: Template | None = rule.templates.get(key)
        return self.mapping.read(template, row.cells).strip() if template else ""

    def _refuse(self, rule: Rule, row: Row, reason: str) -> None:
        kind = f"statement “{rule.name}”" if rule.name else rule.what
        self.plan.refusals.append(Refusal(row.file.name, row.line, reason, kind))
        if rule.what == "statement":
            with suppress(RowError):  # what it is made once for may be the very thing refused
                self.plan.refused.add(self._statement_id(rule, row))

    def _id(self, *parts: str) -> UUID:
        # Parts are told apart by what no cell can hold.
        return uuid5(self.own, "\0".join(parts))

    def _statement_id(self, rule: Rule, row: Row) -> UUID:
        key = (self._read(rule, "once", row),) if "once" in rule.templates else row.key
        return self._id("statement", rule.name, *key)

    # Records: made by the first row that names them -----------------------------------------------

    def _add_battle(self, rule: Rule, row: Row) -> None:
        name = self._needed(rule, "id", row)
        if name in self.plan.battles:
            return
        battle = Battle(
            pk=self._id("battle", name),
            name=self._needed(rule, "name", row),
            scale=self._read(rule, "scale", row) or Battle.Scale.BATTLE,
        )
        if parent := self._read(rule, "part_of", row):
            battle.part_of = self._known(self.plan.battles, parent, "battle")
        _clean(battle, exclude=("slug", "part_of"))
        self.plan.battles[name] = battle

    def _add_side(self, rule: Rule, row: Row) -> None:
        of, name = self._needed(rule, "battle", row), self._needed(rule, "id", row)
        battle = self._known(self.plan.battles, of, "battle")
        if (of, name) in self.plan.sides:
            return
        side = Side(
            pk=self._id("side", of, name),
            battle=battle,
            name=self._needed(rule, "name", row),
            position=_number(self._read(rule, "position", row) or "1", "position"),
        )
        _clean(side, exclude=("battle",))
        if (of, side.name) in self.side_names:
            raise RowError(f"the battle has another side named “{side.name}”")
        self.side_names.add((of, side.name))
        self.plan.sides[of, name] = side

    def _add_entity(self, rule: Rule, row: Row) -> None:
        name = self._needed(rule, "id", row)
        if name in self.plan.entities:
            return
        entity = Entity(
            pk=self._id("entity", name),
            kind=self._needed(rule, "kind", row),
            name=self._needed(rule, "name", row),
            description=self._read(rule, "description", row),
        )
        latitude, longitude = (self._read(rule, key, row) for key in ("latitude", "longitude"))
        if latitude or longitude:
            entity.latitude = _degrees(latitude, "latitude", 90)
            entity.longitude = _degrees(longitude, "longitude", 180)
            entity.precision = self._needed(rule, "precision", row)
            entity.gazetteer = self._needed(rule, "gazetteer", row)
        _clean(entity, exclude=("slug",))
        if entity.latitude is not None:
            _refused_by(lambda: entity.validate_constraints(exclude={"slug"}))
        self.plan.entities[name] = entity

    def _needed(self, rule: Rule, key: str, row: Row) -> str:
        if value := self._read(rule, key, row):
            return value
        raise RowError(f"it gives no {key}")

    @staticmethod
    def _known(records: dict[Any, Any], name: Any, what: str) -> Any:
        if name in records:
            return records[name]
        shown = name[1] if isinstance(name, tuple) else name
        raise RowError(f"there is no {what} “{shown[:80]}”, or the row that names it was refused")

    # Statements -----------------------------------------------------------------------------------

    def _add_statement(self, rule: Rule, row: Row) -> None:
        name = self._statement_id(rule, row)
        if name in self.plan.statements:
            return  # it is made once, by an earlier row
        of = self._needed(rule, "battle", row)
        statement = Statement(
            pk=name,
            battle=self._known(self.plan.battles, of, "battle"),
            kind=self._needed(rule, "kind", row),
        )
        for column in ("printed", "inference", "position", *VALUE_COLUMNS):
            if value := self._read(rule, column, row):
                setattr(statement, column, self._value(column, value, of))
        _settle(statement)
        _clean(statement, exclude=("battle", "question", "revises", "evidence", *_NAMED))
        if statement.parent_id == statement.battle_id:
            raise RowError("a battle cannot be part of itself")
        cited = {key: self._read(rule, key, row) for key in CITED}
        said = Citation(note_marker=cited["note_marker"], note=cited["note"])
        _clean(said, exclude=("statement", "passage", "claimant", "named_source"))
        for key, slugs in (
            ("claimant", {origin["slug"] for origin in self.mapping.origins}),
            ("named_source", {source["slug"] for source in self.mapping.sources}),
        ):
            if cited[key] and cited[key] not in slugs:
                raise RowError(f"{key}: “{cited[key][:80]}” is not in the mapping")
        evidence = self._evidence(rule, row)
        told = statement.kind == Kind.NARRATIVE and not evidence.is_row
        statement.is_quotation = told and statement.text.split() == evidence.quote.split()
        self.plan.statements[statement.pk] = Planned(rule.name, row, statement, evidence, cited)

    def _value(self, column: str, value: str, battle: str) -> Any:
        match _NAMED.get(column):
            case "battle":
                return self._known(self.plan.battles, value, "battle")
            case "side":
                return self._known(self.plan.sides, (battle, value), "side of this battle")
            case "entity":
                return self._known(self.plan.entities, value, "entity")
        return _number(value, column) if column in _NUMBERS else value

    def _evidence(self, rule: Rule, row: Row) -> Evidence:
        if "document" not in rule.templates:
            text, span = self.tables[row.file.id], Span(row.start, row.end)
            quote = text[row.start : row.end]
            return Evidence(self.mapping.slug_of(row.file), span, quote, is_row=True)
        name = self._needed(rule, "document", row)
        if name not in self.mapping.documents:
            raise RowError(f"document: “{name[:80]}” is not in the mapping")
        if name not in self.documents:
            raise RowError(f"{self.mapping.documents[name]['file']} was not given and is not held")
        text = self.documents[name]
        start, end = (_number(self._needed(rule, key, row), key) for key in ("start", "end"))
        try:
            quote = anchoring.make_anchor(text, start, end).quote
        except anchoring.AnchorError as error:
            raise RowError(str(error).rstrip(".")) from error
        given = self._needed(rule, "quote", row)
        if quote.split() != given.split():  # a line may break anywhere
            raise RowError(f"at {start} to {end} stands “{quote[:80]}”, not “{given[:80]}”")
        if page := self._read(rule, "page", row):
            stands = anchoring.page_of(text, start)
            if _number(page, "page") != stands:
                raise RowError(f"{start} is on page {stands}, not {page}")
        source = self.mapping.documents[name]["source"]
        return Evidence(source, Span(start, end), quote, is_row=False)


def _number(written: str, column: str) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", written) or int(written) > _LARGEST:
        raise RowError(f"{column}: “{written[:80]}” is no whole number")
    return int(written)


def _degrees(written: str, column: str, most: int) -> Decimal:
    try:
        value = Decimal(written)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > most:
        raise RowError(f"{column}: “{written[:80]}” is no number of degrees up to {most}")
    return value.quantize(Decimal("0.00001"))


def _settle(statement: Statement) -> None:
    """Write in one way what can be written in two, and say what a figure's bounds lack.

    An interval from a day to the same day is that day. Bounds that are one number, without a
    value, are the value. An empty bound stays empty: it is not known.
    """
    first, _, last = statement.date_edtf.partition("/")
    if first == last:
        statement.date_edtf = first
    low, high = statement.low, statement.high
    if low is not None and high is not None and low > high:
        raise RowError(f"the range is reversed: low is {low}, high is {high}")
    if statement.value is None and low is not None and low == high:
        statement.value, statement.low, statement.high = low, None, None
    numbers = {statement.value, statement.low, statement.high} - {None}
    if statement.bound and statement.bound != Bound.VAGUE and not numbers:
        raise RowError("it gives no number")
    if statement.bound == Bound.VAGUE and numbers:
        raise RowError("it is vague and yet gives a number")


def _clean(row: Any, exclude: Iterable[str]) -> None:
    """Raise RowError if the model refuses the row's own values."""
    _refused_by(lambda: row.clean_fields(exclude={"id", *exclude}))
    if not isinstance(row, Statement):
        return
    _refused_by(row.clean)
    one_of = SHAPES[Kind(row.kind)].one_of
    if one_of and all(row.serializable_value(column) in (None, "") for column in one_of):
        raise RowError(f"it gives neither {' nor '.join(one_of)}")


def _refused_by(check: Callable[[], None]) -> None:
    try:
        check()
    except ValidationError as error:
        said = "; ".join(
            f"{name}: {' '.join(messages)}" if name != NON_FIELD_ERRORS else " ".join(messages)
            for name, messages in error.message_dict.items()
        )
        raise RowError(said.rstrip(".")) from error


# What is here already -----------------------------------------------------------------------------


def row_of(model: Any, slug: str) -> Any:
    """Return the origin or source of a slug, also if it has another one by now; None if absent."""
    return model.objects.filter(slug=slug).first() or model.moved_to(slug)


def _compare(plan: Plan) -> None:
    origins = [row["slug"] for row in plan.mapping.origins]
    sources = [*plan.texts, *(row["slug"] for row in plan.mapping.sources)]
    plan.origins = {slug: row.pk for slug in origins if (row := row_of(Origin, slug))}
    plan.sources = {slug: row.pk for slug in sources if (row := row_of(Source, slug))}
    rows = [row for _, row in plan.records()]
    for model in (Battle, Side, Entity):
        wanted = {row.pk for row in rows if isinstance(row, model)}
        plan.new |= wanted - _here(model, wanted)
    for batch in in_batches(plan.statements):
        stored = with_what_they_cite(Statement.objects.filter(pk__in=batch))
        revisions = with_what_they_cite(Statement.objects.filter(revises__in=batch))
        revised = {revision.revises_id: revision for revision in revisions}
        for here in stored:
            planned = plan.statements[here.pk]
            if here.battle_id != planned.statement.battle_id:
                _refuse_to_move(plan, planned)
                continue
            planned.here = revised.get(here.pk, here)
            planned.outcome = _outcome(plan, planned, planned.here)
    plan.removed = _removed(plan)


def _refuse_to_move(plan: Plan, planned: Planned) -> None:
    row, kind = planned.row, f"statement “{planned.rule}”"
    reason = "it now speaks of another battle; withdraw or delete the statement it made before"
    plan.refusals.append(Refusal(row.file.name, row.line, reason, kind))
    plan.refused.add(planned.statement.pk)
    del plan.statements[planned.statement.pk]


def _here(model: Any, ids: set[UUID]) -> set[UUID]:
    return {
        pk
        for batch in in_batches(ids)
        for pk in model.objects.filter(pk__in=batch).values_list("pk", flat=True)
    }


def with_what_they_cite(statements: QuerySet[Statement]) -> list[Statement]:
    citations = Citation.objects.select_related("passage")
    return list(statements.prefetch_related(Prefetch("citations", citations)))


def own_citation(plan: Plan, planned: Planned, here: Statement) -> Citation | None:
    """Return the citation of a stored statement that stands for the planned one."""
    source = plan.sources.get(planned.evidence.source)
    citations = [row for row in here.citations.all() if row.passage.source_id == source]
    same = (row for row in citations if same_place(row, planned.evidence))
    return next(same, next(iter(citations), None))


def same_place(citation: Citation, evidence: Evidence) -> bool:
    """Say whether a citation is of that evidence; a row may have moved within its table."""
    passage = citation.passage
    same_words = passage.quote == evidence.quote
    return same_words and (evidence.is_row or (passage.start, passage.end) == evidence.span)


def _outcome(plan: Plan, planned: Planned, here: Statement) -> Outcome:
    if here.state == Statement.State.WITHDRAWN:
        return Outcome.WITHDRAWN
    citation = own_citation(plan, planned, here)
    if citation is None:
        return Outcome.CHANGED
    same_values = all(
        here.serializable_value(column) == planned.statement.serializable_value(column)
        for column in COMPARED
    )
    same_words = same_place(citation, planned.evidence)
    if same_values and _is_cited_alike(plan, planned, citation):
        # What another cell of the row says now is nothing to this statement.
        return Outcome.SAME if same_words or planned.evidence.is_row else Outcome.CHANGED
    # The row is the same and is read otherwise: by a new mapping, or by somebody who worked on
    # the statement. As it was imported it has version 1, and 2 once it was published.
    untouched = here.version == (2 if here.is_published else 1)
    return Outcome.CHANGED if untouched or not same_words else Outcome.KEPT


def _is_cited_alike(plan: Plan, planned: Planned, citation: Citation) -> bool:
    cited = planned.cited
    claimant, named = cited["claimant"], cited["named_source"]
    return (
        (not claimant or citation.claimant_id == plan.origins.get(claimant))
        and citation.named_source_id == (plan.sources.get(named) if named else None)
        and citation.note_marker == cited["note_marker"]
        and citation.note == cited["note"]
    )


def _removed(plan: Plan) -> list[Statement]:
    """Return what earlier imports of the dataset made and no row makes any more."""
    rows = {plan.sources.get(plan.mapping.slug_of(file)) for file in plan.mapping.cited_files()}
    works = {plan.sources.get(table["source"]) for table in plan.mapping.documents.values()}
    made = Statement.objects.filter(revises__isnull=True).exclude(state="withdrawn").order_by()
    cites_rows = made.filter(citations__passage__source__in=rows - {None})
    found = set(cites_rows.values_list("pk", flat=True))
    # Other datasets may cite the same documents, about battles of their own.
    battles = {battle.pk for battle in plan.battles.values()} - plan.new if works else set()
    for batch in in_batches(battles):
        cites_works = made.filter(citations__passage__source__in=works - {None}, battle__in=batch)
        found |= set(cites_works.values_list("pk", flat=True))
    # What a curator wrote on the same evidence has an id of version 4.
    gone = {pk for pk in found if pk.version == 5} - plan.refused - set(plan.statements)
    return [
        statement
        for batch in in_batches(gone)
        for statement in Statement.objects.filter(pk__in=batch).select_related("battle")
    ]


def in_batches(ids: Iterable[UUID], size: int = BATCH) -> Iterator[list[UUID]]:
    """Yield ids in lists short enough for one query."""
    waiting = sorted(ids)
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]
