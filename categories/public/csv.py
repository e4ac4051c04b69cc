"""The categories as CSV (RFC 4180, UTF-8): the rows that the filters on the page show. docs/api.md is for its users."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date

from django.http import HttpRequest, HttpResponse

from ..content import filters
from ..content.fields import LABELS, OF_CATEGORY
from ..content.schema import Category, Content
from ..content.vocabulary import NOT_STATED_WORDS
from ..content.words import joined
from .guidance_views import of_filtered_guidance
from .readings import Reading
from .responses import from_any_site

# What a spreadsheet takes for the beginning of a formula, wide forms included, and the guard itself
UNSAFE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else

COLUMNS = (
    "title",
    "levels",
    "cohorts",
    "relationship",
    "relationship_text",
    "aim",
    "example",
    "by_exception",
    "t_level",
    "approval_tests",
    "availability",
    "examples_list",
    "synonyms",
)
SAID_WHERE_NOT_STATED = ("levels", "cohorts")


def cell(name: str, category: Category, content: Content, day: date) -> str:
    """Return what one field states of a category, as a cell has it."""
    field = OF_CATEGORY[name]
    values = field.values(content, category, day)
    words = listed(values) if field.lists else joined(values)
    return words or (NOT_STATED_WORDS if name in SAID_WHERE_NOT_STATED else "")


def listed(values: Iterable[str]) -> str:
    """Write several values in one cell: '4; 5'. A list that is empty is a cell that is empty.

    A value that holds the separator is quoted as in CSV itself, so that the cell comes apart into exactly the values.
    """
    return "; ".join(map(_quoted, values))


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if ";" in value or value.startswith('"') else value


def guarded(value: str) -> str:
    """Put an apostrophe before what a spreadsheet would calculate; take one away from the front to read it back."""
    return f"'{value}" if value.startswith(UNSAFE) else value


def write(categories: Iterable[Category], content: Content, day: date, address: Callable[[str], str]) -> str:
    """Return categories as CSV, with a header row; `address` gives the full address of a category by its slug."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow([*(LABELS[name] for name in COLUMNS), "Page", "Identifier"])
    for category in categories:
        cells = [cell(name, category, content, day) for name in COLUMNS]
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
