"""What stands at an address, at a moment: the reading, the record with the slug that it has there, or what is missing.

Pages and the API ask the same questions here, and put the answers into their own words. Whoever asks by a former slug
gets what has another one now; to compare the slugs is to see that it moved.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Case, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone

from ..content.vocabulary import RecordKind
from ..content.words import shown
from ..models.edition import Edition, EditionChange
from .readings import Current, Dated, Reading, Standing, end_of, guidance_base
from .record import first_day, first_of_each, newest_slug

MOST_SLUGS = 50  # looked for at once


class Missing(LookupError):
    """Nothing stands at an address, for one of the reasons below."""


@dataclass
class NoGuidance(Missing):
    """No guidance has or had this slug."""

    slug: str


@dataclass
class NoSuchDay(Missing):
    """What is written is no day of the calendar."""

    written: str
    now: datetime


@dataclass
class DayToCome(Missing):
    """The day has not come yet."""

    day: date
    now: datetime


@dataclass
class NotPublishedYet(Missing):
    """The guidance was first live after that day."""

    day: date
    now: datetime
    first: date


@dataclass
class NoRecord(Missing):
    """No record of the kind has this slug in a reading. `known`: one that is live had it, at another time."""

    reading: Reading
    kind: RecordKind
    slug: str
    known: bool


def reading(slug: str, on: str | None, now: datetime) -> Current | Dated:
    """Return the reading of the guidance at an address, now or on a day as it is written. Raises Missing.

    One query, and one more where the guidance was not published yet.
    """
    chosen = day(on, now)
    found = dated(slug, chosen, now) if chosen else current(slug, now)
    if found:
        return found
    if chosen and (first := first_day(slug, now)):
        raise NotPublishedYet(chosen, now, first)
    raise NoGuidance(slug)


def day(written: str | None, now: datetime) -> date | None:
    """Return a day that is written YYYY-MM-DD and has come, or None for nothing written. Raises Missing."""
    if not written:
        return None
    try:
        found = date.fromisoformat(written)
    except ValueError:
        raise NoSuchDay(written, now) from None
    if found.isoformat() != written:  # 20250602 and 2025-W23-1 are days too
        raise NoSuchDay(written, now)
    if found > timezone.localdate(now):
        raise DayToCome(found, now)
    return found


def current(slug: str, now: datetime) -> Current | None:
    """Return the reading of the guidance at an address now, by a former address too. One query."""
    edition = Edition.objects.at_address(slug, now).live(now).select_related("corrects").newest()
    return _current(edition, now) if edition else None


def all_current(now: datetime) -> list[Current]:
    """Return the reading of every guidance now, in the order of their titles. One query."""
    newest = Edition.objects.live(now).filter(guidance=OuterRef("guidance")).order_by("-number").values("pk")[:1]
    every = Edition.objects.filter(number=1).order_by().values(newest=Subquery(newest))  # one row for each guidance
    found = [_current(edition, now) for edition in Edition.objects.filter(pk__in=every)]
    return sorted(found, key=lambda reading: reading.content.title)


def _current(edition: Edition, now: datetime) -> Current:
    return Current(edition.content, now, guidance_base(edition.content.slug), edition)


def dated(slug: str, on: date, now: datetime) -> Dated | None:
    """Return the reading as it stood at the end of a day, or None before the first edition. One query."""
    midnight = datetime.combine(on, time.min, timezone.get_default_timezone())
    live = Edition.objects.at_address(slug, now).live(now)
    shown, at_midnight = (
        live.live(moment).order_by("-number").values("number")[:1]  # in which order they also go live
        for moment in (end_of(on, now), midnight)
    )
    near = Q(number=1) | Q(number__gte=Coalesce(at_midnight, 1), number__lte=Subquery(shown) + 1)
    # Of all these, only the one that is shown brings what it says
    text = Case(When(number=shown, then=F("content_text")), default=Value(""), output_field=TextField())
    present = newest_slug(OuterRef("guidance_id"), now)
    found = live.filter(near).defer("content_text", "corrects__content_text").annotate(text=text, present=present)
    editions = list(found.select_related("corrects").order_by("number"))
    edition = next((edition for edition in editions if edition.text), None)
    if edition is None:
        return None
    edition.content_text = edition.text
    base = guidance_base(edition.content.slug, on)
    standing = _standing(editions, edition, midnight)
    return Dated(edition.content, now, base, edition, on, standing, edition.present)


def _standing(found: list[Edition], shown: Edition, midnight: datetime) -> Standing:
    """Return what stood on a day, from the editions near it: the first of all, those of the day and the next one."""
    days = [timezone.localdate(edition.live_at) for edition in found]
    since = timezone.localdate(shown.live_at)
    return Standing(
        [edition for edition in found if edition.live_at <= midnight][-1:]
        + [edition for edition in found if edition.live_at > midnight and edition.number <= shown.number],
        since - timedelta(days=1) if days[0] < since else None,
        days[-1] if found[-1].number > shown.number else None,
    )


def present_slug(reading: Reading, kind: RecordKind, slug: str) -> str:
    """Return the slug that a record has in a reading, by that or a former one. Raises NoRecord. A query at most."""
    content = reading.content
    here: dict[RecordKind, Container[str]] = {
        RecordKind.CATEGORY: content.category_by_slug,
        RecordKind.APPROVAL_TEST: content.approval_test_by_slug,
    }
    if slug in here[kind]:
        return slug
    record = records(reading, kind, [slug]).get(slug)
    entry = content.entries.get(record) if record else None
    if entry is None:
        raise NoRecord(reading, kind, slug, known=record is not None)
    return entry.slug


def records(reading: Reading, kind: RecordKind, slugs: list[str]) -> dict[str, UUID]:
    """Return the id of the record that each slug belongs to, by any edition that is live now. At most one query.

    A slug that no record ever had is left out, and so is what is beyond the most that anybody needs.
    """
    if not slugs:
        return {}
    live = EditionChange.objects.filter(
        kind=kind, edition__guidance_id=reading.content.id, edition__live_at__lte=reading.now
    )
    # A slug belongs to one record for ever, so any row will do; there is one more for each edition that touched it
    one_each = first_of_each(live.filter(slug=slug).order_by() for slug in slugs[:MOST_SLUGS])
    return dict(EditionChange.objects.filter(one_each).order_by().values_list("slug", "record_id"))


def present_query(reading: Reading, asked: QueryDict) -> str | None:
    """Return a filter's query with the slugs that tests have in a reading in place of former ones, or None if it has
    no former one. A query of the database only where it has a value that no test has.
    """
    values = asked.getlist("approval")
    unknown = [slug for slug in dict.fromkeys(map(shown, values)) if slug not in reading.content.approval_test_by_slug]
    found = records(reading, RecordKind.APPROVAL_TEST, list(filter(None, unknown)))
    entries = reading.content.entries
    present = {slug: entries[record].slug for slug, record in found.items() if record in entries}
    if not present:
        return None
    query = asked.copy()
    query.setlist("approval", [present.get(shown(slug), slug) for slug in values])
    return query.urlencode()
