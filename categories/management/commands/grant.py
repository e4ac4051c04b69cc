from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from ...models import Edition, Submission, triggers

ALL, NONE_CHANGED = "SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT"


class Command(BaseCommand):
    help = "Give a role of PostgreSQL what the site needs, and of the record no more than to add to it and to read it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="the role that the site connects as, which owns nothing")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite has no roles: whoever can write the file can write all of it.")
        with transaction.atomic(), connection.cursor() as cursor:
            self._refuse_owner(cursor, role)
            name = connection.ops.quote_name(role)
            tables = connection.introspection.table_names(cursor)
            cursor.execute("SELECT quote_ident(current_schema())")
            [schema] = cursor.fetchone()
            cursor.execute("SELECT quote_ident(current_database())")
            [database] = cursor.fetchone()
            for statement in (
                f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",  # a database that was restored is a new one
                f"GRANT CONNECT ON DATABASE {database} TO {name}",
                f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}",
                f"REVOKE CREATE ON SCHEMA {schema} FROM {name}",
                f"GRANT USAGE ON SCHEMA {schema} TO {name}",
                f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}",
                *(f"GRANT {may} ON {connection.ops.quote_name(table)} TO {name}" for table, may in granted(tables)),
            ):
                cursor.execute(statement)
        self.stdout.write(f"“{role}” can add to the record and read it. Run this again after each “migrate”.")

    def _refuse_owner(self, cursor: Any, role: str) -> None:
        cursor.execute(
            "SELECT rolsuper, pg_has_role(rolname, current_user, 'member') FROM pg_roles WHERE rolname = %s", [role]
        )
        if (found := cursor.fetchone()) is None:
            raise CommandError(f"There is no role “{role}”. Make it first: CREATE ROLE … LOGIN PASSWORD ….")
        if any(found):
            raise CommandError(f"“{role}” is a superuser, or a member of the role that owns the tables: give another.")


def granted(tables: list[str]) -> list[tuple[str, str]]:
    """Say of each table what the role of the site may do there. Triggers hold it to what the log tells."""
    record = {model._meta.db_table for model in (*triggers.MODELS, triggers.CONTRIBUTORS)}
    may = {table: NONE_CHANGED if table in record else ALL for table in tables}
    columns = sorted(Submission._meta.get_field(name).column for name in Submission.may_change)
    may[Submission._meta.db_table] += f", UPDATE ({', '.join(columns)})"
    may[Edition._meta.db_table] += ", DELETE"  # of what is taken off before it is live
    may["django_migrations"] = "SELECT"
    return list(may.items())
