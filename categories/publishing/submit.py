"""Submit: freeze what a writer chose of the working copy, and ask a second person to approve it."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ..content.vocabulary import UpdateType
from ..content.words import CONTROL_CHARACTERS, normal
from ..models import Edition, Guidance, Submission, User
from . import notices
from .contributors import carried, carry
from .freeze import base_of, composed, content_reasons, frozen, scheduled_conflicts
from .reasons import SUBMIT, Person, Reason, Refused, not_permitted, refuse_for
from .transitions import Status, Verb, locked, log
from .working_copy import UNSEEN, WorkingCopy


def submit(
    guidance: Guidance,
    by: User,
    *,
    change_note: str,
    update_type: str = UpdateType.MAJOR,
    chosen: Collection[UUID] | None = None,
    internal_note: str = "",
    corrects: Edition | None = None,
    fix: bool = False,
    seen: str | None = None,
    at: datetime | None = None,
) -> Submission:
    """Freeze the newest edition with the chosen changed records replaced, and ask a second person to approve it.

    A `fix` passes what is scheduled: what changed is applied, field by field, to what is live. `chosen` are record
    ids; None chooses every changed record. `seen` is the `seen_digest` of what the writer looked
    at, so that nothing unseen is submitted.
    """
    with transaction.atomic():
        guidance = locked(guidance)
        at = at or timezone.now()
        working = WorkingCopy(guidance)
        options: dict[str, Any] = {"update_type": update_type, "corrects": corrects, "fix": fix, "seen": seen, "at": at}
        options |= {"chosen": chosen, "change_note": change_note, "working": working}
        refuse_for(reasons_not_to_submit(guidance, by, **options))
        composition = composed(working, chosen, fix=fix, at=at)
        submission = frozen(guidance, composition, at)
        submission.change_note, submission.update_type = normal(change_note), update_type
        submission.corrects, submission.internal_note = corrects, normal(internal_note)
        submission.submitted_by = by
        submission.save()
        base, differences = composition.base, composition.differences
        carry(submission, carried(guidance, base, working.content, submission.content, differences))
        log(submission, Verb.SUBMITTED, by, at, submission.internal_note)
        notices.submission_waits(submission, f"{by} has submitted “{guidance}” for approval.")
    return submission


def reasons_not_to_submit(
    guidance: Guidance,
    by: Person,
    *,
    chosen: Collection[UUID] | None = None,
    change_note: str | None = None,
    update_type: str = UpdateType.MAJOR,
    corrects: Edition | None = None,
    fix: bool = False,
    seen: str | None = None,
    working: WorkingCopy | None = None,
    at: datetime | None = None,
) -> list[Reason]:
    """Say why the guidance cannot be submitted. With `change_note` None, the writer is still to write one.

    `working` is its working copy, where that has been read already.
    """
    if found := not_permitted(by, SUBMIT, "submit guidance for approval"):
        return found
    at, working = at or timezone.now(), working or WorkingCopy(guidance)
    is_fix = base_of(working, fix=fix, at=at) != working.newest
    if waiting := guidance.submissions.filter(status=Status.SUBMITTED, is_fix=is_fix).first():
        again = ", unscheduled as it was" if waiting.events.filter(verb=Verb.UNSCHEDULED).exists() else ""
        return [
            f"{waiting} by {waiting.submitted_by} already waits for approval{again}. "
            f"Approve, reject or recall it before you submit another{' fix' if is_fix else ''}."
        ]
    try:
        composition = composed(working, chosen, fix=fix, at=at)
    except Refused as refused:
        return refused.reasons
    found = list(_note_reasons(guidance, change_note, update_type, corrects, at))
    if seen is not None and seen != working.seen:
        found.append(UNSEEN)
    if not composition.differences and not corrects:
        nothing = "You ticked no changes" if chosen is not None else "There are no changes"
        return [*found, f"{nothing}, so there is nothing to submit."]
    reasons = content_reasons(composition)
    if not reasons and composition.base and not corrects and composition.text == composition.base.content_text:
        reasons = [
            "What you ticked is live as it is, so there is nothing to fix before what is scheduled."
            if composition.is_fix
            else "What you ticked changes nothing by itself. Tick the other records that moved as well."
        ]
    return found + reasons


def already_submitted(
    guidance: Guidance,
    by: Person,
    *,
    change_note: str,
    update_type: str,
    chosen: Collection[UUID] | None,
    internal_note: str = "",
    corrects: Edition | None = None,
    seen: str | None = None,
    fix: bool = False,
) -> Submission | None:
    """Return what waits because the same form was sent before: the same words and records, and nothing new."""
    waiting = guidance.submissions.filter(
        status=Status.SUBMITTED,
        submitted_by=by.pk,
        change_note=normal(change_note),
        update_type=update_type,
        internal_note=normal(internal_note),
        corrects=corrects,
    )
    if seen is None or seen != WorkingCopy(guidance).seen:
        return None
    return next((one for one in waiting if set(one.record_ids) == {str(record) for record in chosen or ()}), None)


def reasons_for_unscheduling(
    guidance: Guidance, *, working: WorkingCopy | None = None, at: datetime | None = None
) -> list[Reason]:
    """Name what scheduled editions change too of all that differs: a fix of it goes first, and unschedules them."""
    at = at or timezone.now()
    try:
        composition = composed(working or WorkingCopy(guidance), None, fix=True, at=at)
    except Refused:
        return []
    return list(scheduled_conflicts(guidance, composition, at))


def _note_reasons(
    guidance: Guidance, change_note: str | None, update_type: str, corrects: Edition | None, at: datetime
) -> Iterator[str]:
    if change_note is not None:
        if not change_note.strip():
            yield "Write a change note, so that readers know what changed."
        elif CONTROL_CHARACTERS.search(normal(change_note)):
            yield "Take the control character out of the change note."
    if update_type not in UpdateType.values:
        yield "Say whether the update is major or minor."
    if corrects and corrects.guidance_id != guidance.pk:
        yield "A correction names an edition of the same guidance."
    if corrects and not corrects.is_live(at):
        yield f"Edition {corrects.number} is not live yet, so nothing public is wrong. Unschedule it instead."
    if corrects and update_type != UpdateType.MINOR:
        yield "A correction is a minor update."
