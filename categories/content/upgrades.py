"""Older schemas, read as the present one. What each said without a record for it stands here, frozen, for ever."""

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


def upgraded(data: Data) -> tuple[Data, list[UUID]]:
    """Return content data in the present schema, and the ids of the records that it had no word of its own for.

    Data of any other schema is returned as it is. What is not well-formed is left for `rules.faults` to name.
    """
    return _from_1(data) if data.get("schema") == 1 else (data, [])


def _from_1(data: Data) -> tuple[Data, list[UUID]]:
    guidance = _uuid(data.get("id"))

    def made(kind: RecordKind, key: str, **fields: Any) -> Data:
        return {"id": str(record_id(guidance, kind, key)), **fields}

    def keyed(kind: RecordKind, records: Any, **fields: Any) -> list[Any]:
        return [
            made(kind, str(one.get("slug")), **fields) | one if isinstance(one, dict) else one for one in _list(records)
        ]

    vocabulary = {
        "short_forms": [
            made(RecordKind.SHORT_FORM, term, term=term, meaning=meaning) for term, meaning in SHORT_FORMS.items()
        ],
        "relationships": [
            made(RecordKind.RELATIONSHIP, slug, slug=slug, name=name, definition="", to_standard=to_standard)
            for slug, (name, to_standard) in RELATIONSHIPS.items()
        ],
        "t_levels": [
            made(RecordKind.T_LEVEL, slug, slug=slug, name=name, covered=covered)
            for slug, (name, covered) in T_LEVELS.items()
        ],
        "availabilities": [
            made(RecordKind.AVAILABILITY, slug, slug=slug, name=name, dated=dated)
            for slug, (name, dated) in AVAILABILITIES.items()
        ],
    }
    made_up = [UUID(record["id"]) for records in vocabulary.values() for record in records]
    found = {"caution": "", "introduction": "", "contact": None, "links": []} | data | vocabulary | {"schema": 2}
    found["levels"] = [made(RecordKind.LEVEL, str(number), number=number) for number in _list(data.get("levels"))]
    found["cohorts"] = keyed(RecordKind.COHORT, data.get("cohorts"))
    found["categories"] = [_category_from_1(category) for category in _records(data.get("categories"))]
    found["examples_lists"] = keyed(RecordKind.EXAMPLES_LIST, data.get("examples_lists"), text="")
    return found, made_up


def _category_from_1(category: Data) -> Data:
    availability = category.get("availability")
    found = {"approval_text": "", "availability_text": "", **category}
    if category.get("t_level") == "not-mentioned":
        found["t_level"] = None
    if isinstance(availability, dict):
        status = availability.get("status")
        others = {name: value for name, value in availability.items() if name != "status"}
        found["availability"] = [{"state": status, "from": None} | others] if status != "not-stated" else []
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _records(value: Any) -> list[Data]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (AttributeError, TypeError, ValueError):
        return UUID(int=0)
