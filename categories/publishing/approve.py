"""Approve: a second person makes the frozen content the next edition."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ..content import diff, rules
from ..content.canonical import digest, parse
from ..content.moments import when
from ..models import Edition, Submission, User
from . import notices
from .contributors import contributed
from .freeze import removed, taken_addresses
from .reasons import APPROVE, Person, Reason, not_open, not_permitted, refuse_for
from .transitions import Verb, locked_submission, log, make_edition
from .working_copy import newest_edition

SOONEST = timedelta(minutes=5)


def approve(
    submission: Submission, by: User, *, live_at: datetime | None = None, at: datetime | None = None
) -> Edition:
    """Make the frozen content the next edition: live now, or from `live_at`."""
    with transaction.atomic():
        submission = locked_submission(submission)
        at = at or timezone.now()
        refuse_for(reasons_not_to_approve(submission, by, live_at=live_at, at=at))
        edition = make_edition(submission, live_at or at, at)
        log(submission, Verb.APPROVED, by, at, edition=edition)
        notices.submission_decided(submission, f"{by} approved it: edition {edition.number} {_from_when(edition, at)}.")
    return edition


def _from_when(edition: Edition, at: datetime) -> str:
    return "is live" if edition.is_live(at) else f"goes live at {when(edition.live_at)}"


def reasons_not_to_approve(
    submission: Submission, by: Person, *, live_at: datetime | None = None, at: datetime | None = None
) -> list[Reason]:
    """Say why this person cannot approve this submission for this time."""
    if found := not_permitted(by, APPROVE, "approve a submission") or not_open(submission, "approved"):
        return found
    own = own_work(submission, by)
    return own + publication_reasons(submission, live_at, at or timezone.now())


def possible_approvers(submission: Submission) -> list[User]:
    """List the people who could approve a submission in the ordinary way."""
    return [person for person in notices.editors() if may_approve(submission, person)]


def may_approve(submission: Submission, by: Person) -> bool:
    """Whether a person has the role, and no part in the submission."""
    return by.has_perm(APPROVE) and not own_work(submission, by)


def own_work(submission: Submission, by: Person) -> list[Reason]:
    if by.pk == submission.submitted_by_id:
        return ["You submitted this, so somebody else must approve it."]
    if contributed(submission, by):
        return ["You changed something in this submission, so somebody else must approve it."]
    return []


def publication_reasons(submission: Submission, live_at: datetime | None, at: datetime) -> list[Reason]:
    newest = newest_edition(submission.guidance)
    if (newest.record_digest if newest else "") != submission.base_record_digest:
        return [
            "The newest edition is not the one that this submission was composed on. Recall it and submit again, so "
            "that the difference you approve is the one that readers get."
        ]
    found: list[Reason] = []
    if live_at and live_at < at + SOONEST:
        found.append(f"Choose a time at least five minutes ahead: {when(live_at)} is too soon, or publish now.")
    if newest and (live_at or at) <= newest.live_at:
        reached = f"is scheduled for {when(newest.live_at)}" if not newest.is_live(at) else "went live at this moment"
        found.append(f"Edition {newest.number} {reached}; unschedule it first, or choose a later time.")
    return found + list(_frozen_content_reasons(submission, newest))


def _frozen_content_reasons(submission: Submission, newest: Edition | None) -> Iterator[Reason]:
    """The rules may have changed since the freeze, and so may the addresses that others have taken."""
    if digest(submission.content_text) != submission.content_digest:
        yield "The frozen content is damaged: its digest is not the one that was submitted. Recall it and submit again."
        return
    content = parse(submission.content_text)
    if not content.made_up:  # rules younger than the schema that it was submitted in do not bind it
        yield from rules.faults(json.loads(submission.content_text))
    differences = diff.changes(newest.content if newest else None, content)
    yield from removed(differences)
    yield from taken_addresses(content, differences)
