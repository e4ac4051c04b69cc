"""The categories as CSV (RFC 4180, UTF-8): the rows that the filters on the page show. docs/api.md is for its users."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date

from django.http import HttpRequest, HttpResponse

from ..content import filters
from ..content.diff import LABELS
from ..content.schema import Category, Content
from ..content.vocabulary import NOT_STATED_WORDS
from .guidance_views import of_filtered_guidance
from .readings import Reading
from .responses import from_any_site

# What a spreadsheet takes for the beginning of a formula, wide forms included, and the guard itself
UNSAFE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
Cell = Callable[[Category, Content, date], str]

COLUMNS: dict[str, Cell] = {
    "title": lambda category, content, day: category.title,
    "levels": lambda category, content, day: listed(map(str, category.levels)) or NOT_STATED_WORDS,
    "cohorts": lambda category, content, day: _cohorts(category, content) or NOT_STATED_WORDS,
    "relationship": lambda category, content, day: str(category.relationship.label),
    "relationship_text": lambda category, content, day: category.relationship_text,
    "aim": lambda category, content, day: category.aim,
    "example": lambda category, content, day: category.example,
    "by_exception": lambda category, content, day: "Yes" if category.by_exception else "No",
    "t_level": lambda category, content, day: str(category.t_level.label),
    "approval_tests": lambda category, content, day: listed(test.name for test in content.tests_of(category)),
    "availability": lambda category, content, day: category.availability.words(day),
    "examples_list": lambda category, content, day: _examples_list(category, content),
    "synonyms": lambda category, content, day: listed(category.synonyms),
}


def listed(values: Iterable[str]) -> str:
    """Write several values in one cell: '4; 5'. A list that is empty is a cell that is empty.

    A value that holds the separator is quoted as in CSV itself, so that the cell comes apart into exactly the values.
    """
    return "; ".join(map(_quoted, values))


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if ";" in value or value.startswith('"') else value


def _cohorts(category: Category, content: Content) -> str:
    return listed(content.cohort_by_slug[slug].name for slug in category.cohorts)


def _examples_list(category: Category, content: Content) -> str:
    return content.examples_list_by_slug[category.examples_list].name if category.examples_list else ""


def guarded(value: str) -> str:
    """Put an apostrophe before what a spreadsheet would calculate; take one away from the front to read it back."""
    return f"'{value}" if value.startswith(UNSAFE) else value


def write(categories: Iterable[Category], content: Content, day: date, address: Callable[[str], str]) -> str:
    """Return categories as CSV, with a header row; `address` gives the full address of a category by its slug."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow([*(LABELS[name] for name in COLUMNS), "Page", "Identifier"])
    for category in categories:
        cells = [cell(category, content, day) for cell in COLUMNS.values()]
        rows.writerow([*map(guarded, cells), address(category.slug), str(category.id)])
    return text.getvalue()


@from_any_site
@of_filtered_guidance
def categories_csv(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Answer with exactly the categories that match; a query that cannot be taken as given is refused, in words."""
    content = reading.content
    query, problems = filters.parse(request.GET, content)
    if problems:
        words = "\n".join(problem.message for problem in problems)
        return HttpResponse(f"{words}\n", status=422, content_type="text/plain; charset=utf-8")
    found = filters.matching(content, query, reading.day)

    def address(slug: str) -> str:
        return request.build_absolute_uri(reading.url("category", slug))

    name = f"{content.slug}-{reading.day.isoformat()}.csv"
    return HttpResponse(
        BYTE_ORDER_MARK + write(found, content, reading.day, address),
        content_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
