"""The rules that content must keep to be published: each one broken is a fault, named by record and field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from . import markdown
from .canonical import canonical
from .entries import KIND_OF_LIST
from .schema import LONGEST_LINE, Content
from .vocabulary import NOT_STATED, NOT_SURE, AvailabilityStatus, RecordKind


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that stops content from being published: in which record, in which field, what and why."""

    kind: RecordKind
    record: str  # the record's id, or what stands in its place in the file
    name: str
    field: str
    message: str

    def __str__(self) -> str:
        label = self.kind.label if self.kind != RecordKind.GUIDANCE else "Guidance"
        field = f", {self.field.replace('_', ' ')}" if self.field else ""
        return f"{label} “{self.name}”{field}: {self.message}"


def read(data: Any) -> tuple[Content | None, list[Fault]]:
    """Read content data from outside: the content, or every fault at once."""
    if not isinstance(data, dict):
        return None, [Fault(RecordKind.GUIDANCE, "", "the file", "", "must be one JSON object")]
    found = faults(data)
    return (None, found) if found else (Content.model_validate_json(canonical(data), strict=True), [])


def faults(data: dict[str, Any]) -> list[Fault]:
    """List everything that stops content data from being published, in the order of the page."""
    try:
        text = canonical(data)
    except (ValueError, TypeError) as error:
        return [Fault(RecordKind.GUIDANCE, "", "the file", "", f"is not JSON: {error}")]
    checks = (_identity_faults, _cohort_faults, _category_faults, _text_faults)
    return [*_structure_faults(data, text), *(fault for check in checks for fault in check(data))]


def _structure_faults(data: dict[str, Any], text: str) -> Iterator[Fault]:
    try:
        Content.model_validate_json(text, strict=True)
    except ValidationError as error:
        for detail in error.errors():
            yield _structure_fault(data, detail["loc"], _message(detail))


MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this format",
    "string_too_short": "is empty",
    "literal_error": "must be 1, the only schema there is",
    "uuid_parsing": "must be a UUID",
}


SHAPES = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "must be lower-case letters, digits and single hyphens",
    r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$": "must be a year and a month such as 2023-11",
}


def _message(detail: Any) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return f"{SHAPES[context['pattern']]}, not “{detail['input']}”"
    if kind == "value_error":
        return str(context["error"])
    if kind == "enum":
        return f"must be one of {context['expected']}, not “{detail['input']}”"
    message: str = MESSAGES.get(kind, detail["msg"].replace("Input should be", "must be"))
    return message


def _structure_fault(data: dict[str, Any], path: tuple[int | str, ...], message: str) -> Fault:
    match path:
        case (str(name), int(place), *rest) if name in KIND_OF_LIST:
            return _fault(KIND_OF_LIST[name], data[name][place], place, ".".join(map(str, rest)), message)
        case _:
            return _fault(RecordKind.GUIDANCE, data, 0, ".".join(map(str, path)), message)


def _fault(kind: RecordKind, record: Any, place: int, field: str, message: str) -> Fault:
    record = record if isinstance(record, dict) else {}
    unnamed = "the guidance" if kind == RecordKind.GUIDANCE else f"number {place + 1} in its list"
    name = _printable(record.get("title") or record.get("name") or unnamed)
    shortened = name if len(name) <= LONGEST_LINE else f"{name[:LONGEST_LINE]}…"
    return Fault(kind, str(record.get("id") or record.get("slug") or ""), shortened, field, message)


def _printable(value: Any) -> str:
    """Write half characters, which a JSON file can hold and no page can show, as question marks."""
    return str(value).encode(errors="replace").decode()


def _records(data: dict[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    """The well-formed records of one list, with their places."""
    return [(place, item) for place, item in enumerate(_list(data.get(name))) if isinstance(item, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _has_twins(values: list[Any]) -> bool:
    return len(set(map(str, values))) != len(values)


def _identity(value: str) -> str:
    """Return an id in the one way of writing it: without this, capitals would make two of one."""
    try:
        return str(UUID(value))
    except ValueError:
        return value


def _identity_faults(data: dict[str, Any]) -> Iterator[Fault]:
    """No two records at one id, no two of a kind at one slug."""
    ids: dict[Any, str] = {_identity(str(data.get("id"))): str(data.get("title"))}
    for list_name, kind in KIND_OF_LIST.items():
        slugs: dict[Any, str] = {}
        for place, record in _records(data, list_name):
            name = str(record.get("title") or record.get("name"))
            for field, taken, written in (("id", ids, _identity), ("slug", slugs, str)):
                if not isinstance(record.get(field), str):
                    continue
                value = written(record[field])
                if value in taken:
                    yield _fault(kind, record, place, field, f"is the same as that of “{taken[value]}”")
                taken[value] = name
    if _has_twins(_list(data.get("levels"))):
        yield _fault(RecordKind.GUIDANCE, data, 0, "levels", "names a level twice")


def cohort_slug_problem(slug: str) -> str | None:
    """Say why no cohort can have a slug, or None: it stands beside these words among the values of a filter."""
    if slug in (NOT_STATED, NOT_SURE):
        return f"“{slug}” has a meaning of its own in the filter and the finder; choose another"
    return None


def _cohort_faults(data: dict[str, Any]) -> Iterator[Fault]:
    for place, cohort in _records(data, "cohorts"):
        if problem := cohort_slug_problem(str(cohort.get("slug"))):
            yield _fault(RecordKind.COHORT, cohort, place, "slug", problem)


def _category_faults(data: dict[str, Any]) -> Iterator[Fault]:
    known = {
        "levels": {level for level in _list(data.get("levels")) if isinstance(level, int)},
        "cohorts": {str(record.get("slug")) for _, record in _records(data, "cohorts")},
        "approval_tests": {str(record.get("slug")): record for _, record in _records(data, "approval_tests")},
        "examples_list": {str(record.get("slug")) for _, record in _records(data, "examples_lists")},
    }
    for place, category in _records(data, "categories"):
        for field, message in _category_messages(category, known):
            yield _fault(RecordKind.CATEGORY, category, place, field, message)


def _category_messages(category: dict[str, Any], known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("levels", "cohorts", "approval_tests"):
        values = _list(category.get(field))
        for value in values:
            if isinstance(value, str | int) and value not in known[field]:
                yield field, f"“{value}” is not in this guidance"
        if _has_twins(values):
            yield field, "names the same one twice"
    examples = category.get("examples_list")
    if isinstance(examples, str) and examples not in known["examples_list"]:
        yield "examples_list", f"“{examples}” is not in this guidance"
    yield from _availability_messages(category.get("availability"))
    if category.get("withdrawn") is None:
        yield from _current_category_messages(category, known["approval_tests"])


def _availability_messages(availability: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(availability, dict):
        return
    in_scope = availability.get("status") == AvailabilityStatus.IN_SCOPE.value
    if in_scope and not availability.get("from"):
        yield "availability", "is in scope, so it needs the month from which it is"
    if not in_scope and availability.get("from"):
        yield "availability", "has a month, so it must be in scope"


def _current_category_messages(category: dict[str, Any], tests: dict[Any, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for field in ("aim", "relationship_text"):
        if isinstance(category.get(field), str) and not category[field].strip():
            yield field, "is empty"
    if category.get("levels") == []:
        yield "levels", "is empty; give at least one level"
    if category.get("approval_tests", []) == []:
        yield "approval_tests", "is empty; give at least one test or power, or withdraw the category"
    for slug in _list(category.get("approval_tests")):
        test = tests.get(slug) if isinstance(slug, str) else None
        if test and test.get("withdrawn") is not None:
            yield "approval_tests", f"“{test.get('name')}” is withdrawn; only a withdrawn category may name it"


MARKDOWN_FIELDS = {
    "categories": ("relationship_text", "aim", "example", "withdrawn"),
    "approval_tests": ("description", "withdrawn"),
}


def _text_faults(data: dict[str, Any]) -> Iterator[Fault]:
    """Every link must be one that a reader can follow; a withdrawal must say why."""
    for problem in markdown.problems(str(data.get("notice") or "")):
        yield _fault(RecordKind.GUIDANCE, data, 0, "notice", problem)
    for list_name, fields in MARKDOWN_FIELDS.items():
        for place, record in _records(data, list_name):
            for field in fields:
                text = record.get(field)
                if not isinstance(text, str):
                    continue
                if field in ("withdrawn", "description") and not text.strip():
                    yield _fault(KIND_OF_LIST[list_name], record, place, field, "is empty; say it in words")
                for problem in markdown.problems(text):
                    yield _fault(KIND_OF_LIST[list_name], record, place, field, problem)
