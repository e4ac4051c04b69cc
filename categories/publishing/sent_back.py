"""Sent back: what was rejected, recalled or unscheduled, and is to be submitted again as it was written."""

from collections.abc import Set
from uuid import UUID

from ..models import Guidance, SubmissionEvent
from .transitions import Status, Verb

STATUSES = (Status.REJECTED, Status.RECALLED, Status.UNSCHEDULED)
MOST = 10  # that are looked through: older ones are another story


def sent_back(guidance: Guidance, differing: Set[UUID]) -> SubmissionEvent | None:
    """Return the log line by which the last submission came back that nobody has submitted again since.

    `differing` are the records that still differ: without any of its own, there is nothing to submit again.
    """
    events = SubmissionEvent.objects.filter(
        submission__guidance=guidance,
        submission__status__in=STATUSES,
        verb__in=(Verb.REJECTED, Verb.RECALLED, Verb.UNSCHEDULED),
    )
    for event in events.select_related("submission", "by").defer("submission__content_text").order_by("-pk")[:MOST]:
        records = {UUID(identity) for identity in event.submission.record_ids}
        if (records & differing or event.submission.corrects_id) and not _is_submitted_again(event):
            return event
    return None


def _is_submitted_again(event: SubmissionEvent) -> bool:
    """Whether any of it was submitted after it came back. What it came back for, such as a fix, was before that."""
    submission = event.submission
    since = submission.guidance.submissions.filter(events__verb=Verb.SUBMITTED, events__pk__gt=event.pk)
    later, records = since.exclude(status__in=STATUSES), set(submission.record_ids)
    return any(
        records & set(chosen) or (corrects is not None and corrects == submission.corrects_id)
        for chosen, corrects in later.values_list("record_ids", "corrects_id")
    )
