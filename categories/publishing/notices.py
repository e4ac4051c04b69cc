"""E-mail to staff: what waits for them, and what was decided. The outcome comes first, and a link to act on."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from ..models import Submission, SubmissionEvent, User
from ..models.account import vouched_for
from ..models.outbox import post
from .reasons import APPROVE


def tell(people: Iterable[User], subject: str, body: str) -> None:
    """Put one message to each of the people who have an address into the outbox."""
    write_to((person.email for person in people), subject, body)


def write_to(addresses: Iterable[str], subject: str, body: str) -> None:
    """Put one message to each of the addresses that is one into the outbox, signed with the site's name."""
    post(addresses, subject, f"{body.strip()}\n\n{settings.SITE_NAME}\n{settings.SITE_ADDRESS}\n")


def editors() -> Iterable[User]:
    """The active staff who may approve: they have the permission, and are vouched for."""
    return User.objects.with_perm(APPROVE).filter(vouched_for(), is_staff=True).order_by("pk")


def submission_waits(submission: Submission, sentence: str) -> None:
    """Tell the editors who could approve it, with the sentence that says what came before."""
    involved = {submission.submitted_by_id, *submission.contributors.values_list("pk", flat=True)}
    people = [person for person in editors() if person.pk not in involved]
    body = f"{sentence}\n\n{submission.change_note}"
    tell(people, f"To approve: {_name(submission)}", _with_link(body, submission))


def submission_decided(submission: Submission, outcome: SubmissionEvent.Verb, sentence: str) -> None:
    """Tell the writer what was decided."""
    if submission.submitted_by:
        subject = f"{outcome.label}: {_name(submission)}"
        tell([submission.submitted_by], subject, _with_link(sentence, submission))


def commented(submission: Submission, by: User, people: Iterable[User | None], what: str, text: str) -> None:
    """Tell whom it is for that somebody said something of a submission."""
    others = {person.pk: person for person in people if person and person != by}
    tell(others.values(), f"Comment: {_name(submission)}", _with_link(f"{by} {what}:\n\n{text.strip()}", submission))


def review_due(submission: Submission, people: Iterable[User], sentence: str) -> None:
    """Ask for the review of what was published in an emergency."""
    tell(people, f"To review: {_name(submission)}, published in an emergency", _with_link(sentence, submission))


def _name(submission: Submission) -> str:
    return f"{submission} of “{submission.guidance}”"


def _with_link(body: str, submission: Submission) -> str:
    address = reverse("admin:categories_submission_change", args=[submission.pk])
    return f"{body.strip()}\n\n{settings.SITE_ADDRESS}{address}"
