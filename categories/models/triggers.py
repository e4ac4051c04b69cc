"""Triggers by which the database refuses what would alter the record, whoever asks, on SQLite and PostgreSQL.

They are made after `migrate`, and dropped before one that has something to do: SQLite cannot make a table anew while a
trigger names it. A flush, as tests do, is a deletion, so it drops them too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps as all_apps
from django.db import connection, models, transaction

from .account import AccountEvent
from .announcement import AnnouncementLine
from .contribution import Contribution, SubmissionContribution
from .edition import Edition
from .log import Logged, Sealed
from .submission import TAKES_OFF, Submission, SubmissionEvent

PREFIX = "kept_"
MODELS: list[type[Logged]] = [
    Edition,
    Submission,
    SubmissionEvent,
    SubmissionContribution,
    Contribution,
    AccountEvent,
    AnnouncementLine,
]
CONTRIBUTORS: type[models.Model] = Submission.contributors.through
NEWEST = (
    "(SELECT {0} FROM categories_submissionevent AS line WHERE line.submission_id = NEW.id "
    "ORDER BY line.id DESC LIMIT 1)"
)
CLOCK = "clock_timestamp()"  # of PostgreSQL; what tries other times in tests stops it
TAKEN_OFF = ", ".join(f"'{verb}'" for verb in TAKES_OFF)


@dataclass(frozen=True)
class Trigger:
    """What a table refuses: an event, where a condition on the OLD and the NEW row holds."""

    table: str
    event: str
    condition: str
    message: str

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.event.lower()}"

    @property
    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW WHEN {self.condition} "
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    @property
    def each(self) -> str:
        return "STATEMENT" if self.event == "TRUNCATE" else "ROW"

    @property
    def body(self) -> str:
        """The function that PostgreSQL calls: a condition of a trigger itself can ask no other table there."""
        condition = "TRUE" if self.event == "TRUNCATE" else self.condition.replace(" IS NOT ", " IS DISTINCT FROM ")
        raising = f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'integrity_constraint_violation'"
        return f"BEGIN IF {condition} THEN {raising}; END IF; RETURN COALESCE(NEW, OLD); END"

    def postgresql(self, schema: str) -> Iterator[str]:
        """Its function looks for tables where they are, and never first among somebody's temporary ones."""
        yield (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = {schema}, pg_temp AS $kept${self.body}$kept$"
        )
        yield (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {schema}.{self.table} FOR EACH {self.each} "
            f"EXECUTE FUNCTION {self.name}()"
        )

    def as_found(self, schema: str) -> str:
        """What PostgreSQL says of it, its function included: see `_found`."""
        [_, made] = self.postgresql(schema)
        return f"{made}\nsearch_path={schema}, pg_temp\n{self.body}"


def triggers() -> Iterator[Trigger]:
    """Every trigger that the database of this process is to have."""
    for model in (*MODELS, CONTRIBUTORS):
        table = model._meta.db_table
        what = str(model._meta.verbose_name_plural)
        yield Trigger(table, "INSERT", " OR ".join(_clashes(model)), f"{what} are never replaced, nor put in between")
        yield Trigger(table, "UPDATE", _alters(model), f"{what} are a permanent record: none is altered")
        removed = _stands() if model is Edition else "TRUE"
        yield Trigger(table, "DELETE", removed, f"{what} are a permanent record: none is removed")
        if connection.vendor == "postgresql":
            yield Trigger(table, "TRUNCATE", "TRUE", f"{what} are a permanent record: none is removed")


def _clashes(model: Any) -> Iterator[str]:
    """A row in the place of another, which SQLite's REPLACE deletes unasked; and a line that is not the next."""
    table = model._meta.db_table
    sets = [[field.column] for field in model._meta.concrete_fields if field.unique]
    sets += [
        [model._meta.get_field(name).column for name in one.fields]
        for one in model._meta.constraints
        if isinstance(one, models.UniqueConstraint)
    ]
    sets += [[model._meta.get_field(name).column for name in names] for names in model._meta.unique_together]
    for columns in sets:
        same = " AND ".join(f"other.{column} = NEW.{column}" for column in columns)
        yield f"EXISTS (SELECT 1 FROM {table} AS other WHERE {same})"
    if model in (
        SubmissionContribution,
        CONTRIBUTORS,
    ):  # what a submission carries is frozen by the first line of its log
        line = SubmissionEvent._meta.db_table
        yield f"EXISTS (SELECT 1 FROM {line} AS line WHERE line.submission_id = NEW.submission_id)"
    if issubclass(model, Sealed):
        newest = f"(SELECT other.record_digest FROM {table} AS other ORDER BY other.id DESC LIMIT 1)"
        yield f"NEW.previous_record_digest <> COALESCE({newest}, '')"
        yield f"NEW.id <> COALESCE((SELECT MAX(other.id) FROM {table} AS other), 0) + 1"
    if model is Edition:
        of_it = f"FROM {table} AS other WHERE other.guidance_id = NEW.guidance_id"
        newest = f"(SELECT other.record_digest {of_it} ORDER BY other.number DESC LIMIT 1)"
        yield f"NEW.previous_record_digest <> COALESCE({newest}, '')"
        yield f"NEW.number <> COALESCE((SELECT MAX(other.number) {of_it}), 0) + 1"


def _alters(model: type[models.Model]) -> str:
    """Any change of a row; of a submission, what no line of its log tells."""
    if model is not Submission:
        return "TRUE"
    frozen = [field.column for field in model._meta.concrete_fields if field.name not in Submission.may_change]
    edition = "(SELECT edition.record_digest FROM categories_edition AS edition WHERE edition.id = NEW.edition_id)"
    told = [
        f"NEW.status IS NOT {NEWEST.format('line.status')}",
        f"NEW.route IS NOT {NEWEST.format('line.route')}",
        f"NEW.edition_id IS NOT OLD.edition_id AND {edition} IS NOT "
        f"{NEWEST.format(f'CASE WHEN line.verb IN ({TAKEN_OFF}) THEN NULL ELSE line.edition_record_digest END')}",
        "NEW.edition_id IS NOT OLD.edition_id AND EXISTS (SELECT 1 FROM categories_submission AS other "
        "WHERE other.edition_id = NEW.edition_id)",
        "NEW.reviewed_afterwards_by_id IS NOT OLD.reviewed_afterwards_by_id AND NEW.reviewed_afterwards_by_id IS NOT "
        + NEWEST.format("CASE WHEN line.verb = 'reviewed' THEN line.by_id END"),
    ]
    return " OR ".join([*(f"NEW.{column} IS NOT OLD.{column}" for column in frozen), *(f"({one})" for one in told)])


def _stands() -> str:
    """That no line of the log says that an edition was taken off, before it was live; or that it is live.

    A line says itself when it was written: no line before it may be of a later time than the edition's. PostgreSQL asks
    its own clock too; of SQLite, which has no roles, whoever can write such a line can do all.
    """
    unsaid = (
        "NOT EXISTS (SELECT 1 FROM categories_submissionevent AS line WHERE line.edition_record_digest = "
        f"OLD.record_digest AND line.verb IN ({TAKEN_OFF}) AND line.at < OLD.live_at AND NOT EXISTS (SELECT 1 FROM "
        "categories_submissionevent AS earlier WHERE earlier.id < line.id AND earlier.at >= OLD.live_at))"
    )
    return f"{unsaid} OR OLD.live_at <= {CLOCK}" if connection.vendor == "postgresql" else unsaid


def missing() -> list[str]:
    """Name each trigger that the database lacks, or that is not as it should be."""
    found = dict(_found())
    schema = _schema() if connection.vendor == "postgresql" else ""
    wanted = {one.name: one.as_found(schema) if schema else one.sqlite for one in triggers()}
    return [name for name, text in wanted.items() if found.get(name) != text]


def make() -> None:
    """Make all of them anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        drop()
        schema = _schema() if connection.vendor == "postgresql" else ""
        for trigger in triggers():
            for statement in [trigger.sqlite] if connection.vendor == "sqlite" else trigger.postgresql(schema):
                cursor.execute(statement)


def drop() -> None:
    """Drop all of them: until they are made again, anything can be written."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name, _ in list(_found()):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {name}")
            else:
                cursor.execute(f"DROP FUNCTION {name}() CASCADE")


def _found() -> Iterator[tuple[str, str]]:
    """The triggers that there are, each with its text; on PostgreSQL those that are disabled have none."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"]
            )
        else:
            cursor.execute(
                "SELECT proname, CASE WHEN tgenabled IN ('O', 'A') THEN concat_ws(E'\\n', "
                "pg_get_triggerdef(pg_trigger.oid), array_to_string(proconfig, E'\\n'), prosrc) END FROM pg_proc "
                "LEFT JOIN pg_trigger ON tgfoid = pg_proc.oid WHERE proname LIKE %s AND pronamespace = "
                "current_schema()::regnamespace",
                [f"{PREFIX}%"],
            )
        yield from cursor.fetchall()


def _schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        return str(cursor.fetchone()[0])


def before_migrate(plan: Any = (), **options: Any) -> None:
    if plan:
        drop()


def after_migrate(apps: Any = all_apps, **options: Any) -> None:
    """Make what is missing, unless the tables are those of an earlier release."""
    try:
        then = [apps.get_model("categories", model.__name__) for model in MODELS]
    except LookupError:
        return
    if all(_columns(now) == _columns(model) for now, model in zip(MODELS, then, strict=True)) and missing():
        make()


def _columns(model: Any) -> set[str]:
    return {field.column for field in model._meta.concrete_fields}
