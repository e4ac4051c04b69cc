"""Links within the site that lead nowhere: known without a network, and told to staff before they publish them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve

from ..content.addresses import tidy
from ..content.links import LinkIn, links
from ..content.schema import Content
from ..content.vocabulary import RecordKind
from ..models.former_address import FormerAddress
from . import resolver
from .memento import KIND_OF_PAGE
from .not_found import nearest_page, nearest_slug
from .readings import Reading, guidance_base
from .resolver import NoRecord

# The parts of a page that have a name for ever
PARTS = {"category": ("relationship", "aim", "approval", "availability"), "approval-test": ("meaning", "categories")}
ALIKE = 0.5  # of 1, between names of parts, which are short


@dataclass(frozen=True, slots=True)
class Stray:
    """A link that leads nowhere, what is not there, and the nearest address at which something is, or ""."""

    link: LinkIn
    why: str
    nearest: str


def strays(content: Content, now: datetime, of: UUID | None = None) -> Iterator[Stray]:
    """Yield the links of a content, or of one record, to what will not be on this site once it is published.

    Queries of the database only for what the content itself does not know: former slugs, and other guidance.
    """
    for link in links(content):
        if of in (None, link.id) and is_within(link.address) and (fault := _fault(_own(link.address), content, now)):
            yield Stray(link, *fault)


def is_within(address: str) -> bool:
    """Say whether an address is one of a page of this site."""
    return _own(address).startswith("/") and not address.startswith("//")


def _own(address: str) -> str:
    """Return an address of this site without the name of the site.

    >>> _own("/x/"), _own("https://www.example.com/x/")
    ('/x/', 'https://www.example.com/x/')
    """
    return address.removeprefix(settings.SITE_ADDRESS) or "/"


def _fault(address: str, content: Content, now: datetime) -> tuple[str, str] | None:
    """Say why nothing stands at an address of this site, and what is nearest to it."""
    parts = urlsplit(address)
    path = tidy(parts.path)
    try:
        match = resolve(path)
    except Resolver404:
        if FormerAddress.objects.leads_to(path, now):
            return None
        return "leads to no page of this site", _nearest(path, now)
    reading = _reading(match, content, now)
    if reading is None:
        return "leads to no guidance of this site", _nearest(path, now)
    kind = KIND_OF_PAGE.get(str(match.url_name))
    if kind:
        slug = match.kwargs["slug"]
        try:
            resolver.present_slug(reading, kind, slug)
        except NoRecord:
            return f"leads to no {kind.label.lower()} of this guidance", _with_nearest(path, slug, kind, reading)
    known = PARTS.get(str(match.url_name), ())
    if not known or not parts.fragment or parts.fragment in known:
        return None
    [near] = get_close_matches(parts.fragment, known, n=1, cutoff=ALIKE) or [known[0]]
    return f"leads to “#{parts.fragment}”, and that page has no such part", f"{path}#{near}"


def _reading(match: ResolverMatch, content: Content, now: datetime) -> Reading | None:
    """The reading that a page is of: the content's own, or that of other guidance, if it is there."""
    if (guidance := match.kwargs.get("guidance", content.slug)) != content.slug:
        current = resolver.current(guidance, now)
        if current is None or current.content.id != content.id:
            return current
    return Reading(content, now, guidance_base(content.slug))


def _nearest(path: str, now: datetime) -> str:
    near = nearest_page(path, now)
    return near.url if near else ""


def _with_nearest(path: str, slug: str, kind: RecordKind, reading: Reading) -> str:
    """The same page of the record whose slug is most like another."""
    near = nearest_slug(slug, [entry.slug for entry in reading.content.entries.values() if entry.kind == kind])
    return path.replace(f"/{slug}/", f"/{near}/") if near else ""
