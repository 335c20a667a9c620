"""Mappings: small TOML files that say how the rows of a dataset are read. They hold no code.

A mapping is checked whole before any row is read; what is wrong is told by key, all at once.
"""

import re
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Values
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from battles.kinds import SHAPES, VALUE_COLUMNS, Kind
from battles.models import Battle, Entity, Statement
from sources.models import Origin, Source

FORMAT = 1
SHIPPED = Path(__file__).resolve().parents[1] / "mappings"
LONGEST = 256 * 1024  # bytes of a mapping

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_SLUG = re.compile(r"[\w-]{1,120}\Z")
_REFERENCE = re.compile(r"\{([^{}|]*)((?:\|[^{}|]*)*)\}")
_ROMAN = re.compile(r"(?=.)(X{0,3})(IX|IV|V?I{0,3})\Z")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ANYTHING_ELSE = "*"  # in a table of values
_PRECISIONS = (Entity.Precision.POINT, Entity.Precision.REGION)  # what needs no radius


class MappingError(Exception):
    """A mapping that cannot be used; `reasons` name the key, and what was expected."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


class RowError(Exception):
    """A row that a mapping cannot read; the message says why."""


# What a mapping may hold ------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """One key of a table: what it holds (str, list, dict, or template), and whether it must be."""

    holds: str = "template"
    needed: bool = False


_TEXT, _NEEDED_TEXT, _TEMPLATE, _NEEDED = (
    Key("text"),
    Key("text", needed=True),
    Key(),
    Key(needed=True),
)
_WORK = dict.fromkeys(
    (
        *("title_original", "title_translated", "language", "issued_printed", "issued_edtf"),
        *("publisher", "place_published", "edition", "url", "rights", "rights_note"),
        *("proximity", "note"),
    ),
    _TEXT,
)

TABLES: dict[str, dict[str, Key]] = {
    "": {"format": Key("number", needed=True), "name": _NEEDED_TEXT, "capitals": Key("list")},
    "dataset": {"slug": _NEEDED_TEXT, "title": _NEEDED_TEXT, "origin": _NEEDED_TEXT} | _WORK,
    "origin": {
        "slug": _NEEDED_TEXT,
        "name": _NEEDED_TEXT,
        "kind": _NEEDED_TEXT,
        "part_of": _TEXT,
        "description": _TEXT,
    },
    "source": {
        "slug": _NEEDED_TEXT,
        "title": _NEEDED_TEXT,
        "origin": _NEEDED_TEXT,
        "kind": _TEXT,
        "contained_in": _TEXT,
    }
    | _WORK,
    "file": {
        "name": _NEEDED_TEXT,
        "columns": Key("list", needed=True),
        "key": Key("list", needed=True),
        "delimiter": _TEXT,
        "join": Key("table"),
        "count": Key("table"),
    },
    "document": {"file": _NEEDED_TEXT, "source": _NEEDED_TEXT},
    "values": {},
    "prefixes": {},
    "battle": {
        "file": _NEEDED_TEXT,
        "id": _NEEDED,
        "name": _NEEDED,
        "scale": _TEMPLATE,
        "part_of": _TEMPLATE,
        "when": _TEMPLATE,
    },
    "side": {
        "file": _NEEDED_TEXT,
        "battle": _NEEDED,
        "id": _NEEDED,
        "name": _NEEDED,
        "position": _TEMPLATE,
        "when": _TEMPLATE,
    },
    "entity": {
        "file": _NEEDED_TEXT,
        "id": _NEEDED,
        "kind": _NEEDED,
        "name": _NEEDED,
        "description": _TEMPLATE,
        "latitude": _TEMPLATE,
        "longitude": _TEMPLATE,
        "precision": _TEMPLATE,
        "gazetteer": _TEMPLATE,
        "when": _TEMPLATE,
    },
    "statement": {
        "name": _NEEDED_TEXT,
        "file": _NEEDED_TEXT,
        "battle": _NEEDED,
        "kind": _NEEDED,
        "when": _TEMPLATE,
        "once": _TEMPLATE,
    }
    | dict.fromkeys(VALUE_COLUMNS, _TEMPLATE)
    | {"printed": _TEMPLATE, "inference": _TEMPLATE, "position": _TEMPLATE}
    | {"claimant": _TEMPLATE, "named_source": _TEMPLATE}
    | {"note_marker": _TEMPLATE, "note": _TEMPLATE}
    | {"document": _TEMPLATE, "start": _TEMPLATE, "end": _TEMPLATE}
    | {"page": _TEMPLATE, "quote": _TEMPLATE},
}
_LISTED = ("origin", "source", "battle", "side", "entity", "statement")
_KEYED = ("file", "document", "values", "prefixes")
_PLACE = ("start", "end", "quote")  # with a document

_HOLDS = {
    "text": (str, "text in quotation marks"),
    "template": (str, "text in quotation marks"),
    "number": (int, "a whole number"),
    "list": (list, 'a list of texts, such as ["a", "b"]'),
    "table": (dict, "a table"),
}


# Templates --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Template:
    """Text with columns in braces: “{name}, {state}”, “{side|role}”. A value, never code."""

    parts: tuple[str | tuple[str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, written: str) -> "Template":
        """Read a template; raises ValueError if its braces are not in order."""
        parts: list[str | tuple[str, tuple[str, ...]]] = []
        end = 0
        for found in _REFERENCE.finditer(written):
            parts.append(written[end : found.start()])
            parts.append((found[1], tuple(found[2].split("|")[1:])))
            end = found.end()
        parts.append(written[end:])
        literals = [part for part in parts if isinstance(part, str)]
        if any("{" in part or "}" in part for part in literals):
            raise ValueError("a brace stands alone; columns are written {column}")
        return cls(tuple(part for part in parts if part))

    @property
    def references(self) -> list[tuple[str, tuple[str, ...]]]:
        return [part for part in self.parts if not isinstance(part, str)]


@dataclass(frozen=True)
class File:
    """A table of the dataset: the name of its file, its columns, and what tells its rows apart."""

    id: str
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    delimiter: str = ","
    join: dict[str, dict[str, str]] = field(default_factory=dict)
    count: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """What each row of a file gives: a battle, a side, an entity or a statement."""

    what: str
    place: str  # where it stands in the mapping, for messages
    file: str
    name: str  # of a rule for statements; part of the statement's identity
    templates: dict[str, Template]


@dataclass(frozen=True)
class Mapping:
    """A checked mapping."""

    name: str
    capitals: frozenset[str]
    dataset: dict[str, str]
    origins: list[dict[str, str]]
    sources: list[dict[str, str]]
    files: dict[str, File]
    documents: dict[str, dict[str, str]]
    values: dict[str, dict[str, str]]
    prefixes: dict[str, list[str]]
    rules: list[Rule]

    def rules_for(self, what: str) -> list[Rule]:
        return [rule for rule in self.rules if rule.what == what]

    def cited_files(self) -> list[File]:
        """Return the files whose rows are evidence: those are kept as documents."""
        cited = {
            rule.file for rule in self.rules_for("statement") if "document" not in rule.templates
        }
        return [file for name, file in self.files.items() if name in cited]

    def slug_of(self, file: File) -> str:
        """Return the slug of the source that a cited file is kept as."""
        return f"{self.dataset['slug']}-{file.id}"

    def read(self, template: Template, row: Values[str, str]) -> str:
        """Return what a template says of a row; raises RowError if a value is not provided for."""
        words = []
        for part in template.parts:
            if isinstance(part, str):
                words.append(part)
                continue
            column, steps = part
            value = row[column]
            for step in steps:
                value = self._step(step, value, column)
            words.append(value)
        return "".join(words)

    def _step(self, step: str, value: str, column: str) -> str:
        if step == "title":
            return in_ordinary_letters(value, self.capitals)
        if step in self.values:
            table = self.values[step]
            if value not in table and _ANYTHING_ELSE not in table:
                raise RowError(f"{column} is “{value[:80]}”, which [values.{step}] does not list")
            return table.get(value, table.get(_ANYTHING_ELSE, ""))
        known = self.prefixes[step.removeprefix("-")]
        fitting = [prefix for prefix in known if value.startswith(f"{prefix} ")]
        prefix = max(fitting, key=len, default="")
        return value[len(prefix) :].strip() if step.startswith("-") else prefix


def in_ordinary_letters(words: str, capitals: Iterable[str] = ()) -> str:
    """Return words printed in capitals as they are usually written; numerals such as IV stay."""
    kept = set(capitals)

    def usual(found: re.Match[str]) -> str:
        word = found[0]
        if word in kept or _ROMAN.match(word) or not word.isupper():
            return word
        is_ending = found.start() > 0 and words[found.start() - 1].isdigit()  # 7TH
        return word.lower() if is_ending else word[0] + word[1:].lower()

    return _LETTERS.sub(usual, words)


# Checking ---------------------------------------------------------------------------------------


def shipped() -> list[str]:
    """Return the names of the mappings that come with the archive."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load(path: Path) -> Mapping:
    """Read a mapping from a file; raises MappingError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MappingError([f"{path} cannot be read: {error.strerror}."]) from error
    return parse(data, path.name)


def parse(data: bytes, name: str = "the mapping") -> Mapping:
    """Read a mapping from its bytes; raises MappingError with everything that is wrong."""
    if len(data) > LONGEST:
        raise MappingError([f"{name}: a mapping has {LONGEST // 1024} KiB at most."])
    try:
        table = tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise MappingError([f"{name}: it is not UTF-8 (byte {error.start})."]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingError([f"{name}: it is no TOML: {error}."]) from error
    reader = _Reader(table)
    mapping = reader.read()
    if reader.reasons or mapping is None:
        raise MappingError([f"{name}: {reason}" for reason in reader.reasons])
    return mapping


class _Reader:
    """One mapping being checked, and everything found wrong with it so far."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.reasons: list[str] = []

    def wrong(self, place: str, reason: str) -> None:
        self.reasons.append(f"{place}: {reason}." if place else f"{reason}.")

    def read(self) -> Mapping | None:
        self._check_shape()
        if self.reasons:
            return None
        data = self.data
        self.values = {
            name: {str(key): value for key, value in table.items()}
            for name, table in data.get("values", {}).items()
        }
        self.prefixes: dict[str, list[str]] = data.get("prefixes", {})
        self.files = {
            name: File(
                id=name,
                name=table["name"],
                columns=tuple(table["columns"]),
                key=tuple(table["key"]),
                delimiter=table.get("delimiter", ","),
                join=table.get("join", {}),
                count=table.get("count", {}),
            )
            for name, table in data.get("file", {}).items()
        }
        self._check_names()
        self._check_files()
        rules = [
            rule
            for what in ("battle", "side", "entity", "statement")
            for number, table in enumerate(data.get(what, []), start=1)
            if (rule := self._rule(what, number, table))
        ]
        if len({rule.name for rule in rules if rule.name}) < len(data.get("statement", [])):
            self.wrong("[[statement]]", "each needs a name of its own")
        return Mapping(
            name=data["name"],
            capitals=frozenset(data.get("capitals", [])),
            dataset=data["dataset"],
            origins=data.get("origin", []),
            sources=data.get("source", []),
            files=self.files,
            documents=data.get("document", {}),
            values=self.values,
            prefixes=self.prefixes,
            rules=rules,
        )

    # Shape: which tables and keys, of which type ------------------------------------------------

    def _check_shape(self) -> None:
        top = {name: value for name, value in self.data.items() if name not in TABLES}
        self._check_table("", {**top, **{k: self.data[k] for k in TABLES[""] if k in self.data}})
        if self.data.get("format", FORMAT) != FORMAT:
            self.wrong("format", f"{FORMAT} is the one that can be read")
        for name in ("dataset", "file", "battle", "statement"):
            if not self.data.get(name):
                self.wrong("", f"[{name}] is missing" if name != "file" else "[file.…] is missing")
        if "dataset" in self.data:
            self._check_table("dataset", self.data["dataset"])
        for name in _LISTED:
            tables = self.data.get(name, [])
            if not isinstance(tables, list):
                self.wrong(f"[{name}]", f"write it [[{name}]], once for each")
                continue
            for number, table in enumerate(tables, start=1):
                self._check_table(name, table, f"[[{name}]] {number}")
        for name in _KEYED:
            tables = self.data.get(name, {})
            if not isinstance(tables, dict):
                self.wrong(f"[{name}]", f"write it [{name}.…], once for each")
                continue
            for key, table in tables.items():
                self._check_keyed(name, key, table)

    def _check_keyed(self, name: str, key: str, table: Any) -> None:
        place = f"{name}.{key}"
        if not _WORD.match(key):
            self.wrong(place, "a name begins with a letter and holds letters, digits, - and _")
        if name == "values":
            if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
                self.wrong(place, 'a table of texts was expected, such as draw = "stalemate"')
        elif name == "prefixes":
            if not _is_list_of_texts(table):
                self.wrong(place, "a list of texts was expected")
        else:
            self._check_table(name, table, f"[{place}]")

    def _check_table(self, name: str, table: Any, place: str = "") -> None:
        place = place or (f"[{name}]" if name else "")
        keys = TABLES[name]
        if not isinstance(table, dict):
            self.wrong(place, "a table was expected")
            return
        for key, value in table.items():
            if key not in keys:
                known = ", ".join(keys) if name else ", ".join(filter(None, [*keys, *TABLES]))
                self.wrong(place, f"“{key}” is not known here; these are: {known}")
                continue
            type_, expected = _HOLDS[keys[key].holds]
            fits = isinstance(value, type_) and not isinstance(value, bool)
            if not fits or (type_ is list and not _is_list_of_texts(value)):
                self.wrong(f"{place} {key}".strip(), f"{expected} was expected")
        for key, what in keys.items():
            if what.needed and table.get(key) in (None, "", []):
                self.wrong(place, f"“{key}” is missing")

    # Meaning: what names what --------------------------------------------------------------------

    def _check_names(self) -> None:
        if not _SLUG.match(self.data["name"]):
            self.wrong("name", "letters, digits, - and _ were expected, such as “cdb90”")
        for name in set(self.values) & ({"title"} | set(self.prefixes)):
            self.wrong(f"values.{name}", "this name is taken")
        origins = {table["slug"] for table in self.data.get("origin", [])}
        works = [("[dataset]", self.data["dataset"])] + [
            (f"[[source]] {number}", table)
            for number, table in enumerate(self.data.get("source", []), start=1)
        ]
        slugs = {table["slug"] for _, table in works}
        for number, table in enumerate(self.data.get("origin", []), start=1):
            place = f"[[origin]] {number}"
            self._check_model(place, table, Origin)
            self._check_listed(place, table, "part_of", origins, "[[origin]]")
        for place, table in works:
            self._check_model(place, table, Source)
            self._check_listed(place, table, "origin", origins, "[[origin]]")
            self._check_listed(place, table, "contained_in", slugs, "[[source]]")
        for name, table in self.data.get("document", {}).items():
            self._check_listed(f"[document.{name}]", table, "source", slugs, "[[source]]")
        self.source_slugs, self.origin_slugs = slugs, origins

    def _check_model(self, place: str, table: dict[str, str], model: Any) -> None:
        """Refuse what an origin or a source could not hold."""
        keys = {"origin", "part_of", "contained_in"}
        row = model(**{key: value for key, value in table.items() if key not in keys})
        try:
            row.clean_fields(exclude=keys & {field.name for field in model._meta.fields})
        except ValidationError as error:
            for key, messages in error.message_dict.items():
                known = [value for value, _ in model._meta.get_field(key).choices or ()]
                expected = f"; one of these was expected: {', '.join(known)}" if known else ""
                self.wrong(f"{place} {key}", f"{' '.join(messages).rstrip('.')}{expected}")

    def _check_listed(
        self, place: str, table: dict[str, str], key: str, known: set[str], where: str
    ) -> None:
        if key in table and table[key] not in known:
            self.wrong(f"{place} {key}", f"“{table[key]}” is no slug of any {where}")

    def _check_files(self) -> None:
        names = [file.name for file in self.files.values()]
        names += [table["file"] for table in self.data.get("document", {}).values()]
        for name in {name for name in names if names.count(name) > 1}:
            self.wrong("[file.…]", f"“{name}” is named twice")
        for file in self.files.values():
            place = f"[file.{file.id}]"
            if len(set(file.columns)) < len(file.columns):
                self.wrong(f"{place} columns", "a column is named twice")
            for column in file.key:
                self._check_column(f"{place} key", column, set(file.columns))
            if len(file.delimiter) != 1 or file.delimiter in '"\r\n':
                self.wrong(f"{place} delimiter", 'one character was expected, such as ";"')
            for name, columns in file.count.items():
                if name in file.columns or not _WORD.match(name):
                    self.wrong(f"{place} count.{name}", "a new name for the column was expected")
                if not _is_list_of_texts(columns):
                    self.wrong(f"{place} count.{name}", "a list of columns was expected")
                    continue
                for column in columns:
                    self._check_column(f"{place} count.{name}", column, set(file.columns))
            for other, pairs in file.join.items():
                self._check_join(file, other, pairs)

    def _check_join(self, file: File, other: str, pairs: Any) -> None:
        place = f"[file.{file.id}] join.{other}"
        if other not in self.files or other == file.id:
            self.wrong(place, "it names no other [file.…]")
        elif not isinstance(pairs, dict) or not all(isinstance(c, str) for c in pairs.values()):
            self.wrong(place, 'columns were expected, such as { battle = "battle" }')
        elif set(pairs.values()) != set(self.files[other].key):
            key = ", ".join(self.files[other].key)
            self.wrong(place, f"the key of [file.{other}] was expected on the right: {key}")
        else:
            for column in pairs:
                self._check_column(place, column, set(file.columns))

    def _check_column(self, place: str, column: str, known: set[str]) -> None:
        if column not in known:
            self.wrong(place, f"“{column}” is no column; these are: {', '.join(sorted(known))}")

    # Rules --------------------------------------------------------------------------------------

    def _rule(self, what: str, number: int, table: dict[str, str]) -> Rule | None:
        place = f"[[{what}]] {number}"
        if what == "statement":
            place = f"[[statement]] “{table['name']}”"
        if table["file"] not in self.files:
            self.wrong(f"{place} file", f"there is no [file.{table['file']}]")
            return None
        known = self._columns_of(self.files[table["file"]])
        before = len(self.reasons)
        templates = {}
        for key, written in table.items():
            if TABLES[what][key].holds != "template":
                continue
            try:
                template = Template.of(written)
            except ValueError as error:
                self.wrong(f"{place} {key}", str(error))
                continue
            for column, steps in template.references:
                self._check_column(f"{place} {key}", column, known)
                for step in steps:
                    self._check_step(f"{place} {key}", step)
            templates[key] = template
        rule = Rule(
            what, place, table["file"], table["name"] if what == "statement" else "", templates
        )
        if len(self.reasons) == before:
            self._check_rule(rule)
        return rule

    def _columns_of(self, file: File) -> set[str]:
        joined = {
            f"{other}.{column}"
            for other in set(file.join) & set(self.files)
            for column in self.files[other].columns
        }
        return set(file.columns) | set(file.count) | joined

    def _check_step(self, place: str, step: str) -> None:
        name = step.removeprefix("-")
        if step != "title" and step not in self.values and name not in self.prefixes:
            self.wrong(place, f"there is neither [values.{step}] nor prefixes.{name}")

    def _check_rule(self, rule: Rule) -> None:
        match rule.what:
            case "battle":
                self._check_possible(rule, "scale", Battle.Scale.values)
            case "entity":
                self._check_possible(rule, "kind", Entity.Kind.values)
                self._check_possible(rule, "precision", _PRECISIONS)
            case "statement":
                self._check_statement(rule)

    def _check_statement(self, rule: Rule) -> None:
        self._check_possible(rule, "kind", Kind.values)
        for column in VALUE_COLUMNS:
            field_: Any = Statement._meta.get_field(column)
            if field_.choices:
                self._check_possible(rule, column, dict(field_.choices))
        self._check_possible(rule, "claimant", self.origin_slugs)
        self._check_possible(rule, "named_source", self.source_slugs)
        self._check_possible(rule, "document", self.data.get("document", {}))
        kinds = self._possible(rule.templates["kind"])
        shapes = [SHAPES[Kind(kind)] for kind in kinds or Kind.values if kind in Kind.values]
        for column in set(VALUE_COLUMNS) & set(rule.templates):
            if not any(column in shape.columns for shape in shapes):
                self.wrong(f"{rule.place} {column}", "a statement of this kind does not hold it")
        for column in set.intersection(*(set(shape.must) for shape in shapes)) if shapes else ():
            if column not in rule.templates:
                self.wrong(rule.place, f"a statement of this kind needs “{column}”")
        place = {key for key in ("document", *_PLACE, "page") if key in rule.templates}
        if place and not {"document", *_PLACE} <= place:
            self.wrong(rule.place, "a passage needs document, start, end and quote together")

    def _check_possible(self, rule: Rule, key: str, known: Iterable[str]) -> None:
        """Refuse what a key could say besides what is known, as far as the mapping tells."""
        possible = self._possible(rule.templates[key]) if key in rule.templates else set()
        for value in sorted((possible or set()) - {""} - set(known)):
            listed = ", ".join(sorted(known))
            self.wrong(f"{rule.place} {key}", f"“{value}” is not one of: {listed}")

    def _possible(self, template: Template) -> set[str] | None:
        """Return all that a template can say, if the mapping lists it; None if rows tell."""
        match template.parts:
            case ():
                return {""}
            case (str(literal),):
                return {literal}
            case ((_, (*_, last)),) if last in self.values:
                return set(self.values[last].values())
        return None


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
