"""What an edition says: frozen, typed models of the content format.

The format is JSON, schema 1, described in docs/content-format.md. It is stored as canonical text, and everything
that readers see is a pure function of that text. Nothing here knows the database.
"""

import re
from datetime import date
from functools import cached_property
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from . import entries as records
from .vocabulary import (
    IN_SCOPE_LATER,
    NOT_STATED_WORDS,
    AvailabilityStatus,
    RecordKind,
    Relationship,
    TestKind,
    TLevel,
)
from .words import CONTROL_CHARACTERS, cohort_words, joined, month_words

LONGEST_LINE = 300
LONGEST_WEB_ADDRESS = 200
LONGEST_TEXT = 20_000


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
    def entries(self) -> dict[UUID, records.Entry]:
        """Every record by its id, each kind in its order, references by id."""
        return {entry.id: entry for entry in records.split(self.model_dump(mode="json", by_alias=True))}

    def entries_of(self, kind: RecordKind) -> dict[UUID, records.Entry]:
        """Return the records of one kind by their ids, in their order."""
        return {identity: entry for identity, entry in self.entries.items() if entry.kind == kind}
