"""Tamper with every column of the record, and by every way round the verbs, on the database of DATABASE_URL.

    python -m tests.tampering           each column in one row
    python -m tests.tampering every     each column in every row

Prints JSON: how many writes were `tried`, of each kind what went through or was not found, and by what each way round
was refused, as docs/record.md lists it. On PostgreSQL, whose roles are those of docs/operating/postgresql.sql, the
writes are those of the role of the site, then of the owner; what is forced is forced by the server's administrator.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from itertools import islice
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up first
from django.db import DatabaseError, IntegrityError, connection, models, transaction  # noqa: E402

from categories import publishing  # noqa: E402
from categories.models import (  # noqa: E402
    Category,
    Edition,
    Guidance,
    Submission,
    SubmissionContribution,
    SubmissionEvent,
    triggers,
)
from categories.models.history import saving  # noqa: E402
from categories.publishing import verify  # noqa: E402
from categories.publishing.transitions import become  # noqa: E402
from tests.factories import london, make_category, make_guidance, make_user, publish_loaded  # noqa: E402

NOW, MONDAY = london(2026, 3, 2, 9), london(2026, 3, 9, 9)
POSTGRESQL = connection.vendor == "postgresql"
TABLES = [*triggers.MODELS, triggers.CONTRIBUTORS]
EVENTS = SubmissionEvent._meta.db_table
EVERY = sys.argv[1:] == ["every"]  # row, not one for each column
tried = 0


def set_up() -> None:
    """Editions by every route: loaded, approved, in an emergency and reviewed, remade, rescheduled, unscheduled."""
    triggers.CLOCK = "'-infinity'::timestamptz"  # what is scheduled here was live long ago
    with signed_in_as("guidance_owner"):
        call_command("migrate", verbosity=0, interactive=False)
        if POSTGRESQL:
            call_command("grant", "guidance", stdout=StringIO())
    with signed_in_as("guidance"):
        publish_by_every_route()
    triggers.CLOCK = "clock_timestamp()"
    triggers.make()


def publish_by_every_route() -> None:
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
    wrong = submitted(two, writer, aim="Wrong.")
    publishing.comment(wrong, editor, "Is it?", record=two.pk, of_field="aim", at=at)
    publishing.reply(SubmissionEvent.objects.latest("pk"), writer, "It is.", at=at)
    publishing.reject(wrong, editor, why="It is wrong.", at=at)
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
    publishing.announce(guidance.editions.get(number=last.number - 1), other, at=at)
    publishing.announce(last, other, at=at)
    publishing.unschedule(last, other, why="Not after all.", told="Not after all.", at=at)
    publishing.recall(submitted(two, writer, aim="No."), writer, why="No.", at=at)
    waiting = submitted(two, writer, aim="Perhaps.")
    publishing.share_preview(waiting, writer, made_for="A college", at=at)


@contextmanager
def signed_in_as(role: str) -> Iterator[None]:
    """Connect as one of the roles of PostgreSQL; SQLite has none."""
    given = connection.settings_dict
    administrator = given["USER"]
    if POSTGRESQL:
        connection.close()
        given["USER"] = role
    try:
        yield
    finally:
        if POSTGRESQL:
            connection.close()
            given["USER"] = administrator


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


def refused(act: Callable[[], Any], role: str = "guidance") -> str:
    """Say what refuses it to whoever signs in as a role; undone if nothing does. That it goes through, otherwise."""
    global tried
    tried += 1
    try:
        with signed_in_as(role), transaction.atomic():
            act()
            transaction.set_rollback(True)
    except DatabaseError as error:
        words = str(error)
        if "permission denied" in words or "must be owner" in words:
            return "role"
        return "trigger" if "permanent record" in words or "are never replaced" in words else f"otherwise: {words}"
    return "goes through"


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
        return field.get_db_prep_value(UUID(int=(value.int if value else 0) ^ 1), connection)
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
    """Change one byte of each column: what somebody could, and what nobody found."""
    went_through, not_found = [], []
    for model, field, row, value in list(columns()):
        name = f"{model.__name__} {row.pk} {field.column}"
        statement = f"UPDATE {model._meta.db_table} SET {field.column} = %s WHERE id = %s"  # noqa: S608
        went_through += [f"{name} by {role}" for role in could(statement, value, row.pk)]
        if not force((statement, value, row.pk)):
            not_found.append(name)
    return went_through, not_found


def could(statement: str, *values: Any) -> list[str]:
    """The roles to whom nothing that is meant to refuses a statement."""
    roles = ["guidance", "guidance_owner"] if POSTGRESQL else ["whoever has the file"]
    by = {role: refused(lambda: execute(statement, *values), role) for role in roles}
    return [f"{role}: {what}" for role, what in by.items() if what not in ("role", "trigger")]


def rows_removed() -> tuple[list[str], list[str]]:
    went_through, not_found = [], []
    for model in TABLES:
        table = model._meta.db_table
        keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))[:-1]
        for key in keys if EVERY else keys[::4]:
            statement = f"DELETE FROM {table} WHERE id = %s"  # noqa: S608
            went_through += [f"{table} {key} by {role}" for role in could(statement, key)]
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
    """Ways round the verbs in SQL, by their names in docs/record.md."""
    for model in TABLES:
        yield from ways_round(model._meta.db_table, model._base_manager.order_by("pk").first().pk)
    line = SubmissionEvent.objects.order_by("pk").first().pk
    waiting = Submission.objects.get(status="submitted").pk
    taken = Submission.objects.exclude(edition=None).first()
    changed = {"id": "9999", "record_digest": "'a'", "previous_record_digest": "'b'"}
    yield "a line that does not follow the newest", sql(copied(EVENTS, "INSERT", **changed), line)
    changed["previous_record_digest"] = f"(SELECT record_digest FROM {EVENTS} ORDER BY id DESC LIMIT 1)"  # noqa: S608
    yield (
        "a line so far ahead that none can follow",
        sql(copied(EVENTS, "INSERT", **changed | {"id": f"{2**63 - 1}"}), line),
    )
    table, first = Edition._meta.db_table, Edition.objects.order_by("number").first().pk
    ahead = {"id": "9999", "number": "9999", "record_digest": "'a'"}
    yield "an edition that does not follow the newest", sql(copied(table, "INSERT", **ahead), first)
    yield (
        "approving without a line of the log",
        sql("UPDATE categories_submission SET status = 'approved' WHERE id = %s", waiting),
    )
    yield (
        "giving a submission the edition of another",
        sql("UPDATE categories_submission SET edition_id = %s WHERE id = %s", taken.edition_id, waiting),
    )
    contribution = SubmissionContribution.objects.exclude(submission=waiting).first().contribution_id
    carried = SubmissionContribution._meta.db_table
    more = f"INSERT INTO {carried} (submission_id, contribution_id, settles) VALUES (%s, %s, %s)"  # noqa: S608
    yield "one more contribution for what is submitted", sql(more, waiting, contribution, True)
    yield (
        "one more contributor for what is submitted",
        sql(
            f"INSERT INTO {triggers.CONTRIBUTORS._meta.db_table} (submission_id, user_id) "  # noqa: S608
            "SELECT %s, MAX(id) FROM categories_user",
            waiting,
        ),
    )
    yield "a table of one’s own in the way of the log", lambda: shadowed(Edition.objects.order_by("pk").first())
    live = Edition.objects.live().order_by("-number").first()
    yield "a live edition, by a line that says it was taken off in time", lambda: taken_off_in_time(live)
    if POSTGRESQL:
        yield "SET session_replication_role = replica", sql("SET session_replication_role = replica")
        yield "SET ROLE of the owner", sql("SET ROLE guidance_owner")
        yield (
            "the function of a trigger, replaced",
            sql(
                "CREATE OR REPLACE FUNCTION kept_categories_edition_delete() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN RETURN OLD; END'"
            ),
        )


def ways_round(table: str, key: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    yield "UPDATE", sql(f"UPDATE {table} SET id = id + 1000 WHERE id = %s", key)  # noqa: S608
    yield "DELETE", sql(f"DELETE FROM {table} WHERE id = %s", key)  # noqa: S608
    upsert = "ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id + 1000"
    yield "INSERT … ON CONFLICT DO UPDATE", sql(f"{copied(table, 'INSERT')} {upsert}", key)
    if not POSTGRESQL:
        yield "REPLACE INTO", sql(copied(table, "REPLACE"), key)
        yield "UPDATE OR REPLACE", sql(f"UPDATE OR REPLACE {table} SET id = id + 1 WHERE id = %s", key)  # noqa: S608
        yield "DROP TRIGGER", sql(f"DROP TRIGGER kept_{table}_delete")
        yield "DROP TABLE", sql(f"DROP TABLE {table}")
        yield "UPDATE of the rowid", sql(f"UPDATE {table} SET rowid = 9999 WHERE id = %s", key)  # noqa: S608
        return
    changing = f"UPDATE {table} SET id = id + 1000 WHERE id = {key}"  # noqa: S608
    yield "WITH … DELETE", sql(f"WITH gone AS (DELETE FROM {table} RETURNING id) SELECT count(*) FROM gone")  # noqa: S608
    yield (
        "MERGE",
        sql(f"MERGE INTO {table} USING (SELECT {key} AS key) AS it ON id = key WHEN MATCHED THEN DELETE"),
    )
    yield "UPDATE in a DO block", sql(f"DO $$BEGIN {changing}; END$$")
    yield (
        "UPDATE of a view of one’s own",
        sql(f"CREATE TEMP VIEW mine AS SELECT * FROM {table}; UPDATE mine SET id = 0"),  # noqa: S608
    )
    for way, statement in {
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
        "ALTER TABLE … DISABLE TRIGGER": f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER": f"DROP TRIGGER kept_{table}_delete ON {table}",
        "CREATE RULE": f"CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "DROP TABLE": f"DROP TABLE {table} CASCADE",
    }.items():
        yield way, sql(statement)


def sql(statement: str, *values: Any) -> Callable[[], int]:
    return lambda: execute(statement, *values)


def taken_off_in_time(edition: Edition) -> None:
    """Say in a line of the log, sealed as it must be, that an edition was taken off before it was live; then do so."""
    submission = edition.submission
    submission.edition, submission.status = None, Submission.Status.UNSCHEDULED
    before = edition.live_at - timedelta(hours=1)
    become(
        submission, submission.status, SubmissionEvent.Verb.UNSCHEDULED, submission.submitted_by, before, "", edition
    )
    execute("DELETE FROM categories_editionchange WHERE edition_id = %s", edition.pk)
    execute("DELETE FROM categories_edition WHERE id = %s", edition.pk)


def shadowed(edition: Edition) -> None:
    """Delete an edition that a temporary log of one's own says was taken off."""
    execute("CREATE TEMP TABLE categories_submissionevent (edition_record_digest text, verb text, at timestamptz)")
    line = "INSERT INTO categories_submissionevent VALUES (%s, 'unscheduled', '1999-01-01')"
    execute(line, edition.record_digest)
    execute("DELETE FROM categories_editionchange WHERE edition_id = %s", edition.pk)
    execute("DELETE FROM categories_edition WHERE id = %s", edition.pk)


def escaped() -> dict[str, str]:
    """By what each way round is refused, on all tables taken together."""
    by: dict[str, set[str]] = defaultdict(set)
    for name, act in list(escapes()):
        by[name].add(refused(act))
    return {name: " or ".join(sorted(whom)) for name, whom in by.items()}


def the_cases() -> list[str]:
    """What `check_editions` once called “as they were published”."""
    edition = Edition.objects.order_by("number")[1]
    lines = SubmissionEvent.objects.order_by("pk")
    one, two = lines[2].pk, lines[3].pk
    guidance = Guidance.objects.get().pk
    key = guidance.hex if not POSTGRESQL else guidance
    cases: dict[str, list[tuple[Any, ...]]] = {
        "an edition that nobody approved": [
            ("UPDATE categories_submission SET edition_id = NULL WHERE edition_id = %s", edition.pk)
        ],
        "an emptied log": [(f"DELETE FROM {EVENTS}",)],  # noqa: S608
        "a swapped log": [
            (f"UPDATE {EVENTS} SET id = -1 WHERE id = %s", one),  # noqa: S608
            (f"UPDATE {EVENTS} SET id = %s WHERE id = %s", one, two),  # noqa: S608
            (f"UPDATE {EVENTS} SET id = %s WHERE id = -1", two),  # noqa: S608
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
    }
    return [name for name, statements in cases.items() if not force(*statements)]


def triggers_missed() -> list[str]:
    """Drop each trigger, and put something else in its place: what nobody notices."""
    missed = []
    for trigger in list(triggers.triggers()):
        drop = f"DROP TRIGGER {trigger.name}{f' ON {trigger.table}' if POSTGRESQL else ''}"
        instead = f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} FOR EACH {trigger.each}"
        if POSTGRESQL:
            instead += f"{' WHEN (false)' if trigger.each == 'ROW' else ''} EXECUTE FUNCTION {trigger.name}()"
            off = [f"ALTER TABLE {trigger.table} DISABLE TRIGGER {trigger.name}"]
            ways = [[drop], [drop, instead] if trigger.each == "ROW" else [drop], off]
        else:
            ways = [[drop], [drop, f"{instead} WHEN FALSE BEGIN SELECT 1; END"]]
        for way in ways:
            with transaction.atomic():
                for statement in way:
                    execute(statement)
                if triggers.missing() != [trigger.name]:
                    missed.append(" ".join(way))
                transaction.set_rollback(True)
    return missed


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
        "a trigger, missed": triggers_missed(),
        "sound after": list(verify.faults()),
        "tried": tried,
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
