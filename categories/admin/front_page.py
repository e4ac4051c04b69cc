"""The staff front page: what needs doing, for the person who looks."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from .. import publishing
from ..models import Edition, Feedback, Guidance, Message, Submission, SubmissionEvent, User

SHOWN = 10


@dataclass
class ToDo:
    """What needs doing, as lists that may be empty."""

    unreadable: list[Guidance] = field(default_factory=list)  # whose working copy cannot even be compared
    unpublished: list[tuple[Guidance, int]] = field(default_factory=list)  # guidance, and how many records differ
    unscheduled: list[SubmissionEvent] = field(default_factory=list)  # by which a submission waits again
    for_me: list[Submission] = field(default_factory=list)
    by_me: list[Submission] = field(default_factory=list)
    for_others: list[Submission] = field(default_factory=list)
    scheduled: list[Edition] = field(default_factory=list)
    emergencies: list[Submission] = field(default_factory=list)
    past_review: list[Guidance] = field(default_factory=list)
    to_vouch_for: list[User] = field(default_factory=list)
    unsent: list[Message] = field(default_factory=list)  # given up, or late
    reported: list[Feedback] = field(default_factory=list)  # what readers say is wrong, as many as are shown
    nobody_vouches: bool = False  # for the person who looks, who could approve otherwise

    def __bool__(self) -> bool:
        return any(vars(self).values())


def to_do(user: Any, at: datetime) -> ToDo:
    """Collect what needs doing, and by whom."""
    found = ToDo()
    today = timezone.localdate(at)
    for guidance in Guidance.objects.all():
        try:
            if differing := len(publishing.pending_changes(guidance)):
                found.unpublished.append((guidance, differing))
        except publishing.Refused:
            found.unreadable.append(guidance)
        if guidance.review_by and guidance.review_by < today:
            found.past_review.append(guidance)
    submissions = Submission.objects.select_related("guidance", "submitted_by", "edition")
    for submission in submissions.filter(status=Submission.Status.SUBMITTED).defer("content_text"):
        if submission.submitted_by_id == user.pk:
            found.by_me.append(submission)
        elif publishing.may_approve(submission, user):
            found.for_me.append(submission)
        else:
            found.for_others.append(submission)
    unscheduled = SubmissionEvent.objects.filter(
        verb=SubmissionEvent.Verb.UNSCHEDULED, submission__status=Submission.Status.SUBMITTED
    )
    by_submission = {
        event.submission_id: event  # the last one, where it was unscheduled more than once
        for event in unscheduled.select_related("submission__guidance").defer("submission__content_text")
    }
    found.unscheduled = list(by_submission.values())
    emergencies = submissions.filter(route=Submission.Route.EMERGENCY, reviewed_afterwards_by=None)
    found.emergencies = [submission for submission in emergencies.defer("content_text") if submission.review_is_due]
    found.scheduled = list(
        Edition.objects.scheduled(at).select_related("guidance", "submission").defer("content_text").order_by("live_at")
    )
    if user.has_perm("categories.view_message"):
        found.unsent = list(Message.objects.unsent(at)[:SHOWN])
    if user.has_perm("categories.view_feedback"):
        found.reported = list(Feedback.objects.open()[:SHOWN])
    if user.has_perm(publishing.APPROVE):
        found.nobody_vouches = not user.is_vouched_for
        found.to_vouch_for = publishing.may_vouch_for(user) if user.has_perm("categories.view_user") else []
    return found
