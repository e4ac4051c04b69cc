"""Months that come into force: steps of availability that count from a midnight in London on. Pure.

A month that arrives is no edition, but pages read otherwise from then on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .moments import LONDON
from .schema import Category, Content, Step


@dataclass(frozen=True, slots=True)
class Arrival:
    """One month that came, with the steps that count from it on, each with its category, in the order of the page."""

    month: str
    steps: tuple[tuple[Category, Step], ...]

    @property
    def at(self) -> datetime:
        return begins(self.month)


def begins(month: str) -> datetime:
    """Return the midnight in London with which a month begins.

    >>> begins("2026-08").isoformat()
    '2026-08-01T00:00:00+01:00'
    """
    return datetime.fromisoformat(f"{month}-01").replace(tzinfo=LONDON)


def arrivals(content: Content, after: datetime, until: datetime) -> list[Arrival]:
    """Return the months of categories that are not withdrawn that came after a moment and until another, in order."""
    found: dict[str, list[tuple[Category, Step]]] = {}
    for category in content.current_categories:
        for step in category.availability:
            if step.from_month and after < begins(step.from_month) <= until:
                found.setdefault(step.from_month, []).append((category, step))
    return [Arrival(month, tuple(found[month])) for month in sorted(found)]


def stands_since(content: Content, live_at: datetime, at: datetime) -> datetime:
    """Return the moment since which every page of content that went live has read as it does at a moment.

    It is a whole second: the first one that shows the content, or the last midnight with which a month came. Within
    the second in which the content went live it is that moment itself, since what shows at its end may be other.
    """
    second = rounded_up(live_at)
    midnights = (midnight for midnight in _midnights(content) if midnight <= at)
    return max([second if second <= at else live_at, *midnights])


def _midnights(content: Content) -> Iterator[datetime]:
    for category in content.categories:
        yield from (begins(step.from_month) for step in category.availability if step.from_month)


def rounded_up(at: datetime) -> datetime:
    """Return the first whole second that is not before a moment."""
    return at.replace(microsecond=0) + timedelta(seconds=1 if at.microsecond else 0)
