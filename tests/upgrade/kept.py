"""Take the dump of release 1 to the models of today, and write down every row, and what publishing makes of them.

python -m tests.upgrade.kept OUT            in one go
python -m tests.upgrade.kept OUT stopped    each of our migrations stopped when it is all but done, then run again
"""

import json
import lzma
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.apps import apps  # noqa: E402 - Django is set up first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from categories.models import triggers  # noqa: E402
from tests.upgrade.restore import Dump, dump, restore, tables_of  # noqa: E402

triggers.CLOCK = "'-infinity'::timestamptz"  # what is scheduled in the dump was live long ago
HERE = Path(__file__).parent
DELETED = "0a0b0c0d-0000-4000-8000-00000000dead"  # guidance
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)  # when the dump was made
Kept = dict[str, Any]


def read(name: str) -> Any:
    """Read an archive of this folder."""
    return json.loads(lzma.decompress((HERE / name).read_bytes()))


def rows_of(dump: Dump, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table, each by its columns."""
    return [dict(zip(dump[table]["columns"], row, strict=True)) for row in dump[table]["rows"]]


def given() -> Dump:
    """The dump, with what another database of release 1 can have and this one has not."""
    found: Dump = read("release_1.json.xz")

    def put(table: str, rows: list[dict[str, Any]]) -> None:
        found[table]["rows"] = [[row[column] for column in found[table]["columns"]] for row in rows]

    def add(table: str, key: str, **values: Any) -> int:
        """Add a copy of the first row of a table, under the next key."""
        rows = rows_of(found, table)
        new: int = max(row[key] for row in rows) + 1
        put(table, [*rows, rows[0] | {key: new} | values])
        return new

    # Guidance that was deleted, its categories too, is still in the history
    for verb in "+-":
        category = {"id": DELETED, "guidance_id": DELETED, "relationship": "builds-on", "examples_list_id": None}
        past = add("categories_historicalcategory", "history_id", **category, history_type=verb)
        for name in ("levels", "cohorts"):
            link = {"category_id": DELETED, "history_id": past}
            add(f"categories_historicalcategory_{name}", "m2m_history_id", **link)
        add("categories_historicalguidance", "history_id", id=DELETED, history_type=verb)
    # The history of a contributor to what waits was cleaned
    [waiting] = [row["id"] for row in rows_of(found, "categories_submission") if row["status"] == "submitted"]
    [ed] = [row["id"] for row in rows_of(found, "categories_user") if row["username"] == "ed"]
    add("categories_submission_contributors", "id", submission_id=waiting, user_id=ed)
    # Two cohorts have one place: until now their slugs have put them in order
    one_place = ["16-to-19", "career-changers"]
    cohorts = rows_of(found, "categories_cohort")
    put("categories_cohort", [row | ({"position": 1500} if row["slug"] in one_place else {}) for row in cohorts])
    return found


def written() -> Kept:
    found = {"rows": dump(tables_of(apps)), "drafts": drafts(), "histories": histories(), "faults": faults()}
    empty_history()
    return found | {"approvers": approvers(), "without history": drafts(), "unscheduled": unscheduled()}


def drafts() -> Kept:
    """What `release_1_drafts.py` wrote of the drafts before, with the working copy as content of today."""
    from categories.content import diff
    from categories.content.canonical import canonical, parse
    from categories.models import Guidance
    from categories.publishing.contributors import carried
    from categories.publishing.snapshot import compose, working_data

    found: Kept = {}
    for guidance in Guidance.objects.all():
        newest, data = guidance.editions.newest(), working_data(guidance)
        working = parse(canonical(data))
        changes = diff.changes(newest.content, working)
        people = {}
        for name, chosen in [("all", changes), *[(str(change.id), [change]) for change in changes]]:
            try:
                content = parse(canonical(compose(newest.content, working, {change.id for change in chosen})))
                by = {one.by for one, _ in carried(guidance, newest, working, content, chosen) if one.by}
            except (KeyError, ValueError):
                continue  # it names what was not chosen, so nobody could submit it
            people[name] = sorted(user.username for user in by)
        told = [(*without_fields(one), sorted(field.field for field in one.fields)) for one in changes]
        found[str(guidance.pk)] = {"working": data, "changes": told, "contributors": people}
    return found


def empty_history() -> None:
    from categories.models.kinds import MODELS

    for model in MODELS.values():
        model.history.all().delete()


def approvers() -> dict[int, list[str]]:
    """Who may approve what waits, or review what was published in an emergency, by submission."""
    from categories import publishing
    from categories.models import Submission

    asked = [one for one in Submission.objects.order_by("pk") if one.status == "submitted" or one.review_is_due]
    return {one.pk: sorted(person.username for person in publishing.possible_approvers(one)) for one in asked}


def unscheduled() -> Kept:
    """The drafts as they are once what is scheduled is not."""
    from categories import publishing
    from categories.models import Edition, User

    [edition] = Edition.objects.scheduled(NOW)
    publishing.unschedule(edition, User.objects.get(username="erin"), why="Later.", at=NOW)
    return drafts()


def without_fields(one: Any) -> tuple[Any, ...]:
    return one.kind, one.id, one.action, one.slug, one.title, one.place, one.former_title, one.follows


def histories() -> Kept:
    """The history of every record as staff read it: `[row, action, by, at, why, {field: words afterwards}]`."""
    from categories.admin.history import entries
    from categories.models.kinds import MODELS

    found: Kept = {}
    for kind, model in MODELS.items():
        for identity in set(model.history.order_by().values_list("id", flat=True)):
            rows = list(model.history.filter(id=identity).order_by("history_id"))
            found[f"{kind.value} {identity}"] = [
                (one.row.pk, one.action, one.by and one.by.pk, one.at.isoformat(), one.why, words_of(one))
                for one in entries(rows)
            ]
    return found


def words_of(entry: Any) -> dict[str, str]:
    return {field.label: field.after_words for field in entry.fields}


def faults() -> list[str]:
    """What `check_editions` finds."""
    from categories.publishing import verify

    return list(verify.faults())


class Stopped(Exception):
    """As by a power cut."""


def migrate(*to: str) -> None:
    call_command("migrate", *to, verbosity=0, interactive=False, skip_checks=True)


def stop_and_go_on() -> None:
    """Apply our migrations one by one, each stopped at its very end once: it must leave everything as it was."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    for migration in [one for one, _ in plan if one.app_label == "categories"]:
        before = everything()
        with mock.patch.object(MigrationRecorder, "record_applied", side_effect=Stopped):
            try:
                migrate(migration.app_label, migration.name)
            except Stopped:
                pass
            else:
                raise AssertionError(f"{migration} was not stopped.")
        if everything() != before:
            raise AssertionError(f"{migration} was stopped half-way, and left something behind.")
        migrate(migration.app_label, migration.name)
    migrate()


def everything() -> list[Any]:
    """The columns, rows and constraints of every table, whatever models there are."""
    with connection.cursor() as cursor:
        found = []
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own
            columns, rows = [column[0] for column in cursor.description or ()], sorted(map(repr, cursor.fetchall()))
            found.append([table, columns, rows, sorted(connection.introspection.get_constraints(cursor, table))])
    return found


def main() -> None:
    restore(given())
    if sys.argv[2:] == ["stopped"]:
        stop_and_go_on()
    else:
        migrate()
    Path(sys.argv[1]).write_text(json.dumps(written(), default=str), encoding="utf-8")


if __name__ == "__main__":
    main()
