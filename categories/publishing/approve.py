"""Approve: a second person makes the frozen content an edition."""

import json
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..content import rules
from ..content.canonical import parse
from ..content.moments import when
from ..models import Edition, Submission, User
from . import notices
from .announcements import order_reasons
from .contributors import own_work
from .freeze import removed, taken_addresses
from .making import make
from .plan import UNSEEN, Plan, Step, plan_of
from .reasons import APPROVE, Person, Reason, not_open, not_permitted, refuse_for
from .timing import bounds_reasons, taken_time_reasons
from .transitions import Verb, locked_submission


def approve(
    submission: Submission,
    by: User,
    *,
    live_at: datetime | None = None,
    seen: str | None = None,
    note: str = "",
    announce: bool = False,
    told: str = "",
    at: datetime | None = None,
) -> Edition:
    """Make the frozen content an edition: live in a second or two, or from `live_at`, and then announced if so wished.

    The scheduled editions that are to follow it are made again on top of it, or unscheduled. `seen` is the digest of
    the plan that the approver looked at, so that nothing unseen is made. A `note` stands in the log, for staff; `told`
    is what readers are told of what was announced and is unscheduled by it.
    """
    with transaction.atomic():
        submission = locked_submission(submission)
        now = at or timezone.now()
        plan = plan_of(submission, by, live_at, now, announce=announce)
        refuse_for(_permission_reasons(submission, by) or plan_reasons(plan, live_at, seen, now))
        edition = make(plan, Verb.APPROVED, by, why=note, told=told, at=at)
        starts = f"goes live at {when(edition.live_at)}" if live_at else "is live"
        starts += ", and readers are told of it now" if announce else ""
        said = f"{by} approved it: edition {edition.number} {starts}.\n\n{note.strip()}"
        notices.submission_decided(submission, Verb.APPROVED, said)
    return edition


def reasons_not_to_approve(
    submission: Submission, by: Person, *, live_at: datetime | None = None, at: datetime | None = None
) -> list[Reason]:
    """Say why this person cannot approve this submission for this time."""
    if found := _permission_reasons(submission, by):
        return found
    at = at or timezone.now()
    return plan_reasons(plan_of(submission, by, live_at, at), live_at, None, at)


def _permission_reasons(submission: Submission, by: Person) -> list[Reason]:
    return (
        not_permitted(by, APPROVE, "approve a submission")
        or not_open(submission, "approved")
        or own_work(submission, by)
    )


def possible_approvers(submission: Submission) -> list[User]:
    """List the people who could approve a submission in the ordinary way."""
    return [person for person in notices.editors() if not own_work(submission, person)]


def may_approve(submission: Submission, by: Person) -> bool:
    """Whether a person has the role, is vouched for, and has no part in the submission."""
    return not not_permitted(by, APPROVE, "approve a submission") and not own_work(submission, by)


def plan_reasons(plan: Plan, live_at: datetime | None, seen: str | None, at: datetime) -> list[Reason]:
    """Say why a plan to publish a submission cannot come about."""
    times = [step.live_at for step in plan.steps if step.live_at and not step.is_subject]
    found = [*bounds_reasons(live_at, at), *taken_time_reasons(live_at, times)] if live_at else []
    if plan.subject.announces and not live_at:
        found.append("What goes live now is not announced. Choose a time, or do not announce it.")
    found += list(_content_reasons(plan.subject))
    return found or order_reasons(plan, at) or ([UNSEEN] if seen is not None and seen != plan.digest else [])


def _content_reasons(subject: Step) -> Iterator[Reason]:
    """The rules may have changed since the freeze, and so may the addresses that others have taken."""
    if subject.reasons:
        yield from subject.reasons
        if all(isinstance(reason, rules.Fault) for reason in subject.reasons):
            yield "Recall it and submit it again, or choose a time that puts it elsewhere among what is scheduled."
        return
    content = parse(subject.text)
    if not content.made_up:  # rules younger than the schema that it was submitted in do not bind it
        yield from rules.faults(json.loads(subject.text))
    yield from removed(subject.changes)
    yield from taken_addresses(content, subject.changes)
