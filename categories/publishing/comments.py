"""Comments on a submission, at a record or a field of it: answered, resolved, and kept in its log for ever.

They change nothing of what is published, so nobody contributes by one: who asks for a better word may approve.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ..content.fields import LABELS
from ..models import Submission, SubmissionEvent, User
from . import notices
from .plan import changes_of
from .reasons import SUBMIT, Person, Reason, not_permitted, refuse_for, unexplained
from .transitions import Status, Verb, locked_submission, log

CLOSED = (Status.APPROVED, Status.REPLACED)  # what was rejected came back, and can still be answered


@dataclass
class Comment:
    """A comment with all that was said to it, oldest first, and the line that resolved it, if one did."""

    line: SubmissionEvent
    replies: list[SubmissionEvent] = field(default_factory=list)
    resolved: SubmissionEvent | None = None

    @property
    def label(self) -> str:
        """The field that it is about, in words."""
        return LABELS.get(self.line.field, self.line.field)


def comments_of(lines: list[SubmissionEvent]) -> list[Comment]:
    """The comments in the log of a submission, in the order in which they were made."""
    found: dict[int, Comment] = {}
    for line in lines:
        if line.verb == Verb.COMMENTED:
            found[line.pk] = Comment(line)
        elif line.about_id in found and line.verb == Verb.REPLIED:
            found[line.about_id].replies.append(line)
        elif line.about_id in found and line.verb == Verb.RESOLVED:
            found[line.about_id].resolved = line
    return [*found.values()]


def comment(
    submission: Submission,
    by: User,
    text: str,
    *,
    record: UUID | None = None,
    of_field: str = "",
    at: datetime | None = None,
) -> None:
    """Say something of a submission, of one record of it, or of one field of that."""
    with transaction.atomic():
        submission = locked_submission(submission)
        refuse_for(reasons_not_to_comment(submission, by, text=text, record=record, of_field=of_field))
        log(submission, Verb.COMMENTED, by, at or timezone.now(), text, record_id=record, field=of_field)
        people = [submission.submitted_by] if submission.submitted_by else []
        notices.commented(submission, by, people, "commented on it", text)


def reply(about: SubmissionEvent, by: User, text: str, *, at: datetime | None = None) -> None:
    """Answer a comment."""
    with transaction.atomic():
        about.submission = submission = locked_submission(about.submission)
        refuse_for(reasons_not_to_reply(about, by, text=text))
        log(submission, Verb.REPLIED, by, at or timezone.now(), text, about=about)
        notices.commented(submission, by, [submission.submitted_by, about.by], "answered a comment", text)


def resolve(about: SubmissionEvent, by: User, *, at: datetime | None = None) -> None:
    """Say that a comment needs nothing more."""
    with transaction.atomic():
        about.submission = submission = locked_submission(about.submission)
        refuse_for(reasons_not_to_resolve(about, by))
        log(submission, Verb.RESOLVED, by, at or timezone.now(), about=about)


def reasons_not_to_comment(
    submission: Submission,
    by: Person,
    *,
    text: str | None = None,
    record: UUID | None = None,
    of_field: str = "",
) -> list[Reason]:
    """Say why a person cannot comment so. With `text` None, they are still to write it."""
    if found := not_permitted(by, SUBMIT, "comment on a submission"):
        return found
    if submission.status in CLOSED:
        return ["It is decided, so there is nothing to comment on any more. The log keeps what was said."]
    fields = {change.id: {one.field for one in change.fields} for change in changes_of(submission)} if record else {}
    if record and (record not in fields or (of_field and of_field not in fields[record])):
        return ["The submission does not change that. Choose a record and a field that it changes."]
    if of_field and not record:
        return ["Say of which record that field is."]
    return unexplained(text, "Write the comment.")


def reasons_not_to_reply(about: SubmissionEvent, by: Person, *, text: str | None = None) -> list[Reason]:
    if found := _reasons_about(about, by, "answer a comment"):
        return found
    return unexplained(text, "Write the answer.")


def reasons_not_to_resolve(about: SubmissionEvent, by: Person) -> list[Reason]:
    return _reasons_about(about, by, "resolve a comment")


def _reasons_about(about: SubmissionEvent, by: Person, verb: str) -> list[Reason]:
    if found := not_permitted(by, SUBMIT, verb):
        return found
    if about.verb != Verb.COMMENTED:
        return ["That is no comment."]
    if about.submission.status in CLOSED:
        return ["The submission is decided. The log keeps what was said."]
    if line := about.said.filter(verb=Verb.RESOLVED).first():
        return [f"{line.by} has resolved this comment. Write another if there is more to say."]
    return []
