"""In an emergency: published without a second person, who reviews it afterwards."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..models import Edition, Submission, User
from . import notices
from .approve import plan_reasons
from .contributors import own_work
from .making import make
from .plan import plan_of
from .reasons import APPROVE, Person, Reason, not_open, not_permitted, refuse_for, unexplained
from .transitions import Verb, locked_submission, log


def publish_in_emergency(
    submission: Submission,
    by: User,
    *,
    why: str,
    live_at: datetime | None = None,
    seen: str | None = None,
    told: str = "",
    at: datetime | None = None,
) -> Edition:
    """Publish one's own submission without a second person; it stays flagged until another Editor has reviewed it.

    What is scheduled never holds it up: as in `approve`, it is made again, or unscheduled and so `told` to readers.
    """
    with transaction.atomic():
        submission = locked_submission(submission)
        now = at or timezone.now()
        plan = plan_of(submission, by, live_at, now)
        refuse_for(_permission_reasons(submission, by, why) or plan_reasons(plan, live_at, seen, now))
        edition = make(plan, Verb.PUBLISHED_IN_EMERGENCY, by, why=why, told=told, at=at)
        others = [person for person in notices.editors() if person.pk != by.pk]
        said = f"{by} published edition {edition.number} without a second person: {why.strip()}\nPlease review it."
        notices.review_due(edition.submission, others, said)
        if submission.submitted_by_id != by.pk:
            said = f"{by} published it in an emergency: {why.strip()}"
            notices.submission_decided(submission, Verb.PUBLISHED_IN_EMERGENCY, said)
    return edition


def reasons_not_to_publish_in_emergency(
    submission: Submission,
    by: Person,
    *,
    why: str | None = None,
    live_at: datetime | None = None,
    at: datetime | None = None,
) -> list[Reason]:
    """Say why this person cannot publish this submission in an emergency."""
    at = at or timezone.now()
    return _permission_reasons(submission, by, why) or plan_reasons(
        plan_of(submission, by, live_at, at), live_at, None, at
    )


def _permission_reasons(submission: Submission, by: Person, why: str | None) -> list[Reason]:
    if found := not_permitted(by, APPROVE, "publish in an emergency") or not_open(submission, "published"):
        return found
    if not own_work(submission, by):
        return ["You did not work on this submission, so you can approve it in the ordinary way."]
    return unexplained(why, "Say why this cannot wait for a second person.")


def review_afterwards(submission: Submission, by: User, *, why: str = "", at: datetime | None = None) -> None:
    """Record that a second person has reviewed what was published in an emergency."""
    with transaction.atomic():
        submission = locked_submission(submission)
        refuse_for(reasons_not_to_review_afterwards(submission, by))
        log(submission, Verb.REVIEWED_AFTERWARDS, by, at or timezone.now(), why)
        submission.reviewed_afterwards_by = by
        submission.save(update_fields=["reviewed_afterwards_by"])


def reasons_not_to_review_afterwards(submission: Submission, by: Person) -> list[Reason]:
    if found := not_permitted(by, APPROVE, "review an emergency publication"):
        return found
    if not submission.review_is_due:
        return ["No review after the fact is due."]
    if submission.events.filter(verb=Verb.PUBLISHED_IN_EMERGENCY, by=by.pk).exists():
        return ["You published this, so somebody else must review it."]
    return [str(reason).replace("approve", "review") for reason in own_work(submission, by)]
