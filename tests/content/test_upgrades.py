"""Schema 1 read as the present schema: it says what it said, by the same ids, and nothing that it did not say."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from categories.content import diff, rules
from categories.content.canonical import as_json, canonical, dump, parse
from categories.content.fields import OF_CATEGORY
from categories.content.schema import Content
from categories.content.vocabulary import RecordKind
from categories.content.words import joined
from tests import schema_1, strategies

Data = dict[str, Any]
VOCABULARY = {RecordKind.SHORT_FORM, RecordKind.RELATIONSHIP, RecordKind.T_LEVEL, RecordKind.AVAILABILITY}


def upgraded(data: Data) -> Content:
    return parse(canonical(data))


@pytest.fixture
def data(fixture_content: Content) -> Data:
    """What the site started from, in schema 1."""
    return schema_1.written(as_json(fixture_content))


def availability_words(availability: Data, day: date) -> str:
    """Say an availability as pages did in schema 1."""
    if not availability["from"]:
        return {"not-yet-available": "Not yet available"}.get(availability["status"], "Not stated in this guidance")
    month = date.fromisoformat(f"{availability['from']}-01")
    return f"In scope from {month:%B %Y}{' (not yet)' if month > day else ''}"


def cohort_words(names: list[str]) -> str:
    if len(names) < 2:
        return f"{names[0]} only" if names else "Not stated in this guidance"
    return joined([names[0], *(name[:1].lower() + name[1:] for name in names[1:])])


def facts(data: Data, category: Data, day: date) -> Data:
    """What pages said of a category in schema 1, by its field."""
    levels = category["levels"]
    names = {one["slug"]: one["name"] for name in ("cohorts", "approval_tests") for one in data[name]}
    lists = {one["slug"]: one["name"] for one in data["examples_lists"]}
    return {
        **{name: category[name] for name in ("title", "relationship_text", "aim", "example")},
        "levels": f"Level {joined(map(str, levels))}" if levels else "Not stated in this guidance",
        "cohorts": cohort_words([names[slug] for slug in category["cohorts"]]),
        "relationship": schema_1.RELATIONSHIPS[category["relationship"]],
        "t_level": schema_1.T_LEVELS[category["t_level"]],
        "by_exception": category["by_exception"],
        "approval_tests": [names[slug] for slug in category["approval_tests"]],
        "availability": availability_words(category["availability"], day),
        "examples_list": lists.get(category["examples_list"]),
        "synonyms": category["synonyms"],
        "withdrawn": category["withdrawn"],
    }


def said(content: Content, place: int, day: date) -> Data:
    """What the present content says of the same."""
    category = content.categories[place]
    examples = OF_CATEGORY["examples_list"].values(content, category)
    position = OF_CATEGORY["t_level"].values(content, category)
    return {
        **{name: getattr(category, name) for name in ("title", "relationship_text", "aim", "example")},
        "levels": content.levels_words(category),
        "cohorts": content.cohorts_words(category),
        "relationship": content.relationship_by_slug[category.relationship].name,
        "t_level": position[0] if position else None,
        "by_exception": category.by_exception,
        "approval_tests": [test.name for test in content.tests_of(category)],
        "availability": content.availability_words(category, day),
        "examples_list": examples[0] if examples else None,
        "synonyms": [*category.synonyms],
        "withdrawn": category.withdrawn,
    }


@given(schema_1.content_data(), st.dates(date(1899, 1, 1), date(3001, 1, 1)))
def test_every_category_says_what_it_said(data: Data, day: date) -> None:
    content = upgraded(data)
    assert len(content.categories) == len(data["categories"])
    for place, category in enumerate(data["categories"]):
        assert said(content, place, day) == facts(data, category, day)


KEPT = ("id", "slug", "title", "summary", "publisher", "first_published_on", "applies_to", "notice", "under_review")


@given(schema_1.content_data())
def test_everything_else_is_as_it_was(data: Data) -> None:
    found = as_json(upgraded(data))
    assert {name: found[name] for name in KEPT} == {name: data[name] for name in KEPT}
    assert (found["caution"], found["introduction"], found["contact"], found["links"]) == ("", "", None, [])
    assert found["approval_tests"] == data["approval_tests"]
    assert [level["number"] for level in found["levels"]] == data["levels"]
    for name in ("cohorts", "examples_lists"):
        assert [one | old for one, old in zip(found[name], data[name], strict=True)] == found[name]
    assert {one["text"] for one in found["examples_lists"]} <= {""}
    assert {one["approval_text"] + one["availability_text"] for one in found["categories"]} <= {""}


def keyed(data: Data) -> Iterator[tuple[str, str]]:
    """The records that schema 1 identified by a key alone."""
    yield from (("level", str(number)) for number in data["levels"])
    yield from (("cohort", one["slug"]) for one in data["cohorts"])
    yield from (("examples-list", one["slug"]) for one in data["examples_lists"])


@given(schema_1.content_data())
def test_what_had_a_key_alone_has_the_id_that_it_always_had(data: Data) -> None:
    content = upgraded(data)
    for kind, key in keyed(data):
        entry = content.entries[uuid5(UUID(data["id"]), f"{kind}:{key}")]
        assert (entry.kind.value, entry.slug) == (kind, key)
    for record in (*data["categories"], *data["approval_tests"]):
        assert content.entries[UUID(record["id"])].slug == record["slug"]


@given(schema_1.content_data())
def test_only_the_vocabulary_is_made_up(data: Data) -> None:
    content = upgraded(data)
    assert content.made_up == {entry.id for entry in content.entries.values() if entry.kind in VOCABULARY}
    assert parse(dump(content)).made_up == frozenset()


@given(schema_1.content_data())
def test_what_is_made_up_is_never_told_as_added(data: Data) -> None:
    content = upgraded(data)
    told = [change.id for change in diff.changes(None, content)]
    assert told == [identity for identity in content.entries if identity not in content.made_up]
    every = diff.changes(None, content, made_up=True)
    assert [change.id for change in every] == [*content.entries]
    assert dump(diff.apply(None, every, content.id)) == dump(content)


@given(schema_1.content_data(), schema_1.content_data())
def test_between_two_of_schema_1_nothing_made_up_is_told(old: Data, new: Data) -> None:
    before, after = upgraded(old), upgraded(new)
    found = diff.changes(before, after)
    assert not after.made_up.intersection(change.id for change in found)
    assert dump(diff.apply(before, found, after.id)) == dump(after)


@given(schema_1.content_data())
def test_the_same_written_in_the_present_schema_is_no_change(data: Data) -> None:
    content = upgraded(data)
    assert diff.changes(content, parse(dump(content))) == []


@given(schema_1.content_data().flatmap(strategies.spoilt))
def test_anything_gets_an_answer_that_can_be_printed(data: Any) -> None:
    found, faults = rules.read(data)
    assert (found is None) == bool(faults)
    for fault in faults:
        assert str(fault).encode()
        assert fault.message


def test_what_the_site_started_from_has_no_fault(data: Data, fixture_content: Content) -> None:
    found, faults = rules.read(data)
    assert faults == []
    assert found
    assert found.made_up
    changes = diff.changes(found, fixture_content)
    assert {(change.kind, change.action) for change in changes} == {
        (RecordKind.GUIDANCE, "changed"),
        (RecordKind.RELATIONSHIP, "changed"),
    }
    assert {field.field for change in changes for field in change.fields} == {"caution", "name"}


TITLE = "Level 2 occupational entry technical qualifications - 16 to 19 and adults"
LIST = "must be a valid array"
WRONG = {
    "a level that is no number": (("levels", 0), "x", "Level “x”, number: must be a valid integer"),
    "levels that are no list": (("levels",), "2", f"Guidance “{{title}}”, levels: {LIST}"),
    "a cohort that is no record": (("cohorts", 0), "adults", "Cohort “number 1 in its list”: must be an object"),
    "a half character": (("cohorts", 1, "slug"), "\ud800", "Guidance “{title}”: "),
    "categories that are no list": (("categories",), {}, f"Guidance “{{title}}”, categories: {LIST}"),
    "a category that is no record": (("categories", 0), 1, "Category “number 1 in its list”: must be an object"),
    "examples lists that are no list": (("examples_lists",), 1, f"Guidance “{{title}}”, examples lists: {LIST}"),
    "an unknown status": (
        ("categories", 0, "availability", "status"),
        "gone",
        f"Category “{TITLE}”, availability: “gone” is not in this guidance",
    ),
    "a month for what is not stated": (
        ("categories", 0, "availability", "status"),
        "not-stated",
        f"Category “{TITLE}”, availability: “not-stated” is not in this guidance",
    ),
    "in scope without a month": (
        ("categories", 0, "availability", "from"),
        None,
        f"Category “{TITLE}”, availability: “In scope” needs the month from which it counts",
    ),
    "an availability that is no record": (
        ("categories", 0, "availability"),
        "in-scope",
        f"Category “{TITLE}”, availability: {LIST}",
    ),
    "an unknown relationship": (
        ("categories", 0, "relationship"),
        "likes",
        f"Category “{TITLE}”, relationship: “likes” is not in this guidance",
    ),
    "an unknown T Level position": (
        ("categories", 0, "t_level"),
        "perhaps",
        f"Category “{TITLE}”, t level: “perhaps” is not in this guidance",
    ),
    "an id that is none": (("id",), 5, "Guidance “{title}”, id: must be a UUID"),
    "a vocabulary that is no list": (("relationships",), 5, f"Guidance “{{title}}”, relationships: {LIST}"),
    "a truth for the schema": (("schema",), True, "Guidance “{title}”, schema: must be 2, the present schema, or 1"),
    "a schema with a point": (("schema",), 1.0, "Guidance “{title}”, schema: must be 2, the present schema, or 1"),
}


@pytest.mark.parametrize(("path", "value", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_not_well_formed_is_named(data: Data, path: tuple[Any, ...], value: Any, expected: str) -> None:
    title, place = data["title"], data
    *above, last = path
    for key in above:
        place = place[key]
    place[last] = value
    found, faults = rules.read(data)
    assert found is None
    assert expected.replace("{title}", title) in "\n".join(map(str, faults))


@pytest.mark.parametrize("name", ["levels", "cohorts", "categories", "approval_tests"])
def test_a_list_that_is_missing_is_named(data: Data, name: str) -> None:
    del data[name]
    assert f"{name.replace('_', ' ')}: is missing" in str(rules.read(data)[1][0])


@pytest.mark.parametrize("text", ['[{"schema":1}]', '{"schema":1}', '{"schema":1', '{"schema":10}', '{"schema":1.0}'])
def test_what_is_not_content_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@pytest.mark.parametrize(("field", "value"), [("title", "\u200b"), ("publisher", "\u2800"), ("applies_to", ["\u200b"])])
def test_what_could_be_published_then_is_read_but_not_taken_now(data: Data, field: str, value: Any) -> None:
    data[field] = value
    assert as_json(upgraded(data))[field] == value
    found, [fault] = rules.read(data)
    assert found is None
    assert fault.message == "is empty: it has no character that a reader could see"
