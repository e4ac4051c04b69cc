"""Write down a whole database, and build it again as the release that it is of would have left it.

A dump is `{table: {"columns": [...], "rows": [[...]]}}` of plain JSON values: a moment is ISO 8601, an id has its
hyphens, JSON is itself. Its rows of `django_migrations` say which state of the migrations it belongs to.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

Dump = dict[str, Any]
Models = dict[str, type[models.Model]]  # by table


def restore(given: Dump) -> None:
    """Take the empty database of the default connection to the migrations of a dump, and to its rows.

    `migrate` takes it on from there. Raises KeyError when those migrations make no such table or column, and ValueError
    when what can be read is not what was given.
    """
    columns = given["django_migrations"]["columns"]
    app, name = columns.index("app"), columns.index("name")
    applied = [(row[app], row[name]) for row in given["django_migrations"]["rows"]]
    executor = MigrationExecutor(connection)
    executor.migrate(applied)
    tables = tables_of(executor.loader.project_state(applied).apps)
    with transaction.atomic(), connection.cursor() as cursor:  # foreign keys are looked at when it ends
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own
        for table, written in given.items():
            _insert(cursor, tables[table], written["columns"], written["rows"])
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables.values())):
            cursor.execute(statement)
    if other := [table for table, written in dump(tables).items() if written != given[table]]:
        raise ValueError(f"The rows of the database are not the ones of the dump: {', '.join(other)}.")


def tables_of(apps: Any) -> Models:
    """Every table of an app registry, today's or that of a state of the migrations."""
    found: Iterable[type[models.Model]] = [MigrationRecorder.Migration, *apps.get_models(include_auto_created=True)]
    return {model._meta.db_table: model for model in found if not model._meta.proxy}


def dump(tables: Models) -> Dump:
    """Write down every row of some tables."""
    found = {}
    for table, model in tables.items():
        fields = sorted(model._meta.concrete_fields, key=lambda field: field.column)
        rows = model._base_manager.order_by("pk").values_list(*(field.attname for field in fields))
        found[table] = {
            "columns": [field.column for field in fields],
            "rows": [[_plain(value) for value in row] for row in rows],
        }
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _insert(cursor: Any, model: type[models.Model], columns: list[str], rows: list[list[Any]]) -> None:
    by_column = {field.column: field for field in model._meta.concrete_fields}
    fields = [by_column[column] for column in columns]
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(map(connection.ops.quote_name, columns))
    places = ", ".join(["%s"] * len(columns))
    cursor.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608 - names of our own; values apart
        [[_stored(field, value) for field, value in zip(fields, row, strict=True)] for row in rows],
    )


def _stored(field: models.Field, value: Any) -> Any:
    """Return a plain value as this database keeps it in a column."""
    return field.get_db_prep_save(field.to_python(value), connection)
