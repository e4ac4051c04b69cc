"""What staff can do to a submission: one table of verbs, each with its form and its words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from .. import publishing
from ..content.moments import when
from ..models import Edition, Submission
from ..publishing import Person, Reason, Refused
from .forms import AnswerForm, ApproveForm, EmergencyForm, RescheduleForm, ShareForm, WhyForm

Status = Submission.Status


def never(submission: Submission, by: Person) -> bool:
    return False


@dataclass(frozen=True)
class Verb:
    """One thing that staff can do to a submission: its form, why it cannot be done, and what does it.

    `reasons` and `act` are publishing's own; `act` returns the sentence that says what came of it. `offered` says
    whether the page has anything to say of it, to this person, in the submission's present state; `is_theirs` whether
    the form stands there even so, since what is wrong may be the time.
    """

    name: str
    label: str
    help: str
    permission: str
    form: type[forms.Form]
    reasons: Callable[[Submission, Person], list[Reason]]
    act: Callable[[Submission, Person, dict[str, Any]], str]
    offered: Callable[[Submission, Person], bool]
    is_theirs: Callable[[Submission, Person], bool] = never


def is_open(submission: Submission, by: Person) -> bool:
    return submission.status == Status.SUBMITTED


def is_own_work(submission: Submission, by: Person) -> bool:
    return is_open(submission, by) and by.has_perm(publishing.APPROVE) and not publishing.may_approve(submission, by)


def is_scheduled(submission: Submission, by: Person) -> bool:
    return bool(submission.edition and not submission.edition.is_live())


def is_review_due(submission: Submission, by: Person) -> bool:
    return submission.review_is_due


def has_preview_links(submission: Submission, by: Person) -> bool:
    return submission.preview_links.exists()


def always(submission: Submission, by: Person) -> bool:
    return True


def approve(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    edition = publishing.approve(submission, by, live_at=said["live_at"], seen=said["seen"], note=said["note"])
    return _went_live(edition, said["live_at"])


def publish_in_emergency(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    edition = publishing.publish_in_emergency(
        submission, by, why=said["why"], live_at=said["live_at"], seen=said["seen"]
    )
    return f"{_went_live(edition, said['live_at'])} It is flagged until another Editor has reviewed it."


def _went_live(edition: Edition, live_at: datetime | None) -> str:
    """Say what came of a publication; of one without a set time once it counts, so that whoever looks finds it."""
    if live_at:
        return f"Edition {edition.number} is scheduled. It goes live at {when(edition.live_at)} by itself."
    publishing.wait_until(edition.live_at)
    return f"Edition {edition.number} is live."


def reject(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.reject(submission, by, why=said["why"])
    return "You have rejected it. The writer is told, and the working copy stays as it is."


def recall(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.recall(submission, by, why=said["why"])
    return "It is recalled. The working copy stays as it is; submit it again when it is ready."


def unschedule(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    edition = submission.edition
    if edition is None:
        raise Refused(["This submission is not scheduled any more."])
    publishing.unschedule(edition, by, why=said["why"])
    return f"Edition {edition.number} is unscheduled. Its content is still in the working copy."


def reasons_not_to_approve(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_approve(submission, by, live_at=_expected_time(submission))


def reasons_not_to_publish_in_emergency(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_publish_in_emergency(submission, by, live_at=_expected_time(submission))


def _expected_time(submission: Submission) -> datetime | None:
    return publishing.expected_time(submission, timezone.now())


def reschedule(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    if submission.edition is None:
        raise Refused(["This submission is not scheduled any more."])
    edition = publishing.reschedule(submission.edition, by, live_at=said["live_at"], why=said["why"], seen=said["seen"])
    return f"Edition {edition.number} is rescheduled. It goes live at {when(edition.live_at)} by itself."


def reasons_not_to_reschedule(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_reschedule(submission.edition, by) if submission.edition else []


def reasons_not_to_unschedule(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_unschedule(submission.edition, by) if submission.edition else []


def review_afterwards(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.review_afterwards(submission, by, why=said["why"])
    return "You have reviewed it. It is not flagged any more; the log keeps that it was an emergency."


def share_preview(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    link = publishing.share_preview(submission, by, **said)
    return f"The link for {link.made_for} is below. It works until {when(link.expires_at)}."


def record_answer(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.record_answer(submission, by, **said)
    return "The answer is on record."


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "approve",
            "Approve",
            "What you have read above goes live, byte for byte.",
            publishing.APPROVE,
            ApproveForm,
            reasons_not_to_approve,
            approve,
            is_open,
            publishing.may_approve,
        ),
        Verb(
            "reject",
            "Reject",
            "The writer reads the reason. Nothing of the working copy is lost.",
            publishing.APPROVE,
            WhyForm,
            publishing.reasons_not_to_reject,
            reject,
            is_open,
        ),
        Verb(
            "recall",
            "Recall",
            "Take it back before it is decided, to change it or to submit something else first.",
            publishing.SUBMIT,
            WhyForm,
            publishing.reasons_not_to_recall,
            recall,
            is_open,
        ),
        Verb(
            "publish-in-emergency",
            "Publish in an emergency",
            "Only when it cannot wait for a second person. It is flagged until another Editor has reviewed it, and the "
            "log says so for ever.",
            publishing.APPROVE,
            EmergencyForm,
            reasons_not_to_publish_in_emergency,
            publish_in_emergency,
            is_own_work,
            is_own_work,
        ),
        Verb(
            "reschedule",
            "Reschedule",
            "The edition is made again with another time. Whatever is scheduled after it is made again too.",
            publishing.APPROVE,
            RescheduleForm,
            reasons_not_to_reschedule,
            reschedule,
            is_scheduled,
        ),
        Verb(
            "unschedule",
            "Unschedule",
            "The edition is removed before anybody has seen it. The log keeps the record of it.",
            publishing.APPROVE,
            WhyForm,
            reasons_not_to_unschedule,
            unschedule,
            is_scheduled,
        ),
        Verb(
            "review-afterwards",
            "Review after the fact",
            "Say that you have read what was published in an emergency. If it is wrong, publish a correction.",
            publishing.APPROVE,
            WhyForm,
            publishing.reasons_not_to_review_afterwards,
            review_afterwards,
            is_review_due,
        ),
        Verb(
            "share-preview",
            "Share a preview",
            "For people with no account. Whoever has the link reads this submission, with all that it was composed on: "
            "a scheduled edition too.",
            publishing.SUBMIT,
            ShareForm,
            publishing.reasons_not_to_share_preview,
            share_preview,
            always,
        ),
        Verb(
            "record-answer",
            "Record an answer",
            "What somebody who saw a preview said of it. It goes into the log.",
            publishing.SUBMIT,
            AnswerForm,
            publishing.reasons_not_to_record_answer,
            record_answer,
            has_preview_links,
        ),
    )
}
