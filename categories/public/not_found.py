"""What to say where nothing stands at an address, and the nearest thing that does."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from django.http import Http404

LONGEST_SLUG = 100


@dataclass(frozen=True, slots=True)
class Link:
    """A way on."""

    url: str
    words: str


class NotFound(Http404):
    """Nothing stands at an address. Says so in a sentence, and gives links to what is nearest."""

    def __init__(self, sentence: str, *links: Link) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.links = links


def nearest_day(written: str, first: date, last: date) -> date:
    """Return the day from first to last that is nearest to one written YYYY-MM-DD, which may be impossible.

    >>> nearest_day("2025-02-30", date(2025, 1, 1), date(2026, 1, 1))
    datetime.date(2025, 2, 28)
    """
    year, month, day = map(int, written.split("-"))
    year, month = max(year, 1), min(max(month, 1), 12)
    day = min(max(day, 1), monthrange(year, month)[1])
    return min(max(date(year, month, day), first), last)


def nearest_slug(slug: str, slugs: Iterable[str]) -> str | None:
    """Return the slug that is most like another, or None when none is like it."""
    return next(iter(get_close_matches(slug[:LONGEST_SLUG], slugs, n=1)), None)
