"""The public pages of guidance: thin views over a reading."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from ..content import filters, glossary
from ..content.vocabulary import RecordKind
from . import readings
from .not_found import Link, NotFound, nearest_day, nearest_slug
from .readings import Reading
from .responses import public, readable

LARGEST_KEPT = 100_000  # bytes of an answer

View = Callable[..., HttpResponse]
Record = TypeVar("Record")


class Elsewhere(LookupError):
    """No record of a kind has this slug in a reading. One may have had it in an edition before."""

    def __init__(self, kind: RecordKind, slug: str) -> None:
        super().__init__(slug)
        self.kind = kind
        self.slug = slug


def of_guidance(view: View) -> View:
    """Give a view the reading that its address names; former addresses lead straight to the present one."""

    @public
    def at_address(request: HttpRequest, guidance: str, on: str = "", **rest: Any) -> HttpResponse:
        at = timezone.now()
        reading = _dated(request, guidance, on, at, rest) if on else readings.current(guidance, at)
        if reading is None:
            raise NotFound("There is no guidance at this address.")
        shown = _kept(request, reading) or _keep(request, reading, _shown(view, request, reading, at, rest))
        if reading.on:
            shown.headers["X-Robots-Tag"] = "noindex"
        if reading.content.slug == guidance or 300 <= shown.status_code < 400:
            return shown  # a record that moved as well is led to straight, not by a chain
        former = readings.guidance_base(guidance, reading.on)
        return moved(request, reading.base + request.path.removeprefix(former))

    @readable
    @wraps(view)
    def wrapper(request: HttpRequest, reading: Reading | None = None, **rest: Any) -> HttpResponse:
        if reading:  # a preview brings its own
            return _shown(view, request, reading, reading.at, rest)
        return at_address(request, **rest)

    return wrapper


def _dated(request: HttpRequest, guidance: str, written: str, at: datetime, rest: dict[str, Any]) -> Reading | None:
    """Return the reading of a day, or say which day would work."""
    today = timezone.localdate(at)
    try:
        day = date.fromisoformat(written)
    except ValueError:
        problem = f"{written} is not a day in the calendar."
    else:
        if day > today:
            problem = f"{date_format(day)} has not come yet, so nobody can say how the guidance will stand then."
        elif reading := readings.dated(guidance, day, at):
            return reading
        else:
            problem = f"This guidance was not published yet on {date_format(day)}."
    first = readings.first_day(guidance, at)
    if first is None:
        return None
    nearest = nearest_day(written, first, today)
    raise NotFound(
        problem,
        *_same_page(request, guidance, nearest, at, rest),
        Link(readings.guidance_base(guidance, nearest), f"The guidance as it stood on {date_format(nearest)}"),
        Link(readings.guidance_base(guidance), "The guidance as it stands now"),
    )


def _same_page(request: HttpRequest, guidance: str, day: date, at: datetime, rest: dict[str, Any]) -> Iterator[Link]:
    """Yield the way to the page asked for as it stood on a day, where it is one of its own and was there."""
    name, reading = request.resolver_match.url_name, readings.dated(guidance, day, at)
    if reading is None or name == "guidance":
        return
    if "slug" in rest:
        kind = RecordKind.APPROVAL_TEST if name == "approval-test" else RecordKind.CATEGORY
        record = readings.record_at_slug(reading, kind, rest["slug"], at)
        entry = reading.content.entries.get(record) if record else None
        if entry is None:
            return
        rest = {"slug": entry.slug}
    elif not 1 <= rest.get("number", 1) <= reading.edition.number:
        return
    query = "" if name in readings.PAGED else request.META.get("QUERY_STRING", "")
    address = reading.url(name, *rest.values())
    yield Link(f"{address}?{query}" if query else address, f"This page as it stood on {date_format(day)}")


def _key(request: HttpRequest, reading: Reading) -> str:
    """Name an answer by all that it depends on: the chain of editions by its head, the day, and the whole address."""
    head = reading.edition.record_digest if reading.edition else ""
    address = hashlib.sha256(request.build_absolute_uri().encode()).hexdigest()
    return f"{head}/{reading.day}/{address}"


def _kept(request: HttpRequest, reading: Reading) -> HttpResponse | None:
    """Return what was answered before. A dated page is made anew: it names editions that came after its own."""
    found = cache.get(_key(request, reading)) if reading.is_current else None
    return HttpResponse(found[0], headers=found[1]) if found else None


def _keep(request: HttpRequest, reading: Reading, response: HttpResponse) -> HttpResponse:
    """Keep an answer for whoever asks for the same next."""
    if reading.is_current and response.status_code == 200 and len(response.content) <= LARGEST_KEPT:
        cache.set(_key(request, reading), (response.content, dict(response.headers)))
    return response


def _shown(view: View, request: HttpRequest, reading: Reading, at: datetime, rest: dict[str, Any]) -> HttpResponse:
    """Call a view; where its record is not at this slug, lead to the slug that the record has in this reading."""
    try:
        return view(request, reading, **rest)
    except Elsewhere as elsewhere:
        record = readings.record_at_slug(reading, elsewhere.kind, elsewhere.slug, at)
        entry = reading.content.entries.get(record) if record else None
        if entry is None:
            raise _nothing_at(reading, elsewhere, once=record is not None) from None
        return moved(request, reading.url(request.resolver_match.url_name, entry.slug))


def _nothing_at(reading: Reading, elsewhere: Elsewhere, once: bool) -> NotFound:
    """Say that there is no such record here, and name the one with the slug that is most like it."""
    kind = elsewhere.kind.label.lower()
    sentence = f"There is no {kind} at this address{' in the guidance as it stood then' if reading.on else ''}."
    if once and reading.on:
        sentence = f"This {kind} was not part of the guidance on {date_format(reading.on)}."
    entries = {entry.slug: entry for entry in reading.content.entries.values() if entry.kind == elsewhere.kind}
    links = [Link(reading.url("guidance"), reading.content.title)]
    if slug := nearest_slug(elsewhere.slug, entries):
        links.insert(0, Link(reading.url(elsewhere.kind.value, slug), entries[slug].title))
    return NotFound(sentence, *links)


def moved(request: HttpRequest, path: str) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)


def led_to_present_tests(request: HttpRequest, reading: Reading, name: str) -> HttpResponse | None:
    """Lead a filter that asks for a test by a former slug to the same query with the slug that it has in a reading."""
    query = readings.with_present_tests(reading, request.GET)
    return HttpResponsePermanentRedirect(f"{reading.url(name)}?{query}") if query else None


def page(request: HttpRequest, template: str, reading: Reading, **context: Any) -> HttpResponse:
    """Render a page of guidance, each short form spelled out where the page first uses it."""
    html = render_to_string(template, {"reading": reading, "content": reading.content, **context}, request)
    return HttpResponse(glossary.explain(html))


def find(records: Mapping[str, Record], kind: RecordKind, slug: str) -> Record:
    """Return the record at a slug. Raises Elsewhere, which `of_guidance` answers."""
    try:
        return records[slug]
    except KeyError:
        raise Elsewhere(kind, slug) from None


@of_guidance
def guidance(request: HttpRequest, reading: Reading) -> HttpResponse:
    if elsewhere := led_to_present_tests(request, reading, "guidance"):
        return elsewhere
    content, day = reading.content, reading.day
    query, problems = filters.parse(request.GET, content)
    found = filters.matching(content, query, day)
    return page(
        request,
        "categories/guidance.html",
        reading,
        title=content.title,
        updated=readings.last_updated(reading),
        query=query,
        problems=problems,
        found=found,
        facets=filters.facets(content, query, day),
        selected=filters.selected(content, query),
        explanation=filters.explanation(content, query, day),
    )


@of_guidance
def category(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    shown = find(reading.content.category_by_slug, RecordKind.CATEGORY, slug)
    listed = reading.content.current_categories
    place = listed.index(shown) if shown.withdrawn is None else None
    return page(
        request,
        "categories/category.html",
        reading,
        title=shown.title,
        description=shown.aim,
        category=shown,
        record=readings.track(reading, shown.id),
        previous=listed[place - 1] if place else None,
        next=listed[place + 1] if place is not None and place + 1 < len(listed) else None,
    )


@of_guidance
def approval_tests(request: HttpRequest, reading: Reading) -> HttpResponse:
    return page(
        request,
        "categories/approval_tests.html",
        reading,
        title="Approval tests and powers",
        description="Every test and power that technical qualifications face, and what each one means.",
    )


@of_guidance
def approval_test(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    shown = find(reading.content.approval_test_by_slug, RecordKind.APPROVAL_TEST, slug)
    return page(
        request,
        "categories/approval_test.html",
        reading,
        title=shown.name,
        description=shown.description,
        test=shown,
        record=readings.track(reading, shown.id),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what is not there, and the ways on."""
    known = exception if isinstance(exception, NotFound) else None
    html = render_to_string("404.html", {"missing": known, "path": request.path}, request)
    return HttpResponse(html, status=404, headers={"Cache-Control": "no-cache"})


def server_error(request: HttpRequest) -> HttpResponse:
    """Apologise. Uses neither the database nor the request, which may be what has failed."""
    return HttpResponse(render_to_string("500.html"), status=500, headers={"Cache-Control": "no-store"})
