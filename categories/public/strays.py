"""Links within the site that lead nowhere: known without a network, and told to staff before they publish them."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

from ..content.addresses import tidy
from ..content.links import LinkIn, links
from ..content.schema import Content
from ..models.former_address import FormerAddress
from . import resolver
from .memento import KIND_OF_PAGE
from .readings import Reading, guidance_base
from .resolver import NoRecord


def strays(content: Content, now: datetime) -> Iterator[LinkIn]:
    """Yield the links of a content to addresses of this site at which nothing will stand once it is published.

    Queries of the database only for what the content itself does not know: former slugs, and other guidance.
    """
    for link in links(content):
        path = _own_path(link.address)
        if path and _leads_nowhere(tidy(path), content, now):
            yield link


def _own_path(address: str) -> str:
    """Return the path of an address of this site, empty for one of another or within the page."""
    address = address.removeprefix(settings.SITE_ADDRESS) or "/"
    return urlsplit(address).path if address.startswith("/") and not address.startswith("//") else ""


def _leads_nowhere(path: str, content: Content, now: datetime) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return not FormerAddress.objects.leads_to(path, now)
    reading = Reading(content, now, guidance_base(content.slug))
    if (guidance := match.kwargs.get("guidance", content.slug)) != content.slug:
        current = resolver.current(guidance, now)
        if current is None:
            return True
        if current.content.id != content.id:
            reading = current
    kind = KIND_OF_PAGE.get(str(match.url_name))
    if kind is None:
        return False
    try:
        resolver.present_slug(reading, kind, match.kwargs["slug"])
    except NoRecord:
        return True
    return False
