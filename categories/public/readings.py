"""Readings: one content, read at one moment, at one address. Every public page is a function of one and the query."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from ..content.arrivals import stands_since
from ..content.moments import exactly, written
from ..content.schema import Content
from ..models.edition import Edition

GUIDANCE_URLS = "categories.guidance_urls"
PAGED = {
    "updates",
    "update",
    "category-updates",
    "since-form",
    "category-since-form",
}  # whose query names what may not be there on another day


@dataclass(frozen=True)
class Reading:
    """What a page shows: the content, the moment of the request, and the address that its pages stand under."""

    content: Content
    now: datetime
    base: str

    @property
    def at(self) -> datetime:
        """The moment that it shows."""
        return self.now

    @property
    def day(self) -> date:
        """The day, in London, for which availability is computed."""
        return timezone.localdate(self.at)

    @property
    def then(self) -> str:
        """Say when it stood so, where that is not now: 'on 1 September 2026'."""
        return ""

    def url(self, name: str, *args: Any) -> str:
        """Return the address of a page of this guidance, in the same reading: a dated page leads to dated pages."""
        return page_address(self.base, name, *args)


@dataclass(frozen=True)
class Preview(Reading):
    """Content that no edition holds yet. `label` says what it is of."""

    label: str


@dataclass(frozen=True)
class Published(Reading):
    """The content of an edition, of which the API and the record know more."""

    edition: Edition

    @property
    def since(self) -> datetime:
        """The moment since which its pages have read as they do."""
        return stands_since(self.content, self.edition.live_at, self.at)

    @property
    def api_query(self) -> dict[str, str]:
        """What keeps the API in the same reading."""
        return {}

    def api_url(self, name: str, *args: Any, query: str = "") -> str:
        """Return the address of a resource of this guidance in the API, in the same reading."""
        asked = [part for part in (query, *map("=".join, self.api_query.items())) if part]
        address = reverse(f"api:{name}", args=[self.content.slug, *args])
        return f"{address}?{'&'.join(asked)}" if asked else address

    @property
    def current_base(self) -> str:
        """The address of the guidance as it is now."""
        return guidance_base(self.content.slug)


@dataclass(frozen=True)
class Current(Published):
    """The guidance as it is now."""


@dataclass(frozen=True)
class Dated(Published):
    """The guidance as it stood at the end of a day.

    `editions` were live on that day, oldest first; `before` and `after` are the nearest days on which something else
    stood; `current_slug` is the slug that the guidance has now.
    """

    on: date
    editions: list[Edition]
    before: date | None
    after: date | None
    current_slug: str

    @property
    def at(self) -> datetime:
        return end_of(self.on, self.now)

    @property
    def then(self) -> str:
        return f"on {date_format(self.on)}"

    @property
    def api_query(self) -> dict[str, str]:
        return {"on": self.on.isoformat()}

    @property
    def current_base(self) -> str:
        return guidance_base(self.current_slug)


@dataclass(frozen=True)
class Exact(Published):
    """The guidance exactly as it stood at a moment. Its pages state nothing of what came later, and lead there blindly.

    `now` is the moment of the request all the same: addresses that were given later are led on from.
    """

    moment: datetime

    @property
    def at(self) -> datetime:
        return self.moment

    @property
    def then(self) -> str:
        return f"at {exactly(self.moment)}"

    @property
    def api_query(self) -> dict[str, str]:
        return {"at": written(self.moment)}


def page_address(base: str, name: str, *args: Any) -> str:
    """Return the address of a page of the guidance that stands at a base address."""
    return base + _below(name, *args)


@lru_cache(maxsize=4096)  # every page has dozens of addresses, mostly the same
def _below(name: str, *args: Any) -> str:
    return reverse(name, urlconf=GUIDANCE_URLS, args=args)[1:]


def guidance_base(slug: str, on: date | str | None = None, at: str = "") -> str:
    """Return the address of a guidance, as it is now, as it stood on a day, or as it stood at a written moment."""
    base = reverse("guidance-base", args=[slug])
    if at:
        return f"{base}at/{at}/"
    return f"{base}on/{on}/" if on else base


def end_of(day: date, at: datetime) -> datetime:
    """Return the last moment of a day in London, or `at` where that is earlier."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, timezone.get_default_timezone())
    return min(midnight - timedelta(microseconds=1), at)
