"""Announce: readers are told what a scheduled edition changes, and when, before it counts."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from ..content.moments import when
from ..models import AnnouncementLine, Edition, User
from . import notices
from .announcements import LineVerb, announcement_of, line_of, order_reasons, write
from .contributors import own_work
from .plan import plan_to_announce
from .reasons import APPROVE, Person, Reason, not_permitted, refuse_for
from .timing import settled_reasons
from .transitions import Verb, locked, log
from .unschedule import not_scheduled


def announce(edition: Edition, by: User, *, at: datetime | None = None) -> AnnouncementLine:
    """Tell readers of a scheduled edition. What was announced can be taken back, but never be secret again."""
    with transaction.atomic():
        locked(edition.guidance)
        now = at or timezone.now()
        refuse_for(reasons_not_to_announce(edition, by, at=now))
        plan = plan_to_announce(edition, now)
        line = line_of(edition, plan.follows.content_text if plan.follows else None, uuid4(), LineVerb.ANNOUNCED)
        write([line], now, at, [plan.unannounced.live_at] if plan.unannounced else [])
        submission = edition.submission
        log(submission, Verb.ANNOUNCED, by, now)
        said = f"{by} announced edition {edition.number}, which goes live at {when(edition.live_at)}."
        notices.submission_decided(submission, Verb.ANNOUNCED, said)
    return line


def reasons_not_to_announce(edition: Edition, by: Person, *, at: datetime | None = None) -> list[Reason]:
    """Say why this person cannot announce this edition."""
    at = at or timezone.now()
    if found := not_permitted(by, APPROVE, "announce an edition") or not_scheduled(edition):
        return found
    own = own_work(edition.submission, by)
    if found := settled_reasons(edition, at) or [str(reason).replace("approve", "announce") for reason in own]:
        return list(found)
    if announcement_of(edition):
        return [f"Edition {edition.number} is announced already."]
    return order_reasons(plan_to_announce(edition, at), at)
