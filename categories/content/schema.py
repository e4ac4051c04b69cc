"""What an edition says: frozen, typed models of the content format, and the rules that content must keep.

The format is JSON, schema 1, described in docs/content-format.md. It is stored as canonical text, and everything
that readers see is a pure function of that text. Nothing here knows the database.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from . import markdown
from .vocabulary import (
    IN_SCOPE_LATER,
    NOT_STATED,
    NOT_STATED_WORDS,
    NOT_SURE,
    AvailabilityStatus,
    RecordKind,
    Relationship,
    TestKind,
    TLevel,
)

SCHEMA = 1
LONGEST_LINE = 300
LONGEST_WEB_ADDRESS = 200
LONGEST_TEXT = 20_000
# Controls, half characters, what XML cannot carry, and marks that make text read in another order than it has
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def without_control_characters(value: str) -> str:
    """Refuse what PostgreSQL cannot store, XML cannot carry and nobody can read."""
    if found := CONTROL_CHARACTERS.search(value):
        raise ValueError(f"has the control character U+{ord(found[0]):04X}; take it out")
    return value


def on_one_line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise ValueError("must be on one line, without tabs")
    if value != value.strip():
        raise ValueError("must not begin or end with a space")
    return value


def web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", value):
        raise ValueError("must be a web address that begins with https:// or http://")
    return value


def written_as_a_day(value: object) -> object:
    """Read YYYY-MM-DD alone: pydantic would take a number for seconds since 1970."""
    if value is None or isinstance(value, date):
        return value
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise ValueError(f"must be a day such as 2025-06-02, not “{value}”")
    return day


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(without_control_characters)]
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_LINE),
    AfterValidator(without_control_characters),
    AfterValidator(on_one_line),
]
Day = Annotated[date, BeforeValidator(written_as_a_day)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Month = Annotated[str, StringConstraints(pattern=r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$")]
WebAddress = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_WEB_ADDRESS),
    AfterValidator(without_control_characters),
    AfterValidator(on_one_line),
    AfterValidator(web_address),
]
LevelNumber = Annotated[int, Field(ge=1, le=8)]


def month_words(month: str) -> str:
    """Name a stored month: '2023-11' is 'November 2023'."""
    return f"{date.fromisoformat(month + '-01'):%B %Y}"


def joined(words: Iterable[str], last: str = "and") -> str:
    """Join words as a sentence does: 'a, b and c'."""
    *first, final = list(words) or [""]
    return f"{', '.join(first)} {last} {final}" if first else final


def cohort_words(names: list[str]) -> str:
    """'16 to 19 and adults', 'Adults only', or that none is stated."""
    if not names:
        return NOT_STATED_WORDS
    if len(names) == 1:
        return f"{names[0]} only"
    first, *others = names
    return joined([first, *(name[:1].lower() + name[1:] for name in others)])


class Model(BaseModel):
    """Immutable, and strict: an unknown key or a value of another type is an error, not a guess."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_serialization_defaults_required=True,  # the API leaves nothing out, and says so
    )


class Cohort(Model):
    """A group of learners."""

    slug: Slug
    name: Line


class Availability(Model):
    """Whether a category is in scope, and from which month. The guidance never states a day."""

    status: AvailabilityStatus
    from_month: Month | None = Field(default=None, alias="from")

    def on(self, day: date) -> str:
        """Return the availability value on a day: a month still to come makes 'in-scope' 'in-scope-later'."""
        if self.from_month and self.from_month > f"{day:%Y-%m}":
            return IN_SCOPE_LATER
        return self.status.value

    def words(self, day: date) -> str:
        """Say the availability as readers see it on a day."""
        if not self.from_month:
            return str(self.status.label)
        later = " (not yet)" if self.on(day) == IN_SCOPE_LATER else ""
        return f"In scope from {month_words(self.from_month)}{later}"


class Category(Model):
    """A category of technical qualification."""

    id: UUID
    slug: Slug
    title: Line
    levels: tuple[LevelNumber, ...]
    cohorts: tuple[Slug, ...] = ()
    relationship: Relationship
    relationship_text: Text
    aim: Text
    example: Text = ""
    by_exception: bool = False
    t_level: TLevel = TLevel.NOT_MENTIONED
    approval_tests: tuple[Slug, ...] = ()
    availability: Availability
    examples_list: Slug | None = None
    synonyms: tuple[Line, ...] = ()
    withdrawn: Text | None = None


class ApprovalTest(Model):
    """An approval test, or a statutory power, that a category faces."""

    id: UUID
    slug: Slug
    name: Line
    kind: TestKind
    description: Text
    withdrawn: Text | None = None


class ExamplesList(Model):
    """A list, kept elsewhere, of qualifications that are examples of a category. Its slug is its identity."""

    slug: Slug
    name: Line
    covers: Text
    url: WebAddress | None = None


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


class Content(Model):
    """One guidance, whole: what one edition says."""

    schema_number: Literal[1] = Field(default=1, alias="schema")
    id: UUID
    slug: Slug
    title: Line
    summary: Text
    publisher: Line
    first_published_on: Day | None
    applies_to: tuple[Line, ...]
    notice: Text = ""
    under_review: bool = False
    levels: tuple[LevelNumber, ...]
    cohorts: tuple[Cohort, ...]
    categories: tuple[Category, ...]
    approval_tests: tuple[ApprovalTest, ...]
    examples_lists: tuple[ExamplesList, ...] = ()

    @cached_property
    def current_categories(self) -> tuple[Category, ...]:
        """The categories that lists and counts show: the ones that are not withdrawn."""
        return tuple(category for category in self.categories if category.withdrawn is None)

    @cached_property
    def current_approval_tests(self) -> tuple[ApprovalTest, ...]:
        """The tests and powers that are not withdrawn."""
        return tuple(test for test in self.approval_tests if test.withdrawn is None)

    @cached_property
    def category_by_slug(self) -> dict[str, Category]:
        return {category.slug: category for category in self.categories}

    @cached_property
    def category_by_id(self) -> dict[UUID, Category]:
        return {category.id: category for category in self.categories}

    @cached_property
    def approval_test_by_slug(self) -> dict[str, ApprovalTest]:
        return {test.slug: test for test in self.approval_tests}

    @cached_property
    def approval_test_by_id(self) -> dict[UUID, ApprovalTest]:
        return {test.id: test for test in self.approval_tests}

    @cached_property
    def cohort_by_slug(self) -> dict[str, Cohort]:
        return {cohort.slug: cohort for cohort in self.cohorts}

    @cached_property
    def examples_list_by_slug(self) -> dict[str, ExamplesList]:
        return {examples.slug: examples for examples in self.examples_lists}

    def tests_of(self, category: Category) -> tuple[ApprovalTest, ...]:
        """Return the tests and powers that a category faces, in its order."""
        return tuple(self.approval_test_by_slug[slug] for slug in category.approval_tests)

    def categories_facing(self, test: ApprovalTest) -> tuple[Category, ...]:
        """Return the current categories that face a test or power."""
        return tuple(category for category in self.current_categories if test.slug in category.approval_tests)

    def levels_words(self, category: Category) -> str:
        """'Level 3', or 'Level 4 and 5'."""
        return f"Level {joined(map(str, category.levels))}" if category.levels else NOT_STATED_WORDS

    def cohorts_words(self, category: Category) -> str:
        """'16 to 19 and adults', 'Adults only', or that none is stated."""
        return cohort_words([self.cohort_by_slug[slug].name for slug in category.cohorts])

    @cached_property
    def entries(self) -> dict[UUID, Entry]:
        """Every record by its id, each kind in its order, references by id."""
        return {entry.id: entry for entry in self._entries()}

    def _entries(self) -> Iterator[Entry]:
        data = as_json(self)
        yield Entry(RecordKind.GUIDANCE, self.id, self.slug, self.title, {name: data[name] for name in GUIDANCE_FIELDS})
        for level in self.levels:
            identity = record_id(self.id, RecordKind.LEVEL, str(level))
            yield Entry(RecordKind.LEVEL, identity, str(level), f"Level {level}", {"number": level})
        for cohort in data["cohorts"]:
            identity = record_id(self.id, RecordKind.COHORT, cohort["slug"])
            yield Entry(RecordKind.COHORT, identity, cohort["slug"], cohort["name"], cohort)
        for value in data["categories"]:
            tests = sorted(str(self.approval_test_by_slug[slug].id) for slug in value["approval_tests"])
            examples = value["examples_list"]
            examples = str(record_id(self.id, RecordKind.EXAMPLES_LIST, examples)) if examples else None
            value |= {"approval_tests": tests, "examples_list": examples}
            value |= {"levels": sorted(value["levels"]), "cohorts": sorted(value["cohorts"])}
            yield self._entry(RecordKind.CATEGORY, value, "title")
        for value in data["approval_tests"]:
            yield self._entry(RecordKind.APPROVAL_TEST, value, "name")
        for value in data["examples_lists"]:
            identity = record_id(self.id, RecordKind.EXAMPLES_LIST, value["slug"])
            yield Entry(RecordKind.EXAMPLES_LIST, identity, value["slug"], value["name"], value)

    @staticmethod
    def _entry(kind: RecordKind, value: dict[str, Any], title: str) -> Entry:
        identity = UUID(value["id"])
        value = {key: item for key, item in value.items() if key != "id"}
        return Entry(kind, identity, value["slug"], value[title], value)


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


def as_json(model: BaseModel) -> dict[str, Any]:
    """Return a model as plain JSON values under the names of the format."""
    return model.model_dump(mode="json", by_alias=True)


def canonical(value: Any) -> str:
    """Write JSON in its one canonical form: sorted keys, no spaces, UTF-8 characters as they are, no floats."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dump(content: Content) -> str:
    """Return the canonical text of content: what an edition stores."""
    return canonical(as_json(content))


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=8)  # the present edition and a few days; a large one takes megabytes
def parse(text: str) -> Content:
    """Read canonical text back; older schemas are upgraded here.

    Raises pydantic's ValidationError (a ValueError) when the text is not content.
    """
    return Content.model_validate_json(text, strict=True)


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
