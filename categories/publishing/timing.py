"""When an edition goes live: at a whole second ahead of the clock, so that every process knows it before it counts."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from time import sleep

from django.utils import timezone

from ..content.moments import when
from ..models import Edition
from .reasons import Reason

SECOND = timedelta(seconds=1)
SOONEST = timedelta(minutes=5)
KNOWN = timedelta(milliseconds=250)  # before it counts, by when an edition is saved, so that every process can know it
SETTLED = timedelta(seconds=10)  # before it counts, from when on an edition stays what it is
LATEST_YEARS = 2


def soonest(at: datetime, newest: Edition | None) -> datetime:
    """Return when an edition that is published now goes live: one to two seconds ahead, and after the newest one."""
    ahead = at.replace(microsecond=0) + 2 * SECOND
    return max(ahead, newest.live_at + SECOND) if newest else ahead


def whole_second(at: datetime) -> datetime:
    """Return the first whole second that is not before a moment."""
    floor = at.replace(microsecond=0)
    return floor if floor == at else floor + SECOND


def is_settled(edition: Edition, at: datetime) -> bool:
    """Whether an edition is live, or so near to it that nothing takes it off any more."""
    return edition.live_at <= at + SETTLED


def bounds_reasons(live_at: datetime, at: datetime) -> list[Reason]:
    """Say why a set time is too soon or too far ahead."""
    if live_at < at + SOONEST:
        return [f"{when(live_at)} is too soon. Choose a time at least five minutes ahead, or publish now."]
    if live_at > _years_after(at, LATEST_YEARS):
        return [f"{when(live_at)} is too far ahead. Choose a time within the next two years."]
    return []


def _years_after(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year + years)
    except ValueError:  # 29 February
        return at.replace(year=at.year + years, month=3, day=1)


def taken_time_reasons(live_at: datetime, others: Iterable[datetime]) -> list[Reason]:
    """Say that another edition goes live at a set time already."""
    if whole_second(live_at) in others:
        return [f"Another edition goes live at {when(live_at)}. Choose a minute before or after it."]
    return []


def settled_reasons(edition: Edition, at: datetime) -> list[Reason]:
    """Say why a scheduled edition can be taken off no more."""
    if edition.is_live(at):
        return [f"Edition {edition.number} is live, and what is live is never removed. Publish a correction instead."]
    if is_settled(edition, at):
        return [
            f"Edition {edition.number} goes live within {SETTLED.seconds} seconds, and nothing changes it so late. "
            "Wait until it is live, then publish a correction."
        ]
    return []


def wait_until(live_at: datetime) -> None:
    """Wait until an edition counts. For views and commands, outside any transaction; no verb ever waits."""
    while (left := (live_at - timezone.now()).total_seconds()) > 0:
        sleep(left)
