"""What a row was each time it was recorded, and in words what changed from one time to the next."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Model, prefetch_related_objects
from django.utils.text import capfirst
from reversion.models import Version

from sources.forms import label_of_passage
from sources.models import Passage

Values = Mapping[str, Any]  # of a row's columns, as JSON holds them
_GONE = "something deleted since"


@dataclass(frozen=True)
class Snapshot:
    """A row as it was at one time, with the rows that belong to it."""

    model: type[Model]
    values: Values
    parts: Mapping[tuple[type[Model], str], Values]


class Teller:
    """Reads the records of one kind of row, and says what they hold and how they differ.

    A subclass says more exactly what its columns and parts are called.
    """

    # The relations that lead to the rows that belong to it, recorded with it.
    parts: ClassVar[tuple[str, ...]] = ()
    # Columns that no form shows and a history tells.
    also: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    # By which column a part is known, where its id may change under it.
    known_by: ClassVar[Mapping[str, str]] = {}

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.names: dict[tuple[type[Model], str], str] = {}
        self.gone: dict[tuple[type[Model], str], str] = {}  # what deleted rows were called
        relations: Any = [model._meta.get_field(name) for name in self.parts]
        self.part_of = {relation.related_model: relation.field.name for relation in relations}

    # Reading records ---------------------------------------------------------------------------

    def recorded(self, versions: Sequence[Version]) -> list[Snapshot]:
        """Return what versions of a row hold, in one query and one for each kind of name."""
        within = Version.objects.filter(revision__in=[one.revision_id for one in versions])
        parts: dict[tuple[int, str], dict[tuple[type[Model], str], Values]] = defaultdict(dict)
        for part in self.part_of:
            for one in within.get_for_model(part):
                values = _values(one)
                whose = (one.revision_id, str(values[self.part_of[part]]))
                parts[whose][self._key(part, one.object_id, values)] = values
        found = [
            Snapshot(self.model, _values(one), parts[one.revision_id, one.object_id])
            for one in versions
        ]
        self.learn(found)
        return found

    def stored(self, row: Model) -> Snapshot:
        """Return a row as it is now."""
        now = self._as_it_is(row)
        self.learn([now])
        return now

    def _as_it_is(self, row: Model) -> Snapshot:
        parts = {}
        for name in self.parts:
            for part in getattr(row, name).all():
                values = _serialized(part)
                parts[self._key(type(part), str(part.pk), values)] = values
        return Snapshot(self.model, _serialized(row), parts)

    def unrecorded(self, rows: Sequence[Model]) -> list[tuple[Model, bool]]:
        """Return the rows that are not as they were recorded last, and whether they ever were."""
        versions = Version.objects.get_for_model(self.model)
        of_rows = versions.filter(object_id__in=[str(row.pk) for row in rows]).order_by()
        last = of_rows.values("object_id").annotate(last=Max("pk")).values("last")
        found = list(versions.filter(pk__in=last))
        ids = [version.object_id for version in found]
        recorded = dict(zip(ids, self.recorded(found), strict=True))
        prefetch_related_objects(rows, *self.parts)
        return [
            (row, then is not None)
            for row in rows
            if (then := recorded.get(str(row.pk))) is None
            or self.changes(then, self._as_it_is(row))
        ]

    def _key(self, part: type[Model], pk: str, values: Values) -> tuple[type[Model], str]:
        by = self.known_by.get(part._meta.label)
        return part, str(values[by]) if by else pk

    def learn(self, found: Iterable[Snapshot]) -> None:
        """Look up what the rows that these name are called."""
        wanted: dict[type[Model], set[str]] = defaultdict(set)
        for snapshot in found:
            rows = [(self.model, snapshot.values)]
            rows += [(part, values) for (part, _), values in snapshot.parts.items()]
            for model, values in rows:
                for field in self.fields(model):
                    if field.is_relation and values.get(field.name):
                        wanted[field.related_model].add(str(values[field.name]))
        for model, ids in wanted.items():
            for row in model._default_manager.select_related().filter(pk__in=ids):
                label = label_of_passage(row) if isinstance(row, Passage) else str(row)
                self.names[model, str(row.pk)] = label
                self.gone.pop((model, str(row.pk)), None)
            if lacking := {pk for pk in ids if (model, pk) not in self.names}:
                self._learn_of_deleted(model, lacking)

    def _learn_of_deleted(self, model: type[Model], ids: set[str]) -> None:
        deletions = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=ids
        )
        for pk, name in deletions.order_by("action_time").values_list("object_id", "object_repr"):
            self.gone[model, str(pk)] = name

    def is_there(self, field: Any, value: Any) -> bool:
        """Say whether a row that a record names is there still."""
        return not field.is_relation or (field.related_model, str(value)) in self.names

    # Saying what they hold ---------------------------------------------------------------------

    def fields(self, model: type[Model]) -> list[Any]:
        """Return the columns that are told, in their order."""
        also = self.also.get(model._meta.label, ())
        return [
            field
            for field in model._meta.concrete_fields
            if field.name in also
            or (field.editable and not field.primary_key and field.name != self.part_of.get(model))
        ]

    def label(self, field: Any, values: Values) -> str:
        """Return what a column is called in a row that holds these values."""
        return capfirst(str(field.verbose_name))

    def part(self, model: type[Model], values: Values) -> str:
        """Return what a row that belongs to the row is called."""
        says = (
            self.say(field, values.get(field.name))
            for field in self.fields(model)
            if not field.choices and not isinstance(field, models.IntegerField)
        )
        return f"{model._meta.verbose_name} {next(filter(None, says), '')}".strip()

    def say(self, field: Any, value: Any) -> str:
        """Return a value in words; empty if there is none."""
        if value in (None, ""):
            return ""
        if field.is_relation:
            key = field.related_model, str(value)
            if key in self.gone:
                return f"“{self.gone[key]}” (deleted since)"
            return f"“{self.names.get(key, _GONE)}”"
        if isinstance(field, models.BooleanField):
            return "yes" if value else "no"
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return f"{value:,}" if isinstance(value, int) else f"“{value}”"

    def take(self, row: Any, values: Values, *, but: Collection[str] = ()) -> list[str]:
        """Give a row recorded values; return in words which it cannot have any more."""
        lost = []
        for field in self.fields(type(row)):
            if field.name in but or field.name not in values:
                continue
            value = values[field.name]
            if value is not None and not self.is_there(field, value):
                label = self.label(field, values)
                lost.append(f"{label}: {self.say(field, value)} is not there, so it is empty.")
                value = None
            setattr(row, field.attname, field.to_python(value))
        return lost

    def changes(self, before: Snapshot, after: Snapshot) -> list[str]:
        """Say in words what changed."""
        told = self._changed(self.model, before.values, after.values)
        for key, values in after.parts.items():
            name = capfirst(self.part(key[0], values))
            if key not in before.parts:
                told.append(f"{name} added")
            elif words := self._changed(key[0], before.parts[key], values):
                told.append(f"{name}: {'; '.join(word[0].lower() + word[1:] for word in words)}")
        for key, values in before.parts.items():
            if key not in after.parts:
                told.append(f"{capfirst(self.part(key[0], values))} removed")
        return told

    def _changed(self, model: type[Model], before: Values, after: Values) -> list[str]:
        told = []
        for field in self.fields(model):
            if field.name not in before or field.name not in after:
                continue  # the column came, or went, with a newer release
            old, new = before[field.name], after[field.name]
            if old == new:
                continue
            was, now = self.say(field, old), self.say(field, new)
            label = self.label(field, after)
            if not was:
                told.append(f"{label} set to {now}")
            elif not now:
                told.append(f"{label} {was} removed")
            else:
                told.append(f"{label} changed from {was} to {now}")
        return told


class SourceTeller(Teller):
    parts = ("contributions", "identifiers", "derivations")


def put_back(teller: Teller, pk: str, then: Snapshot) -> tuple[Any, list[str]]:
    """Make a deleted row again as it was, with what belonged to it, and the ids they had.

    Returns it and, in words, what could not be put back. Raises ValidationError if the row itself
    cannot be, since another has its place.
    """
    teller.learn([then])
    with transaction.atomic():
        row: Any = then.model(pk=pk)
        lost = teller.take(row, then.values)
        row.full_clean()
        row.save()
        for (part, key), values in then.parts.items():
            one: Any = part()
            if not part._base_manager.filter(pk=key).exists():
                one.pk = key
            setattr(one, teller.part_of[part], row)
            lacking = teller.take(one, values)
            try:
                one.full_clean()
            except ValidationError as refusal:
                name = capfirst(teller.part(part, values))
                why = " ".join(lacking or refusal.messages)
                lost.append(f"{name} was not restored. {why}")
                continue
            one.save()
            lost += lacking
    return row, lost


def _values(version: Version) -> Values:
    """Return what was recorded, also where a newer release has other columns."""
    return json.loads(version.serialized_data)[0]["fields"]


def _serialized(row: Model) -> Values:
    return json.loads(serializers.serialize("json", [row]))[0]["fields"]
