"""What has changed since a day, of the guidance and of one category: the difference, and the updates that made it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format

from ..content import diff
from ..content.arrivals import Arrival, arrivals
from ..models.edition import Edition
from . import guidance_views, record, resolver
from .guidance_views import of_category, of_guidance
from .not_found import Link, NotFound, nearest_day
from .readings import Reading
from .updates import ask_for_a_day, beside_corrections

MOST_UPDATES = 50  # named beside the difference, which tells of all


@dataclass(frozen=True, slots=True)
class Since:
    """What differs between the guidance as it stood before a day and as it is read.

    `before` is the edition that stood then, or the first, where none did; `editions` are those that came since.
    """

    before: Edition | None
    changes: list[diff.Change]
    months: list[Arrival]
    editions: list[Edition]
    number: int
    is_first: bool


@of_guidance
def since_form(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Lead to what has changed since the day that a reader enters."""
    return ask_for_a_day(
        request,
        reading,
        lambda day: reading.url("since", day),
        title="See what has changed since a day",
        description="Choose a day to read all that has changed in the guidance since it began.",
        button="See what has changed",
    )


@of_category
def category_since_form(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """Lead to what has changed of one category since the day that a reader enters."""
    category = reading.content.category_by_slug[slug]
    return ask_for_a_day(
        request,
        reading,
        lambda day: reading.url("category-since", slug, day),
        title=f"See what has changed since a day: {category.title}",
        description=f"Choose a day to read all that has changed in the category “{category.title}” since it began.",
        button="See what has changed",
        category=category,
        record=record.track(reading, category.id),
    )


@of_guidance
def since(request: HttpRequest, reading: Reading, day: str) -> HttpResponse:
    """Show all that has changed since a day began."""
    chosen = _day(reading, day, reading.url("since-form"))
    return guidance_views.page(
        request,
        "categories/since.html",
        reading,
        title=f"What has changed since {date_format(chosen)}",
        description=f"What differs in “{reading.content.title}” since {date_format(chosen)}, word by word.",
        since=_since(reading, chosen),
        day=chosen,
    )


@of_category
def category_since(request: HttpRequest, reading: Reading, slug: str, day: str) -> HttpResponse:
    """Show all that has changed of one category since a day began."""
    category = reading.content.category_by_slug[slug]
    chosen = _day(reading, day, reading.url("category-since-form", slug))
    return guidance_views.page(
        request,
        "categories/since.html",
        reading,
        title=f"What has changed since {date_format(chosen)}: {category.title}",
        description=f"What differs in the category “{category.title}” since {date_format(chosen)}, word by word.",
        since=_since(reading, chosen, category.id),
        day=chosen,
        category=category,
        record=record.track(reading, category.id),
    )


def _day(reading: Reading, written: str, form: str) -> date:
    """Return the day that an address names, from that of the first edition to that of the reading."""
    first = record.first_day(reading.content.slug, reading.at) or reading.day
    try:
        found = resolver.day(written, reading.at)
    except resolver.NoDay as missing:
        what = "has not come yet" if missing.day else "is not a day in the calendar"
        nearest = nearest_day(written, first, reading.day)
        raise NotFound(
            f"{written} {what}.",
            Link(form.removesuffix("/") + f"/{nearest}/", f"What has changed since {date_format(nearest)}"),
            Link(form, "Choose a day"),
        ) from None
    if found is None or found < first:
        raise NotFound(
            f"Nothing was published before {date_format(first)}.",
            Link(form.removesuffix("/") + f"/{first}/", f"What has changed since {date_format(first)}"),
        )
    return found


def _since(reading: Reading, day: date, of: UUID | None = None) -> Since:
    """Compare what stood as a day began with what is read now: of all records, or of one."""
    midnight = datetime.combine(day, time.min, timezone.get_default_timezone())
    live = Edition.objects.filter(guidance_id=reading.content.id).live(reading.at)
    stood = live.filter(live_at__lt=midnight).newest()
    before = stood or live.order_by("number").first()
    began = midnight - timedelta(microseconds=1)  # a month that begins with the day came since
    after = began if stood else before.live_at if before else reading.at
    later = live.filter(number__gt=before.number) if before else live.none()
    if of:
        later = later.filter(changes__record_id=of)
    changes = diff.changes(before.content, reading.content) if before else []
    return Since(
        before,
        [change for change in changes if of in (None, change.id)],
        _of(arrivals(reading.content, after, reading.at), of),
        list(beside_corrections(record.without_content(later), reading).order_by("-number")[:MOST_UPDATES]),
        later.count(),
        is_first=stood is None,
    )


def _of(months: list[Arrival], of: UUID | None) -> list[Arrival]:
    kept = [
        Arrival(one.month, tuple((category, step) for category, step in one.steps if of in (None, category.id)))
        for one in months
    ]
    return [one for one in kept if one.steps]
