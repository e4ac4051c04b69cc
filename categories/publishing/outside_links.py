"""Links to other sites: which there are, what stands at each, and what is broken of a content."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from ..content.links import is_of_the_web, links
from ..content.schema import Content
from ..models import Edition, Guidance
from ..models.outside_link import LONGEST, OutsideLink, State
from .other_sites import Answer, look_at
from .reasons import Refused
from .working_copy import WorkingCopy

MOST = 500  # at one time; the others next time
FEW = 3  # sites: where none of so many answers, it is this machine that reaches nothing


class NothingAnswers(Exception):
    """No site answers, so nothing was learnt of any."""


def check(at: datetime, *, pause: float) -> list[OutsideLink]:
    """Look at addresses outside that a working copy or a live edition names, and return them. Raises NothingAnswers.

    At most MOST of them, those that were looked at longest ago first.

    What no content names any more is forgotten. Nothing is locked while other sites are waited for. Each answer is kept
    as it comes, once it is known that this machine reaches other sites, so that whatever ends this ends no more.
    """
    named = {address for content in _contents(at) for address in outside(content)}
    known = OutsideLink.objects.in_bulk(field_name="address")
    OutsideLink.objects.exclude(address__in=named).delete()
    # Those that nobody looked at yet, then by when that was
    waiting = sorted(named, key=lambda one: (one in known, known[one].checked_at if one in known else at, one))
    kept, silent = list[OutsideLink](), dict[str, Answer]()
    for address, answer in _looked_at(waiting[:MOST], pause):
        silent[address] = answer
        if kept or answer.state != State.SILENT:
            kept += [_kept(one, said, known.get(one)) for one, said in silent.items()]
            silent = {}
    if len({urlsplit(address).hostname for address in silent}) >= FEW:
        raise NothingAnswers
    return kept + [_kept(one, said, known.get(one)) for one, said in silent.items()]


def outside(content: Content) -> Iterator[str]:
    """Yield the addresses of other sites that a content names."""
    for link in links(content):
        if is_outside(link.address):
            yield link.address


def is_outside(address: str) -> bool:
    within = address == settings.SITE_ADDRESS or address.startswith((f"{settings.SITE_ADDRESS}/", "#"))
    return not within and is_of_the_web(address) and len(address.encode()) <= LONGEST


def broken_among(addresses: Iterable[str]) -> dict[str, OutsideLink]:
    """Return what is broken of these addresses. One query, and none where there is nothing to ask for."""
    asked = {address for address in addresses if is_outside(address)}
    return {one.address: one for one in OutsideLink.objects.broken().filter(address__in=asked)} if asked else {}


def _contents(at: datetime) -> Iterator[Content]:
    for guidance in Guidance.objects.all():
        if live := Edition.objects.filter(guidance=guidance).live(at).newest():
            yield live.content
        try:
            yield WorkingCopy(guidance).content
        except Refused:  # its records cannot be read together: what is live was looked at
            continue


def _looked_at(addresses: list[str], pause: float) -> Iterator[tuple[str, Answer]]:
    """Look at each, a site no oftener than after a pause."""
    asked: dict[str | None, float] = {}
    for address in addresses:
        site = urlsplit(address).hostname
        if site in asked:
            time.sleep(max(0.0, asked[site] + pause - time.monotonic()))
        yield address, look_at(address)
        asked[site] = time.monotonic()


def _kept(address: str, answer: Answer, before: OutsideLink | None) -> OutsideLink:
    times = before.times + 1 if before and before.state == answer.state else 1
    said: dict[str, Any] = {"state": answer.state, "why": answer.why, "suggestion": answer.suggestion}
    said |= {"times": times, "checked_at": timezone.now()}
    return OutsideLink.objects.update_or_create(address=address, defaults=said)[0]
