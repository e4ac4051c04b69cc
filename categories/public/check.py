"""Check a list: a reader sends qualifications, and reads which categories may fit each. Nothing is kept or logged."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse

from ..content import qualifications
from ..content.check import Checked, grouped
from ..content.check import check as checked_list
from ..content.filters import Problem
from ..content.qualifications import FIELDS, LIST, MOST_BYTES, MOST_ROWS, Table
from ..content.words import CONTROL_CHARACTERS
from .converters import whole_number
from .csv import BYTE_ORDER_MARK, guarded, listed
from .guidance_views import of_guidance, of_posted_guidance, page
from .readings import Published, Reading
from .tools import Error

FILE = "file"
MENDED = "mended"  # sent by the form below a result: its columns are the reader's own
NAMES = "names"  # ticked where the first line has the names of the columns
FORM_AROUND = 100_000  # bytes that a form may have around a list
ADDED = ("Categories that may fit", "Why", "What is not stated", "What was left out")


@dataclass(frozen=True, slots=True)
class Choice:
    """One field, and the columns to choose from for it."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]


@of_guidance
def _form(request: HttpRequest, reading: Reading) -> HttpResponse:
    return _page(request, reading, "categories/check.html")


@of_posted_guidance
def _checked(request: HttpRequest, reading: Published) -> HttpResponse:
    text, problems = _sent(request)
    table = None
    if not problems:
        table, problems = qualifications.read(text)
    if table is None:
        return _page(request, reading, "categories/check.html", problems, text=_as_shown(text))
    table, columns = _columns(request, table)
    if "title" not in columns:
        sentence = "Choose which column has the titles of the qualifications."
        problems = [Problem("title", sentence)] if MENDED in request.POST or table.width > 1 else []
        columns = columns if problems else {"title": 0}
    found = [] if problems else checked_list(reading.content, table, columns, reading.day)
    if found and "download" in request.POST:
        return _download(reading, table, found)
    return _page(
        request,
        reading,
        "categories/check_result.html",
        problems,
        text=_as_shown(text),
        groups=grouped(found),
        number=len(found),
        choices=_choices(table, columns),
        has_names=bool(table.names),
    )


def check(request: HttpRequest, **options: Any) -> HttpResponse:
    """Ask for a list, or answer with what was found for it."""
    return _checked(request, **options) if request.method == "POST" else _form(request, **options)


check.csrf_exempt = True  # type: ignore[attr-defined]  # Django asks the view itself


def _page(
    request: HttpRequest, reading: Reading, template: str, problems: list[Problem] | None = None, **context: Any
) -> HttpResponse:
    return page(
        request,
        template,
        reading,
        title="Check a list of qualifications",
        description="Paste a list of qualifications, or choose a CSV file, to see which categories may fit each.",
        errors=[Error(one.message, f"#{one.parameter}") for one in problems or []],
        most=f"{MOST_ROWS:,}",
        **context,
    )


def _sent(request: HttpRequest) -> tuple[str, list[Problem]]:
    """Return the list that a form brought, or what is wrong. It stays in memory: nothing is written to a disk."""
    too_long = [Problem(LIST, "The list is larger than 1 MB.", "Check a part of it at a time.")]
    length = whole_number(request.META.get("CONTENT_LENGTH") or "0")
    if length is None or length > MOST_BYTES + FORM_AROUND:
        return "", too_long
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    text, file = request.POST.get(LIST, ""), request.FILES.get(FILE)
    if file is None:
        return (text, []) if len(text.encode("utf-8", "replace")) <= MOST_BYTES else ("", too_long)
    if text.strip():
        return text, [Problem(LIST, "There are a pasted list and a file.", "Use one of them.")]
    data = file.read(MOST_BYTES + 1)
    return qualifications.decoded(data) if len(data) <= MOST_BYTES else ("", too_long)


def _as_shown(text: str) -> str:
    """Return a list as a page can carry it: HTML has no control characters."""
    return CONTROL_CHARACTERS.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _columns(request: HttpRequest, table: Table) -> tuple[Table, Mapping[str, int]]:
    """Return which column says what: as the reader mended it, or by what the columns are called."""
    if MENDED not in request.POST:
        return table, qualifications.columns(table.names)
    if bool(table.names) != (NAMES in request.POST):
        table = table.without_names() if table.names else table.with_names()
    places = {field: whole_number(request.POST.get(field, "")) for field in FIELDS}
    return table, {field: place for field, place in places.items() if place is not None and place < table.width}


def _choices(table: Table, columns: Mapping[str, int]) -> list[Choice]:
    headings = [*enumerate(table.headings)]
    return [
        Choice(
            field,
            label,
            [("", "None", field not in columns)]
            + [(str(place), heading, columns.get(field) == place) for place, heading in headings],
        )
        for field, label in FIELDS.items()
    ]


def _download(reading: Published, table: Table, found: list[Checked]) -> HttpResponse:
    """Answer with the list as it came, and the columns added; no cell begins a formula."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(map(guarded, [*table.headings, *ADDED]))
    for one in found:
        cells = [*one.row.cells, *[""] * (table.width - len(one.row.cells))]
        added = (
            listed([fit.category.title for fit in one.fits]),
            listed([f"{fit.category.title}: {_joined(fit.why)}" for fit in one.fits if fit.why]),
            listed([f"{fit.category.title}: {_joined(fit.not_stated)}" for fit in one.fits if fit.not_stated]),
            listed([*one.explanation, *one.left_out]),
        )
        rows.writerow(map(guarded, [*cells, *added]))
    name = f"{reading.content.slug}-checked-{reading.day.isoformat()}.csv"
    return HttpResponse(
        BYTE_ORDER_MARK + text.getvalue(),
        content_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _joined(sentences: tuple[str, ...]) -> str:
    return ", ".join(sentences)
