"""Django's PostgreSQL, for a server that may be away, slow or frozen."""

import select
from types import SimpleNamespace
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base

LONGER_THAN_A_STATEMENT = 2  # seconds


class Impatient(psycopg.Connection):
    """Gives up a server that is silent for longer than a statement may take: a frozen one ends no statement."""

    def wait(self, *args: Any, **options: Any) -> Any:
        if settings.STATEMENT_TIMEOUT:
            options.setdefault("timeout", settings.STATEMENT_TIMEOUT + LONGER_THAN_A_STATEMENT)
        try:
            return super().wait(*args, **options)
        except psycopg.errors._WaitTimeout as silent:
            self.pgconn.finish()
            raise psycopg.OperationalError("the database server is silent") from silent


class DatabaseWrapper(base.DatabaseWrapper):
    Database = SimpleNamespace(**vars(psycopg) | {"connect": Impatient.connect})

    def is_usable(self) -> bool:
        """Whether the server still holds the line: one that hung up, or was restarted, has sent something.

        Asking it, as Django does, would cost a round trip for each request.
        """
        if self.connection is None or self.connection.closed:
            return False
        line = select.poll()
        line.register(self.connection.fileno(), select.POLLIN)
        return not line.poll(0)
