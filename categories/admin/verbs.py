"""What staff can do to a submission: one table of verbs, each with its form and its words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from .. import publishing
from ..content.moments import when
from ..content.words import normal
from ..models import Edition, Submission, SubmissionEvent
from ..publishing import Person, Reason, Refused
from .forms import (
    AnswerForm,
    ApproveForm,
    EmergencyForm,
    RescheduleForm,
    ShareForm,
    StaffForm,
    UnscheduleForm,
    WhyForm,
)

Status = Submission.Status


Logged = SubmissionEvent.Verb

FLAGGED = "It is flagged until another Editor has reviewed it."
REJECTED = "You have rejected it. The writer is told, and the working copy stays as it is."
RECALLED = "It is recalled. The working copy stays as it is; submit it again when it is ready."
WHAT_WAS_SAID = {  # in a line of the log, where it is no reason; the system's own words need no name
    Logged.SUBMITTED: "Internal note",
    Logged.REMADE: "",
    Logged.PREVIEW_SHARED: "",
    Logged.PREVIEW_REVOKED: "",
    Logged.APPROVED: "Note to the writer",
    Logged.REVIEWED_AFTERWARDS: "What was found",
    Logged.PREVIEW_ANSWERED: "Answer",
    Logged.COMMENTED: "Comment",
    Logged.REPLIED: "Answer",
}
UNSCHEDULED = "Edition {} is unscheduled. Its content is still in the working copy."
RESCHEDULED = "Edition {} is rescheduled. It goes live at {} by itself."
ANNOUNCED = "It is announced: readers see what will change, and when."
REVIEWED = "You have reviewed it. It is not flagged any more; the log keeps that it was an emergency."


def never(submission: Submission, by: Person) -> bool:
    return False


@dataclass(frozen=True)
class Verb:
    """One thing that staff can do to a submission: its form, why it cannot be done, and what does it.

    `reasons` and `act` are publishing's own; `act` returns the sentence that says what came of it. `logged` is what the
    log calls it, so that a form that was sent twice is known, and `again` says what came of the first. `offered` says
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
    takes_away: bool = False
    asks: str = ""  # what the form asks why of
    logged: str = ""
    again: Callable[[SubmissionEvent], str] = str

    def form_of(self, *args: Any, **options: Any) -> forms.Form:
        if self.asks:
            options["asks"] = self.asks
        return self.form(*args, prefix=self.name, **options)

    def done_before(self, submission: Submission, by: Person, said: dict[str, Any]) -> str | None:
        """What came of it, where this person has just done this very thing: the last line of the log says so."""
        last = submission.events.exclude(verb__in={*ASIDE} - {self.logged}).order_by("-pk").first()
        if not self.logged or last is None or last.verb != self.logged or last.by_id != by.pk:
            return None
        if (words := said.get("why", said.get("note"))) is not None and normal(words) != last.why:
            return None
        if "live_at" in said and not _is_for(last, said["live_at"]):
            return None
        return self.again(last)


def _is_for(event: SubmissionEvent, live_at: datetime | None) -> bool:
    """Whether what the log tells was to go live at this time; None: at once."""
    if event.live_at is None:
        return False
    if live_at is None:
        return event.live_at - event.at < publishing.SOONEST
    return event.live_at == publishing.whole_second(live_at)


# Lines of the log that leave a submission as it was
ASIDE = (
    *(Logged.PREVIEW_SHARED, Logged.PREVIEW_REVOKED, Logged.PREVIEW_ANSWERED),
    *(Logged.COMMENTED, Logged.REPLIED, Logged.RESOLVED, Logged.ANNOUNCED),
)


def is_open(submission: Submission, by: Person) -> bool:
    return submission.status == Status.SUBMITTED


def is_own_work(submission: Submission, by: Person) -> bool:
    return is_open(submission, by) and by.has_perm(publishing.APPROVE) and not publishing.may_approve(submission, by)


def is_scheduled(submission: Submission, by: Person) -> bool:
    return bool(submission.edition and not submission.edition.is_live())


def is_secret(submission: Submission, by: Person) -> bool:
    """Whether it is scheduled, and readers are not told of it."""
    return bool(is_scheduled(submission, by) and not publishing.announcement_of(submission.edition))


def is_review_due(submission: Submission, by: Person) -> bool:
    return submission.review_is_due


def has_preview_links(submission: Submission, by: Person) -> bool:
    return submission.preview_links.exists()


def always(submission: Submission, by: Person) -> bool:
    return True


def approve(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    edition = publishing.approve(submission, by, **_chosen(said, "live_at", "seen", "note", "announce", "told"))
    return _goes_live(edition.number, edition.live_at, is_set=bool(said["live_at"])) + _once_announced(edition)


def publish_in_emergency(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    edition = publishing.publish_in_emergency(submission, by, **_chosen(said, "why", "live_at", "seen", "told"))
    return f"{_goes_live(edition.number, edition.live_at, is_set=bool(said['live_at']))} {FLAGGED}"


def _goes_live(number: int, live_at: datetime, *, is_set: bool) -> str:
    """Say what came of a publication; of one without a set time once it counts, so that whoever looks finds it."""
    if is_set:
        return f"Edition {number} is scheduled. It goes live at {when(live_at)} by itself."
    publishing.wait_until(live_at)
    return f"Edition {number} is live."


def went_live(event: SubmissionEvent) -> str:
    """The same, of what the log tells."""
    return _goes_live(event.edition_number, event.live_at, is_set=event.live_at - event.at >= publishing.SOONEST)


def reject(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.reject(submission, by, why=said["why"])
    return REJECTED


def recall(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.recall(submission, by, why=said["why"])
    return RECALLED


def unschedule(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    edition = submission.edition
    if edition is None:
        raise Refused(["This submission is not scheduled any more."])
    publishing.unschedule(edition, by, **_chosen(said, "why", "told"))
    return UNSCHEDULED.format(edition.number)


def reasons_not_to_approve(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_approve(submission, by, live_at=_expected_time(submission))


def reasons_not_to_publish_in_emergency(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_publish_in_emergency(submission, by, live_at=_expected_time(submission))


def _expected_time(submission: Submission) -> datetime | None:
    return publishing.expected_time(submission, timezone.now())


def reschedule(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    if submission.edition is None:
        raise Refused(["This submission is not scheduled any more."])
    chosen = _chosen(said, "live_at", "why", "seen", "announce", "told")
    edition = publishing.reschedule(submission.edition, by, **chosen)
    return RESCHEDULED.format(edition.number, when(edition.live_at)) + _once_announced(edition)


def announce(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    if submission.edition is None:
        raise Refused(["This submission is not scheduled any more."])
    publishing.wait_until(publishing.announce(submission.edition, by).in_force_from)
    return ANNOUNCED


def reasons_not_to_announce(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_announce(submission.edition, by) if submission.edition else []


def _chosen(said: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return what was typed by name, but for fields that the form did not have."""
    return {name: said[name] for name in names if name in said}


def _once_announced(edition: Edition) -> str:
    """Say that readers are told of an edition, once they are; nothing where they are not."""
    announced = None if edition.is_live() else publishing.announcement_of(edition)
    if announced is None:
        return ""
    publishing.wait_until(announced.in_force_from)
    return f" {ANNOUNCED}"


def reasons_not_to_reschedule(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_reschedule(submission.edition, by) if submission.edition else []


def reasons_not_to_unschedule(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_unschedule(submission.edition, by) if submission.edition else []


def review_afterwards(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.review_afterwards(submission, by, why=said["why"])
    return REVIEWED


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
            logged=Logged.APPROVED,
            again=went_live,
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
            takes_away=True,
            asks="Why do you reject it?",
            logged=Logged.REJECTED,
            again=lambda event: REJECTED,
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
            takes_away=True,
            asks="Why do you recall it?",
            logged=Logged.RECALLED,
            again=lambda event: RECALLED,
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
            asks="Why can it not wait for a second person?",
            logged=Logged.PUBLISHED_IN_EMERGENCY,
            again=lambda event: f"{went_live(event)} {FLAGGED}",
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
            asks="Why do you reschedule it?",
            logged=Logged.RESCHEDULED,
            again=lambda event: RESCHEDULED.format(event.edition_number, when(event.live_at)),
        ),
        Verb(
            "announce",
            "Announce",
            "Readers see at once what this changes, word by word, and when. It can be taken back, and they are told; "
            "but it cannot become secret again.",
            publishing.APPROVE,
            StaffForm,
            reasons_not_to_announce,
            announce,
            is_secret,
            logged=Logged.ANNOUNCED,
            again=lambda event: ANNOUNCED,
        ),
        Verb(
            "unschedule",
            "Unschedule",
            "The edition is removed before it counts. The log keeps the record of it.",
            publishing.APPROVE,
            UnscheduleForm,
            reasons_not_to_unschedule,
            unschedule,
            is_scheduled,
            takes_away=True,
            asks="Why do you unschedule it?",
            logged=Logged.UNSCHEDULED,
            again=lambda event: UNSCHEDULED.format(event.edition_number),
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
            asks="What did you find?",
            logged=Logged.REVIEWED_AFTERWARDS,
            again=lambda event: REVIEWED,
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
