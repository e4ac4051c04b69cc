"""The fields of the format as people read them: the label of each, and what each states of a category. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from . import markdown
from .schema import Category, Content
from .vocabulary import ADDRESSED, NOT_STATED_WORDS, RecordKind
from .words import inside, joined

LABELS = {
    "aim": "Core aim",
    "applies_to": "Applies to",
    "approval_tests": "Approval tests and powers",
    "approval_text": "Approval in words",
    "availability": "Availability",
    "availability_text": "Availability in words",
    "by_exception": "Approved for development by exception only",
    "caution": "Caution",
    "cohorts": "Cohorts",
    "contact": "Contact",
    "covered": "Covered by a T Level",
    "covers": "What it covers",
    "dated": "Counts from a month",
    "definition": "Definition",
    "description": "What it means",
    "example": "Example",
    "examples_list": "Examples list",
    "first_published_on": "Published",
    "introduction": "Introduction",
    "kind": "Kind",
    "levels": "Levels",
    "links": "Related links",
    "meaning": "Stands for",
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
    "term": "Short form",
    "text": "In words",
    "title": "Title",
    "to_standard": "Is to an occupational standard",
    "under_review": "Under review",
    "url": "Web address",
    "withdrawn": "Withdrawn because",
}

SLUG_OF_TERM = "Name in addresses and data"


def label(field: str, kind: RecordKind) -> str:
    """Return the label of a field of a kind of record: a slug is an address only of what has a page.

    >>> label("slug", RecordKind.CATEGORY), label("slug", RecordKind.COHORT)
    ('Address', 'Name in addresses and data')
    """
    return SLUG_OF_TERM if field == "slug" and kind not in ADDRESSED else LABELS[field]


Values = Callable[[Content, Category], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Field:
    """What one field states of a category.

    `values` are the things that it states, as stored, none where it states nothing; `sentence` says them together as
    they are on a day, or what to read where there is none. A field that `lists` may state several.
    """

    values: Values
    sentence: Callable[[Content, Category, date], str]
    lists: bool = False
    markdown: bool = False


def _one(say: Callable[[Content, Category], str], *, empty: str = NOT_STATED_WORDS, markdown: bool = False) -> Field:
    """A field that states one thing, or nothing."""
    return Field(
        lambda content, category: [words] if (words := say(content, category)) else [],
        lambda content, category, on: say(content, category) or empty,
        markdown=markdown,
    )


def _text(name: str, *, empty: str = NOT_STATED_WORDS) -> Field:
    return _one(lambda content, category: str(getattr(category, name)), empty=empty, markdown=True)


def _several(values: Values, sentence: Callable[[Content, Category], str]) -> Field:
    return Field(values, lambda content, category, on: sentence(content, category), lists=True)


def _tests(content: Content, category: Category) -> list[str]:
    """Name tests in the order of the guidance."""
    return [test.name for test in content.approval_tests if test.slug in category.approval_tests]


def _tests_sentence(content: Content, category: Category) -> str:
    first, *others = _tests(content, category) or ["None" if category.approval_text else NOT_STATED_WORDS]
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
    "title": _one(lambda content, category: category.title),
    "levels": _several(
        lambda content, category: [str(level) for level in category.levels],
        lambda content, category: content.levels_words(category),
    ),
    "cohorts": _several(
        lambda content, category: [cohort.name for cohort in content.cohorts if cohort.slug in category.cohorts],
        lambda content, category: content.cohorts_words(category),
    ),
    "relationship": _one(lambda content, category: content.relationship_by_slug[category.relationship].name),
    "relationship_text": _text("relationship_text"),
    "t_level": _one(
        lambda content, category: content.t_level_by_slug[category.t_level].name if category.t_level else ""
    ),
    "aim": _text("aim"),
    "example": _text("example", empty="None given"),
    "by_exception": _one(lambda content, category: "Yes" if category.by_exception else ""),
    "approval_tests": _several(_tests, _tests_sentence),
    "approval_text": _text("approval_text"),
    "availability": Field(
        lambda content, category: [content.step_words(step) for step in category.availability],
        lambda content, category, on: content.availability_words(category, on),
        lists=True,
    ),
    "availability_text": _text("availability_text"),
    "examples_list": Field(_examples_list, lambda content, category, on: _examples_sentence(content, category)),
    "synonyms": _several(
        lambda content, category: category.synonyms,
        lambda content, category: joined(category.synonyms) or "None",
    ),
}
