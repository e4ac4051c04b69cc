"""Unschedule: an edition that is not live yet is removed."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..models import Edition, User
from . import notices
from .announcements import announcement_of, taken_back, unsaid, write
from .reasons import APPROVE, Person, Reason, not_permitted, refuse_for, unexplained
from .timing import settled_reasons
from .transitions import Status, Verb, become, locked
from .working_copy import newest_edition


def unschedule(edition: Edition, by: User, *, why: str, told: str = "", at: datetime | None = None) -> None:
    """Remove the newest edition while it is not live yet. Its submission and the log keep the record of it.

    `told` is what readers are told of one that was announced.
    """
    with transaction.atomic():
        locked(edition.guidance)
        edition = Edition.objects.filter(pk=edition.pk).first() or edition
        now = at or timezone.now()
        refuse_for(reasons_not_to_unschedule(edition, by, why=why, told=told, at=now))
        if announced := announcement_of(edition):
            write([taken_back(announced, told)], now, at)
        submission = edition.submission
        submission.edition = None
        become(submission, Status.UNSCHEDULED, Verb.UNSCHEDULED, by, now, why, edition)
        edition.discard(now)
        said = f"{by} unscheduled edition {edition.number}: {why.strip()}"
        notices.submission_decided(submission, Verb.UNSCHEDULED, said)


def reasons_not_to_unschedule(
    edition: Edition, by: Person, *, why: str | None = None, told: str | None = None, at: datetime | None = None
) -> list[Reason]:
    """Say why this person cannot unschedule this edition."""
    if found := not_permitted(by, APPROVE, "unschedule an edition"):
        return found
    if found := not_scheduled(edition):
        return found
    newest = newest_edition(edition.guidance)
    if found := settled_reasons(edition, at or timezone.now()):
        return found
    if newest and newest != edition:
        return [f"Edition {newest.number} follows it; unschedule that one first."]
    return [*unexplained(why, "Say why you unschedule it."), *unsaid(edition, told)]


def not_scheduled(edition: Edition) -> list[Reason]:
    """Say that an edition has been taken off since."""
    if edition.pk and Edition.objects.filter(pk=edition.pk).exists():
        return []
    return [f"Edition {edition.number} is not scheduled any more."]
