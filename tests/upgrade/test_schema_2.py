"""Every row of a database of release 1 goes along to schema 2, and means what it meant."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from categories.content.canonical import canonical, dump, parse
from categories.migrations import _schema_2_rows
from tests import postgres
from tests.upgrade.kept import DELETED, Kept, given, read, rows_of
from tests.upgrade.restore import Dump

Row = dict[str, Any]

# Tables whose rows are not, column by column, what they were
ANEW = {"level", "cohort", "historicallevel", "historicalcohort", "category_levels", "category_cohorts"}
ANEW |= {"historicalcategory_levels", "historicalcategory_cohorts", "category", "historicalcategory"}
ANEW |= {"exampleslist", "historicalexampleslist"}
MORE = {"django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"}  # rows were added
MORE |= {"categories_editionchange"}
MADE = {"short-form": "shortform", "relationship": "relationship", "t-level": "tlevel", "availability": "availability"}
NEW_TEXTS = {"approval_text", "availability_text", "text"}
SEALED = {"submission_digest", "previous_record_digest", "record_digest", "role", "status", "route"}  # of the log
RELATIONSHIPS = {
    "aligns": "Aligns to an occupational standard",
    "aligns-t-level-outline": "Aligns to T Level outline content",
    "builds-on": "Builds on an occupational standard",
    "across-standards": "Takes KSBs from different occupational standards",
    "some-ksbs": "Covers some KSBs of an occupational standard or standards",
    "none": "No relationship to an occupational standard",
}
MAIN, CROSS_3 = "technical-qualification-categories", "level-3-cross-cutting-function-16-to-19-and-adults"
OF_HISTORY = {"id", "guidance_id", "history_id"}


@pytest.mark.parametrize("how", ["in one go", "stopped"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_row_goes_along(
    database: str, how: str, tmp_path: Path, request: pytest.FixtureRequest, subtests: Any
) -> None:
    before, after = given(), kept(database, how, tmp_path, request)
    for check in (
        no_other_row_changes,
        categories_say_what_they_said,
        levels_and_cohorts_are_of_each_guidance,
        terms_were_made_by_nobody,
        editions_are_as_they_were_published,
        roles_may_edit_the_new_terms,
        whoever_could_approve_is_vouched_for,
        drafts_are_the_same_drafts,
        the_same_people_may_approve,
        no_rule_reads_the_history,
        what_is_unscheduled_is_open_again,
        histories_say_what_they_said,
    ):
        with subtests.test(check.__name__):
            check(before, after)


def kept(database: str, how: str, folder: Path, request: pytest.FixtureRequest) -> Kept:
    """Upgrade a database of its own, in a process of its own."""
    name = f"schema_2_{how.replace(' ', '_')}"
    url = f"sqlite:///{folder}/{name}.sqlite3"
    if database == "postgresql":
        url = postgres.new_database(request.getfixturevalue("server"), name)
    out = folder / "kept.json"
    command = [sys.executable, "-m", "tests.upgrade.kept", str(out), *(["stopped"] if how == "stopped" else [])]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True)  # noqa: S603 - our own
    found: Kept = json.loads(out.read_text(encoding="utf-8"))
    return found


def no_other_row_changes(before: Dump, after: Kept) -> None:
    for table in before:
        if table.removeprefix("categories_") in ANEW:
            continue
        was, now = rows_of(before, table), rows_of(after["rows"], table)
        if table == "categories_submission":
            was = [without(row, "history_marks") for row in was]
        if table in MORE:
            now = now[: len(was)]
        columns = set(was[0]) if was else set()
        assert [{name: row[name] for name in columns} for row in now] == was, table
        gained = [value for row in now for name, value in row.items() if name not in columns | SEALED]
        assert not any(gained), table


def keys(rows: Dump, model: str, key: str) -> dict[Any, tuple[str | None, Any]]:
    """The guidance and the key of each record that there is or was, by its id."""
    tables = (f"categories_historical{model}", f"categories_{model}")
    return {row["id"]: (row.get("guidance_id"), row[key]) for table in tables for row in rows_of(rows, table)}


def links(rows: Dump, table: str, by: str, model: str, key: str) -> dict[Any, list[tuple[str | None, Any]]]:
    """What each row of another table is linked to, by the id of that row."""
    named, found = keys(rows, model, key), {}
    for row in rows_of(rows, table):
        found.setdefault(row[by], []).append(named[row[f"{model}_id"]])
    return found


def facts(rows: Dump, past: str, facts_of: Callable[[Row, dict[str, Any]], Row]) -> dict[Any, Row]:
    """What each category says, or each row of their history, whatever the ids of what it names."""
    by = "history_id" if past else "category_id"
    levels = links(rows, f"categories_{past}category_levels", by, "level", "number")
    cohorts = links(rows, f"categories_{past}category_cohorts", by, "cohort", "slug")
    lists = keys(rows, "exampleslist", "slug")
    found = {}
    for row in rows_of(rows, f"categories_{past}category"):
        key = row["history_id" if past else "id"]
        named = {"levels": levels.get(key, []), "cohorts": cohorts.get(key, [])}
        named["lists"] = [lists[row["examples_list_id"]]] if row["examples_list_id"] else []
        found[key] = facts_of(row, named)
    return found


def facts_of_release_1(row: Row, named: dict[str, Any]) -> Row:
    year, month = row.pop("in_scope_from_year"), row.pop("in_scope_from_month")
    stated = row["availability"] != "not-stated"
    row |= {name: sorted(key for _, key in of) for name, of in named.items()}
    row["availability"] = [[row["availability"], f"{year}-{month:02}" if year else None]] if stated else []
    row["t_level"] = None if row["t_level"] == "not-mentioned" else row["t_level"]
    return row | {"examples_list_id": None, "approval_text": "", "availability_text": ""}


def facts_of_today(rows: Dump) -> Callable[[Row, dict[str, Any]], Row]:
    terms = {model: keys(rows, model, "slug") for model in ("relationship", "tlevel", "availability")}

    def found(row: Row, named: dict[str, Any]) -> Row:
        relationship, t_level = row.pop("relationship_id"), row.pop("t_level_id")
        named |= {"relationship": [terms["relationship"][relationship]]}
        named |= {"t_level": [terms["tlevel"][t_level]] if t_level else []}
        named |= {"states": [terms["availability"][step["state"]] for step in row["availability"]]}
        assert {guidance for of in named.values() for guidance, _ in of} <= {row["guidance_id"]}
        row["availability"] = [
            [slug, step["from"]] for (_, slug), step in zip(named.pop("states"), row["availability"], strict=True)
        ]
        row["relationship"] = named.pop("relationship")[0][1]
        row["t_level"] = next((slug for _, slug in named.pop("t_level")), None)
        return row | {name: sorted(key for _, key in of) for name, of in named.items()} | {"examples_list_id": None}

    return found


def categories_say_what_they_said(before: Dump, after: Kept) -> None:
    for past in ("", "historical"):
        was = facts(before, past, facts_of_release_1)
        assert facts(after["rows"], past, facts_of_today(after["rows"])) == was
        assert len(was) > 25
        lists = [rows_of(rows, f"categories_{past}exampleslist") for rows in (before, after["rows"])]
        assert same_lists(lists[0]) == same_lists(lists[1])
    for row in rows_of(after["rows"], "categories_exampleslist"):
        assert row["id"] == str(uuid5(UUID(row["guidance_id"]), f"examples-list:{row['slug']}"))


def same_lists(rows: list[Row]) -> list[Row]:
    """Lists of examples without their ids."""
    kept = [row | {"id": None, "text": ""} for row in rows]
    return sorted(kept, key=lambda row: (row["guidance_id"], row["slug"], row.get("history_id", 0)))


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def levels_and_cohorts_are_of_each_guidance(before: Dump, after: Kept) -> None:
    there = {row["id"] for row in rows_of(before, "categories_guidance")}
    for model, key in (("level", "number"), ("cohort", "slug")):
        live = rows_of(before, f"categories_{model}")
        live.sort(key=lambda row: (row.get("position"), row[key]))
        past = rows_of(before, f"categories_historical{model}")
        now, past_now = (rows_of(after["rows"], f"categories_{past}{model}") for past in ("", "historical"))
        assert {row["guidance_id"] for row in now} == there
        assert {row["guidance_id"] for row in past_now} == {*there, DELETED}
        assert all(row["id"] == str(uuid5(UUID(row["guidance_id"]), f"{model}:{row[key]}")) for row in now + past_now)
        for guidance in (*there, DELETED):
            mine = [row for row in now if row["guidance_id"] == guidance]
            mine.sort(key=lambda row: row.get("position") or row[key])
            kept = [without(row, "id", "guidance_id", "position") for row in mine]
            assert kept == ([without(row, "id", "position") for row in live] if guidance in there else [])
            kept = [without(row, *OF_HISTORY) for row in past_now if row["guidance_id"] == guidance]
            assert kept == [without(row, *OF_HISTORY) for row in past]


def terms_were_made_by_nobody(before: Dump, after: Kept) -> None:
    there = {row["id"] for row in rows_of(before, "categories_guidance")}
    for model, count in (("shortform", 3), ("relationship", 6), ("tlevel", 3), ("availability", 2)):
        live, past = (rows_of(after["rows"], f"categories_{past}{model}") for past in ("", "historical"))
        assert {row["guidance_id"] for row in live} == there
        assert (len(live), len(past)) == (count * len(there), count * (len(there) + 1))
        said = {(row["history_user_id"], row["history_type"], row["history_change_reason"]) for row in past}
        assert said == {(None, "+", "Made when the site moved to schema 2")}
        assert {row["id"] for row in live} <= {row["id"] for row in past}


def editions_are_as_they_were_published(before: Dump, after: Kept) -> None:
    assert after["faults"] == []
    new = rows_of(after["rows"], "categories_editionchange")[len(before["categories_editionchange"]["rows"]) :]
    first = {row["id"] for row in rows_of(before, "categories_edition") if row["number"] == 1}
    assert len(new) == 14 * len(first)
    assert {(row["edition_id"], row["action"]) for row in new} == {(edition, "added") for edition in first}


def roles_may_edit_the_new_terms(before: Dump, after: Kept) -> None:
    new = {f"{verb}_{model}" for verb in ("add", "change", "delete", "view") for model in MADE.values()}
    was, now = permissions(before), permissions(after["rows"])
    new |= {"view_formeraddress", "view_subscription", "view_feedback", "change_feedback"}
    of_editors = {"view_user", "view_message", "add_formeraddress"}
    assert now == {"Writer": was["Writer"] | new, "Editor": was["Editor"] | new | of_editors}
    models = [(row["app_label"], row["model"]) for row in rows_of(after["rows"], "django_content_type")]
    assert len(models) == len(set(models))


def whoever_could_approve_is_vouched_for(before: Dump, after: Kept) -> None:
    editors = {row["id"] for row in rows_of(before, "auth_group") if row["name"] == "Editor"}
    approve = {row["user_id"] for row in rows_of(before, "categories_user_groups") if row["group_id"] in editors}
    people = rows_of(before, "categories_user")
    expected = {one["id"] for one in people if one["is_active"] and (one["is_superuser"] or one["id"] in approve)}
    events = rows_of(after["rows"], "categories_accountevent")
    assert {event["account_id"] for event in events} == expected
    assert {(event["verb"], event["by_id"]) for event in events} == {("vouched", None)}
    assert all(event["why"].startswith("By the upgrade") for event in events)


def permissions(rows: Dump) -> dict[str, set[str]]:
    names = {row["id"]: row["name"] for row in rows_of(rows, "auth_group")}
    codenames = {row["id"]: row["codename"] for row in rows_of(rows, "auth_permission")}
    found: dict[str, set[str]] = {name: set() for name in names.values()}
    for row in rows_of(rows, "auth_group_permissions"):
        found[names[row["group_id"]]].add(codenames[row["permission_id"]])
    return found


def drafts_are_the_same_drafts(before: Dump, after: Kept) -> None:
    drafts = read("release_1_drafts.json.xz")
    assert after["drafts"].keys() == drafts.keys()
    for guidance, was in drafts.items():
        now = after["drafts"][guidance]
        assert dump(parse(canonical(now["working"]))) == dump(parse(canonical(was["working"])))
        assert [[*told, sorted({*fields} - NEW_TEXTS)] for *told, fields in now["changes"]] == was["changes"]
        # Release 1 let a category be looked at without the level that it names, which was not chosen with it
        counted = {name: set(who) for name, who in was["contributors"].items() if name in now["contributors"]}
        # It also counted whoever had made a cohort that is not composed, where another was moved
        for kind, identity, action, *_ in now["changes"]:
            if (kind, action) == ("cohort", "moved"):
                counted[identity] -= {"will"}
        waiting = [row for row in rows_of(before, "categories_submission") if row["status"] == "submitted"]
        for row in (row for row in waiting if row["guidance_id"] == guidance):
            for name in {"all", *row["record_ids"]} & counted.keys():
                counted[name].add("ed")  # whom the submission knows, though his history was cleaned
        assert {name: set(who) for name, who in now["contributors"].items()} == counted


def the_same_people_may_approve(before: Dump, after: Kept) -> None:
    """Not the submitter, and not whom release 1 had frozen as contributors."""
    names = {row["id"]: row["username"] for row in rows_of(before, "categories_user")}
    editors = {"erin", "ed", "sue"}
    involved: dict[int, set[str]] = {
        row["id"]: {names[row["submitted_by_id"]]}
        for row in rows_of(before, "categories_submission")
        if row["status"] == "submitted" or (row["route"], row["reviewed_afterwards_by_id"]) == ("emergency", None)
    }
    assert len(involved) == 2
    for row in rows_of(before, "categories_submission_contributors"):
        involved.get(row["submission_id"], set()).add(names[row["user_id"]])
    assert after["approvers"] == {str(key): sorted(editors - people) for key, people in involved.items()}
    assert "ed" not in after["approvers"][str(max(involved))], "whose history was cleaned"


def no_rule_reads_the_history(before: Dump, after: Kept) -> None:
    assert after["without history"] == after["drafts"]


def what_is_unscheduled_is_open_again(before: Dump, after: Kept) -> None:
    """Wendy wrote what was scheduled, on top of what Will had written of one category and nobody published."""
    guidance = next(row["id"] for row in rows_of(before, "categories_guidance") if row["slug"] == MAIN)
    now, then = (after[when][guidance] for when in ("unscheduled", "drafts"))
    opened = {told[1]: told for told in now["changes"]}
    for told in then["changes"]:
        opened.pop(told[1])
    slugs = {opened[key][3]: set(now["contributors"].get(key, now["contributors"]["all"])) for key in opened}
    assert slugs == {MAIN: {"wendy"}, CROSS_3: {"wendy", "will"}, "additional-specialist": {"wendy"}}
    assert {"wendy", "will"} <= set(now["contributors"]["all"])


def histories_say_what_they_said(before: Dump, after: Kept) -> None:
    """One entry for each save: who, when, why, and in words what it made of a category."""
    said = {entry[0]: entry for name, of in after["histories"].items() if name.startswith("category ") for entry in of}
    was = facts(before, "historical", facts_of_release_1)
    saves = {(row["save_id"], row["id"]): key for key, row in was.items()}  # the last row of each
    assert said.keys() == set(saves.values())
    for key, (_, action, by, at, why, words) in said.items():
        row = was[key]
        assert (by, at, why) == (row["history_user_id"], row["history_date"], row["history_change_reason"] or "")
        assert "a deleted record" not in words.values()
        if "Relationship to occupational standards" in words:
            assert words["Relationship to occupational standards"] == RELATIONSHIPS[row["relationship"]]
        if "Levels" in words:
            assert words["Levels"] == " and ".join(f"Level {number}" for number in row["levels"])
        assert action == "Deleted" or words or row["history_type"] == "~"


def test_what_had_one_place_is_told_apart_and_nothing_else_moves() -> None:
    apart = [{"position": 1000}, {"position": 1500}]
    assert _schema_2_rows.placed(apart) is apart
    assert _schema_2_rows.placed([{"number": 2}, {"number": 3}]) == [{"number": 2}, {"number": 3}]
    one_place = [{"slug": "a", "position": 0}, {"slug": "b", "position": 0}]
    assert [row["position"] for row in _schema_2_rows.placed(one_place)] == [1000, 2000]
