"""The log of updates: editions, and the months that came between them, as they are told, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.utils import timezone

from ..content.arrivals import Arrival, arrivals
from ..content.diff import Change
from ..content.schema import Content
from ..content.vocabulary import ADDRESSED, Action, RecordKind
from ..models.edition import Edition, EditionChange
from . import months, record
from .readings import Reading

COUNTED = {
    RecordKind.CATEGORY: ("category", "categories"),
    RecordKind.APPROVAL_TEST: ("test or power", "tests or powers"),
}
# Counted too, but in the first edition, which brings them all
TERMS_COUNTED = {
    RecordKind.RELATIONSHIP: ("relationship", "relationships"),
    RecordKind.T_LEVEL: ("T Level position", "T Level positions"),
    RecordKind.AVAILABILITY: ("availability", "availabilities"),
    RecordKind.COHORT: ("cohort", "cohorts"),
    RecordKind.LEVEL: ("level", "levels"),
    RecordKind.EXAMPLES_LIST: ("examples list", "examples lists"),
    RecordKind.SHORT_FORM: ("short form", "short forms"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A record that an edition touched, by the title that it had then, with the address that it has, if any."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Touched:
    """What an edition did to the records of one kind: '2 categories changed', and which, where they are named."""

    words: str
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One thing of the log: an edition, or a month.

    `touched` is what an edition did to all records, or `change` to the one that is told of; `overtaken`, the edition
    that took its place on the same day.
    """

    at: datetime
    edition: Edition | None = None
    touched: tuple[Touched, ...] = ()
    arrival: Arrival | None = None
    overtaken: int | None = None
    change: Change | None = None

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)


@dataclass
class Day:
    """What is told of one day in London, newest first."""

    day: date
    told: list[Told] = field(default_factory=list)


def told(reading: Reading, listed: Sequence[Edition], newer: Edition | None) -> list[Told]:
    """Return what the log tells of editions, newest first, and of the months until the `newer` one. Two queries."""
    did = touched(reading, listed)
    live = [(edition.number, edition.live_at) for edition in reversed(listed)]
    standing = months.spans([*live, *([(newer.number, newer.live_at)] if newer else [])], reading.at)[: len(live)]
    found = [Told(arrival.at, arrival=arrival) for _, arrival in months.arrived(reading, standing)]
    following = newer
    for edition in listed:
        is_overtaken = following and timezone.localdate(following.live_at) == timezone.localdate(edition.live_at)
        overtaken = following.number if following and is_overtaken else None
        found.append(Told(edition.live_at, edition, did[edition.pk], overtaken=overtaken))
        following = edition
    return sorted(found, key=lambda one: one.at, reverse=True)


def months_of(content: Content, record: UUID, after: datetime, until: datetime) -> list[Told]:
    """Return the months of one category that came after a moment and before another, newest first."""
    told = []
    for arrival in reversed(arrivals(content, after, until)):
        own = tuple((category, step) for category, step in arrival.steps if category.id == record)
        if own:
            told.append(Told(arrival.at, arrival=Arrival(arrival.month, own)))
    return told


def without_taken(reading: Reading, told: list[Told]) -> list[Told]:
    """Leave out the months that began as an edition went live, which tells what is so from then on. A query at most."""
    if not (midnights := [one.at for one in told if one.arrival]):
        return told
    taken = record.going_live_at(reading, midnights)
    return [one for one in told if not (one.arrival and one.at in taken)]


def by_day(found: Iterable[Told]) -> list[Day]:
    """Put what is told under its days."""
    return [Day(day, list(of_day)) for day, of_day in groupby(found, key=lambda one: one.day)]


def touched(reading: Reading, listed: Sequence[Edition]) -> dict[int, tuple[Touched, ...]]:
    """Say, by the key of each edition, what it added, changed and withdrew, by kind. One query.

    The categories and tests are named, but for those of the first edition, which brings them all.
    """
    rows = EditionChange.objects.filter(edition__in=[edition.pk for edition in listed]).order_by("pk")
    found: dict[tuple[int, str, str], list[tuple[UUID, str]]] = defaultdict(list)
    for key, kind, action, identity, title in rows.values_list("edition", "kind", "action", "record_id", "title"):
        found[key, kind, action].append((identity, title))
    words: dict[int, tuple[Touched, ...]] = {}
    for edition in listed:
        kinds = COUNTED if edition.number == 1 else COUNTED | TERMS_COUNTED
        words[edition.pk] = tuple(
            Touched(
                f"{len(those)} {nouns[len(those) > 1]} {action}",
                _named(reading, kind, those) if edition.number > 1 else (),
            )
            for kind, nouns in kinds.items()
            for action in Action.values
            if (those := found.get((edition.pk, kind, action)))
        )
    return words


def _named(reading: Reading, kind: RecordKind, those: Iterable[tuple[UUID, str]]) -> tuple[Named, ...]:
    entries = reading.content.entries
    return tuple(
        Named(title, reading.url(kind, entries[identity].slug) if kind in ADDRESSED and identity in entries else "")
        for identity, title in those
    )
