"""What an edition says: frozen, typed models of the content format.

The format is JSON, schema 2, described in docs/content-format.md. It is stored as canonical text, and everything
that readers see is a pure function of that text. Nothing here knows the database.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationInfo,
)

from . import addresses
from . import entries as records
from .vocabulary import LATER, NOT_STATED, NOT_STATED_WORDS, Coverage, RecordKind, TestKind
from .words import CONTROL_CHARACTERS, cohort_words, joined, month_words, shows_something

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


def with_something_to_see(value: str) -> str:
    if not shows_something(value):
        raise ValueError("is empty: it has no character that a reader could see")
    return value


def _http_address(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", value):
        raise ValueError("must be a web address that begins with https:// or http://")
    return value


def web_address(value: str) -> str:
    parts = urlsplit(_http_address(value))
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not carry a user name or a password")
    return value


def email_address(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError("must be an e-mail address such as name@example.org")
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


STORED = "stored"  # validates text that is stored already: what was once published can be read for ever


def _unless_stored(rule: Callable[[str], str]) -> AfterValidator:
    """Hold a rule that is younger than the format against what is written now alone."""

    def validator(value: str, info: ValidationInfo) -> str:
        return value if info.context == STORED else rule(value)

    return AfterValidator(validator)


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(without_control_characters)]
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_LINE),
    AfterValidator(without_control_characters),
    AfterValidator(on_one_line),
    _unless_stored(with_something_to_see),
]
Day = Annotated[date, BeforeValidator(written_as_a_day)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Month = Annotated[str, StringConstraints(pattern=r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$")]
WebAddress = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_WEB_ADDRESS),
    AfterValidator(without_control_characters),
    AfterValidator(on_one_line),
    AfterValidator(_http_address),
    _unless_stored(web_address),
]
EmailAddress = Annotated[
    str,
    StringConstraints(max_length=254),
    AfterValidator(without_control_characters),
    AfterValidator(email_address),
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


class Contact(Model):
    """Whom readers can write to about the guidance."""

    name: Line
    email: EmailAddress | None = None
    url: WebAddress | None = None


class Link(Model):
    """A related page elsewhere."""

    title: Line
    url: WebAddress


class ShortForm(Model):
    """A short form that the guidance uses, and what it stands for."""

    id: UUID
    term: Line
    meaning: Line


class Level(Model):
    """A level of qualification."""

    id: UUID
    number: LevelNumber


class Term(Model):
    """A word of this guidance's own vocabulary: what categories name by its slug, and readers by its name."""

    id: UUID
    slug: Slug
    name: Line


class Cohort(Term):
    """A group of learners."""


class Relationship(Term):
    """How categories can relate to occupational standards; `to_standard` where it is to a standard itself."""

    definition: Text = ""
    to_standard: bool


class TLevel(Term):
    """What the guidance says of T Levels for a category."""

    covered: Coverage


class Availability(Term):
    """A state of availability; `dated` where it counts from a month. The guidance never states a day."""

    dated: bool


class Step(Model):
    """The state of availability that a category has from a month on, or always where there is none."""

    state: Slug
    from_month: Month | None = Field(alias="from")


class Category(Model):
    """A category of technical qualification."""

    id: UUID
    slug: Slug
    title: Line
    levels: tuple[LevelNumber, ...]
    cohorts: tuple[Slug, ...] = ()
    relationship: Slug
    relationship_text: Text
    aim: Text
    example: Text = ""
    by_exception: bool = False
    t_level: Slug | None = None
    approval_tests: tuple[Slug, ...] = ()
    approval_text: Text = ""
    availability: tuple[Step, ...] = ()
    availability_text: Text = ""
    examples_list: Slug | None = None
    synonyms: tuple[Line, ...] = ()
    withdrawn: Text | None = None

    def step_on(self, day: date) -> Step | None:
        """Return the step that counts on a day: the last whose month has come, or None before the first."""
        come = [step for step in self.availability if not _is_to_come(step, day)]
        return come[-1] if come else None

    def next_step(self, day: date) -> Step | None:
        """Return the first step whose month is still to come on a day."""
        return next((step for step in self.availability if _is_to_come(step, day)), None)

    def availability_on(self, day: date) -> str:
        """Return the availability value of a filter on a day: a state, the first one '…-later', or 'not-stated'."""
        if not self.availability:
            return NOT_STATED
        step = self.step_on(day)
        return step.state if step else f"{self.availability[0].state}{LATER}"


def _is_to_come(step: Step, day: date) -> bool:
    return step.from_month is not None and step.from_month > f"{day:%Y-%m}"


class ApprovalTest(Model):
    """An approval test, or a statutory power, that a category faces."""

    id: UUID
    slug: Slug
    name: Line
    kind: TestKind
    description: Text
    withdrawn: Text | None = None


class ExamplesList(Term):
    """A list, kept elsewhere, of qualifications that are examples of a category."""

    covers: Text
    text: Text = ""
    url: WebAddress | None = None


Named = TypeVar("Named", bound="Term | Category | ApprovalTest")


def _by_slug(named: Iterable[Named]) -> dict[str, Named]:
    return {one.slug: one for one in named}


class Content(Model):
    """One guidance, whole: what one edition says."""

    schema_number: Literal[2] = Field(default=2, alias="schema")
    id: UUID
    slug: Slug
    title: Line
    summary: Text
    publisher: Line
    first_published_on: Day | None
    applies_to: tuple[Line, ...]
    notice: Text = ""
    under_review: bool = False
    caution: Text = ""
    introduction: Text = ""
    contact: Contact | None = None
    links: tuple[Link, ...] = ()
    short_forms: tuple[ShortForm, ...] = ()
    levels: tuple[Level, ...]
    cohorts: tuple[Cohort, ...]
    relationships: tuple[Relationship, ...]
    t_levels: tuple[TLevel, ...] = ()
    availabilities: tuple[Availability, ...] = ()
    categories: tuple[Category, ...]
    approval_tests: tuple[ApprovalTest, ...]
    examples_lists: tuple[ExamplesList, ...] = ()

    _made_up: frozenset[UUID] = PrivateAttr(frozenset())

    @property
    def made_up(self) -> frozenset[UUID]:
        """The ids of records that an upgrade of an older schema added: the text itself states them without a record."""
        return self._made_up

    def with_made_up(self, ids: Iterable[UUID]) -> "Content":
        """Return the same content, knowing which of its records an upgrade added."""
        found = self.model_copy()
        found._made_up = frozenset(ids)
        return found

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
        return _by_slug(self.categories)

    @cached_property
    def category_by_id(self) -> dict[UUID, Category]:
        return {category.id: category for category in self.categories}

    @cached_property
    def approval_test_by_slug(self) -> dict[str, ApprovalTest]:
        return _by_slug(self.approval_tests)

    @cached_property
    def cohort_by_slug(self) -> dict[str, Cohort]:
        return _by_slug(self.cohorts)

    @cached_property
    def relationship_by_slug(self) -> dict[str, Relationship]:
        return _by_slug(self.relationships)

    @cached_property
    def t_level_by_slug(self) -> dict[str, TLevel]:
        return _by_slug(self.t_levels)

    @cached_property
    def availability_by_slug(self) -> dict[str, Availability]:
        return _by_slug(self.availabilities)

    @cached_property
    def examples_list_by_slug(self) -> dict[str, ExamplesList]:
        return _by_slug(self.examples_lists)

    @cached_property
    def headings(self) -> dict[str, str]:
        """The fragment of each category's heading in a published document, by slug; none that stands for another."""
        written = {category.slug: addresses.heading(category.title) for category in self.categories}
        times = Counter(written.values())
        return {
            slug: anchor
            for slug, anchor in written.items()
            if times[anchor] == 1 and "-" in anchor and anchor not in self.category_by_slug
        }

    def tests_of(self, category: Category) -> tuple[ApprovalTest, ...]:
        """Return the tests and powers that a category faces, in its order."""
        return tuple(self.approval_test_by_slug[slug] for slug in category.approval_tests)

    def categories_facing(self, test: ApprovalTest) -> tuple[Category, ...]:
        """Return the current categories that face a test or power."""
        return tuple(category for category in self.current_categories if test.slug in category.approval_tests)

    def coverage_of(self, category: Category) -> Coverage:
        """Say whether a T Level covers the standard of a category; one that mentions no T Level does not state it."""
        return self.t_level_by_slug[category.t_level].covered if category.t_level else Coverage.NOT_STATED

    def levels_words(self, category: Category) -> str:
        """'Level 3', or 'Level 4 and 5'."""
        return f"Level {joined(map(str, category.levels))}" if category.levels else NOT_STATED_WORDS

    def cohorts_words(self, category: Category) -> str:
        """'16 to 19 and adults', 'Adults only', or that none is stated."""
        return cohort_words([self.cohort_by_slug[slug].name for slug in category.cohorts])

    def step_words(self, step: Step) -> str:
        """'In scope from November 2023', or 'Not yet available'."""
        name = self.availability_by_slug[step.state].name
        return f"{name} from {month_words(step.from_month)}" if step.from_month else name

    def availability_sentences(self, category: Category, day: date) -> list[str]:
        """Say the state on a day, then the one that comes next; nothing where none is stated."""
        step, following = category.step_on(day), category.next_step(day)
        words = [self.step_words(step)] if step else []
        return [*words, f"{self.step_words(following)} (not yet)"] if following else words

    def availability_words(self, category: Category, day: date) -> str:
        """Say the availability on a day with what comes next.

        'In scope from November 2023', 'In scope from July 2023. No longer in scope from August 2027 (not yet)'.
        """
        return ". ".join(self.availability_sentences(category, day)) or NOT_STATED_WORDS

    @cached_property
    def entries(self) -> dict[UUID, records.Entry]:
        """Every record by its id, each kind in its order, references by id."""
        return {entry.id: entry for entry in records.split(self.model_dump(mode="json", by_alias=True))}

    def entry_of_category(self, record: UUID) -> records.Entry | None:
        """Return the record of one category as `entries` has it, without making those of the others, or None."""
        if record not in self.category_by_id:
            return None
        fields = {name: getattr(self, name) for name in Content.model_fields}
        return Content.model_construct(**fields | {"categories": (self.category_by_id[record],)}).entries[record]

    @cached_property
    def entries_by_kind(self) -> dict[RecordKind, dict[UUID, records.Entry]]:
        found: dict[RecordKind, dict[UUID, records.Entry]] = {kind: {} for kind in RecordKind}
        for identity, entry in self.entries.items():
            found[entry.kind][identity] = entry
        return found

    def entries_of(self, kind: RecordKind) -> dict[UUID, records.Entry]:
        """Return the records of one kind by their ids, in their order."""
        return self.entries_by_kind[kind]


RECORDS: dict[RecordKind, type[Model]] = {
    RecordKind.SHORT_FORM: ShortForm,
    RecordKind.LEVEL: Level,
    RecordKind.COHORT: Cohort,
    RecordKind.RELATIONSHIP: Relationship,
    RecordKind.T_LEVEL: TLevel,
    RecordKind.AVAILABILITY: Availability,
    RecordKind.CATEGORY: Category,
    RecordKind.APPROVAL_TEST: ApprovalTest,
    RecordKind.EXAMPLES_LIST: ExamplesList,
}
