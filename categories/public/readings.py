"""A reading: one content, read at one moment, at one address. Every public page is a function of it and the query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Case, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from ..content.schema import Content
from ..content.vocabulary import RecordKind, UpdateType
from ..content.words import shown
from ..models import Edition, EditionChange

GUIDANCE_URLS = "categories.guidance_urls"
PAGED = {"updates", "update", "category-updates"}  # whose query names what may not be there on another day
MOST_SLUGS = 50  # looked for at once


@dataclass(frozen=True, slots=True)
class Standing:
    """The editions that were live on a day, oldest first, and the nearest days on which something else stood."""

    editions: list[Edition]
    before: date | None
    after: date | None


@dataclass(frozen=True)
class Reading:
    """What a page shows: the content, the moment it is read at, and the address that its pages stand under.

    `edition` is None in a preview, which shows content that no edition holds, and `preview` then says of what. Set on
    dated pages alone are `on`, `standing`, `asked_at`, the moment of the request, since `at` may lie years before it,
    and `current_slug`, the slug that the guidance has at that moment.
    """

    content: Content
    at: datetime
    base: str
    edition: Edition | None = None
    on: date | None = None
    preview: str = ""
    asked_at: datetime | None = None
    standing: Standing | None = None
    current_slug: str = ""

    @property
    def now(self) -> datetime:
        """The moment of the request."""
        return self.asked_at or self.at

    @property
    def day(self) -> date:
        """The day, in London, for which availability is computed."""
        return timezone.localdate(self.at)

    @property
    def is_preview(self) -> bool:
        return self.edition is None

    @property
    def is_current(self) -> bool:
        return self.edition is not None and self.on is None

    def url(self, name: str, *args: Any) -> str:
        """Return the address of a page of this guidance, in the same reading: a dated page leads to dated pages."""
        return page_address(self.base, name, *args)

    def api_url(self, name: str, *args: Any, query: str = "") -> str:
        """Return the address of a resource of this guidance in the API, on the same day."""
        asked = [part for part in (query, f"on={self.on.isoformat()}" if self.on else "") if part]
        address = reverse(f"api:{name}", args=[self.content.slug, *args])
        return f"{address}?{'&'.join(asked)}" if asked else address

    @property
    def current_base(self) -> str:
        """The address of the guidance as it is now."""
        return guidance_base(self.current_slug or self.content.slug)


def page_address(base: str, name: str, *args: Any) -> str:
    """Return the address of a page of the guidance that stands at a base address."""
    return base + reverse(name, urlconf=GUIDANCE_URLS, args=args)[1:]


def guidance_base(slug: str, on: date | None = None) -> str:
    """Return the address of a guidance, as it is now or as it stood on a day."""
    base = reverse("guidance-base", args=[slug])
    return f"{base}on/{on:%Y-%m-%d}/" if on else base


def end_of(day: date, at: datetime) -> datetime:
    """Return the last moment of a day in London, or `at` where that is earlier."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, timezone.get_default_timezone())
    return min(midnight - timedelta(microseconds=1), at)


def current(slug: str, at: datetime) -> Reading | None:
    """Return the reading of the guidance at an address now, by a former address too. One query."""
    edition = Edition.objects.at_address(slug, at).live(at).select_related("corrects").newest()
    if edition is None:
        return None
    return Reading(edition.content, at, guidance_base(edition.content.slug), edition)


def dated(slug: str, day: date, at: datetime) -> Reading | None:
    """Return the reading as it stood at the end of a day, or None before the first edition. One query."""
    then = end_of(day, at)
    midnight = datetime.combine(day, time.min, timezone.get_default_timezone())
    live = Edition.objects.at_address(slug, at).live(at)
    numbers = live.order_by("-number").values("number")  # in which order they also go live
    shown = numbers.live(then)[:1]
    at_midnight = numbers.live(midnight)[:1]
    near = Q(number=1) | Q(number__gte=Coalesce(at_midnight, 1), number__lte=Subquery(shown) + 1)
    # Of all these, only the one that is shown brings what it says
    text = Case(When(number=shown, then=F("content_text")), default=Value(""), output_field=TextField())
    present = _newest_slug(OuterRef("guidance_id"), at)
    found = live.filter(near).defer("content_text", "corrects__content_text").annotate(text=text, present=present)
    editions = list(found.select_related("corrects").order_by("number"))
    edition = next((edition for edition in editions if edition.text), None)
    if edition is None:
        return None
    edition.content_text = edition.text
    base = guidance_base(edition.content.slug, day)
    standing = _standing(editions, edition, midnight)
    return Reading(
        edition.content, then, base, edition, day, asked_at=at, standing=standing, current_slug=edition.present
    )


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


def record_at_slug(reading: Reading, kind: RecordKind, slug: str, at: datetime) -> UUID | None:
    """Return the id of the record that an address belongs to, by any edition that is live at a time. One query."""
    return records_at_slugs(reading, kind, [slug], at).get(slug)


def records_at_slugs(reading: Reading, kind: RecordKind, slugs: list[str], at: datetime) -> dict[str, UUID]:
    """Return the id of the record that each slug belongs to, by any edition that is live at a time. At most one query.

    A slug that no record ever had is left out, and so is what is beyond the most that anybody needs.
    """
    if not slugs:
        return {}
    live = EditionChange.objects.filter(kind=kind, edition__guidance_id=reading.content.id, edition__live_at__lte=at)
    # A slug belongs to one record for ever, so any row will do; there is one more for each edition that touched it
    one_each = _first_of_each(live.filter(slug=slug).order_by() for slug in slugs[:MOST_SLUGS])
    return dict(EditionChange.objects.filter(one_each).order_by().values_list("slug", "record_id"))


def with_present_tests(reading: Reading, params: QueryDict) -> str | None:
    """Return a filter's query with the slugs that tests have in a reading in place of former ones, or None if it has
    no former one. A query only where it has a value that no test has.
    """
    asked = params.getlist("approval")
    unknown = [slug for slug in dict.fromkeys(map(shown, asked)) if slug not in reading.content.approval_test_by_slug]
    records = records_at_slugs(reading, RecordKind.APPROVAL_TEST, list(filter(None, unknown)), reading.now)
    entries = reading.content.entries
    present = {slug: entries[record].slug for slug, record in records.items() if record in entries}
    if not present:
        return None
    query = params.copy()
    query.setlist("approval", [present.get(shown(slug), slug) for slug in asked])
    return query.urlencode()


def first_day(slug: str, at: datetime) -> date | None:
    """Return the day on which the guidance at an address was first live here, or None. One query."""
    editions = Edition.objects.at_address(slug, at).live(at)
    live_at = editions.order_by("number").values_list("live_at", flat=True).first()
    return timezone.localdate(live_at) if live_at else None


def last_updated(reading: Reading) -> date | None:
    """Return the day of the last major edition that is live in a reading. A query only after a minor one.

    None while that is the first: it published the guidance, and updated nothing.
    """
    newest = reading.edition
    if newest is None or not newest.is_major:
        live = Edition.objects.filter(guidance_id=reading.content.id).live(reading.at)
        newest = live.filter(update_type=UpdateType.MAJOR).defer("content_text").newest()
    return timezone.localdate(newest.live_at) if newest and newest.number > 1 else None


def all_current(at: datetime) -> list[Reading]:
    """Return the reading of every guidance now, in the order of their titles. One query."""
    newest = Edition.objects.live(at).filter(guidance=OuterRef("guidance")).order_by("-number").values("pk")[:1]
    every = Edition.objects.filter(number=1).order_by().values(newest=Subquery(newest))  # one row for each guidance
    editions = Edition.objects.filter(pk__in=every)
    found = [Reading(edition.content, at, guidance_base(edition.content.slug), edition) for edition in editions]
    return sorted(found, key=lambda reading: reading.content.title)


@dataclass(frozen=True, slots=True)
class Track:
    """What the public record tells of one record, by the editions that are live in a reading; days are in London.

    `slugs` has the slug of the record on each day that a dated page leads to, and now, under None. On a day that is
    not among them the record was not there.
    """

    added: date | None = None
    updated: date | None = None
    withdrawn: date | None = None
    slugs: Mapping[date | None, str] = field(default_factory=dict)


def _touched(record: Any, at: datetime) -> Any:
    """The rows of one record until a moment. They are written in the order of its editions, so `pk` gives their order.

    Nothing here is ordered by the number of an edition: a database would sort every row for it.
    """
    return EditionChange.objects.filter(record_id=record, edition__live_at__lte=at)


def _newest_slug(record: Any, at: datetime) -> Any:
    return _touched(record, at).order_by("-pk").values("slug")[:1]


def newest_touch(record: UUID, at: datetime) -> EditionChange | None:
    """Return how a record was last touched by a moment, with the `guidance_slug` of then, or None. One query."""
    slug = _newest_slug(OuterRef("edition__guidance_id"), at)
    return _touched(record, at).annotate(guidance_slug=slug).order_by("-pk").first()


def track(reading: Reading, record: UUID) -> Track:
    """Return what is known of a record in a reading. One query that reads a few rows, however often it changed."""
    actions, standing = EditionChange.Action, reading.standing
    moments: dict[date | None, datetime] = {}
    if standing:
        days = [day for day in (standing.before, standing.after) if day]
        moments = {None: reading.now, **{day: end_of(day, reading.now) for day in days}}
    live = _touched(record, reading.at)
    said = live.exclude(action=actions.MOVED)  # a record that only moved says what it said
    wanted = [live.order_by("pk"), said.order_by("-pk")]
    if reading.content.entries[record].withdrawn:
        wanted.append(live.filter(action=actions.WITHDRAWN).order_by("-pk"))
    wanted += [_touched(record, moment).order_by("-pk") for moment in moments.values()]
    chosen = EditionChange.objects.filter(_first_of_each(wanted)).order_by("pk")
    rows = list(chosen.values_list("action", "slug", "edition__live_at"))

    def newest(at: datetime, *of: str) -> tuple[str, str, datetime] | None:
        return next((row for row in reversed(rows) if row[2] <= at and row[0] in of), None)

    def day_of(row: tuple[str, str, datetime] | None) -> date | None:
        return timezone.localdate(row[2]) if row else None

    last = {day: newest(moment, *actions.values) for day, moment in moments.items()}
    return Track(
        added=day_of(rows[0] if rows else None),
        updated=day_of(newest(reading.at, *(action for action in actions.values if action != actions.MOVED))),
        withdrawn=day_of(newest(reading.at, actions.WITHDRAWN)),
        slugs={day: row[1] for day, row in last.items() if row and row[0] != actions.REMOVED},
    )


def _first_of_each(queries: Iterable[Any]) -> Q:
    """Match the first row of each query."""
    return reduce(or_, (Q(pk=query.values("pk")[:1]) for query in queries))
