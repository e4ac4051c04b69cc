"""A list of qualifications that a reader brings: CSV read into rows, and the columns that say what of each. Pure."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .filters import Problem
from .words import CONTROL_CHARACTERS, normal

MOST_BYTES = 1_000_000
MOST_ROWS = 1_000
MOST_COLUMNS = 100  # names or not: each short row is filled up to the widest
MOST_NAMED = 10  # problems
LIST = "list"  # the parameter that the list is in
FIELDS = {"title": "Title", "level": "Level", "learners": "Learners", "type": "Type"}
# The names by which people call the columns, in small letters
CALLED = {
    "title": ("title", "qualification title", "qualification name", "qualification", "full title", "name"),
    "level": ("level", "qualification level", "levels"),
    "learners": ("learners", "cohort", "cohorts", "age group", "age range", "ages", "age"),
    "type": ("type", "qualification type", "category", "kind"),
}
DELIMITERS = ",\t;"
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .ods, and .xls begin

Columns = Mapping[str, int]  # the place of the column of each field that there is one for


@dataclass(frozen=True, slots=True)
class Row:
    """One qualification: the line that it begins on, counted from 1, and its cells."""

    line: int
    cells: tuple[str, ...]

    def cell(self, place: int | None) -> str:
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A list as it was read: the names of its columns, empty where it has none, and the rows below them."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        return max([len(self.names), *(len(row.cells) for row in self.rows)], default=0)

    @property
    def headings(self) -> list[str]:
        """What each column is called here: its name, or its place."""
        names = [*self.names, *[""] * (self.width - len(self.names))]
        return [name.strip() or f"Column {place}" for place, name in enumerate(names, start=1)]

    @property
    def all_rows(self) -> tuple[Row, ...]:
        return (Row(1, self.names), *self.rows) if self.names else self.rows

    def without_names(self) -> "Table":
        """Return the same list with its first line as a qualification."""
        return Table((), self.all_rows)

    def with_names(self) -> "Table":
        """Return the same list with its first line as the names of its columns."""
        first, *others = self.all_rows
        return Table(first.cells, tuple(others))


def decoded(data: bytes) -> tuple[str, list[Problem]]:
    """Return a file as text, or what is wrong with it. Spreadsheets write UTF-8, UTF-16 or the code page of Windows."""
    if data.startswith(SPREADSHEETS):
        return "", [_problem("The file is a spreadsheet, not CSV.", "Save it as CSV (UTF-8), then choose that file.")]
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"", "utf-8-sig")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), []
            except UnicodeDecodeError:
                break
    return data.decode("cp1252", errors="replace"), []


def read(text: str) -> tuple[Table | None, list[Problem]]:
    """Read a list: its rows, or what is wrong, by line. Lines without anything are left out."""
    text = text.removeprefix("\ufeff")
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        for row in _rows(text):
            if (number := len(row.cells)) > MOST_COLUMNS:
                return None, [_line(row.line, f"has {number:,} cells.", f"Check at most {MOST_COLUMNS} columns.")]
            if found := next(filter(None, map(CONTROL_CHARACTERS.search, row.cells)), None):
                problems.append(_line(row.line, f"has the control character U+{ord(found[0]):04X}.", "Take it out."))
            rows.append(row)
    except csv.Error as error:
        line = rows[-1].line + 1 if rows else 1
        wrong = f"or a later one cannot be read as CSV: {error}."
        problems.append(_line(line, wrong, "Check that every quotation mark is closed."))
    if not rows and not problems:
        return None, [_problem("The list is empty.", "Paste a list, or choose a CSV file.")]
    table = Table((), tuple(rows))
    if any(columns(one.cells) for one in rows[:1]):
        table = table.with_names()
    problems += _too_long(table)
    if len(problems) > MOST_NAMED:
        problems = [*problems[:MOST_NAMED], _problem(f"There are {len(problems) - MOST_NAMED} more such lines.", "")]
    return (None, problems) if problems else (table, [])


def _rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Row(line, tuple(map(normal, cells)))
        line = reader.line_num + 1


def _delimiter(text: str) -> str:
    """Return what stands between the cells of the first line: a spreadsheet that is pasted has tabs."""
    first = re.sub(r'"[^"]*"', "", next(filter(str.strip, text.splitlines()), ""))
    return max(DELIMITERS, key=first.count)


def _too_long(table: Table) -> Iterator[Problem]:
    if (number := len(table.rows)) > MOST_ROWS:
        yield _problem(f"The list has {number:,} qualifications.", f"Check at most {MOST_ROWS:,} at a time.")
        return
    for row in table.rows:
        if table.names and len(row.cells) > len(table.names):
            wrong = f"has {len(row.cells)} cells, but the line with the names has {len(table.names)}."
            yield _line(row.line, wrong, "Put cells that have a comma in quotation marks.")


def _line(line: int, wrong: str, right: str) -> Problem:
    return _problem(f"Line {line} {wrong}", right)


def _problem(wrong: str, right: str) -> Problem:
    return Problem(LIST, wrong, right)


def columns(names: tuple[str, ...]) -> dict[str, int]:
    """Return the columns that say what of a qualification, by what they are called: the likeliest name counts."""
    places = {" ".join(name.lower().replace("_", " ").split()): place for place, name in reversed([*enumerate(names)])}
    found = {field: next((places[name] for name in called if name in places), None) for field, called in CALLED.items()}
    return {field: place for field, place in found.items() if place is not None}
