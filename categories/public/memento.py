"""Pages as mementos (RFC 7089): what the headers of one say, and the map of all that there are of one page."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone
from django.utils.http import http_date

from ..content.arrivals import rounded_up
from ..content.moments import written
from ..content.vocabulary import Action, RecordKind
from ..models.edition import Edition
from . import months, record, resolver
from .not_found import Link, NotFound, nothing_at
from .readings import GUIDANCE_URLS, Exact, Reading, guidance_base
from .resolver import Missing
from .responses import led_on, moment, public

MEDIA_TYPE = "application/link-format"
KIND_OF_PAGE = {
    "category": RecordKind.CATEGORY,
    "category-updates": RecordKind.CATEGORY,
    "category-updates-atom": RecordKind.CATEGORY,
    "category-since": RecordKind.CATEGORY,
    "category-since-form": RecordKind.CATEGORY,
    "approval-test": RecordKind.APPROVAL_TEST,
}


def headers(request: HttpRequest, reading: Exact) -> dict[str, str]:
    """Say of a page which moment it shows, of what page, and where all its moments are listed."""
    page, query = request.path.removeprefix(reading.base), request.GET.urlencode()
    original = _whole(request, reading.current_base + page, query)
    time_map = _whole(request, f"{reading.current_base}timemap/{page}", query)
    return {
        "Memento-Datetime": http_date(reading.moment.timestamp()),
        "Link": f'<{original}>; rel="original", <{time_map}>; rel="timemap"; type="{MEDIA_TYPE}"',
    }


def _whole(request: HttpRequest, address: str, query: str) -> str:
    return request.build_absolute_uri(f"{address}?{query}" if query else address)


@public
def time_map(request: HttpRequest, guidance: str, page: str = "") -> HttpResponse:
    """List every moment since which a page of guidance has read otherwise, with its address then."""
    try:
        reading = resolver.reading(guidance, None, moment(request))
        match = _match(reading, page)
    except Missing as missing:
        raise nothing_at(request, missing) from None
    address = _address(match)
    if elsewhere := led_on(request, f"{reading.base}timemap/{address}"):
        return elsewhere
    query = request.GET.urlencode()
    original, own = _whole(request, reading.base + address, query), _whole(request, request.path, query)
    links = [f'<{original}>; rel="original"', f'<{own}>; rel="self"; type="{MEDIA_TYPE}"']
    for at, then in _mementos(reading, match):
        links.append(f'<{_whole(request, then, query)}>; rel="memento"; datetime="{http_date(at.timestamp())}"')
    return HttpResponse(",\n".join(links) + "\n", content_type=MEDIA_TYPE)


def _match(reading: Reading, page: str) -> ResolverMatch:
    """Return which page of a guidance an address below it is of, with the slug that its record has now."""
    try:
        match = resolve(f"/{page}", urlconf=GUIDANCE_URLS)
    except Resolver404:
        raise NotFound(
            "This guidance has no such page, so there is no map of it.", Link(reading.base, reading.content.title)
        ) from None
    if kind := KIND_OF_PAGE.get(str(match.url_name)):
        match.kwargs["slug"] = resolver.present_slug(reading, kind, match.kwargs["slug"])
    return match


def _address(match: ResolverMatch, **other: str) -> str:
    return reverse(str(match.url_name), urlconf=GUIDANCE_URLS, kwargs=match.kwargs | other)[1:]


def _mementos(reading: Reading, match: ResolverMatch) -> Iterator[tuple[datetime, str]]:
    """Yield each moment since which the page has read otherwise, with its address then. Four queries at most."""
    guidance = slugs(reading, reading.content.id)
    own = None
    if kind := KIND_OF_PAGE.get(str(match.url_name)):
        [shown] = resolver.records(reading, [(kind, match.kwargs["slug"])]).values()
        own = slugs(reading, shown)
    first, day = int(match.kwargs.get("number", 1)), str(match.kwargs.get("day", ""))
    base = slug = ""
    for at, number in moments(reading):
        base, slug = guidance.get(number, base), own.get(number, slug) if own else ""
        if number >= first and str(timezone.localdate(at)) >= day and (slug or own is None):
            other = {"slug": slug} if own else {}
            yield at, guidance_base(base, at=written(at)) + _address(match, **other)


def slugs(reading: Reading, of: UUID) -> dict[int, str]:
    """Return the slug that a record got with each edition that touched it; empty where it was taken away."""
    rows = record.touched(of, reading.at).order_by("pk").values_list("edition__number", "slug", "action")
    return {number: "" if action == Action.REMOVED else slug for number, slug, action in rows}


def moments(reading: Reading) -> list[tuple[datetime, int]]:
    """Return each moment since which pages have read otherwise, with the number of the edition that they read from."""
    live = Edition.objects.filter(guidance_id=reading.content.id).live(reading.at)
    standing = months.spans(list(live.order_by("number").values_list("number", "live_at")), reading.at)
    began = [(rounded_up(at) if rounded_up(at) <= until else at, number) for number, at, until in standing]
    return sorted([*began, *((arrival.at, number) for number, arrival in months.arrived(reading, standing))])
