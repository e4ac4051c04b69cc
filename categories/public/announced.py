"""Announced changes: what readers are told of what is to come. None of it is in force, nor in any dated page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format

from ..content import diff
from ..models.announcement import AnnouncementLine
from ..models.edition import Edition
from . import guidance_views, record
from .guidance_views import of_guidance
from .not_found import Link, NotFound
from .readings import Current, Reading

Verb = AnnouncementLine.Verb


@dataclass(frozen=True)
class Announcement:
    """One announced change, with all that was said of it, oldest first; `edition` is what it became once it is live."""

    lines: tuple[AnnouncementLine, ...]
    edition: Edition | None

    @property
    def id(self) -> UUID:
        return self.lines[0].announcement

    @property
    def newest(self) -> AnnouncementLine:
        return self.lines[-1]

    @property
    def first(self) -> AnnouncementLine:
        return self.lines[0]

    @property
    def later(self) -> list[AnnouncementLine]:
        """What was said after it was announced, as far as it tells readers anything."""
        return [line for line in self.lines[1:] if line.verb != Verb.SAME]

    @property
    def live_at(self) -> datetime:
        return self.newest.live_at

    @property
    def day(self) -> date:
        return timezone.localdate(self.live_at)

    @property
    def is_taken_back(self) -> bool:
        return self.newest.verb == Verb.UNSCHEDULED

    @property
    def is_to_come(self) -> bool:
        return not self.is_taken_back and self.edition is None

    @property
    def title(self) -> str:
        """Say what is announced for which day: 'Change on 1 January 2027'."""
        return f"Change {'that was ' if self.is_taken_back else ''}announced for {date_format(self.day)}"

    @cached_property
    def changes(self) -> list[diff.Change]:
        return diff.changes(self.newest.before, self.newest.content)


def all_of(reading: Reading, announcement: UUID | None = None) -> list[Announcement]:
    """Return every announced change of a guidance, or one, the one that was announced last first. Two queries."""
    lines = AnnouncementLine.objects.in_force(reading.content.id, reading.at)
    if announcement:
        lines = lines.filter(announcement=announcement)
    return list(_gathered(reading, lines.without_texts()))[::-1]


def _gathered(reading: Reading, lines: Iterable[AnnouncementLine]) -> Iterator[Announcement]:
    of: dict[UUID, list[AnnouncementLine]] = {}
    for line in lines:
        of.setdefault(line.announcement, []).append(line)
    digests = [found[-1].edition_record_digest for found in of.values()]
    live = {one.record_digest: one for one in record.editions(reading).filter(record_digest__in=digests)} if of else {}
    for found in of.values():
        yield Announcement(tuple(found), live.get(found[-1].edition_record_digest))


def _with_texts(found: list[Announcement]) -> list[Announcement]:
    """Fetch what each announcement changes, which is long, and few pages show it. One query."""
    rows = AnnouncementLine.objects.filter(pk__in=[one.newest.pk for one in found])
    texts = {key: texts for key, *texts in rows.values_list("pk", "before_text", "content_text")}
    for one in found:
        one.newest.before_text, one.newest.content_text = texts[one.newest.pk]
    return found


def to_come(reading: Reading, about: UUID | None = None) -> list[Announcement]:
    """Return what is announced of a guidance, or of one of its records, and still to come, soonest first.

    Nothing on a page that shows what stood at another time, or what is not public. One query where nothing is.
    """
    if not isinstance(reading, Current):
        return []
    if not AnnouncementLine.objects.in_force(reading.content.id, reading.at).filter(live_at__gt=reading.at).exists():
        return []
    found = [one for one in all_of(reading) if one.is_to_come]
    if about:
        found = [one for one in found if str(about) in one.newest.record_ids]
    return sorted(found, key=lambda one: one.live_at)


@of_guidance
def announced(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show what is announced word by word, and name what was."""
    found = all_of(reading)
    coming = sorted((one for one in found if one.is_to_come), key=lambda one: one.live_at)
    return guidance_views.page(
        request,
        "categories/announced.html",
        reading,
        title="Announced changes",
        description=f"What is announced to change in “{reading.content.title}”, when, and word by word.",
        coming=_with_texts(coming),
        others=[one for one in found if not one.is_to_come],
    )


@of_guidance
def announcement(request: HttpRequest, reading: Reading, announcement: UUID) -> HttpResponse:
    """Show one announced change, whatever became of it."""
    found = all_of(reading, announcement)
    if not found:
        raise NotFound("There is no such announcement.", Link(f"{reading.base}announced/", "Announced changes"))
    return guidance_views.page(
        request,
        "categories/announcement.html",
        reading,
        title=found[0].title,
        description=f"What is announced to change in “{reading.content.title}”, word by word.",
        announced=_with_texts(found)[0],
    )
