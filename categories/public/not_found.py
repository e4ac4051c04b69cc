"""The pages of addresses where nothing stands: what is missing, and the nearest thing that is there."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.formats import date_format

from ..content.vocabulary import RecordKind
from . import record, resolver
from .readings import PAGED, Dated, guidance_base
from .resolver import Missing, NoDay, NoRecord
from .responses import CACHE_CONTROL, KEPT, match_of

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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what is not there, and the ways on."""
    known = exception if isinstance(exception, NotFound) else None
    html = render_to_string("404.html", {"missing": known, "path": request.path}, request)
    headers = {"Cache-Control": CACHE_CONTROL if KEPT in request.META else "no-cache"}
    return HttpResponse(html, status=404, headers=headers)


def nothing_at(request: HttpRequest, missing: Missing) -> NotFound:
    """Say in a sentence what a page of guidance lacks, with links to what is nearest."""
    if isinstance(missing, NoRecord):
        return _no_record(missing)
    guidance = match_of(request).kwargs["guidance"]
    first = (missing.first or record.first_day(guidance, missing.now)) if isinstance(missing, NoDay) else None
    if not isinstance(missing, NoDay) or first is None:
        return NotFound("There is no guidance at this address.")
    nearest = nearest_day(missing.written, first, missing.today)
    return NotFound(
        _no_day(missing),
        *_same_page(request, nearest, missing.now),
        Link(guidance_base(guidance, nearest), f"The guidance as it stood on {date_format(nearest)}"),
        Link(guidance_base(guidance), "The guidance as it stands now"),
    )


def _no_day(missing: NoDay) -> str:
    if missing.day is None:
        return f"{missing.written} is not a day in the calendar."
    day = date_format(missing.day)
    if missing.first is None:
        return f"{day} has not come yet, so nobody can say how the guidance will stand then."
    return f"This guidance was not published yet on {day}."


def _same_page(request: HttpRequest, day: date, now: datetime) -> Iterator[Link]:
    """Yield the way to the page asked for as it stood on a day, where it is one of its own and was there."""
    name, asked = str(match_of(request).url_name), match_of(request).kwargs
    reading = resolver.dated(asked["guidance"], day, now)
    if reading is None or name == "guidance":
        return
    rest = []
    if "slug" in asked:
        kind = RecordKind.APPROVAL_TEST if name == "approval-test" else RecordKind.CATEGORY
        try:
            rest = [resolver.present_slug(reading, kind, asked["slug"])]
        except NoRecord:
            return
    elif "number" in asked:
        if not 1 <= asked["number"] <= reading.edition.number:
            return
        rest = [asked["number"]]
    query = "" if name in PAGED else request.META.get("QUERY_STRING", "")
    address = reading.url(name, *rest)
    yield Link(f"{address}?{query}" if query else address, f"This page as it stood on {date_format(day)}")


def _no_record(missing: NoRecord) -> NotFound:
    """Say that there is no such record here, and name the one with the slug that is most like it."""
    reading, kind = missing.reading, missing.kind.label.lower()
    sentence = f"There is no {kind} at this address."
    if isinstance(reading, Dated):
        sentence = f"There is no {kind} at this address in the guidance as it stood then."
        if missing.known:
            sentence = f"This {kind} was not part of the guidance on {date_format(reading.on)}."
    entries = {entry.slug: entry for entry in reading.content.entries.values() if entry.kind == missing.kind}
    links = [Link(reading.url("guidance"), reading.content.title)]
    if slug := nearest_slug(missing.slug, entries):
        links.insert(0, Link(reading.url(missing.kind.value, slug), entries[slug].title))
    return NotFound(sentence, *links)


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
