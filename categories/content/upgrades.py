"""Older schemas, read as the present one. What each said without a record for it stands here, frozen, for ever."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from .entries import record_id
from .vocabulary import RecordKind

Data = dict[str, Any]

# Schema 1 had these words in its code: what its values meant to whoever read them
RELATIONSHIPS = {
    "aligns": ("Aligns to an occupational standard", True),
    "aligns-t-level-outline": ("Aligns to T Level outline content", False),
    "builds-on": ("Builds on an occupational standard", True),
    "across-standards": ("Takes KSBs from different occupational standards", True),
    "some-ksbs": ("Covers some KSBs of an occupational standard or standards", True),
    "none": ("No relationship to an occupational standard", False),
}
T_LEVELS = {
    "not-covered": ("The occupational standard is not covered by T Levels", "no"),
    "may-be-covered": ("The occupational standard may be covered by a T Level", "may-be"),
    "is-t-level": ("This is the T Level category", "yes"),
}
AVAILABILITIES = {"in-scope": ("In scope", True), "not-yet-available": ("Not yet available", False)}
SHORT_FORMS = {
    "KSBs": "knowledge, skills and behaviours",
    "HTQs": "Higher Technical Qualifications",
    "IfATE": "Institute for Apprenticeships and Technical Education",
}


# What a guidance and a category say in schema 2 alone
OF_GUIDANCE: Data = {"caution": "", "introduction": "", "contact": None, "links": []}
OF_CATEGORY: Data = {"approval_text": "", "availability_text": ""}


def upgraded(data: Any) -> tuple[Any, list[UUID]]:
    """Return content data in the present schema, and the ids of the records that it had no word of its own for.

    Data of any other schema is returned as it is, with no ids. What is not well-formed stays in its place, for
    `rules.faults` to name.
    """
    is_1 = isinstance(data, dict) and type(data.get("schema")) is int and data["schema"] == 1
    return _from_1(data) if is_1 else (data, [])


def _from_1(data: Data) -> tuple[Data, list[UUID]]:
    guidance = _uuid(data.get("id"))
    vocabulary = {name: records for name, records in _vocabulary(guidance).items() if name not in data}
    changes: dict[str, Callable[[Any], Any]] = {
        "levels": lambda number: {"id": _id(guidance, RecordKind.LEVEL, number), "number": number},
        "cohorts": lambda one: _keyed(guidance, RecordKind.COHORT, one),
        "categories": _category_from_1,
        "examples_lists": lambda one: _keyed(guidance, RecordKind.EXAMPLES_LIST, one, text=""),
    }
    found = OF_GUIDANCE | vocabulary | data | {"schema": 2}
    for name, change in changes.items():
        if isinstance(data.get(name), list):
            found[name] = [change(one) for one in data[name]]
    return found, [UUID(record["id"]) for records in vocabulary.values() for record in records]


def _vocabulary(guidance: UUID) -> dict[str, list[Data]]:
    """Return, by the lists of schema 2, the records of the words that schema 1 left to its code."""

    def made(kind: RecordKind, slug: str, **fields: Any) -> Data:
        return {"id": _id(guidance, kind, slug), "slug": slug, **fields}

    return {
        "short_forms": [
            {"id": _id(guidance, RecordKind.SHORT_FORM, term), "term": term, "meaning": meaning}
            for term, meaning in SHORT_FORMS.items()
        ],
        "relationships": [
            made(RecordKind.RELATIONSHIP, slug, name=name, definition="", to_standard=to_standard)
            for slug, (name, to_standard) in RELATIONSHIPS.items()
        ],
        "t_levels": [
            made(RecordKind.T_LEVEL, slug, name=name, covered=covered) for slug, (name, covered) in T_LEVELS.items()
        ],
        "availabilities": [
            made(RecordKind.AVAILABILITY, slug, name=name, dated=dated)
            for slug, (name, dated) in AVAILABILITIES.items()
        ],
    }


def _keyed(guidance: UUID, kind: RecordKind, record: Any, **added: Any) -> Any:
    """Give a record the id that its slug stood for."""
    if not isinstance(record, dict):
        return record
    return {"id": _id(guidance, kind, record.get("slug")), **added, **record}


def _category_from_1(category: Any) -> Any:
    if not isinstance(category, dict):
        return category
    found = OF_CATEGORY | category
    if category.get("t_level") == "not-mentioned":
        found["t_level"] = None
    if isinstance(category.get("availability"), dict):
        found["availability"] = _steps(category["availability"])
    return found


def _steps(availability: Data) -> list[Data]:
    """Return the one step that an availability of schema 1 was, or none where it said that it is not stated."""
    others = {name: value for name, value in availability.items() if name != "status"}
    status = availability.get("status")
    return [] if status == "not-stated" and not any(others.values()) else [{"state": status, "from": None} | others]


def _id(guidance: UUID, kind: RecordKind, key: Any) -> str:
    return str(record_id(guidance, kind, str(key).encode(errors="replace").decode()))


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (AttributeError, TypeError, ValueError):
        return UUID(int=0)
