"""What a mirror of the site holds: every address that is answered by what is asked of it alone, in parts.

The answers of one part depend on the same things, and its `state` is all of those: while that stands, so do they. What
a reader has to ask for (a filter, a list to check, an alert) is the site's own to answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from itertools import chain, product
from typing import Any
from uuid import UUID

from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from django.utils.http import http_date

from ..content.canonical import digest
from ..content.moments import written
from ..content.vocabulary import ADDRESSED, RecordKind
from ..models.edition import EditionChange
from ..models.former_address import FormerAddress
from . import announced, memento, record, resolver
from .generations import standing
from .readings import GUIDANCE_URLS, Current, Published, guidance_base
from .updates import EDITIONS_ON_A_PAGE

AROUND = (
    "home",
    "privacy",
    "accessibility-statement",
    "robots",
    "signing-keys",
    "sitemap",
    "security-txt",
    "api:index",
    "api:documentation",
    "api:openapi-json",
    "api:guidance-list",
)
CUT_SHORT = ("categories/", "at/")  # below a guidance: each leads to what was meant
NOT_BESIDE = {"guidance-base", "time-map", "alerts"}  # the guidance itself, what every page has, and a form
# Pages of which there is more than one, with the parameter of the query that names which
PAGED = {
    "updates": "page",
    "category-updates": "page",
    "updates-atom": "before",
    "category-updates-atom": "before",
    "editions": "before",
}
Name = tuple[str, str]  # a kind of record, and a slug that one has or had


@dataclass(frozen=True)
class Asked:
    """An address, and the parameter that asks for more of the same where there is more."""

    address: str
    more: str = ""


@dataclass(frozen=True)
class Part:
    """Addresses of which all depend on the same."""

    name: str
    state: str
    addresses: Callable[[], Iterator[Asked]]


@dataclass(frozen=True)
class Leads:
    """Where what the mirror does not hold leads to: all below one base address to the same below another.

    `moved` is what has another address for good; `nearest`, other days, on which the guidance stood as on the one that
    is held; `since`, the same of what has changed since a day. `mementos` is what each moment is called in headers.
    """

    moved: dict[str, str]
    nearest: dict[str, str]
    since: dict[str, str]
    mementos: dict[str, str]


class Course:
    """One guidance from its first edition until now: each moment at which it came to read otherwise."""

    def __init__(self, reading: Current) -> None:
        self.reading, self.now = reading, reading.now
        self.moments = memento.moments(reading)
        live = EditionChange.objects.filter(edition__guidance_id=reading.content.id, edition__live_at__lte=self.now)
        rows = live.order_by("kind", "slug").values_list("kind", "slug", "record_id").distinct()
        self.records: dict[Name, UUID] = {(kind, slug): found for kind, slug, found in rows}
        own = memento.slugs(reading, reading.content.id)
        self._slugs = [own.get(number, "") for number in range(1, reading.edition.number + 1)]
        for place, slug in enumerate(self._slugs):
            self._slugs[place] = slug or self._slugs[place - 1]

    def slug(self, number: int) -> str:
        """Return the slug of the guidance in one of its editions."""
        return self._slugs[number - 1]

    @cached_property
    def all_slugs(self) -> list[str]:
        return sorted(set(self._slugs))

    @cached_property
    def days(self) -> dict[date, int]:
        """Each day on which something changed, in order, with the number of the edition that stood at its end."""
        return {timezone.localdate(at): number for at, number in self.moments}

    @property
    def today(self) -> date:
        return self.reading.day

    @cached_property
    def since_days(self) -> list[date]:
        """The days since which to ask: each on which something changed, and one since which nothing has."""
        after = max(self.days) + timedelta(days=1)
        return [*self.days, *([after] if after <= self.today else [])]

    def every_day(self) -> Iterator[date]:
        first = min(self.days)
        yield from (first + timedelta(days=number) for number in range((self.today - first).days + 1))

    def slugs_of(self, kind: RecordKind, reading: Published, others: bool) -> Iterator[str]:
        """Yield the slugs of the records of a kind in a reading: their own there, or the `others`, which lead there."""
        for (of, slug), found in self.records.items():
            entry = reading.content.entries.get(found) if of == kind else None
            if entry and (entry.slug != slug) == others:
                yield slug


def parts(at: datetime) -> Iterator[Part]:
    """Yield all that a mirror holds, as of a second."""
    generation: Any = standing(at)
    today, *heads = generation
    courses = [Course(reading) for reading in resolver.all_current(at)]
    yield Part("site", _state(today, heads), partial(_around, at))
    for course in courses:
        slug = course.reading.content.slug
        yield Part(slug, _state(today, heads), partial(_now, course))
        for day in course.days:
            state = _state(heads, today if day == today else "")
            yield Part(f"{slug} on {day}", state, partial(_on, course, day))
        known = _state(sorted((*name, str(found)) for name, found in course.records.items()))
        digests = dict(record.editions(course.reading).values_list("number", "record_digest"))
        for moment, number in course.moments:
            # What stood at a moment tells of nothing later: only by what it has been called does more lead there
            name = f"{slug} at {written(moment)}"
            yield Part(name, _state(digests[number]), partial(_at, course, moment, others=False))
            yield Part(f"{name} by other names", known, partial(_at, course, moment, others=True))


def _state(*of: Any) -> str:
    return digest(repr(of))


def _around(at: datetime) -> Iterator[Asked]:
    yield from (Asked(reverse(name)) for name in AROUND)
    yield Asked("/guidance/")
    for address in FormerAddress.objects.in_force(at):
        yield from (Asked(one) for one in {address, address.rstrip("/")})
    live = EditionChange.objects.filter(edition__live_at__lte=at, kind__in=ADDRESSED).order_by("record_id")
    for found in live.values_list("record_id", flat=True).distinct():
        yield Asked(reverse("by-id", args=[found]))


def _now(course: Course) -> Iterator[Asked]:
    reading = course.reading
    newest, days = reading.edition.number, course.since_days
    pages = [one for others in (False, True) for one in _pages(course, reading, others, newest, days)]
    yield from pages
    yield from (Asked(reading.base + cut) for cut in CUT_SHORT)
    yield from (Asked(reverse(name, args=[reading.content.slug])) for name in _pages_beside())
    for found in announced.all_of(reading):
        yield Asked(reverse("announcement", args=[reading.content.slug, found.id]))
    since = reading.url("since-form")
    for page in pages:
        below = page.address.removeprefix(reading.base)
        if not (since in page.address or "/updates/since/" in below):
            yield Asked(f"{reading.base}timemap/{below}")
    for others in (False, True):
        yield from _resources(course, reading, others, newest)
    for number in range(1, newest + 1):
        yield Asked(reading.api_url("edition", number))
        yield Asked(reading.api_url("content", number))


def _pages_beside() -> Iterator[str]:
    """Yield the names of the pages that a guidance has once, whatever the reading."""
    patterns: list[Any] = [one for one in get_resolver("categories.urls").url_patterns if isinstance(one, URLPattern)]
    for pattern in patterns:
        if set(pattern.pattern.converters) == {"guidance"} and pattern.name not in NOT_BESIDE:
            yield pattern.name


def _on(course: Course, day: date) -> Iterator[Asked]:
    if reading := resolver.dated(course.reading.content.slug, day, course.now):
        yield from _past(course, reading, others=False)
        yield from _past(course, reading, others=True)


def _at(course: Course, moment: datetime, others: bool) -> Iterator[Asked]:
    if reading := resolver.exact(course.reading.content.slug, moment, course.now):
        yield from _past(course, reading, others)


def _past(course: Course, reading: Published, others: bool) -> Iterator[Asked]:
    """Yield what is asked of a reading of the past: of its updates the newest, since all are among those of now."""
    pages = _pages(course, reading, others, EDITIONS_ON_A_PAGE, [])
    resources = _resources(course, reading, others, EDITIONS_ON_A_PAGE)
    yield from (Asked(asked.address) for asked in chain(pages, resources))


def _pages(course: Course, reading: Published, others: bool, newest: int, days: Sequence[date]) -> Iterator[Asked]:
    """Yield every page of guidance in a reading: for each record, and for the newest editions.

    By `others`, those that lead there: the pages of records by slugs that they have at other times.
    """
    patterns: list[Any] = get_resolver(GUIDANCE_URLS).url_patterns
    for pattern in patterns:
        name, parameters = str(pattern.name), pattern.pattern.converters
        values: dict[str, Sequence[Any]] = {"number": _newest(reading, newest), "day": days}
        if "slug" in parameters:
            values["slug"] = list(course.slugs_of(memento.KIND_OF_PAGE[name], reading, others))
        elif others:
            continue
        for chosen in product(*(values[parameter] for parameter in parameters)):
            yield Asked(reading.url(name, *chosen), PAGED.get(name, ""))


def _resources(course: Course, reading: Published, others: bool, newest: int) -> Iterator[Asked]:
    """Yield what the API says of a reading, or by `others` what leads there."""
    query = "&".join(map("=".join, reading.api_query.items()))

    def asked(name: str, *args: str) -> Asked:
        address = reverse(f"api:{name}", args=args)
        return Asked(f"{address}?{query}" if query else address, PAGED.get(name, ""))

    for guidance in course.all_slugs:
        is_other = guidance != reading.content.slug
        if is_other == others:
            yield from (asked(name, guidance) for name in ("guidance", "categories", "editions"))
        for of_others in (False, True):
            if (is_other or of_others) == others:
                slugs = course.slugs_of(RecordKind.CATEGORY, reading, of_others)
                yield from (asked("category", guidance, slug) for slug in slugs)
    if not others:
        yield from (Asked(reading.api_url("changes", number)) for number in _newest(reading, newest))


def _newest(reading: Published, most: int) -> range:
    last = reading.edition.number
    return range(last, max(0, last - most), -1)


def leads(at: datetime) -> Leads:
    """Return where what a mirror does not hold leads to, as of a second."""
    found = Leads({}, {}, {}, {})
    for reading in resolver.all_current(at):
        course = Course(reading)
        _lead_by_slug(course, found)
        _lead_by_day(course, found)
        _lead_by_moment(course, found)
    return found


def _lead_by_slug(course: Course, found: Leads) -> None:
    slug = course.reading.content.slug
    for other in course.all_slugs:
        if other != slug:
            found.moved[guidance_base(other)] = guidance_base(slug)
            found.moved[reverse("api:guidance", args=[other])] = reverse("api:guidance", args=[slug])


def _lead_by_day(course: Course, found: Leads) -> None:
    stood = since = None
    following = iter(course.since_days)
    for day in course.every_day():
        stood = day if day in course.days else stood
        if since is None or since < day:
            since = next(following, since)
        leads_to = guidance_base(course.slug(course.days[stood]), stood) if stood else ""
        for other in course.all_slugs:
            base = guidance_base(other, day)
            if base != leads_to:
                (found.moved if stood == day else found.nearest)[base] = leads_to
        if since != day:
            found.since[f"{course.reading.base}{day}"] = str(since)


def _lead_by_moment(course: Course, found: Leads) -> None:
    for moment, number in course.moments:
        stands = guidance_base(course.slug(number), at=written(moment))
        found.mementos[stands] = http_date(moment.timestamp())
        for other in course.all_slugs:
            base = guidance_base(other, at=written(moment))
            if base != stands:
                found.moved[base] = stands
