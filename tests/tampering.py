"""Tamper with every column of the record, and by every way round the verbs, on the database of DATABASE_URL.

    python -m tests.tampering           each column in one row
    python -m tests.tampering every     each column in every row

Prints JSON: how many writes were `tried`, and of each kind what went through or was not found. On PostgreSQL the writes
are those of the role of the site; what is forced is forced by the owner.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from itertools import islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up first
from django.db import DatabaseError, IntegrityError, connection, models, transaction  # noqa: E402

from categories import publishing  # noqa: E402
from categories.models import Category, Edition, Guidance, Submission, SubmissionEvent, triggers  # noqa: E402
from categories.models.history import saving  # noqa: E402
from categories.publishing import verify  # noqa: E402
from tests.factories import london, make_category, make_guidance, make_user, publish_loaded  # noqa: E402

NOW, MONDAY = london(2026, 3, 2, 9), london(2026, 3, 9, 9)
POSTGRESQL = connection.vendor == "postgresql"
TABLES = [*triggers.MODELS, triggers.CONTRIBUTORS]
EVERY = sys.argv[1:] == ["every"]  # row, not one for each column
tried = 0


def set_up() -> None:
    """Editions by every route: loaded, approved, in an emergency and reviewed, remade, rescheduled, unscheduled."""
    call_command("migrate", verbosity=0, interactive=False)
    writer, editor = make_user("writer", "Writer"), make_user("editor", "Editor")
    other, third = make_user("other", "Editor"), make_user("third", "Editor")
    guidance = make_guidance()
    one, two = make_category(guidance, "one"), make_category(guidance, "two")
    publish_loaded(guidance, at=NOW - timedelta(days=2))
    at = NOW

    def submitted(category: Category, by: Any, fix: bool = False, **fields: Any) -> Submission:
        category.refresh_from_db()
        for name, value in fields.items():
            setattr(category, name, value)
        with saving(by=by, why="Because"):
            category.save()
        options = {"change_note": "What changed.", "internal_note": "For you.", "fix": fix, "at": at}
        return publishing.submit(guidance, by, chosen=[category.pk], **options)

    publishing.approve(submitted(one, writer, aim="Another aim."), editor, at=at)
    at += timedelta(minutes=1)
    mine = submitted(one, editor, aim="At once.")
    publishing.publish_in_emergency(mine, editor, why="It was wrong.", at=at)
    publishing.review_afterwards(mine, other, why="It is right.", at=at)
    at += timedelta(minutes=1)
    publishing.reject(submitted(two, writer, aim="Wrong."), editor, why="It is wrong.", at=at)
    scheduled = publishing.approve(submitted(one, writer, aim="For Monday."), editor, live_at=MONDAY, at=at)
    at += timedelta(minutes=1)
    publishing.approve(submitted(two, writer, fix=True, aim="A fix."), other, at=at)
    at += timedelta(minutes=1)
    scheduled = guidance.editions.newest()
    later = MONDAY + timedelta(hours=1)
    publishing.reschedule(scheduled, third, live_at=later, why="Later.", at=at)
    last = publishing.approve(
        submitted(two, writer, aim="And then."), editor, live_at=MONDAY + timedelta(days=1), at=at
    )
    publishing.unschedule(last, other, why="Not after all.", at=at)
    publishing.recall(submitted(two, writer, aim="No."), writer, why="No.", at=at)
    waiting = submitted(two, writer, aim="Perhaps.")
    publishing.share_preview(waiting, writer, made_for="A college", at=at)
    if POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE site")
        call_command("grant", "site", stdout=StringIO())


@contextmanager
def undone() -> Iterator[None]:
    """Undo all that is done within; constraints are looked at by nobody, as whoever forces it would have it."""
    with connection.cursor() as cursor:
        if not POSTGRESQL:
            cursor.execute("PRAGMA foreign_keys = OFF")
        try:
            with transaction.atomic():
                yield
                transaction.set_rollback(True)
        finally:
            if not POSTGRESQL:
                cursor.execute("PRAGMA foreign_keys = ON")


@contextmanager
def as_site() -> Iterator[None]:
    """What the site may do, in a transaction that is undone."""
    with transaction.atomic():
        if POSTGRESQL:
            execute("SET LOCAL ROLE site")
        try:
            with transaction.atomic():
                yield
        finally:
            transaction.set_rollback(True)


def execute(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def force(*statements: tuple[Any, ...]) -> list[str]:
    """What the verification names once some statements were forced; undone then."""
    try:
        return forced(*statements)
    except IntegrityError as error:  # unique or checked, which nobody is without
        return [str(error)]


def forced(*statements: tuple[Any, ...]) -> list[str]:
    with undone():
        if POSTGRESQL:
            execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        else:
            triggers.drop()
        for statement in statements:
            execute(*statement)
        if POSTGRESQL:
            execute("SET LOCAL session_replication_role = origin")
        else:
            triggers.make()
        return list(islice(verify.faults(), 1))


def other(field: Any, value: Any, row: Any) -> Any:
    """A value that differs in one byte, or as little as it can."""
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateTimeField):
        moment = value + timedelta(microseconds=1) if value else NOW
        return connection.ops.adapt_datetimefield_value(moment)
    if isinstance(field, models.JSONField):
        return json.dumps([*value, "x"])
    if isinstance(field, models.UUIDField):
        return field.get_db_prep_value(type(value)(int=value.int ^ 1), connection)
    if isinstance(field, models.ForeignKey):
        if field.related_model is Guidance:
            return other(field.target_field, value, row)
        return (value or 0) + 1
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1_000
    return f"{value[:-1]}{'x' if value[-1:] != 'x' else 'y'}"


def columns() -> Iterator[tuple[Any, Any, Any, Any]]:
    """Every column of each table, with another value, in rows of which all are met in turn."""
    for model in TABLES:
        keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        for place, field in enumerate(model._meta.concrete_fields):
            if model is triggers.CONTRIBUTORS and field.primary_key:
                continue  # nothing names it
            for row in model._base_manager.filter(pk__in=keys if EVERY else [keys[place % len(keys)]]):
                yield model, field, row, other(field, getattr(row, field.attname), row)


def one_byte() -> tuple[list[str], list[str]]:
    """Change one byte of each column: what the site could, and what nobody found."""
    global tried
    went_through, not_found = [], []
    for model, field, row, value in list(columns()):
        name = f"{model.__name__} {row.pk} {field.column}"
        statement = f"UPDATE {model._meta.db_table} SET {field.column} = %s WHERE id = %s"  # noqa: S608
        tried += 1
        try:
            with as_site():
                execute(statement, value, row.pk)
            went_through.append(name)
        except DatabaseError:
            pass
        if not force((statement, value, row.pk)):
            not_found.append(name)
    return went_through, not_found


def rows_removed() -> tuple[list[str], list[str]]:
    global tried
    went_through, not_found = [], []
    for model in TABLES:
        table = model._meta.db_table
        keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))[:-1]
        for key in keys if EVERY else keys[::4]:
            statement = f"DELETE FROM {table} WHERE id = %s"  # noqa: S608
            tried += 1
            try:
                with as_site():
                    execute(statement, key)
                went_through.append(f"{table} {key}")
            except DatabaseError:
                pass
            if not force((statement, key)):
                not_found.append(f"{table} {key}")
    return went_through, not_found


def copied(table: str, verb: str, **changed: str) -> str:
    """A statement that inserts a copy of a row, by its id, with some columns otherwise."""
    with connection.cursor() as cursor:
        names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    values = ", ".join(changed.get(name, name) for name in names)
    return f"{verb} INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE id = %s"  # noqa: S608


def escapes() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Ways round the verbs in SQL, besides plain UPDATE and DELETE."""
    for model in TABLES:
        table = model._meta.db_table
        first = model._base_manager.order_by("pk").first().pk
        yield (
            f"conflict of {table}",
            lambda table=table, first=first: execute(
                f"{copied(table, 'INSERT')} ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id + 1000", first
            ),
        )
        if POSTGRESQL:
            for statement in (
                f"TRUNCATE {table} CASCADE",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                f"DROP TRIGGER kept_{table}_delete ON {table}",
                f"DROP TABLE {table} CASCADE",
            ):
                yield statement, lambda statement=statement: execute(statement)
        else:
            yield f"replace {table}", lambda table=table, first=first: execute(copied(table, "REPLACE"), first)
            yield (
                f"update or replace {table}",
                lambda table=table, first=first: execute(
                    f"UPDATE OR REPLACE {table} SET id = id + 1 WHERE id = %s",  # noqa: S608
                    first,
                ),
            )
            yield (
                f"rowid of {table}",
                lambda table=table, first=first: execute(
                    f"UPDATE {table} SET rowid = 9999 WHERE id = %s",  # noqa: S608
                    first,
                ),
            )
    line = SubmissionEvent.objects.order_by("pk").first().pk
    events = SubmissionEvent._meta.db_table
    yield (
        "a line that is not the next",
        lambda: execute(copied(events, "INSERT", id="9999", record_digest="'a'", previous_record_digest="'b'"), line),
    )
    waiting = Submission.objects.get(status="submitted").pk
    yield (
        "approving without the log",
        lambda: execute("UPDATE categories_submission SET status = 'approved' WHERE id = %s", waiting),
    )
    taken = Submission.objects.exclude(edition=None).first()
    yield (
        "taking the edition of another",
        lambda: execute("UPDATE categories_submission SET edition_id = %s WHERE id = %s", taken.edition_id, waiting),
    )
    if POSTGRESQL:
        yield "replica", lambda: execute("SET session_replication_role = replica")
        yield "a table in the way", lambda: shadowed(Edition.objects.order_by("pk").first())


def shadowed(edition: Edition) -> None:
    """Delete an edition that a temporary log of one's own says was taken off."""
    execute("CREATE TEMP TABLE categories_submissionevent (edition_record_digest text, verb text, at timestamptz)")
    line = "INSERT INTO categories_submissionevent VALUES (%s, 'unscheduled', '1999-01-01')"
    execute(line, edition.record_digest)
    execute("DELETE FROM categories_editionchange WHERE edition_id = %s", edition.pk)
    execute("DELETE FROM categories_edition WHERE id = %s", edition.pk)


def escaped() -> list[str]:
    global tried
    went_through = []
    for name, act in list(escapes()):
        tried += 1
        try:
            with as_site():
                act()
            went_through.append(name)
        except DatabaseError:
            pass
    return went_through


def the_cases() -> list[str]:
    """What `check_editions` once called “as they were published”."""
    edition = Edition.objects.order_by("number")[1]
    lines = SubmissionEvent.objects.order_by("pk")
    one, two = lines[2].pk, lines[3].pk
    events, guidance = "categories_submissionevent", Guidance.objects.get().pk
    key = guidance.hex if not POSTGRESQL else guidance
    cases: dict[str, list[tuple[Any, ...]]] = {
        "an edition that nobody approved": [
            ("UPDATE categories_submission SET edition_id = NULL WHERE edition_id = %s", edition.pk)
        ],
        "an emptied log": [(f"DELETE FROM {events}",)],  # noqa: S608
        "a swapped log": [
            (f"UPDATE {events} SET id = -1 WHERE id = %s", one),  # noqa: S608
            (f"UPDATE {events} SET id = %s WHERE id = %s", one, two),  # noqa: S608
            (f"UPDATE {events} SET id = %s WHERE id = -1", two),  # noqa: S608
        ],
        "a changed frozen text": [
            ("UPDATE categories_submission SET content_text = content_text || ' ' WHERE edition_id = %s", edition.pk)
        ],
        "a deleted guidance": [("DELETE FROM categories_guidance WHERE id = %s", key)],
        "a deleted guidance, its editions too": [
            ("DELETE FROM categories_guidance WHERE id = %s", key),
            ("DELETE FROM categories_editionchange",),
            ("DELETE FROM categories_edition",),
        ],
        "a trigger that is gone": [],
    }
    return [name for name, statements in cases.items() if statements and not force(*statements)]


def main() -> None:
    set_up()
    sound = list(verify.faults())
    went_through, not_found = one_byte()
    removed, missed = rows_removed()
    found = {
        "sound before": sound,
        "one byte, refused": went_through,
        "one byte, found": not_found,
        "a row, refused": removed,
        "a row, missed": missed,
        "escapes": escaped(),
        "cases": the_cases(),
        "sound after": list(verify.faults()),
        "tried": tried,
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
