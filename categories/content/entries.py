"""The records of content one by one, each with an id, and content put together from them again.

A category names levels and cohorts by their key, tests by slug and its examples list by slug. Here alone is known how.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from .vocabulary import RecordKind


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the guidance, with references by id, so that comparing follows records through renames.

    `value` is the record as plain JSON values without its id; `approval_tests` and `examples_list` hold ids, and what
    is a set to readers (levels, cohorts, tests) is sorted, since the page shows it in the order of the guidance.
    """

    kind: RecordKind
    id: UUID
    slug: str
    title: str
    value: Mapping[str, Any]

    @property
    def withdrawn(self) -> bool:
        return self.value.get("withdrawn") is not None


SCHEMA = 1
LIST_OF_KIND = {
    RecordKind.COHORT: "cohorts",
    RecordKind.CATEGORY: "categories",
    RecordKind.APPROVAL_TEST: "approval_tests",
    RecordKind.EXAMPLES_LIST: "examples_lists",
}
KIND_OF_LIST = {name: kind for kind, name in LIST_OF_KIND.items()}
GUIDANCE_FIELDS = (
    "slug",
    "title",
    "summary",
    "publisher",
    "first_published_on",
    "applies_to",
    "notice",
    "under_review",
)


def record_id(guidance: UUID, kind: RecordKind, key: str) -> UUID:
    """Return the id of a record that the format identifies by a key: a level, a cohort, an examples list."""
    return uuid5(guidance, f"{kind.value}:{key}")


def split(data: dict[str, Any]) -> Iterator[Entry]:
    """Yield every record of content data, each kind in its order. Raises KeyError where one names what is not there."""
    guidance = UUID(data["id"])
    tests = {test["slug"]: test["id"] for test in data["approval_tests"]}
    yield Entry(
        RecordKind.GUIDANCE, guidance, data["slug"], data["title"], {name: data[name] for name in GUIDANCE_FIELDS}
    )
    for level in data["levels"]:
        identity = record_id(guidance, RecordKind.LEVEL, str(level))
        yield Entry(RecordKind.LEVEL, identity, str(level), f"Level {level}", {"number": level})
    for value in data["cohorts"]:
        yield _keyed(guidance, RecordKind.COHORT, value)
    for value in data["categories"]:
        yield _identified(RecordKind.CATEGORY, value | _references(guidance, value, tests), "title")
    for value in data["approval_tests"]:
        yield _identified(RecordKind.APPROVAL_TEST, value, "name")
    for value in data["examples_lists"]:
        yield _keyed(guidance, RecordKind.EXAMPLES_LIST, value)


def _keyed(guidance: UUID, kind: RecordKind, value: dict[str, Any]) -> Entry:
    return Entry(kind, record_id(guidance, kind, value["slug"]), value["slug"], value["name"], value)


def _identified(kind: RecordKind, value: dict[str, Any], title: str) -> Entry:
    fields = {key: item for key, item in value.items() if key != "id"}
    return Entry(kind, UUID(value["id"]), value["slug"], value[title], fields)


def _references(guidance: UUID, category: dict[str, Any], tests: dict[str, str]) -> dict[str, Any]:
    """What a category names, as entries have it: `NAMED_FIELDS` says which field names which kind."""
    examples = category["examples_list"]
    return {
        "levels": sorted(category["levels"]),
        "cohorts": sorted(category["cohorts"]),
        "approval_tests": sorted(tests[slug] for slug in category["approval_tests"]),
        "examples_list": str(record_id(guidance, RecordKind.EXAMPLES_LIST, examples)) if examples else None,
    }


NAMED_FIELDS = {
    "levels": RecordKind.LEVEL,
    "cohorts": RecordKind.COHORT,
    "approval_tests": RecordKind.APPROVAL_TEST,
    "examples_list": RecordKind.EXAMPLES_LIST,
}
KEYED = (RecordKind.LEVEL, RecordKind.COHORT)  # kinds that a category names by their key, not by their id

Reference = tuple[RecordKind, str]


def reference(entry: Entry) -> Reference:
    """Return what a category has in one of its fields where it names a record."""
    return entry.kind, entry.slug if entry.kind in KEYED else str(entry.id)


def named(category: Mapping[str, Any]) -> Iterator[tuple[str, Reference]]:
    """Yield each field of a category by which it names a record, with the reference."""
    for field, kind in NAMED_FIELDS.items():
        values = category[field] if isinstance(category[field], list) else [category[field]]
        yield from ((field, (kind, str(value))) for value in values if value is not None)


def assemble(guidance: UUID, entries: Iterable[Entry]) -> dict[str, Any]:
    """Put entries back together as content data: the inverse of `Content.entries`.

    A reference to a record that is not among the entries is kept as its id, which `faults` then reports.
    """
    data: dict[str, Any] = {"schema": SCHEMA, "id": str(guidance), "levels": []}
    data |= {name: [] for name in LIST_OF_KIND.values()}
    entries = list(entries)
    slugs = {str(entry.id): entry.slug for entry in entries}
    places = {entry.slug if entry.kind == RecordKind.COHORT else str(entry.id): n for n, entry in enumerate(entries)}
    for entry in entries:
        match entry.kind:
            case RecordKind.GUIDANCE:
                data |= entry.value
            case RecordKind.LEVEL:
                data["levels"].append(entry.value["number"])
            case RecordKind.CATEGORY:
                data["categories"].append(_assembled_category(entry, slugs, places))
            case RecordKind.APPROVAL_TEST:
                data["approval_tests"].append({"id": str(entry.id), **entry.value})
            case _:
                data[LIST_OF_KIND[entry.kind]].append(dict(entry.value))
    data["levels"].sort()
    return data


def _assembled_category(entry: Entry, slugs: dict[str, str], places: dict[str, int]) -> dict[str, Any]:
    def in_order(values: list[str]) -> list[str]:
        return sorted(values, key=lambda value: places.get(value, len(places)))

    value = {"id": str(entry.id), **entry.value}
    value["cohorts"] = in_order(value["cohorts"])
    value["approval_tests"] = [slugs.get(test, test) for test in in_order(value["approval_tests"])]
    value["examples_list"] = slugs.get(value["examples_list"], value["examples_list"])
    return value
