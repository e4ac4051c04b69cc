"""What every transition of a submission does: it keeps others out, sets a status, makes an edition, writes the log."""

from datetime import datetime

from django.utils import timezone

from ..content.words import normal
from ..models import Edition, EditionChange, Guidance, Submission, SubmissionEvent, User
from .reasons import refuse_for
from .timing import soonest, whole_second
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


def make_edition(submission: Submission, live_at: datetime | None, at: datetime | None) -> Edition:
    """Make the next edition of what a submission froze, with its index: live now, or from `live_at`.

    The clock is read last, after everything is built: from then on little time is left before it counts.
    """
    newest = newest_edition(submission.guidance)
    edition = Edition(
        guidance=submission.guidance,
        change_note=submission.change_note,
        update_type=submission.update_type,
        corrects=submission.corrects,
        content_text=submission.content_text,
    )
    index = index_of(newest, edition)
    edition.made_at = at or timezone.now()
    edition.live_at = whole_second(live_at) if live_at else soonest(edition.made_at, newest)
    edition.sealed(newest).save()
    EditionChange.objects.bulk_create(index)
    submission.edition = edition
    set_status(submission, Status.APPROVED)
    return edition


def refuse_if_late(edition: Edition, at: datetime | None) -> None:
    """Undo a publication that took so long that it counts before it is known. With an explicit `at`, no time passes."""
    if at is None and edition.is_live():
        refuse_for(["It took too long to publish, so nothing was done. Try again."])


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
