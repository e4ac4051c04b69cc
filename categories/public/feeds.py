"""The public record as Atom 1.0: one feed for each guidance and one for each category."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.text import Truncator

from ..content import filters
from ..content.arrivals import Arrival, arrivals
from ..content.schema import Content
from ..content.words import joined, month_words, shown
from ..models.edition import Edition
from . import followed, record
from .converters import whole_number
from .followed import EVERYTHING, Followed
from .guidance_views import of_category, of_filtered_guidance
from .not_found import Link, NotFound
from .readings import Reading
from .responses import from_any_site

ENTRIES = 50
BEFORE = "before"
MONTH = ["month"]
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
@of_filtered_guidance
def updates(request: HttpRequest, reading: Reading) -> HttpResponse:
    """The editions of a guidance and the months between them, newest first; with a filter, those that touch it."""
    content = reading.content
    query, problems = filters.parse(request.GET, content)
    if wrong := [*(problem.message for problem in problems), *_not_taken(request, filters.PARAMETERS)]:
        return _refused(wrong)
    newest = record.newest_number(reading)
    before = min(_before(request, reading.url("updates-atom")) or newest + 1, newest + 1)
    numbers = list(range(before - 1, 0, -1)[: ENTRIES + 1])
    until = None
    if before <= newest:  # its entries are on the page before this one
        until = record.editions(reading).get(number=before).live_at
    about = About(content.id, content.title, reading.url("updates"))
    if not query.is_empty:
        about = _of_list(reading, query)
    return _feed(request, reading, numbers, until, about)


def _of_list(reading: Reading, query: filters.Query) -> "About":
    content, asked = reading.content, query.query_string()
    title = f"{content.title}: {filters.in_words(content, query)}"
    return About(
        uuid5(content.id, f"updates?{asked}"), title, f"{reading.base}?{asked}", followed.of_filter(query), asked
    )


def _not_taken(request: HttpRequest, taken: Collection[str]) -> list[str]:
    """Name each parameter that a feed does not take: who follows one would miss for ever what it was to ask for."""
    named = {name for name, _ in filters.misspelt(request.GET, taken, taken)}
    unknown = [name for name in request.GET if name not in {*taken, BEFORE, *named}]
    right = f"Use {joined(taken, 'or')}." if taken else "It takes none."
    return [f"“{shown(name)}” is no parameter of this feed. {right}" for name in unknown]


def _refused(sentences: list[str]) -> HttpResponse:
    return HttpResponse("\n".join([*sentences, ""]), status=422, content_type="text/plain; charset=utf-8")


@from_any_site
@of_category
def category_updates(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """The editions that touched a category, under whatever name, and the months that came for it, newest first."""
    if wrong := _not_taken(request, ()):
        return _refused(wrong)
    category = reading.content.category_by_slug[slug]
    touching = record.touching(reading, category.id)
    until = None
    if before := _before(request, reading.url("category-updates-atom", slug)):
        newer = touching.filter(edition__number__gte=before).order_by("pk").first()  # on the page before this one
        until = newer and newer[1]
        touching = touching.filter(edition__number__lt=before)
    numbers = [number for number, _ in touching[: ENTRIES + 1]]
    page = reading.url("category-updates", slug)
    about = About(category.id, category.title, page, followed.of_category(category.id))
    return _feed(request, reading, numbers, until, about)


def _before(request: HttpRequest, url: str) -> int | None:
    """Return the number that the entries asked for are older than, or None."""
    written = request.GET.get(BEFORE, "").strip()
    if not written:
        return None
    if not (number := whole_number(written)):
        raise NotFound(
            "There is no such page of this feed: “before” must be the number of an edition.", Link(url, "Feed")
        )
    return number


@dataclass(frozen=True)
class About:
    """What a feed is about, and what it tells of that."""

    id: UUID
    title: str
    page: str
    followed: Followed = EVERYTHING
    asked: str = ""


def _feed(
    request: HttpRequest, reading: Reading, numbers: list[int], until: datetime | None, about: About
) -> HttpResponse:
    """Answer with the editions that `numbers` begins with, and the months between them and until a moment, or now."""
    whole = request.build_absolute_uri
    older = f"{BEFORE}={numbers[ENTRIES - 1]}" if len(numbers) > ENTRIES else ""
    query = "&".join(part for part in (about.asked, older) if part)
    feed = Feed(
        title=f"Updates: {about.title}",
        link=whole(about.page),
        description=None,
        subtitle=_head(reading),
        language="en-GB",
        author_name=reading.content.publisher,
        feed_url=whole(),
        feed_guid=about.id.urn,
        feed_copyright="Open Government Licence v3.0",
        older_url=whole(f"{request.path}?{query}") if older else None,
        read_at=reading.at,
        head_url=whole(reading.url("head")),
    )
    entries = list(_entries(reading, numbers[:ENTRIES], until or reading.at, about))
    midnights = [entry["updateddate"] for entry in entries if entry["categories"] == MONTH]
    taken = record.going_live_at(reading, midnights) if midnights else set()
    for entry in entries:
        if entry["categories"] != MONTH or entry["updateddate"] not in taken:
            feed.add_item(**entry | {"link": whole(entry["link"])})
    return HttpResponse(feed.writeString("utf-8"), content_type=Feed.content_type)


def _entries(reading: Reading, numbers: list[int], until: datetime, about: About) -> Iterator[dict[str, Any]]:
    """Yield the entries of a feed, newest first."""
    wanted = {number for shown_number in numbers for number in (shown_number - 1, shown_number)}
    found = {edition.number: edition for edition in record.whole(reading).filter(number__in=wanted)}
    for number in numbers:
        edition = found.pop(number)  # newest first, so no entry to come needs it, nor the memory that it takes
        for arrival in reversed(arrivals(edition.content, edition.live_at, until)):
            yield from _month(reading, edition.content, arrival, about)
        until, before = edition.live_at, found.get(number - 1)
        changes = about.followed.changes(before, edition)
        if not about.followed.concerns(changes):
            continue
        yield {
            "title": _title(edition),
            "link": reading.url("update", number),
            "description": linebreaks(edition.change_note, autoescape=True),
            "pubdate": edition.live_at,
            "updateddate": edition.live_at,
            "unique_id": uuid5(about.id, f"edition:{number}").urn,
            "categories": [edition.update_type, *sorted({change.action for change in changes})],
            "content": render_to_string("categories/feed_entry.html", {"edition": edition, "changes": changes}),
        }


def _month(reading: Reading, content: Content, arrival: Arrival, about: About) -> Iterator[dict[str, Any]]:
    """Yield the entry of a month that came, where the feed is about one of its categories, before it or since."""
    steps = about.followed.steps(content, arrival)
    if not steps:
        return
    sentences = [f"{category.title}: {content.step_words(step)}" for category, step in steps]
    in_html = format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((one,) for one in sentences)))
    yield {
        "title": Truncator(f"{month_words(arrival.month)} has come. {'; '.join(sentences)}").chars(LONGEST_TITLE),
        "link": f"{reading.url('updates')}#month-{arrival.month}",
        "description": in_html,
        "pubdate": arrival.at.astimezone(UTC),
        "updateddate": arrival.at.astimezone(UTC),
        "unique_id": uuid5(about.id, f"month:{arrival.month}").urn,
        "categories": MONTH,
        "content": in_html,
    }


def _head(reading: Reading) -> str:
    """Say which edition is the newest, and the digest that vouches for the whole record: not every feed lists it."""
    newest = record.newest(reading)
    return f"Edition {newest.number} is the newest. SHA-256 of its record: {newest.record_digest}" if newest else ""


def _title(edition: Edition) -> str:
    minor = "" if edition.is_major else " (minor)"
    note = Truncator(" ".join(edition.change_note.split())).chars(LONGEST_TITLE)
    return f"Edition {edition.number}{minor}: {note}"
