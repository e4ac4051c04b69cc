"""What stands at an address, at a moment: the reading, the record with the slug that it has there, or what is missing.

Pages and the API ask the same questions here, and put the answers into their own words. Whoever asks by a former slug
gets what has another one now; to compare the slugs is to see that it moved.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone

from ..content.moments import written
from ..content.schema import ApprovalTest, Category, Content, Term
from ..content.vocabulary import LATER, NOT_STATED, NOT_SURE, RecordKind
from ..content.words import shown
from ..models.edition import Edition, EditionChange, EditionQuerySet
from .converters import MomentConverter
from .readings import Current, Dated, Exact, Reading, end_of, guidance_base
from .record import first_day, first_of_each, newest_slug

Name = tuple[RecordKind, str]  # a kind of record, and the slug that one has or had

MOMENT = re.compile(MomentConverter.regex)
MOST_SLUGS = 50  # looked for at once
NO_SLUG = {"", NOT_STATED, NOT_SURE}  # values of parameters that name no record


class Missing(LookupError):
    """Nothing stands at an address, for one of the reasons below."""


class NoGuidance(Missing):
    """No guidance has or had this slug."""


@dataclass
class NoDay(Missing):
    """Guidance cannot be read on what is `written` for a day: no `day` at all, one to come, or one before the first."""

    written: str
    day: date | None
    now: datetime
    first: date | None = None

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)


@dataclass
class NoMoment(NoDay):
    """Guidance cannot be read at what is `written` for a moment, likewise. `day` is the one that it is of."""

    moment: datetime | None = None


@dataclass
class NoRecord(Missing):
    """No record of the kind has this slug in a reading. `known`: one that is live had it, at another time."""

    reading: Reading
    kind: RecordKind
    slug: str
    known: bool


def reading(slug: str, on: str | None, now: datetime, at: str | None = None) -> Current | Dated | Exact:
    """Return the reading of the guidance at an address: now, on a day, or at a moment as written. Raises Missing.

    One query, and one more where the guidance was not published yet.
    """
    if at:
        return _at(slug, at, now)
    chosen = day(on, now)
    found = dated(slug, chosen, now) if chosen else current(slug, now)
    if found:
        return found
    if on and (first := first_day(slug, now)):
        raise NoDay(on, chosen, now, first)
    raise NoGuidance(slug)


def _at(slug: str, asked: str, now: datetime) -> Exact:
    chosen = moment(asked, now)
    if found := exact(slug, chosen, now):
        return found
    if first := first_day(slug, now):
        raise NoMoment(asked, timezone.localdate(chosen), now, first, moment=chosen)
    raise NoGuidance(slug)


def moment(asked: str, now: datetime) -> datetime:
    """Return a moment that is written in UTC as addresses write it, and has come. Raises Missing."""
    try:
        found = datetime.fromisoformat(asked if MOMENT.fullmatch(asked) else "")
        on = timezone.localdate(found)
    except (ValueError, OverflowError):
        raise NoMoment(asked, None, now) from None
    if found > now:
        raise NoMoment(asked, on, now, moment=found)
    return found


def day(written: str | None, now: datetime) -> date | None:
    """Return a day that is written YYYY-MM-DD and has come, or None for nothing written. Raises Missing."""
    if not written:
        return None
    try:
        found = date.fromisoformat(written)
    except ValueError:
        raise NoDay(written, None, now) from None
    if found.isoformat() != written:  # 20250602 and 2025-W23-1 are days too
        raise NoDay(written, None, now)
    if found > timezone.localdate(now):
        raise NoDay(written, found, now)
    return found


def current(slug: str, now: datetime) -> Current | None:
    """Return the reading of the guidance at an address now, by a former address too. One query."""
    edition = Edition.objects.at_address(slug, now).live(now).newest()
    return _current(edition, now) if edition else None


def current_of(guidance: UUID, now: datetime) -> Current | None:
    """Return the reading of a guidance now, by its id. One query."""
    edition = Edition.objects.filter(guidance=guidance).live(now).newest()
    return _current(edition, now) if edition else None


def all_current(now: datetime) -> list[Current]:
    """Return the reading of every guidance now, in the order of their titles. One query."""
    newest = Edition.objects.live(now).filter(guidance=OuterRef("guidance")).order_by("-number").values("pk")[:1]
    every = Edition.objects.filter(number=1).order_by().values(newest=Subquery(newest))  # one row for each guidance
    found = [_current(edition, now) for edition in Edition.objects.filter(pk__in=every)]
    return sorted(found, key=lambda reading: reading.content.title)


def _current(edition: Edition, now: datetime) -> Current:
    return Current(edition.content, now, guidance_base(edition.content.slug), edition)


def exact(slug: str, at: datetime, now: datetime) -> Exact | None:
    """Return the reading as it stood at a moment, or None before the first edition. One query."""
    edition = Edition.objects.at_address(slug, now).live(at).newest()
    if edition is None:
        return None
    base = guidance_base(edition.content.slug, at=written(at))
    return Exact(edition.content, now, base, edition, at)


def dated(slug: str, on: date, now: datetime) -> Dated | None:
    """Return the reading as it stood at the end of a day, or None before the first edition. Three queries at most."""
    midnight = datetime.combine(on, time.min, timezone.get_default_timezone())
    edition = Edition.objects.at_address(slug, now).live(end_of(on, now)).newest()
    if edition is None:
        return None
    editions = list(_around(edition, midnight, now))
    first, last = editions[0], editions[-1]
    until = [one for one in editions if one.number <= edition.number]
    since = timezone.localdate(edition.live_at)
    return Dated(
        edition.content,
        now,
        guidance_base(edition.content.slug, on),
        edition,
        on,
        editions=[one for one in until if one.live_at <= midnight][-1:]
        + [one for one in until if one.live_at > midnight],
        before=since - timedelta(days=1) if timezone.localdate(first.live_at) < since else None,
        after=timezone.localdate(last.live_at) if last.number > edition.number else None,
        current_slug=newest_slug(edition.guidance_id, now) if last.number > edition.number else edition.content.slug,
    )


def _around(edition: Edition, midnight: datetime, now: datetime) -> EditionQuerySet:
    """The first edition, the one that stood at midnight, those from it to this one, and the next. Numbers and times."""
    live = Edition.objects.filter(guidance_id=edition.guidance_id).live(now)
    begun: Any = edition.number
    if edition.live_at > midnight:
        stood = live.live(midnight).order_by("-live_at").values("number")[:1]  # in which order the numbers go too
        begun = Coalesce(Subquery(stood), 1)
    near = Q(number=1) | Q(number__gte=begun, number__lte=edition.number + 1)
    return live.filter(near).only("number", "live_at").order_by("number")


def present_slug(reading: Reading, kind: RecordKind, slug: str) -> str:
    """Return the slug that a record has in a reading, by that or a former one. Raises NoRecord. A query at most."""
    content = reading.content
    if slug in _by_slug(content, kind):
        return slug
    record = records(reading, [(kind, slug)]).get((kind, slug))
    entry = content.entries.get(record) if record else None
    if entry is None:
        raise NoRecord(reading, kind, slug, known=record is not None)
    return entry.slug


def _by_slug(content: Content, kind: RecordKind) -> Mapping[str, Term | Category | ApprovalTest]:
    """Return the records of a kind that a part of an address or of a query can name."""
    found: dict[RecordKind, Mapping[str, Term | Category | ApprovalTest]] = {
        RecordKind.COHORT: content.cohort_by_slug,
        RecordKind.RELATIONSHIP: content.relationship_by_slug,
        RecordKind.AVAILABILITY: content.availability_by_slug,
        RecordKind.CATEGORY: content.category_by_slug,
        RecordKind.APPROVAL_TEST: content.approval_test_by_slug,
    }
    return found[kind]


def records(reading: Reading, named: Iterable[Name]) -> dict[Name, UUID]:
    """Return the id of the record that each slug belongs to, by any edition that is live now. At most one query.

    A slug that no record ever had is left out, and so is what is beyond the most that anybody needs.
    """
    asked = list(named)[:MOST_SLUGS]
    if not asked:
        return {}
    live = EditionChange.objects.filter(edition__guidance_id=reading.content.id, edition__live_at__lte=reading.now)
    # A slug belongs to one record for ever, so any row will do; there is one more for each edition that touched it
    one_each = first_of_each(live.filter(kind=kind, slug=slug).order_by() for kind, slug in asked)
    rows = EditionChange.objects.filter(one_each).order_by().values_list("kind", "slug", "record_id")
    return {(RecordKind(kind), slug): record for kind, slug, record in rows}


def present_query(reading: Reading, asked: QueryDict, naming: Mapping[str, RecordKind]) -> str | None:
    """Return a query with the slugs that records have in a reading in place of former ones, or None if it has none.

    `naming` says of which kind a parameter has slugs. A query of the database only where one of them is unknown.
    """
    content = reading.content
    named = [(kind, _slug(kind, value)) for name, kind in naming.items() for value in asked.getlist(name)]
    unknown = [(kind, slug) for kind, slug in named if slug not in NO_SLUG and slug not in _by_slug(content, kind)]
    found = records(reading, dict.fromkeys(unknown))
    present = {name: content.entries[record].slug for name, record in found.items() if record in content.entries}
    if not present:
        return None
    query = asked.copy()
    for name, kind in naming.items():
        query.setlist(name, [_renamed(kind, value, present) for value in asked.getlist(name)])
    return query.urlencode()


def _slug(kind: RecordKind, value: str) -> str:
    """Return the slug in a value of a parameter: of an availability, without what says that its month is to come."""
    return shown(value).removesuffix(LATER) if kind == RecordKind.AVAILABILITY else shown(value)


def _renamed(kind: RecordKind, value: str, present: Mapping[Name, str]) -> str:
    slug = _slug(kind, value)
    return present[kind, slug] + shown(value).removeprefix(slug) if (kind, slug) in present else value
