"""Queries that are put into SQL once, and run with other keys each time.

Django builds and compiles a query anew whenever it runs. For the wide ones that a public page
begins with, that takes longer than the database does.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import copy
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

# What stands for a key of some place while the SQL is made; no other parameter is equal to it.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda place: UUID(int=0xF0F2_0000 + place),
    str: lambda place: f"\N{SYMBOL FOR NULL}{place}",
    int: lambda place: 0x6EF0_F200 + place,
}


class Prepared:
    """The rows that a function of some keys chooses, each key an id, a number or a text.

    `rows` gives the same query for all keys but for the keys themselves, and fetches nothing
    ahead by further queries.
    """

    def __init__(self, rows: Callable[..., QuerySet], *kinds: type) -> None:
        self._rows = rows
        self._stand_ins = [_STAND_INS[kind](place) for place, kind in enumerate(kinds)]

    def __call__(self, *keys: Any) -> list[Any]:
        """Return the rows that these keys choose now."""
        compiled = self._compiled
        parameters = compiled.filled(keys)
        asking: Any = connection  # has what both of our databases add
        with asking.binding_on_server(len(parameters)):
            return list(compiled.iterable(_Run(compiled, parameters)))

    @cached_property
    def _compiled(self) -> "_Compiled":
        return _Compiled(self._rows(*self._stand_ins), self._stand_ins)


class PreparedForMany:
    """The rows that a function of a list of keys of one kind chooses.

    It is prepared for lists of one, two, four and so on; a shorter list names its last key again,
    so `rows` may only ask which keys are among them.
    """

    def __init__(self, rows: Callable[[Sequence[Any]], QuerySet], kind: type) -> None:
        self._rows, self._kind = rows, kind
        self._of_size: dict[int, Prepared] = {}

    def __call__(self, keys: Collection[Any]) -> list[Any]:
        """Return the rows that these keys choose now."""
        if not keys:
            return []
        size = 1 << (len(keys) - 1).bit_length()
        if size not in self._of_size:
            self._of_size[size] = Prepared(lambda *some: self._rows(some), *[self._kind] * size)
        named = list(keys)
        return self._of_size[size](*named, *named[-1:] * (size - len(named)))


class _Compiled:
    """A query as SQL, with the places of its keys among the parameters."""

    def __init__(self, rows: QuerySet, stand_ins: list[Any]) -> None:
        self.model, self.db = rows.model, rows.db
        self.compiler: SQLCompiler = rows.query.get_compiler(rows.db)
        self.iterable: Any = rows._iterable_class
        self.sql, self._parameters = self.compiler.as_sql()
        selected = self.compiler.select[: self.compiler.col_count]
        self.converters = self.compiler.get_converters([expression for expression, *_ in selected])
        # A database without ids of its own keeps them as hexadecimal digits.
        number_of = {stand_in: (number, False) for number, stand_in in enumerate(stand_ins)} | {
            stand_in.hex: (number, True)
            for number, stand_in in enumerate(stand_ins)
            if isinstance(stand_in, UUID)
        }
        self._keys = {
            place: number_of[parameter]
            for place, parameter in enumerate(self._parameters)
            if parameter in number_of
        }

    def filled(self, keys: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the parameters of the SQL, with keys in their places."""
        parameters = list(self._parameters)
        for place, (number, is_hex) in self._keys.items():
            parameters[place] = keys[number].hex if is_hex else keys[number]
        return tuple(parameters)


class _Run:
    """One run of a compiled query: as much of a queryset as Django needs to read its rows."""

    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiled: _Compiled, parameters: tuple[Any, ...]) -> None:
        self.model, self.db, self.query = compiled.model, compiled.db, self
        self._compiled, self._parameters = compiled, parameters

    def get_compiler(self, using: str) -> SQLCompiler:
        compiler = copy(self._compiled.compiler)
        compiler.connection = connection  # that of this thread
        answer = (self._compiled.sql, self._parameters)
        converters = self._compiled.converters
        # What each run would find out anew.
        found: dict[str, Callable[..., Any]] = {
            "as_sql": lambda *args, **kwargs: answer,
            "get_converters": lambda expressions: converters,
            "apply_converters": _converted,
        }
        vars(compiler).update(found)
        return compiler


class _Meanings(dict[Any, Any]):
    """What the answers in one column mean; rows repeat what those before them said."""

    def __init__(self, converters: Sequence[Callable[..., Any]], expression: Any) -> None:
        super().__init__()
        self._converters, self._expression = converters, expression

    def __missing__(self, answer: Any) -> Any:
        meaning = answer
        for convert in self._converters:
            meaning = convert(meaning, self._expression, connection)
        self[answer] = meaning
        return meaning


def _converted(rows: Iterable[Sequence[Any]], converters: dict[int, Any]) -> Iterator[list[Any]]:
    """Convert rows as Django does, each answer of a column once."""
    columns = [(place, _Meanings(*how).__getitem__) for place, how in converters.items()]
    for row in map(list, rows):
        for place, meaning in columns:
            row[place] = meaning(row[place])
        yield row
