"""Writes that the database refuses, as somebody makes them who owns it: the triggers are gone meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from categories.models import triggers


@contextmanager
def forced() -> Iterator[None]:
    triggers.drop()
    try:
        yield
    finally:
        triggers.make()


def force(statement: str, *values: object) -> int:
    """Run one statement of SQL, whatever the triggers say; return how many rows it changed."""
    with forced(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
