"""The public record as Atom 1.0: one feed for each guidance and one for each category."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.text import Truncator

from ..content import diff
from ..models.edition import Edition
from . import record
from .converters import whole_number
from .guidance_views import of_category, of_guidance
from .not_found import Link, NotFound
from .readings import Reading
from .responses import from_any_site

ENTRIES = 50
LONGEST_TITLE = 120  # characters


class Feed(Atom1Feed):
    """Django's Atom feed, with the whole content of entries and the way to older ones (RFC 5005)."""

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        if older := self.feed["older_url"]:
            handler.addQuickElement("link", "", {"rel": "next", "href": older})
        handler.addQuickElement("link", "", {"rel": "related", "href": self.feed["head_url"], "title": "Signed head"})

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})

    def latest_post_date(self) -> datetime:
        newest: datetime = self.items[0]["updateddate"] if self.items else self.feed["read_at"]
        return newest


@from_any_site
@of_guidance
def updates(request: HttpRequest, reading: Reading) -> HttpResponse:
    """The editions of a guidance, newest first."""
    newest = record.newest_number(reading)
    before = min(_before(request, reading.url("updates-atom")) or newest + 1, newest + 1)
    numbers = list(range(before - 1, 0, -1)[: ENTRIES + 1])
    return _feed(request, reading, numbers, reading.content.id, reading.content.title, reading.url("updates"))


@from_any_site
@of_category
def category_updates(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """The editions that touched a category, newest first, under whatever name and slug it had."""
    category = reading.content.category_by_slug[slug]
    numbers = record.numbers_of(reading, category.id)
    if before := _before(request, reading.url("category-updates-atom", slug)):
        numbers = numbers.filter(edition__number__lt=before)
    page = reading.url("category-updates", slug)
    return _feed(request, reading, list(numbers[: ENTRIES + 1]), category.id, category.title, page)


def _before(request: HttpRequest, url: str) -> int | None:
    """Return the number that the entries asked for are older than, or None."""
    written = request.GET.get("before", "").strip()
    if not written:
        return None
    if not (number := whole_number(written)):
        raise NotFound(
            "There is no such page of this feed: “before” must be the number of an edition.", Link(url, "Feed")
        )
    return number


def _feed(
    request: HttpRequest, reading: Reading, numbers: list[int], about: UUID, title: str, page: str
) -> HttpResponse:
    """Answer with the editions that `numbers` begins with, each with what it changed of what the feed is about."""
    whole = request.build_absolute_uri
    shown = numbers[:ENTRIES]
    older = f"{request.path}?before={shown[-1]}" if len(numbers) > ENTRIES else None
    feed = Feed(
        title=f"Updates: {title}",
        link=whole(page),
        description=None,
        subtitle=_head(reading),
        language="en-GB",
        author_name=reading.content.publisher,
        feed_url=whole(),
        feed_guid=about.urn,
        feed_copyright="Open Government Licence v3.0",
        older_url=whole(older) if older else None,
        read_at=reading.at,
        head_url=whole(reading.url("head")),
    )
    wanted = {number for shown_number in shown for number in (shown_number - 1, shown_number)}
    found = {edition.number: edition for edition in record.whole(reading).filter(number__in=wanted)}
    for number in shown:
        edition = found.pop(number)  # newest first, so no entry to come needs it, nor the memory that it takes
        changes = _changes(found.get(number - 1), edition, None if about == reading.content.id else about)
        feed.add_item(
            title=_title(edition),
            link=whole(reading.url("update", number)),
            description=linebreaks(edition.change_note, autoescape=True),
            pubdate=edition.live_at,
            updateddate=edition.live_at,
            unique_id=uuid5(about, f"edition:{number}").urn,
            categories=[edition.update_type, *sorted({change.action for change in changes})],
            content=render_to_string("categories/feed_entry.html", {"edition": edition, "changes": changes}),
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=Feed.content_type)


def _head(reading: Reading) -> str:
    """Say which edition is the newest, and the digest that vouches for the whole record: not every feed lists it."""
    newest = record.newest(reading)
    return f"Edition {newest.number} is the newest. SHA-256 of its record: {newest.record_digest}" if newest else ""


def _changes(before: Edition | None, edition: Edition, about: UUID | None) -> list[diff.Change]:
    """Return what an edition changed: of one category, or of all. The first edition has none to be compared with."""
    if about is None:
        return diff.changes(before.content, edition.content) if before else []
    change = diff.change_of_category(about, before.content if before else None, edition.content)
    return [change] if change else []


def _title(edition: Edition) -> str:
    minor = "" if edition.is_major else " (minor)"
    note = Truncator(" ".join(edition.change_note.split())).chars(LONGEST_TITLE)
    return f"Edition {edition.number}{minor}: {note}"
