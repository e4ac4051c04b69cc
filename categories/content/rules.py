"""The rules that content must keep to be published: each one broken is a fault, named by record and field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from . import markdown
from .canonical import canonical, parse
from .entries import KIND_OF_LIST, LIST_OF_KIND, NAMED_FIELDS, key_of
from .schema import LONGEST_LINE, Content
from .upgrades import upgraded
from .vocabulary import LATER, NOT_STATED, NOT_SURE, RecordKind


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
    return (None, found) if found else (parse(canonical(data)), [])


def faults(data: dict[str, Any]) -> list[Fault]:
    """List everything that stops content data from being published, in the order of the page."""
    try:
        data, _ = upgraded(data)
        text = canonical(data)
    except (ValueError, TypeError) as error:
        return [Fault(RecordKind.GUIDANCE, "", "the file", "", f"is not JSON: {error}")]
    checks = (_identity_faults, _slug_faults, _guidance_faults, _category_faults, _text_faults)
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
    "literal_error": "must be 2, the present schema, or 1, the one before",
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
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
    name = _printable(_called(record) or unnamed)
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


def _called(record: dict[str, Any]) -> Any:
    return record.get("title") or record.get("name") or record.get("term") or record.get("number")


def _identity_faults(data: dict[str, Any]) -> Iterator[Fault]:
    """No two records at one id, no two of a kind at one slug, number or term."""
    ids: dict[Any, str] = {_identity(str(data.get("id"))): str(data.get("title"))}
    for list_name, kind in KIND_OF_LIST.items():
        key = {RecordKind.LEVEL: "number", RecordKind.SHORT_FORM: "term"}.get(kind, "slug")
        keys: dict[Any, str] = {}
        for place, record in _records(data, list_name):
            for field, taken, written in (("id", ids, _identity), (key, keys, str)):
                if not isinstance(record.get(field), str | int):
                    continue
                value = written(str(record[field]))
                if value in taken:
                    yield _fault(kind, record, place, field, f"is the same as that of “{taken[value]}”")
                taken[value] = str(_called(record))


# Their slugs are values of filters and of the finder
VALUES = (RecordKind.COHORT, RecordKind.RELATIONSHIP, RecordKind.T_LEVEL, RecordKind.AVAILABILITY)


def value_fault(slug: str) -> str | None:
    """Say why no value of a filter can have a slug, or None: some words have a meaning of their own there."""
    if slug in (NOT_STATED, NOT_SURE) or slug.endswith(LATER):
        return f"“{slug}” has a meaning of its own in the filter and the finder; choose another"
    return None


def _slug_faults(data: dict[str, Any]) -> Iterator[Fault]:
    for kind in VALUES:
        for place, record in _records(data, LIST_OF_KIND[kind]):
            if fault := value_fault(str(record.get("slug"))):
                yield _fault(kind, record, place, "slug", fault)


def _guidance_faults(data: dict[str, Any]) -> Iterator[Fault]:
    contact = data.get("contact")
    if isinstance(contact, dict) and not contact.get("email") and not contact.get("url"):
        yield _fault(RecordKind.GUIDANCE, data, 0, "contact", "needs an e-mail address or a web address")


Known = dict[str, dict[Any, dict[str, Any]]]  # by the field that names them, the records by how they are named


def _category_faults(data: dict[str, Any]) -> Iterator[Fault]:
    known: Known = {
        field: {_key(kind, record): record for _, record in _records(data, LIST_OF_KIND[kind])}
        for field, kind in NAMED_FIELDS.items()
    }
    for place, category in _records(data, "categories"):
        for field, message in _category_messages(category, known):
            yield _fault(RecordKind.CATEGORY, category, place, field, message)


def _key(kind: RecordKind, record: dict[str, Any]) -> Any:
    key = key_of(kind, {"number": None} | record)
    return key if isinstance(key, str | int) else None


def _category_messages(category: dict[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    given = [step for step in _list(category.get("availability")) if isinstance(step, dict)]
    steps = [step for step in given if isinstance(step.get("state"), str)]
    for field, records in known.items():
        value = [step["state"] for step in steps] if field == "availability" else category.get(field)
        values = value if isinstance(value, list) else [value]
        for one in values:
            if isinstance(one, str | int) and one not in records:
                yield field, f"“{one}” is not in this guidance"
        if field != "availability" and _has_twins(values):
            yield field, "names the same one twice"
    yield from (("availability", message) for message in step_faults(steps, known["availability"]))
    if category.get("withdrawn") is None:
        yield from _current_category_messages(category, known["approval_tests"])


def step_faults(steps: list[dict[str, Any]], states: dict[Any, dict[str, Any]]) -> Iterator[str]:
    """Say what is wrong with the steps of an availability, given the states by how the steps name them."""
    before = ""
    for place, step in enumerate(steps):
        state, month = states.get(step.get("state")), step.get("from")
        if state is None:
            continue
        name = state.get("name")
        if state.get("dated") and not month:
            yield f"“{name}” needs the month from which it counts"
        if not state.get("dated") and month:
            yield f"“{name}” takes no month"
        if place and not month and not state.get("dated"):
            yield f"“{name}” has no month, so it must stand first or alone"
        if isinstance(month, str):
            if month <= before:
                yield "each month must be later than the one before it"
            before = month


def _current_category_messages(category: dict[str, Any], tests: dict[Any, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for field in ("aim", "relationship_text"):
        if isinstance(category.get(field), str) and not markdown.shows_something(category[field]):
            yield field, "is empty"
    if category.get("levels") == []:
        yield "levels", "is empty; give at least one level"
    approval_text = category.get("approval_text", "")
    says_why = isinstance(approval_text, str) and markdown.shows_something(approval_text)
    if category.get("approval_tests", []) == [] and not says_why:
        message = "is empty; give at least one test or power, say in words why it faces none, or withdraw the category"
        yield "approval_tests", message
    for slug in _list(category.get("approval_tests")):
        test = tests.get(slug) if isinstance(slug, str) else None
        if test and test.get("withdrawn") is not None:
            yield "approval_tests", f"“{test.get('name')}” is withdrawn; only a withdrawn category may name it"


MARKDOWN_OF_GUIDANCE = ("notice", "caution", "introduction")
MARKDOWN_FIELDS = {
    "relationships": ("definition",),
    "categories": ("relationship_text", "aim", "example", "approval_text", "availability_text", "withdrawn"),
    "approval_tests": ("description", "withdrawn"),
    "examples_lists": ("text",),
}
NEVER_EMPTY = ("withdrawn", "description")


def _text_faults(data: dict[str, Any]) -> Iterator[Fault]:
    """Every link must be one that a reader can follow; a withdrawal must say why."""
    for field in MARKDOWN_OF_GUIDANCE:
        for message in markdown.faults(str(data.get(field) or "")):
            yield _fault(RecordKind.GUIDANCE, data, 0, field, message)
    for list_name, fields in MARKDOWN_FIELDS.items():
        for place, record in _records(data, list_name):
            for field in fields:
                text = record.get(field)
                if not isinstance(text, str):
                    continue
                if field in NEVER_EMPTY and not markdown.shows_something(text):
                    yield _fault(KIND_OF_LIST[list_name], record, place, field, "is empty; say it in words")
                for message in markdown.faults(text):
                    yield _fault(KIND_OF_LIST[list_name], record, place, field, message)
