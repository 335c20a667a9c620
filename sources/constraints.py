"""A database constraint that Django lacks: a foreign key over two columns."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Columns, Statement, Table


class CompositeForeignKey(models.BaseConstraint):
    """Requires that `fields`, unless one is null, name one row by its `to_fields`.

    The first of `fields` is a foreign key to the model of that row; `to_fields` need a unique
    constraint of their own. The key is checked when the transaction
    commits, so that rows which refer to one another can be written in any order. Being a model
    constraint, it survives SQLite's table rebuilds.
    """

    default_violation_error_message = "“%(name)s”: the row referred to does not exist."

    def __init__(
        self, *, name: str, fields: list[str], to_fields: list[str], **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.fields = list(fields)
        self.to_fields = list(to_fields)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CompositeForeignKey):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs |= {"fields": self.fields, "to_fields": self.to_fields}
        return path, args, kwargs

    def _target(self, model: type[models.Model]) -> Any:
        # Through the field, because SQLite rebuilds a table in a registry that holds it alone.
        return model._meta.get_field(self.fields[0]).related_model

    def _definition(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> dict[str, Any]:
        target = self._target(model)

        def columns(owner: type[models.Model], fields: list[str]) -> Columns:
            names = {field.name: str(field.column) for field in owner._meta.concrete_fields}
            return Columns(
                owner._meta.db_table, [names[field] for field in fields], editor.quote_name
            )

        return {
            "name": editor.quote_name(self.name),
            "columns": columns(model, self.fields),
            "to_table": Table(target._meta.db_table, editor.quote_name),
            "to_columns": columns(target, self.to_fields),
        }

    _key = "FOREIGN KEY (%(columns)s) REFERENCES %(to_table)s (%(to_columns)s)"

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        template = f"CONSTRAINT %(name)s {self._key} DEFERRABLE INITIALLY DEFERRED"
        return template % self._definition(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s "
            f"{self._key} DEFERRABLE INITIALLY DEFERRED",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            **self._definition(model, schema_editor),
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Raise ValidationError where the row referred to is not there."""
        if exclude and not set(self.fields).isdisjoint(exclude):
            return
        values = [instance.serializable_value(field) for field in self.fields]
        if None in values:
            return
        target = self._target(model)
        wanted = dict(zip(self.to_fields, values, strict=True))
        if not target._base_manager.using(using).filter(**wanted).exists():
            raise ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )
