"""The records of content one by one, each with an id, and content put together from them again.

In content a category names a level by its number and every other record by its slug; in its entry, by their ids, so
that comparing follows records through renames. Here alone is known how.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from .vocabulary import RecordKind

SCHEMA = 2
LIST_OF_KIND = {
    RecordKind.SHORT_FORM: "short_forms",
    RecordKind.LEVEL: "levels",
    RecordKind.COHORT: "cohorts",
    RecordKind.RELATIONSHIP: "relationships",
    RecordKind.T_LEVEL: "t_levels",
    RecordKind.AVAILABILITY: "availabilities",
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
    "caution",
    "introduction",
    "contact",
    "links",
)
# The fields of a category that name other records
NAMED_FIELDS = {
    "levels": RecordKind.LEVEL,
    "cohorts": RecordKind.COHORT,
    "relationship": RecordKind.RELATIONSHIP,
    "t_level": RecordKind.T_LEVEL,
    "approval_tests": RecordKind.APPROVAL_TEST,
    "availability": RecordKind.AVAILABILITY,
    "examples_list": RecordKind.EXAMPLES_LIST,
}
SETS = ("levels", "cohorts", "approval_tests")  # shown in the order of the guidance, whatever their own


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the guidance, as plain JSON values without its id. A category names other records by their ids.

    What is a set to readers (levels, cohorts, tests) is sorted, since pages show it in the order of the guidance.
    """

    kind: RecordKind
    id: UUID
    slug: str
    title: str
    value: Mapping[str, Any]

    @property
    def withdrawn(self) -> bool:
        return self.value.get("withdrawn") is not None

    @property
    def names(self) -> Iterator[tuple[str, UUID]]:
        """Each field by which it names another record, with the id of that."""
        if self.kind == RecordKind.CATEGORY:
            for field in NAMED_FIELDS:
                yield from ((field, UUID(identity)) for identity in references(field, self.value[field]))


def record_id(guidance: UUID, kind: RecordKind, key: str) -> UUID:
    """Return the id of a record that schema 1 identified by a key alone: a level, a cohort, an examples list."""
    return uuid5(guidance, f"{kind.value}:{key}")


def key_of(kind: RecordKind, record: Mapping[str, Any]) -> Any:
    """Return what a category has where it names a record."""
    return record["number"] if kind == RecordKind.LEVEL else record.get("slug", "")


def title_of(kind: RecordKind, record: Mapping[str, Any]) -> str:
    """Return what readers and staff know a record by."""
    if kind == RecordKind.LEVEL:
        return f"Level {record['number']}"
    field = {RecordKind.GUIDANCE: "title", RecordKind.CATEGORY: "title", RecordKind.SHORT_FORM: "term"}.get(
        kind, "name"
    )
    return str(record[field])


def split(data: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield every record of content data, each kind in its order. Raises KeyError where one names what is not there."""
    metadata = {name: data[name] for name in GUIDANCE_FIELDS}
    yield Entry(RecordKind.GUIDANCE, UUID(data["id"]), data["slug"], data["title"], metadata)
    ids = {kind: {key_of(kind, one): one["id"] for one in data[name]} for kind, name in LIST_OF_KIND.items()}
    for kind, name in LIST_OF_KIND.items():
        for record in data[name]:
            value = {field: item for field, item in record.items() if field != "id"}
            if kind == RecordKind.CATEGORY:
                value |= {field: _named(field, value[field], ids[of].__getitem__) for field, of in NAMED_FIELDS.items()}
                value |= {field: sorted(value[field]) for field in SETS}
            slug = str(key_of(kind, record))
            yield Entry(kind, UUID(record["id"]), slug, title_of(kind, record), value)


def assemble(guidance: UUID, entries: Iterable[Entry]) -> dict[str, Any]:
    """Put entries back together as content data: the inverse of `Content.entries`. Levels stand by their number.

    A reference to a record that is not among the entries is kept as its id, which `faults` then reports.
    """
    data: dict[str, Any] = {"schema": SCHEMA, "id": str(guidance)} | {name: [] for name in LIST_OF_KIND.values()}
    entries = sorted(entries, key=lambda one: one.value["number"] if one.kind == RecordKind.LEVEL else 0)
    keys = {str(entry.id): key_of(entry.kind, entry.value) for entry in entries}
    places = {str(entry.id): place for place, entry in enumerate(entries)}
    for entry in entries:
        if entry.kind == RecordKind.GUIDANCE:
            data |= entry.value
            continue
        value = {"id": str(entry.id), **entry.value}
        if entry.kind == RecordKind.CATEGORY:
            value |= {name: sorted(value[name], key=lambda one: places.get(one, len(places))) for name in SETS}
            value |= {name: _named(name, value[name], lambda one: keys.get(one, one)) for name in NAMED_FIELDS}
        data[LIST_OF_KIND[entry.kind]].append(value)
    return data


def _named(field: str, value: Any, other: Callable[[Any], Any]) -> Any:
    """Return the value of a field that names records with each of them named in the other way."""
    if field == "availability":
        return [step | {"state": other(step["state"])} for step in value]
    if isinstance(value, list):
        return [other(one) for one in value]
    return None if value is None else other(value)


def unmet(data: Mapping[str, Any], *known: Mapping[UUID, Entry]) -> Iterator[tuple[Mapping[str, Any], str, Entry]]:
    """Yield each category of assembled data, field and record where it names that, and the data has it no more.

    `known` are the records that it can be: what is there is named by its key, what is not by its id.
    """
    entries = {str(identity): entry for side in known for identity, entry in side.items()}
    for category in data["categories"]:
        for field in NAMED_FIELDS:
            yield from ((category, field, entries[one]) for one in references(field, category[field]) if one in entries)


def references(field: str, value: Any) -> list[Any]:
    """Return how a field of a category names each of its records."""
    if field == "availability":
        return [step["state"] for step in value]
    return value if isinstance(value, list) else [] if value is None else [value]
