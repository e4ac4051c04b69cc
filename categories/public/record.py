"""What the public record tells in a reading: the editions that are live there, and the course of one record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from ..content.vocabulary import Action, RecordKind, UpdateType
from ..models.edition import Edition, EditionChange, EditionQuerySet
from .readings import Dated, Published, Reading, end_of


def editions(reading: Reading) -> EditionQuerySet:
    """The editions that are live in a reading, newest first, without what they say."""
    return without_content(whole(reading))


def whole(reading: Reading) -> EditionQuerySet:
    """The editions that are live in a reading, newest first, with what they say."""
    live = Edition.objects.filter(guidance_id=reading.content.id).live(reading.at)
    return live.select_related("corrects").defer("corrects__content_text")


def without_content(found: EditionQuerySet) -> EditionQuerySet:
    """Leave what editions say in the database: it is long, and few pages show it."""
    return found.select_related("corrects").defer("content_text", "corrects__content_text")


def newest(reading: Reading) -> Edition | None:
    """Return the newest edition that is live in a reading. A query only in a preview."""
    return reading.edition if isinstance(reading, Published) else editions(reading).newest()


def newest_number(reading: Reading) -> int:
    """Return how many editions are live in a reading: they are numbered from 1 and go live in order."""
    edition = newest(reading)
    return edition.number if edition else 0


def first_day(slug: str, at: datetime) -> date | None:
    """Return the day on which the guidance at an address was first live here, or None. One query."""
    live = Edition.objects.at_address(slug, at).live(at)
    live_at = live.order_by("number").values_list("live_at", flat=True).first()
    return timezone.localdate(live_at) if live_at else None


def last_updated(reading: Reading) -> date | None:
    """Return the day of the last major edition that is live in a reading. A query only after a minor one.

    None while that is the first: it published the guidance, and updated nothing.
    """
    edition = reading.edition if isinstance(reading, Published) else None
    if edition is None or not edition.is_major:
        live = Edition.objects.filter(guidance_id=reading.content.id).live(reading.at)
        edition = live.filter(update_type=UpdateType.MAJOR).defer("content_text").newest()
    return timezone.localdate(edition.live_at) if edition and edition.number > 1 else None


def touched(record: UUID | OuterRef, at: datetime) -> "QuerySet[EditionChange]":
    """The rows of one record until a moment. They are written in the order of its editions, so `pk` gives their order.

    Nothing here is ordered by the number of an edition: a database would sort every row for it.
    """
    return EditionChange.objects.filter(record_id=record, edition__live_at__lte=at)


def slugs(reading: Reading, kind: RecordKind) -> "QuerySet[EditionChange, tuple[str, UUID]]":
    """Every slug that records of a kind have or had by any edition that is live, each with the id of its record."""
    live = EditionChange.objects.filter(edition__guidance_id=reading.content.id, edition__live_at__lte=reading.at)
    return live.filter(kind=kind).order_by().values_list("slug", "record_id").distinct()


def newest_slug(record: UUID, at: datetime) -> str:
    """Return the slug that a record has at a moment. One query."""
    found: str = _newest(record, at).get()["slug"]
    return found


def _newest(record: UUID | OuterRef, at: datetime) -> "QuerySet[EditionChange, Any]":
    return touched(record, at).order_by("-pk").values("slug")[:1]


def whereabouts(record: UUID, at: datetime) -> tuple[str, str, str] | None:
    """Return the kind and slug that a record has at a moment, and the slug of its guidance, or None. One query."""
    guidance = Subquery(_newest(OuterRef("edition__guidance_id"), at))
    return touched(record, at).order_by("-pk").values_list("kind", "slug", guidance).first()


def going_live_at(reading: Reading, moments: Iterable[datetime]) -> set[datetime]:
    """Return those of the moments at which an edition went live."""
    return set(editions(reading).filter(live_at__in=list(moments)).values_list("live_at", flat=True))


def touching(reading: Reading, record: UUID) -> "QuerySet[EditionChange, tuple[int, datetime]]":
    """The numbers of the editions that touched a record, newest first, and when each went live."""
    rows = touched(record, reading.at).filter(edition__guidance_id=reading.content.id)
    return rows.order_by("-pk").values_list("edition__number", "edition__live_at")


@dataclass(frozen=True, slots=True)
class Track:
    """What is known of one record in a reading; days are in London.

    `slugs` has, in a dated reading, the slug of the record on each day that its page leads to, and now, under None. On
    a day that is not among them the record was not there.
    """

    added: date | None = None
    updated: date | None = None
    withdrawn: date | None = None
    slugs: Mapping[date | None, str] = field(default_factory=dict)


def track(reading: Reading, record: UUID) -> Track:
    """Return what is known of a record in a reading. One query that reads a few rows, however often it changed."""
    moments: dict[date | None, datetime] = {}
    if isinstance(reading, Dated):
        days = [day for day in (reading.before, reading.after) if day]
        moments = {None: reading.now, **{day: end_of(day, reading.now) for day in days}}
    live = touched(record, reading.at)
    said = live.exclude(action=Action.MOVED)  # a record that only moved says what it said
    wanted = [live.order_by("pk"), said.order_by("-pk")]
    if reading.content.entries[record].withdrawn:
        wanted.append(live.filter(action=Action.WITHDRAWN).order_by("-pk"))
    wanted += [touched(record, moment).order_by("-pk") for moment in moments.values()]
    chosen = EditionChange.objects.filter(first_of_each(wanted)).order_by("pk")
    rows = list(chosen.values_list("action", "slug", "edition__live_at"))

    def last(at: datetime, *of: str) -> tuple[str, str, datetime] | None:
        return next((row for row in reversed(rows) if row[2] <= at and row[0] in of), None)

    def day_of(row: tuple[str, str, datetime] | None) -> date | None:
        return timezone.localdate(row[2]) if row else None

    led_to = {day: last(moment, *Action.values) for day, moment in moments.items()}
    return Track(
        added=day_of(rows[0] if rows else None),
        updated=day_of(last(reading.at, *(action for action in Action.values if action != Action.MOVED))),
        withdrawn=day_of(last(reading.at, Action.WITHDRAWN)),
        slugs={day: row[1] for day, row in led_to.items() if row and row[0] != Action.REMOVED},
    )


def first_of_each(queries: Iterable["QuerySet[EditionChange]"]) -> Q:
    """Match the first row of each query."""
    return reduce(or_, (Q(pk=query.values("pk")[:1]) for query in queries))
