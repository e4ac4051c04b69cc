"""Making: a plan becomes editions, all of them in one transaction, and what they replace is taken off first."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..content.canonical import digest
from ..models import Edition, EditionChange, Submission, User
from . import announcements, heads, notices
from .contributors import carry
from .index import index_of
from .plan import Plan, Step
from .reasons import refuse_for
from .timing import KNOWN, SETTLED, is_settled, soonest, whole_second
from .transitions import Route, Status, Verb, become, log


def make(
    plan: Plan, verb: str, by: User | None, *, why: str = "", told: str = "", at: datetime | None = None
) -> Edition:
    """Make every edition of a plan, and return the one that the verb is about.

    Whatever is made again is taken off first, newest first; what cannot be is unscheduled, and waits for approval
    again. The clock is read last, after everything is built: from then on little time is left before it counts.
    `told` is what readers are told of an announcement that comes at another time, or not at all.
    """
    taken_off = [(step, step.edition) for step in plan.steps if step.edition]
    started = at or timezone.now()
    for step, edition in reversed(taken_off):
        _take_off(step, edition, plan.subject, by, started)
    built: list[tuple[Step, Edition, Sequence[EditionChange]]] = []
    for step in plan.made:
        edition = _edition(step)
        built.append((step, edition, index_of(built[-1][1] if built else plan.follows, edition)))
    made_at, previous = at or timezone.now(), plan.follows
    made: dict[int, Edition] = {}
    for step, edition, index in built:
        edition.made_at = made_at
        edition.live_at = whole_second(step.live_at) if step.live_at else soonest(made_at, plan.follows)
        if previous and edition.live_at <= previous.live_at:  # the one before it had to wait for another
            refuse_for(["Other editions go live within seconds. Wait until they are live, then do it again."])
        edition.sealed(previous).save()
        EditionChange.objects.bulk_create(index)
        _give(edition, step, verb, by, why)
        made[step.submission.pk] = previous = edition
    subject = made[plan.subject.submission.pk]
    announcements.tell(plan, made, told=told, is_rescheduled=verb == Verb.RESCHEDULED, at=at)
    if plan.subject.announces:
        log(subject.submission, Verb.ANNOUNCED, by, subject.made_at)
    if at is None:  # or no time has passed
        _refuse_if_late(made.values(), [edition for _, edition in taken_off], timezone.now())
    guidance = plan.subject.submission.guidance_id
    transaction.on_commit(lambda: heads.keep(guidance), robust=True)  # what is committed stands
    return subject


def _edition(step: Step) -> Edition:
    return Edition(
        guidance=step.submission.guidance,
        change_note=step.submission.change_note,
        update_type=step.submission.update_type,
        corrects=step.submission.corrects,
        content_text=step.text,
    )


def _take_off(step: Step, edition: Edition, subject: Step, by: User | None, at: datetime) -> None:
    """Remove a scheduled edition, on record: it is made again, or its submission waits for approval again."""
    submission = step.submission
    submission.edition = None
    if step.reasons:
        why = f"{subject.submission} goes before it. {' '.join(map(str, step.reasons))}"
        if submission.route == Route.EMERGENCY:
            submission.route = Route.REVIEW  # unless that is how it is published again
        become(submission, Status.SUBMITTED, Verb.UNSCHEDULED, by, at, why, edition)
        said = f"{by} unscheduled edition {edition.number}: {why}\nIt waits again."
        notices.submission_decided(submission, Verb.UNSCHEDULED, said)
        notices.submission_waits(submission, f"{submission} of “{submission.guidance}” was scheduled. {why}")
    else:
        why = "" if step.is_subject else f"To be made again after {subject.submission}"
        become(submission, Status.REPLACED, Verb.TAKEN_OFF, by, at, why, edition)
    edition.discard(at)


def _give(edition: Edition, step: Step, verb: str, by: User | None, why: str) -> None:
    """Record which submission an edition is of: its own, or one made again from that where it says something else."""
    original = step.submission
    submission = original if step.is_as_it_was else _frozen_again(original, edition)
    if step.is_subject and verb == Verb.PUBLISHED_IN_EMERGENCY:
        submission.route = Route.EMERGENCY
    submission.edition = edition
    become(
        submission,
        Status.APPROVED,
        verb if step.is_subject else Verb.REMADE,
        by,
        edition.made_at,
        why if step.is_subject else "",
        edition,
    )
    if submission is not original and original.status != Status.REPLACED:
        as_what = f"As {submission}, on top of what was published since"
        become(original, Status.REPLACED, Verb.REMADE, by, edition.made_at, as_what)


def _frozen_again(original: Submission, edition: Edition) -> Submission:
    """Return a new submission of what an edition says, with everything else that the original carries."""
    submission = Submission.objects.create(
        guidance=original.guidance,
        route=Route.REMADE,
        remade_from=original,
        base_record_digest=edition.previous_record_digest,
        content_text=edition.content_text,
        content_digest=digest(edition.content_text),
        record_ids=original.record_ids,
        change_note=original.change_note,
        update_type=original.update_type,
        corrects=original.corrects,
        internal_note=original.internal_note,
        submitted_by=original.submitted_by,
        submitted_at=edition.made_at,
        is_fix=original.is_fix,
    )
    carry(submission, [(one.contribution, one.settles) for one in original.carried.select_related("contribution")])
    return submission


def _refuse_if_late(made: Iterable[Edition], taken_off: Iterable[Edition], at: datetime) -> None:
    """Undo what took so long that one is taken off too late, or that an edition counts before it is known."""
    for one in taken_off:
        if is_settled(one, at):
            soon = f"Edition {one.number} goes live within {SETTLED.seconds} seconds, and nothing changes it so late."
            refuse_for([f"{soon} So nothing was done. Wait until it is live, then do it again."])
    if any(one.is_live(at + KNOWN) for one in made if one.live_at > one.made_at):
        refuse_for(["It took too long to publish, so nothing was done. Try again."])
