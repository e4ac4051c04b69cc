"""A reading: one content, read at one moment, at one address. Every public page is a function of it and the query."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from .content import Content
from .models import Edition, EditionChange
from .vocabulary import RecordKind

GUIDANCE_URLS = "categories.guidance_urls"


@dataclass(frozen=True)
class Reading:
    """What a page shows: the content, the moment it is read at, and the address that its pages stand under.

    `edition` is None in a preview, which shows content that no edition holds, and `preview` then says of what. `on` is
    set on dated pages alone.
    """

    content: Content
    at: datetime
    base: str
    edition: Edition | None = None
    on: date | None = None
    preview: str = ""

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
        return self.base + reverse(name, urlconf=GUIDANCE_URLS, args=args)[1:]

    @property
    def current_base(self) -> str:
        return guidance_base(self.content.slug)


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
    edition = Edition.objects.at_address(slug, at).live(then).select_related("corrects").newest()
    if edition is None:
        return None
    return Reading(edition.content, then, guidance_base(edition.content.slug, day), edition, day)


def record_at_slug(reading: Reading, kind: RecordKind, slug: str, at: datetime) -> UUID | None:
    """Return the id of the record that an address belongs to, by any edition that is live at a time. One query."""
    found = EditionChange.objects.filter(
        kind=kind, slug=slug, edition__guidance_id=reading.content.id, edition__live_at__lte=at
    )
    return found.order_by("-edition__number").values_list("record_id", flat=True).first()
