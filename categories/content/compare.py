"""Two to four categories side by side: which were asked for, and what differs between them. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from .fields import LABELS, OF_CATEGORY
from .filters import Params, Problem
from .schema import Category, Content
from .words import quoted, shown

PARAMETER = "category"
FEWEST = 2
MOST = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One field of every category compared, in words and in their order. `markdown` values are Markdown texts."""

    field: str
    label: str
    values: tuple[str, ...]
    differs: bool
    markdown: bool


def query_string(categories: Iterable[Category]) -> str:
    """Return the query string that compares categories, without a question mark."""
    return urlencode([(PARAMETER, category.slug) for category in categories])


def unknown(params: Params, content: Content) -> list[str]:
    """Return the slugs asked for that no category has now, each once: they may be former ones."""
    return [slug for slug in dict.fromkeys(_asked(params)) if slug not in content.category_by_slug]


def _asked(params: Params) -> list[str]:
    return [slug for slug in map(shown, params.getlist(PARAMETER)) if slug]


def parse(
    params: Params, content: Content, former: Mapping[str, UUID] | None = None
) -> tuple[tuple[Category, ...], list[Problem]]:
    """Read a query string: the categories to compare, in its order, and whatever cannot be taken as it was given.

    `former` says which record each former slug belongs to. To ask for nothing is no problem; to ask for
    one alone is, and so is an empty value, as the form sends it when nothing is ticked.
    """
    asked = _asked(params)
    by_slug = {slug: content.category_by_id.get(identity) for slug, identity in (former or {}).items()}
    found = [content.category_by_slug.get(slug) or by_slug.get(slug) for slug in asked]
    present = [category for category in found if category]
    times = Counter(category.id for category in present)
    distinct = [content.category_by_id[identity] for identity in times]
    current = [category for category in distinct if category.withdrawn is None]
    messages = [
        _nowhere([slug for slug, category in zip(asked, found, strict=True) if category is None]),
        _withdrawn([category.title for category in distinct if category.withdrawn is not None]),
        _repeated([category.title for category in distinct if times[category.id] > 1]),
        _too_many([category.title for category in current[MOST:]]),
        _too_few(PARAMETER in params, current),
    ]
    return tuple(current[:MOST]), [Problem(PARAMETER, message) for message in messages if message]


def _nowhere(slugs: list[str]) -> str:
    what = "is not a category" if len(slugs) == 1 else "are not categories"
    return f"{quoted(slugs)} {what} in this guidance. Choose from the list." if slugs else ""


def _withdrawn(titles: list[str]) -> str:
    was = "was" if len(titles) == 1 else "were"
    return f"{quoted(titles)} {was} withdrawn, and only current categories are compared." if titles else ""


def _repeated(titles: list[str]) -> str:
    return f"You chose {quoted(titles)} more than once. Choose each category once." if titles else ""


def _too_many(titles: list[str]) -> str:
    return f"Choose at most {MOST} categories. {quoted(titles)} had to be left out." if titles else ""


def _too_few(is_asked: bool, current: Sequence[Category]) -> str:
    if len(current) >= FEWEST or not is_asked:
        return ""
    if not current:
        return f"Choose {FEWEST} to {MOST} categories to compare."
    return f"Choose another category to compare with “{current[0].title}”."


COMPARED = (
    "levels",
    "cohorts",
    "relationship",
    "relationship_text",
    "t_level",
    "aim",
    "example",
    "by_exception",
    "approval_tests",
    "approval_text",
    "availability",
    "availability_text",
    "examples_list",
    "synonyms",
)
ROWS = LABELS | {"relationship_text": "Relationship in full"}
LEFT_OUT_WHERE_EMPTY = {
    "t_level",
    "example",
    "by_exception",
    "approval_text",
    "availability_text",
    "examples_list",
    "synonyms",
}


def rows(content: Content, categories: Sequence[Category], on: date) -> tuple[Row, ...]:
    """Compare categories on a day: what differs first, then what is the same for all, each in the order of a page.

    A row that would say of all of them that there is nothing is left out, unless that is itself worth knowing.
    """
    found = [
        Row(
            field,
            ROWS[field],
            tuple(OF_CATEGORY[field].sentence(content, category, on) for category in categories),
            len({_fact(category, field) for category in categories}) > 1,
            OF_CATEGORY[field].markdown,
        )
        for field in COMPARED
        if field not in LEFT_OUT_WHERE_EMPTY or any(getattr(category, field) for category in categories)
    ]
    return tuple(sorted(found, key=lambda row: not row.differs))


def _fact(category: Category, field: str) -> object:
    """Return what a field says, whatever the order in which it names it."""
    value = getattr(category, field)
    return frozenset(value) if isinstance(value, tuple) else value
