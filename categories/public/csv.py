"""The categories as CSV (RFC 4180, UTF-8): the rows that the filters on the page show. docs/api.md is for its users."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date

from django.http import HttpRequest, HttpResponse

from ..content import filters
from ..content.fields import LABELS, OF_CATEGORY
from ..content.schema import Category, Content, Step
from ..content.vocabulary import NOT_STATED_WORDS
from ..content.words import joined
from .guidance_views import of_filtered_guidance
from .readings import Reading
from .responses import from_any_site

# What a spreadsheet takes for the beginning of a formula, wide forms included, and the guard itself
UNSAFE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else

# One step of an availability and the next, each with the month from which it counts
AVAILABILITY = ("availability", "from", "next", "next_from")
HEADINGS = LABELS | {"from": "Availability from", "next": "Next availability", "next_from": "Next availability from"}
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
    "approval_text",
    *AVAILABILITY,
    "availability_text",
    "examples_list",
    "synonyms",
)
SAID_WHERE_NOT_STATED = ("levels", "cohorts")


def cells(category: Category, content: Content, day: date) -> dict[str, str]:
    """Return what a category states on a day, as cells have it, by their columns."""
    fields = {name: _cell(name, category, content) for name in COLUMNS if name not in AVAILABILITY}
    return fields | dict(zip(AVAILABILITY, _availability(category, content, day), strict=True))


def _cell(name: str, category: Category, content: Content) -> str:
    field = OF_CATEGORY[name]
    values = field.values(content, category)
    words = listed(values) if field.lists else joined(values)
    return words or (NOT_STATED_WORDS if name in SAID_WHERE_NOT_STATED else "")


def _availability(category: Category, content: Content, day: date) -> tuple[str, str, str, str]:
    """Return the state on a day, its month, the next state, and its month."""
    if not category.availability:
        return NOT_STATED_WORDS, "", "", ""
    now, following = category.step_on(day), category.next_step(day)
    state = _name(now, content) or f"{_name(category.availability[0], content)} later"
    return state, _month(now), _name(following, content), _month(following)


def _name(step: Step | None, content: Content) -> str:
    return content.availability_by_slug[step.state].name if step else ""


def _month(step: Step | None) -> str:
    return (step.from_month or "") if step else ""


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
    rows.writerow([*(HEADINGS[name] for name in COLUMNS), "Page", "Identifier"])
    for category in categories:
        found = cells(category, content, day)
        rows.writerow([*(guarded(found[name]) for name in COLUMNS), address(category.slug), str(category.id)])
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
