"""The pages of the public record: every edition, what each changed, one category through all of them, any day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format

from ..content import diff
from ..content.vocabulary import ADDRESSED, RecordKind
from ..content.words import joined, shown
from ..models.edition import Edition, EditionQuerySet
from . import guidance_views, log, record
from .converters import whole_number
from .guidance_views import of_category, of_guidance
from .not_found import Link, NotFound
from .readings import Dated, Reading, guidance_base, page_address
from .record import editions, newest, newest_number, whereabouts
from .responses import led_on, moment, public

EDITIONS_ON_A_PAGE = 20
CHANGES_ON_A_PAGE = 10
PARTS = ("day", "month", "year")


def _whole(reading: Reading, numbers: Iterable[int]) -> dict[int, Edition]:
    """Return editions by number with what they say and the corrections beside them. Two queries."""
    found = beside_corrections(record.whole(reading), reading).filter(number__in=set(numbers))
    return {edition.number: edition for edition in found}


def beside_corrections(found: EditionQuerySet, reading: Reading) -> EditionQuerySet:
    # An edition corrects one of its own guidance. To say so would lead a database through all of its editions.
    corrections = record.without_content(Edition.objects.live(reading.at)).order_by("number")
    return found.prefetch_related(Prefetch("corrections", corrections))


@of_guidance
def updates(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List every edition, newest first."""
    head = newest(reading)
    page = _page(request, range(head.number if head else 0, 0, -1), EDITIONS_ON_A_PAGE, reading.url("updates"))
    wanted = [*page, page[0] + 1] if page.object_list else []  # the one before them on the page before says until when
    found = list(beside_corrections(editions(reading), reading).filter(number__in=wanted))
    listed = [edition for edition in found if edition.number in page]
    told = log.told(reading, listed, next((one for one in found if one not in listed), None))
    return guidance_views.page(
        request,
        "categories/updates.html",
        reading,
        asked=_asked_page(page),
        title=_title("Updates", page),
        description=f"Every edition of “{reading.content.title}”, newest first, and what each one changed.",
        page=page,
        days=log.by_day(told),
        parts=dict.fromkeys(PARTS, ""),
        head=head,
    )


@of_guidance
def corrections(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List every edition that corrects another, newest first."""
    return guidance_views.page(
        request,
        "categories/corrections.html",
        reading,
        title="Corrections",
        description=f"Every correction of “{reading.content.title}”, and what it corrects.",
        found=list(editions(reading).exclude(corrects=None)),
    )


def _title(title: str, page: "Page[Any]") -> str:
    """Give each page of many a title of its own."""
    return title if page.number == 1 else f"{title}, page {page.number} of {page.paginator.num_pages}"


def _page(request: HttpRequest, things: "Sequence[int] | QuerySet[Any, Any]", size: int, url: str) -> "Page[Any]":
    paginator = Paginator(things, size)
    try:
        return paginator.page(request.GET.get("page") or 1)
    except InvalidPage:
        last = paginator.num_pages
        sentence = f"There is no such page of updates: there {f'are {last} pages' if last > 1 else 'is one page'}."
        raise NotFound(sentence, Link(url, "The newest updates")) from None


def _asked_page(page: "Page[Any]") -> str:
    return f"page={page.number}" if page.number > 1 else ""


@of_guidance
def update(request: HttpRequest, reading: Reading, number: int) -> HttpResponse:
    """Show exactly what one edition changed, or what changed from one edition to another."""
    last = newest_number(reading)
    if not 1 <= number <= last:
        raise _no_edition(reading, last)
    if elsewhere := led_on(request, reading.url("update", number)):  # “01” is the same number
        return elsewhere
    written = shown(request.GET.get("from", ""))
    base, problem = _compared_with(written, number, last)
    found = _whole(reading, [number, base])
    edition, before = found[number], found.get(base)
    return guidance_views.page(
        request,
        "categories/update.html",
        reading,
        title=f"Edition {number}" if base == number - 1 else f"From edition {base} to edition {number}",
        description=_described(reading.content.title, base, number),
        edition=edition,
        before=before,
        asked=f"from={base}" if base != number - 1 else "",
        changes=diff.changes(before.content, edition.content) if before else [],
        problem=problem,
        written=written,
        newer=number + 1 if number < last else None,
        older=number - 1,
        newest=last,
        day=timezone.localdate(edition.live_at),
    )


def _described(title: str, base: int, number: int) -> str:
    if not base:
        return f"The first edition of “{title}”: every category, test and power that it brought."
    return f"What changed in “{title}” from edition {base} to edition {number}, word by word."


def _no_edition(reading: Reading, newest: int) -> NotFound:
    link = Link(reading.url("updates"), "All updates")
    if isinstance(reading, Dated):
        return NotFound(f"This edition was not live by the end of {date_format(reading.on)}.", link)
    if reading.then:
        return NotFound(f"This edition was not live {reading.then}.", link)
    return NotFound(f"There is no such edition: they are numbered from 1 to {newest}.", link)


def _compared_with(written: str, number: int, newest: int) -> tuple[int, str]:
    """Return the number of the edition to compare with, and what is wrong with the one asked for. 0 is none."""
    before = number - 1
    if not written:
        return before, ""
    base = whole_number(written) or 0
    if not 1 <= base <= newest:
        return before, f"Enter the number of an edition, from 1 to {newest}"
    if base == number:
        return before, f"Enter an edition other than edition {number} itself"
    return base, ""


@of_category
def category_updates(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """Show every change to one category, through every change of its name and address."""
    category = reading.content.category_by_slug[slug]
    touching = record.touching(reading, category.id)
    page = _page(request, touching, CHANGES_ON_A_PAGE, reading.url("category-updates", slug))
    newer = touching[page.start_index() - 2] if page.has_previous() else None  # the last one on the page before
    numbers = [number for number, _ in page]
    found = _whole(reading, (one for number in numbers for one in (number - 1, number)))
    return guidance_views.page(
        request,
        "categories/category_updates.html",
        reading,
        asked=_asked_page(page),
        title=_title(f"Updates to {category.title}", page),
        description=f"Every change to the category “{category.title}”, word by word, newest first.",
        category=category,
        record=record.track(reading, category.id) if isinstance(reading, Dated) else None,
        page=page,
        days=log.by_day(_told_of(reading, category.id, numbers, newer[1] if newer else reading.at, found)),
    )


def _told_of(
    reading: Reading, of: UUID, numbers: Iterable[int], until: datetime, found: Mapping[int, Edition]
) -> list[log.Told]:
    """Return what is told of one category by editions, newest first, and by the months that came while they stood."""
    told: list[log.Told] = []
    for number in numbers:
        edition = found[number]
        told += log.months_of(edition.content, of, edition.live_at, until)
        told.append(log.Told(edition.live_at, edition, change=_change_of(of, number, found)))
        until = edition.live_at
    return log.without_taken(reading, told)


def _change_of(record: UUID, number: int, found: Mapping[int, Edition]) -> diff.Change | None:
    before = found.get(number - 1)
    return diff.change_of_category(record, before.content if before else None, found[number].content)


@of_guidance
def on_day(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Lead to the guidance as it stood on the day that a reader enters, or say what is wrong with that day."""
    return ask_for_a_day(
        request,
        reading,
        lambda day: guidance_base(reading.content.slug, day),
        title="See the guidance as it stood on a day",
        description="Choose any day since the first edition to read the whole guidance as it stood then.",
        button="See that day",
    )


def ask_for_a_day(
    request: HttpRequest, reading: Reading, address: Callable[[date], str], **context: Any
) -> HttpResponse:
    """Lead to the address of the day that a reader enters, or say what is wrong with that day."""
    first = record.first_day(reading.content.slug, reading.at) or reading.day
    parts = {name: shown(request.GET.get(name, "")) for name in PARTS}
    entered = any(name in request.GET for name in parts)
    chosen, problem, wrong = chosen_day(parts, first, reading.day) if entered else (None, "", [])
    if chosen:
        return HttpResponseRedirect(address(chosen))
    shared: dict[str, Any] = {"first": first, "parts": parts, "problem": problem, "wrong": wrong}
    return guidance_views.page(request, "categories/on_day.html", reading, **shared, **context)


def chosen_day(parts: Mapping[str, str], first: date, today: date) -> tuple[date | None, str, list[str]]:
    """Read a day given as day, month and year: the day, or what is wrong with it and in which parts."""
    missing = [name for name, value in parts.items() if not value]
    if len(missing) == len(parts):
        return None, "Enter the day, month and year", list(parts)
    if missing:
        return None, f"The date must include a {joined(missing)}", missing
    try:
        day = date(*(whole_number(parts[name]) or 0 for name in ("year", "month", "day")))
    except (ValueError, OverflowError):
        return None, f"The date must be a real date, such as {today:%-d %-m %Y}", list(parts)
    if day > today:
        return None, "The date must be today or in the past", list(parts)
    if day < first:
        return None, f"The date must be {date_format(first)} or later: nothing was published before it", list(parts)
    return day, "", []


@public
def by_id(request: HttpRequest, record: UUID) -> HttpResponse:
    """Lead to wherever a category, a test or power, or a guidance is now."""
    kind, slug, guidance = whereabouts(record, moment(request)) or ("", "", "")
    if kind not in ADDRESSED:
        raise NotFound("No category, test, power or guidance has this id.")
    args = [] if kind == RecordKind.GUIDANCE else [slug]
    url = page_address(guidance_base(guidance), kind, *args)
    return HttpResponse(status=303, headers={"Location": url})
