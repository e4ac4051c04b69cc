"""All categories at a glance: one table ordered by any column, what relates how at which level, and when. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from .fields import LABELS
from .filters import Params, Problem, fold
from .schema import ApprovalTest, Category, Content, Relationship, Term
from .words import joined, month_words, shown

ORDER = "order"
DOWN = "-"  # before the name of a column that is read from the end
# The columns of the table, by their names in an address, with the field that each shows
COLUMNS = {
    "title": "title",
    "level": "levels",
    "cohort": "cohorts",
    "relationship": "relationship",
    "t-level": "t_level",
    "approval": "approval_tests",
    "availability": "availability",
}
LAST = 10_000  # behind every place in the content: what the guidance does not state


@dataclass(frozen=True, slots=True)
class Order:
    """By which column, and whether from its end; none is the order of the guidance."""

    column: str = ""
    down: bool = False

    def __str__(self) -> str:
        return f"{DOWN if self.down else ''}{self.column}"


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column: how it is ordered now, as aria-sort says it, and the order that it leads to."""

    name: str
    label: str
    sorted: str
    leads_to: str


def parse(params: Params) -> tuple[Order, list[Problem]]:
    """Read the order that a query string asks for; the last one counts. One that is none is named and ignored."""
    asked = shown(params.get(ORDER, ""))
    name = asked.removeprefix(DOWN)
    if not asked or name in COLUMNS:
        return Order(name, asked.startswith(DOWN)), []
    wrong = f"“{asked}” is no column to order by, so the categories are in the order of the guidance."
    return Order(), [Problem(ORDER, wrong, f"Use {joined(COLUMNS, 'or')}.")]


def headings(order: Order) -> tuple[Heading, ...]:
    """Return the heading of every column; a column that orders leads to the same from its other end."""
    return tuple(
        Heading(
            name,
            "Category" if name == "title" else LABELS[field],
            ("descending" if order.down else "ascending") if order.column == name else "",
            str(Order(name, down=order == Order(name))),
        )
        for name, field in COLUMNS.items()
    )


def ordered(content: Content, categories: Iterable[Category], order: Order, on: date) -> tuple[Category, ...]:
    """Return categories in an order as it is on a day. Those that are alike stay in the order of the guidance."""
    if not order.column:
        return tuple(categories)
    key = _keys(content, on)[order.column]
    return tuple(sorted(categories, key=key, reverse=order.down))


def _keys(content: Content, on: date) -> dict[str, Callable[[Category], tuple[object, ...]]]:
    """Return what each column is ordered by: words by the alphabet, all else as the content lists it."""
    cohorts, tests = _places(content.cohorts), _places(content.approval_tests)
    relationships, t_levels = _places(content.relationships), _places(content.t_levels)
    states = _places(content.availabilities)

    def availability(category: Category) -> tuple[object, ...]:
        step = category.step_on(on) or category.next_step(on)
        return (states[step.state], step.from_month or "") if step else (LAST,)

    return {
        "title": lambda category: (fold(category.title),),
        "level": lambda category: category.levels or (LAST,),
        "cohort": lambda category: tuple(cohorts[slug] for slug in category.cohorts) or (LAST,),
        "relationship": lambda category: (relationships[category.relationship],),
        "t-level": lambda category: (t_levels[category.t_level] if category.t_level else LAST,),
        "approval": lambda category: tuple(tests[slug] for slug in category.approval_tests) or (LAST,),
        "availability": availability,
    }


def _places(named: Iterable[Term | ApprovalTest]) -> dict[str, int]:
    return {one.slug: place for place, one in enumerate(named)}


@dataclass(frozen=True, slots=True)
class Row:
    """A relationship, with the categories that relate so at each level of the picture."""

    relationship: Relationship
    cells: tuple[tuple[str, tuple[Category, ...]], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What relates how at which level. Only relationships and levels that some category has are in it."""

    levels: tuple[str, ...]
    rows: tuple[Row, ...]


def picture(content: Content, categories: Sequence[Category]) -> Picture:
    """Put each category into the cell of its relationship and level; one of several levels stands in each."""
    numbers = [level.number for level in content.levels if any(level.number in one.levels for one in categories)]
    rows = []
    for relationship in content.relationships:
        related = [category for category in categories if category.relationship == relationship.slug]
        if related:
            cells = ((f"Level {number}", tuple(one for one in related if number in one.levels)) for number in numbers)
            rows.append(Row(relationship, tuple(cells)))
    return Picture(tuple(f"Level {number}" for number in numbers), tuple(rows))


@dataclass(frozen=True, slots=True)
class Moment:
    """A month from which categories are in a state, or the day itself, on which nothing need begin."""

    month: str
    words: str
    state: str = ""
    is_to_come: bool = False
    categories: tuple[Category, ...] = ()


def timeline(content: Content, categories: Sequence[Category], on: date) -> tuple[Moment, ...]:
    """Return every month from which a category is in a state, with the day between what has come and what will."""
    begun: dict[tuple[str, str], list[Category]] = {}
    for category in categories:
        for step in category.availability:
            if step.from_month:
                begun.setdefault((step.from_month, step.state), []).append(category)
    if not begun:
        return ()
    return tuple(_with_day(sorted(_moments(content, begun, on), key=lambda moment: moment.month), on))


def _moments(content: Content, begun: dict[tuple[str, str], list[Category]], on: date) -> Iterator[Moment]:
    for (month, state), found in begun.items():
        name = content.availability_by_slug[state].name
        yield Moment(month, month_words(month), name, month > f"{on:%Y-%m}", tuple(found))


def _with_day(moments: Sequence[Moment], on: date) -> Iterator[Moment]:
    yield from (moment for moment in moments if not moment.is_to_come)
    yield Moment(f"{on:%Y-%m}", f"{on:%-d %B %Y}")
    yield from (moment for moment in moments if moment.is_to_come)
