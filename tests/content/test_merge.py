"""Changes applied field by field to content that has changed too: a fix under what is scheduled."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from categories.content import rules
from categories.content.canonical import as_json, canonical, dump
from categories.content.merge import PLACE, Merged, applied
from categories.content.schema import Content
from categories.content.vocabulary import RecordKind
from tests import strategies
from tests.factories import altered, with_category


@st.composite
def _forks(draw: st.DrawFn) -> tuple[Content, Content, Content]:
    """What was before, and two ways in which it was edited."""
    before = draw(strategies.contents)
    return before, draw(strategies.edited(before)), draw(strategies.edited(before))


forks = _forks()


@given(forks)
def test_all_changes_applied_to_what_was_before_give_what_was_after(fork: tuple[Content, Content, Content]) -> None:
    before, after, _ = fork
    assert canonical(applied(before, after, before).data) == dump(after)


@given(forks)
def test_no_changes_change_nothing(fork: tuple[Content, Content, Content]) -> None:
    before, after, onto = fork
    assert applied(before, before, onto) == Merged(as_json(onto), ())
    assert applied(before, after, onto, set()) == Merged(as_json(onto), ())


@given(forks)
def test_what_is_applied_already_changes_nothing_more(fork: tuple[Content, Content, Content]) -> None:
    before, after, _ = fork
    assert applied(before, after, after) == Merged(as_json(after), ())


@given(forks)
def test_each_field_is_that_of_the_side_that_changed_it(fork: tuple[Content, Content, Content]) -> None:
    """Told here from the entries of the three alone: what each record says afterwards, and each field in conflict."""
    before, after, onto = fork
    merged = applied(before, after, onto)
    found = entries_of(merged)
    conflicts = {(conflict.id, conflict.field) for conflict in merged.conflicts if conflict.field not in (PLACE, "")}
    expected: dict[UUID, Any] = {}
    both: set[tuple[UUID, str]] = set()
    for identity in {*before.entries, *after.entries, *onto.entries}:
        old, new, there = (side.entries.get(identity) for side in (before, after, onto))
        if old and not new:
            continue  # removed
        if not there:
            if new and not old:
                expected[identity] = dict(new.value)
            continue
        expected[identity] = dict(there.value)
        for field, value in (new.value if new else {}).items():
            was = old.value[field] if old else None
            if value != was or not old:
                expected[identity][field] = value
                if there.value[field] not in (was, value) or (not old and there.value[field] != value):
                    both.add((identity, field))
    assert found == expected
    assert conflicts == both
    changed = {one for one in {*before.entries} & {*after.entries} if before.entries[one] != after.entries[one]}
    assert changed - {*onto.entries} <= {entry.id for entry in merged.missing}


def entries_of(merged: Merged) -> dict[UUID, Any]:
    """Each record of merged data as its entry: what it names by id again, which a record that is gone stays."""
    keys = {
        kind: {record.get("slug", record.get("number")): record["id"] for record in merged.data[name]}
        for name, kind in (
            ("levels", "levels"),
            ("cohorts", "cohorts"),
            ("relationships", "relationship"),
            ("t_levels", "t_level"),
            ("approval_tests", "approval_tests"),
            ("availabilities", "availability"),
            ("examples_lists", "examples_list"),
        )
    }
    found = {UUID(merged.data["id"]): {name: merged.data[name] for name in GUIDANCE}}
    for name, records in merged.data.items():
        if name in LISTS:
            for record in records:
                value = {field: one for field, one in record.items() if field != "id"}
                if name == "categories":
                    for field, ids in keys.items():
                        value[field] = by_id(value[field], ids)
                found[UUID(record["id"])] = value
    return found


def by_id(value: Any, ids: dict[Any, str]) -> Any:
    if isinstance(value, list):
        steps = [one | {"state": ids.get(one["state"], one["state"])} for one in value if isinstance(one, dict)]
        return steps or sorted(ids.get(one, one) for one in value)
    return None if value is None else ids.get(value, value)


GUIDANCE = strategies.GUIDANCE_FIELDS
LISTS = (
    "short_forms",
    "levels",
    "cohorts",
    "relationships",
    "t_levels",
    "availabilities",
    "categories",
    "approval_tests",
    "examples_lists",
)


@given(forks)
def test_the_order_is_that_of_the_side_that_changed_it(fork: tuple[Content, Content, Content]) -> None:
    """Where the changes move and add nothing, the order stays; where the other side moved nothing, it is theirs."""
    before, after, onto = fork
    merged = applied(before, after, onto)
    for kind, name in ((RecordKind.CATEGORY, "categories"), (RecordKind.EXAMPLES_LIST, "examples_lists")):
        old, new, there = ([*side.entries_of(kind)] for side in (before, after, onto))
        found = [UUID(record["id"]) for record in merged.data[name]]
        if [one for one in new if one in old] == [one for one in old if one in new] and not set(new) - set(old):
            assert found == [one for one in there if one not in set(old) - set(new)]
        if there == old:
            assert found == new


@pytest.mark.parametrize(
    ("ours", "theirs", "conflicting"),
    [
        ({"aim": "Ours."}, {"aim": "Theirs."}, {"aim"}),
        ({"aim": "Same."}, {"aim": "Same."}, set()),
        ({"aim": "Ours."}, {"title": "Theirs"}, set()),
        ({"levels": [3]}, {"levels": [4]}, {"levels"}),
        ({"cohorts": []}, {"cohorts": ["adults"]}, {"cohorts"}),
        ({"approval_tests": ["employer-demand-test"]}, {"aim": "Theirs."}, set()),
        (
            {"availability": [{"state": "in-scope", "from": "2024-01"}]},
            {"availability": [{"state": "in-scope", "from": "2025-01"}]},
            {"availability"},
        ),
        ({"slug": "ours"}, {"aim": "Theirs."}, set()),
    ],
)
def test_a_field_that_both_change_is_a_conflict(
    ours: dict[str, Any], theirs: dict[str, Any], conflicting: set[str], fixture_content: Content
) -> None:
    category = fixture_content.categories[0]
    after, onto = (with_category(fixture_content, category.slug, **fields) for fields in (ours, theirs))
    merged = applied(fixture_content, after, onto)
    assert {conflict.field for conflict in merged.conflicts} == conflicting
    assert {conflict.id for conflict in merged.conflicts} <= {category.id}
    content, faults = rules.read(merged.data)
    assert content, faults
    said = as_json(content.category_by_id[category.id])
    assert {name: said[name] for name in theirs | ours} == theirs | ours


def test_a_conflict_says_what_each_side_says(fixture_content: Content) -> None:
    slug = fixture_content.categories[0].slug
    after, onto = (with_category(fixture_content, slug, aim=aim) for aim in ("Ours.", "Theirs."))
    [conflict] = applied(fixture_content, after, onto).conflicts
    assert (conflict.label, conflict.ours, conflict.theirs) == ("Core aim", "Ours.", "Theirs.")


def test_a_record_that_the_other_side_lacks_is_left_out_and_named(fixture_content: Content) -> None:
    """What is new in a scheduled edition stays unknown to what goes before it."""
    slug, title = fixture_content.categories[-1].slug, fixture_content.categories[-1].title
    without = altered(fixture_content, categories=[one.model_dump() for one in fixture_content.categories[:-1]])
    merged = applied(fixture_content, with_category(fixture_content, slug, aim="Mended."), without)
    assert [entry.title for entry in merged.missing] == [title]
    assert merged.data == as_json(without)


def test_a_record_that_goes_though_the_other_side_changed_it_is_a_conflict(fixture_content: Content) -> None:
    terms = as_json(fixture_content)["short_forms"]
    gone = altered(fixture_content, short_forms=terms[1:])
    changed = altered(fixture_content, short_forms=[terms[0] | {"meaning": "Something else"}, *terms[1:]])
    [conflict] = applied(fixture_content, gone, changed).conflicts
    assert (conflict.title, conflict.field) == (terms[0]["term"], "")
    assert applied(fixture_content, gone, fixture_content).conflicts == ()


def test_two_moves_of_one_record_to_two_places_are_a_conflict(fixture_content: Content) -> None:
    first, *rest = as_json(fixture_content)["categories"]
    last = altered(fixture_content, categories=[*rest, first])
    fourth = altered(fixture_content, categories=[*rest[:3], first, *rest[3:]])
    [conflict] = applied(fixture_content, last, fourth).conflicts
    assert (str(conflict.id), conflict.field) == (first["id"], PLACE)
    assert applied(fixture_content, last, last).conflicts == ()
    other = altered(fixture_content, categories=[first, rest[-1], *rest[:-1]])
    merged = applied(fixture_content, last, other)
    assert merged.conflicts == ()
    assert [one["id"] for one in merged.data["categories"]] == [one["id"] for one in (rest[-1], *rest[:-1], first)]
