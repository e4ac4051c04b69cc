"""The fields of the format as people read them: the label of each, and what each states of a category. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from . import markdown
from .schema import Category, Content
from .vocabulary import NOT_STATED_WORDS
from .words import inside, joined

ALWAYS = date.max  # no month is still to come on it: the stored fact, which is the same on every day

LABELS = {
    "aim": "Core aim",
    "applies_to": "Applies to",
    "approval_tests": "Approval tests and powers",
    "availability": "Availability",
    "by_exception": "Approved for development by exception only",
    "cohorts": "Cohorts",
    "covers": "What it covers",
    "description": "What it means",
    "example": "Example",
    "examples_list": "Examples list",
    "first_published_on": "Published",
    "kind": "Kind",
    "levels": "Levels",
    "name": "Name",
    "notice": "Notice",
    "number": "Level",
    "publisher": "From",
    "relationship": "Relationship to occupational standards",
    "relationship_text": "Relationship in words",
    "slug": "Address",
    "summary": "Summary",
    "synonyms": "Other names",
    "t_level": "T Levels",
    "title": "Title",
    "under_review": "Under review",
    "url": "Web address",
    "withdrawn": "Withdrawn because",
}


@dataclass(frozen=True, slots=True)
class Field:
    """What one field states of a category on a day.

    `values` are the things that it states, none where it states nothing; `sentence` says them together, and what to
    read where there is none. A field that `lists` may state several.
    """

    values: Callable[[Content, Category, date], Sequence[str]]
    sentence: Callable[[Content, Category, date], str]
    lists: bool = False
    markdown: bool = False


def _text(name: str, empty: str = "") -> Field:
    return Field(
        lambda content, category, on: [getattr(category, name)] if getattr(category, name) else [],
        lambda content, category, on: getattr(category, name) or empty,
        markdown=True,
    )


def _one(say: Callable[[Content, Category, date], str]) -> Field:
    return Field(lambda content, category, on: [say(content, category, on)], say)


def _tests(content: Content, category: Category) -> list[str]:
    """Name tests in the order of the guidance."""
    return [test.name for test in content.approval_tests if test.slug in category.approval_tests]


def _tests_sentence(content: Content, category: Category) -> str:
    first, *others = _tests(content, category) or [NOT_STATED_WORDS]
    return joined([first, *map(inside, others)])


def _examples_list(content: Content, category: Category) -> list[str]:
    return [content.examples_list_by_slug[category.examples_list].name] if category.examples_list else []


def _examples_sentence(content: Content, category: Category) -> str:
    """Name the list and say what it covers, since two lists may have one name."""
    if not category.examples_list:
        return "None named"
    examples = content.examples_list_by_slug[category.examples_list]
    return f"{examples.name} (covers: {inside(markdown.plain(examples.covers))})"


OF_CATEGORY = {
    "title": _one(lambda content, category, on: category.title),
    "levels": Field(
        lambda content, category, on: [str(level) for level in category.levels],
        lambda content, category, on: content.levels_words(category),
        lists=True,
    ),
    "cohorts": Field(
        lambda content, category, on: [cohort.name for cohort in content.cohorts if cohort.slug in category.cohorts],
        lambda content, category, on: content.cohorts_words(category),
        lists=True,
    ),
    "relationship": _one(lambda content, category, on: str(category.relationship.label)),
    "relationship_text": _text("relationship_text"),
    "t_level": _one(lambda content, category, on: str(category.t_level.label)),
    "aim": _text("aim"),
    "example": _text("example", "None given"),
    "by_exception": _one(lambda content, category, on: "Yes" if category.by_exception else "No"),
    "approval_tests": Field(
        lambda content, category, on: _tests(content, category),
        lambda content, category, on: _tests_sentence(content, category),
        lists=True,
    ),
    "availability": _one(lambda content, category, on: category.availability.words(on)),
    "examples_list": Field(
        lambda content, category, on: _examples_list(content, category),
        lambda content, category, on: _examples_sentence(content, category),
    ),
    "synonyms": Field(
        lambda content, category, on: category.synonyms,
        lambda content, category, on: joined(category.synonyms) or "None",
        lists=True,
    ),
}
