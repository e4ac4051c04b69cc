"""Recall: a writer takes a submission back."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..models import Submission, User
from . import notices
from .reasons import SUBMIT, Person, Reason, not_open, not_permitted, refuse_for
from .transitions import Status, Verb, become, locked_submission


def recall(submission: Submission, by: User, *, why: str = "", at: datetime | None = None) -> None:
    """Take a submission back before it is decided."""
    with transaction.atomic():
        submission = locked_submission(submission)
        refuse_for(reasons_not_to_recall(submission, by))
        become(submission, Status.RECALLED, Verb.RECALLED, by, at or timezone.now(), why)
        if submission.submitted_by_id != by.pk:
            notices.submission_decided(submission, Verb.RECALLED, f"{by} recalled it.")


def reasons_not_to_recall(submission: Submission, by: Person) -> list[Reason]:
    return not_permitted(by, SUBMIT, "recall a submission") or not_open(submission, "recalled")
