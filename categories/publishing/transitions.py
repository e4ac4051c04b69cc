"""What every transition of a submission does: it keeps others out, sets a status, writes the log."""

from datetime import datetime
from typing import Any

from ..content.words import normal
from ..models import Edition, Guidance, Submission, SubmissionEvent, User
from ..models.account import role_of

Status, Route, Verb = Submission.Status, Submission.Route, SubmissionEvent.Verb


def locked(guidance: Guidance) -> Guidance:
    """Wait for, and keep out, every other save, submission and publication of the same guidance."""
    return Guidance.objects.select_for_update().get(pk=guidance.pk)


def locked_submission(submission: Submission) -> Submission:
    locked(submission.guidance)
    return Submission.objects.select_related("guidance", "submitted_by", "edition").get(pk=submission.pk)


def become(
    submission: Submission,
    status: Submission.Status,
    verb: str,
    by: User | None,
    at: datetime,
    why: str = "",
    edition: Edition | None = None,
) -> None:
    """Write into the log what a submission becomes, then let it become that: the database lets it be nothing else."""
    submission.status = status
    log(submission, verb, by, at, why, edition)
    submission.save(update_fields=["status", "edition", "route"])


def log(
    submission: Submission,
    verb: str,
    by: User | None,
    at: datetime,
    why: str = "",
    edition: Edition | None = None,
    **of_comment: Any,
) -> None:
    SubmissionEvent.objects.create(
        submission=submission,
        submission_digest="" if submission.events.exists() else submission.frozen_digest(),
        verb=verb,
        by=by,
        role=role_of(by),
        at=at,
        why=normal(why),
        status=submission.status,
        route=submission.route,
        edition_number=edition.number if edition else None,
        edition_record_digest=edition.record_digest if edition else "",
        live_at=edition.live_at if edition else None,
        **of_comment,
    )
