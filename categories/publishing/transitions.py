"""What every transition of a submission does: it keeps others out, sets a status, makes an edition, writes the log."""

from datetime import datetime

from ..content.words import normal
from ..models import Edition, EditionChange, Guidance, Submission, SubmissionEvent, User
from .verify import index_of
from .working_copy import newest_edition

Status, Route, Verb = Submission.Status, Submission.Route, SubmissionEvent.Verb


def locked(guidance: Guidance) -> Guidance:
    """Wait for, and keep out, every other save, submission and publication of the same guidance."""
    return Guidance.objects.select_for_update().get(pk=guidance.pk)


def locked_submission(submission: Submission) -> Submission:
    locked(submission.guidance)
    return Submission.objects.select_related("guidance", "submitted_by", "edition").get(pk=submission.pk)


def set_status(submission: Submission, status: Submission.Status) -> None:
    submission.status = status
    submission.save(update_fields=["status", "edition", "route"])


def make_edition(submission: Submission, live_at: datetime, at: datetime) -> Edition:
    """Make the next edition of what a submission froze, with its index."""
    newest = newest_edition(submission.guidance)
    edition = Edition(
        guidance=submission.guidance,
        live_at=live_at,
        made_at=at,
        change_note=submission.change_note,
        update_type=submission.update_type,
        corrects=submission.corrects,
        content_text=submission.content_text,
    ).sealed(newest)
    edition.save()
    EditionChange.objects.bulk_create(index_of(newest, edition))
    submission.edition = edition
    set_status(submission, Status.APPROVED)
    return edition


def log(
    submission: Submission, verb: str, by: User | None, at: datetime, why: str = "", edition: Edition | None = None
) -> None:
    SubmissionEvent.objects.create(
        submission=submission,
        verb=verb,
        by=by,
        at=at,
        why=normal(why),
        edition_number=edition.number if edition else None,
        edition_record_digest=edition.record_digest if edition else "",
        live_at=edition.live_at if edition else None,
    )
