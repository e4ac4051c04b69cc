"""In an emergency: published without a second person, who reviews it afterwards."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..models import Edition, Submission, User
from . import notices
from .approve import own_work, publication_reasons
from .reasons import APPROVE, Person, Reason, not_open, not_permitted, refuse_for, unexplained
from .transitions import Route, Verb, locked_submission, log, make_edition, refuse_if_late


def publish_in_emergency(
    submission: Submission, by: User, *, why: str, live_at: datetime | None = None, at: datetime | None = None
) -> Edition:
    """Publish one's own submission without a second person; it stays flagged until another Editor has reviewed it."""
    with transaction.atomic():
        submission = locked_submission(submission)
        refuse_for(reasons_not_to_publish_in_emergency(submission, by, why=why, live_at=live_at, at=at))
        submission.route = Route.EMERGENCY
        edition = make_edition(submission, live_at, at)
        log(submission, Verb.PUBLISHED_IN_EMERGENCY, by, edition.made_at, why, edition=edition)
        others = [person for person in notices.editors() if person.pk != by.pk]
        body = f"{by} published edition {edition.number} without a second person: {why.strip()}\nPlease review it.\n"
        notices.tell(others, f"edition {edition.number} needs a review after the fact", body)
        if submission.submitted_by_id != by.pk:
            notices.submission_decided(submission, f"{by} published it in an emergency: {why.strip()}")
        refuse_if_late(edition, at)
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
    if found := not_permitted(by, APPROVE, "publish in an emergency") or not_open(submission, "published"):
        return found
    if not own_work(submission, by):
        return ["You did not work on this submission, so you can approve it in the ordinary way."]
    missing = unexplained(why, "Say why this cannot wait for a second person.")
    return missing + publication_reasons(submission, live_at, at or timezone.now())


def review_afterwards(submission: Submission, by: User, *, why: str = "", at: datetime | None = None) -> None:
    """Record that a second person has reviewed what was published in an emergency."""
    with transaction.atomic():
        submission = locked_submission(submission)
        refuse_for(reasons_not_to_review_afterwards(submission, by))
        submission.reviewed_afterwards_by = by
        submission.save(update_fields=["reviewed_afterwards_by"])
        log(submission, Verb.REVIEWED_AFTERWARDS, by, at or timezone.now(), why)


def reasons_not_to_review_afterwards(submission: Submission, by: Person) -> list[Reason]:
    if found := not_permitted(by, APPROVE, "review an emergency publication"):
        return found
    if not submission.review_is_due:
        return ["No review after the fact is due."]
    if submission.events.filter(verb=Verb.PUBLISHED_IN_EMERGENCY, by=by.pk).exists():
        return ["You published this, so somebody else must review it."]
    return [str(reason).replace("approve", "review") for reason in own_work(submission, by)]
