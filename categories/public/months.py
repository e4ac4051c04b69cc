"""The months that came into force between editions, each as the edition that was live just before it states it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from ..content.arrivals import Arrival, arrivals, begins
from ..content.moments import LONDON
from ..models.edition import Edition
from .readings import Reading

Span = tuple[int, datetime, datetime]  # an edition by its number, since when it was live, and until when


def spans(editions: Sequence[tuple[int, datetime]], end: datetime) -> list[Span]:
    """Return how long each edition was live; `editions` are numbers and moments, in their order."""
    ends = [*(live_at - timedelta(microseconds=1) for _, live_at in editions[1:]), end][: len(editions)]
    return [(number, live_at, until) for (number, live_at), until in zip(editions, ends, strict=True)]


def arrived(reading: Reading, standing: Iterable[Span]) -> list[tuple[int, Arrival]]:
    """Return the months that came while editions stood, oldest first, each with the number of its edition.

    A month that begins as an edition goes live is told by that edition. At most one query, which brings only editions
    in which a month that came is written.
    """
    asked = list(standing)
    written = [
        Q(number=number, content_text__contains=f'"from":"{month}"')
        for number, live_at, until in asked
        for month in _months(live_at, until)
    ]
    if not written:
        return []
    found = Edition.objects.filter(reduce(or_, written), guidance_id=reading.content.id)
    contents = {edition.number: edition.content for edition in found.defer(None)}
    return [
        (number, arrival)
        for number, live_at, until in asked
        if number in contents
        for arrival in arrivals(contents[number], live_at, until)
    ]


def _months(after: datetime, until: datetime) -> Iterator[str]:
    """Yield the months that begin after a moment and until another."""
    day = after.astimezone(LONDON).date().replace(day=1)
    while begins(month := f"{day:%Y-%m}") <= until:
        if begins(month) > after:
            yield month
        day = (day + timedelta(days=32)).replace(day=1)
