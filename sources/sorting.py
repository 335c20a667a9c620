"""One order of names for every database, each of which compares letters in a way of its own.

A name is sorted by a key of bytes, which all of them compare alike: without marks, case or
width, and without what is no letter or digit.
"""

import unicodedata
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import Func

LENGTH = 120  # bytes of a key; names that are alike so far are told apart by their ids


@lru_cache(maxsize=4096)  # lists sort the same few names again and again
def sort_key(name: str) -> bytes:
    """Return the bytes by which a name is sorted: “Bệnh viện, 2” and “benh vien 2” are alike."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = (
        character if unicodedata.category(character)[0] in "LN" else " "
        for character in plain
        if unicodedata.category(character) != "Mn"
    )
    return " ".join("".join(kept).split()).encode()[:LENGTH]


class SortKey(models.BinaryField):
    """The key of a row's name. It is made as the row is written, alone or with many others."""

    def __init__(self, **options: Any) -> None:
        fixed: dict[str, Any] = {"max_length": LENGTH, "default": b"", "editable": False}
        super().__init__(**fixed | options)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.BinaryField", args, options  # all that a table knows of it

    def pre_save(self, model_instance: Any, add: bool) -> bytes:
        key = sort_key(model_instance.name)
        setattr(model_instance, self.attname, key)
        return key


class Bytewise(Func):
    """A text that every database sorts alike, by the bytes of its letters."""

    template = '%(expressions)s COLLATE "BINARY"'  # as SQLite calls it
    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='%(expressions)s COLLATE "C"', **context)
