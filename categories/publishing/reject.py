"""Reject: a second person sends a submission back to its writer."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..models import Submission, User
from . import notices
from .reasons import APPROVE, Person, Reason, not_open, not_permitted, refuse_for, unexplained
from .transitions import Status, Verb, become, locked_submission


def reject(submission: Submission, by: User, *, why: str, at: datetime | None = None) -> None:
    """Send a submission back, and say why. The working copy stays as it is."""
    with transaction.atomic():
        submission = locked_submission(submission)
        refuse_for(reasons_not_to_reject(submission, by, why=why))
        become(submission, Status.REJECTED, Verb.REJECTED, by, at or timezone.now(), why)
        notices.submission_decided(submission, Verb.REJECTED, f"{by} rejected it: {why.strip()}")


def reasons_not_to_reject(submission: Submission, by: Person, *, why: str | None = None) -> list[Reason]:
    """Say why this person cannot reject this submission. With `why` None, they are still to say why."""
    if found := not_permitted(by, APPROVE, "reject a submission") or not_open(submission, "rejected"):
        return found
    return unexplained(why, "Say why you reject it, so that the writer can mend it.")
