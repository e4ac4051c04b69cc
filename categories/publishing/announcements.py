"""Announcements: what the verbs write into their log, and what may be announced, so that nothing secret goes first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.utils import timezone

from ..content import diff
from ..content.canonical import parse
from ..content.moments import when
from ..content.words import normal
from ..models import AnnouncementLine, Edition, Submission
from .plan import Plan, Step
from .reasons import Reason, refuse_for, unexplained
from .timing import KNOWN, is_settled, soonest

LineVerb = AnnouncementLine.Verb

UPDATED = "Something else goes before it, and it was made again on top of that."
TAKEN_BACK = "Something else goes before it, so it has to be approved again."
NOTHING_TO_CHANGE = (
    "It cannot be announced: readers could not be shown what changes, as nothing of this guidance is live yet."
)


def announcement_of(edition: Edition) -> AnnouncementLine | None:
    """The newest line of the announcement that a scheduled edition has, if it has one."""
    return AnnouncementLine.objects.standing(edition.guidance_id).get(edition.record_digest)


def is_announced(submission: Submission, at: datetime) -> bool:
    """Whether readers were told of its edition; of a submission that has none, of any that is still to come."""
    if submission.edition:
        return announcement_of(submission.edition) is not None
    standing = AnnouncementLine.objects.standing(submission.guidance_id)
    return submission.guidance.editions.scheduled(at).filter(record_digest__in=standing).exists()


def unsaid(edition: Edition, told: str | None) -> list[Reason]:
    """Ask for what readers are told of an announced edition that comes at another time, or not at all."""
    return unexplained(told, "It was announced: say what readers are told.") if announcement_of(edition) else []


def order_reasons(plan: Plan, at: datetime) -> list[Reason]:
    """Say which edition of a plan would go live before an announced one, with nobody knowing of it.

    What goes live at once may: until it does, the announcement tells nothing of it. What was announced and would be
    unscheduled counts too, since to say so is to tell of what goes before it.
    """
    if plan.subject.announces and _is_nothing_live(plan, at):
        return [NOTHING_TO_CHANGE]
    before = plan.unannounced
    unannounced = f"edition {before.number}" if before and not is_settled(before, at) else ""
    for step in plan.steps:
        name = "this one" if step.is_subject or step.edition is None else f"edition {step.edition.number}"
        if step.is_announced and unannounced:
            return [_out_of_order(step, name, unannounced)]
        if not step.is_announced and step.live_at:
            unannounced = unannounced or name
    return []


def _is_nothing_live(plan: Plan, at: datetime) -> bool:
    """Whether no edition is live beside which readers could be shown what a plan announces."""
    before = plan.follows
    return before is None or not (before.is_live(at) or before.guidance.editions.live(at).exists())


def _out_of_order(step: Step, name: str, unannounced: str) -> str:
    if step.announces:
        return f"It cannot be announced: {unannounced} goes live before it and is not announced. Announce that first."
    ways = f"Announce {unannounced} too, or choose another time."
    if unannounced == "this one" and step.live_at:
        ways = f"Announce this one too, choose a time after {when(step.live_at)}, or publish it now."
    return f"{name[0].upper()}{name[1:]} is announced, and {unannounced}, which is not, would go live before it. {ways}"


def tell(plan: Plan, made: Mapping[int, Edition], *, told: str, is_rescheduled: bool, at: datetime | None) -> None:
    """Write what became of each announced edition of a plan. `made` is by the submission of each."""
    subject, lines = made[plan.subject.submission.pk], []
    for step in plan.steps:
        edition = made.get(step.submission.pk)
        if step.announcement:
            lines.append(_became(step, step.announcement, edition, told, is_rescheduled=is_rescheduled))
        elif step.announces and edition:
            lines.append(line_of(edition, step.follows, uuid4(), LineVerb.ANNOUNCED))
    after = [plan.unannounced.live_at] if plan.unannounced else []
    if plan.subject.live_at is None:  # it goes live in a second or two, and nothing is told of it before
        after.append(subject.live_at)
    write(lines, subject.made_at, at, after)


def _became(
    step: Step, before: AnnouncementLine, edition: Edition | None, told: str, *, is_rescheduled: bool
) -> AnnouncementLine:
    """Return what is said of an announcement now that its edition is made again, or is not."""
    if edition is None:
        return taken_back(before, told.strip() or TAKEN_BACK)
    line = line_of(edition, step.follows, before.announcement, LineVerb.SAME)
    if step.is_subject and is_rescheduled:
        line.verb, line.why = LineVerb.RESCHEDULED, normal(told)
    elif (line.before_text, line.content_text) != (before.before_text, before.content_text):
        line.verb, line.why = LineVerb.UPDATED, UPDATED
    return line


def line_of(edition: Edition, before_text: str | None, announcement: UUID, verb: str) -> AnnouncementLine:
    """Return a line that says what an edition changes."""
    changes = diff.changes(parse(before_text) if before_text else None, edition.content)
    return AnnouncementLine(
        announcement=announcement,
        guidance_id=edition.guidance_id,
        verb=verb,
        live_at=edition.live_at,
        change_note=edition.change_note,
        update_type=edition.update_type,
        record_ids=[str(change.id) for change in changes],
        before_text=before_text or "",
        content_text=edition.content_text,
        edition_record_digest=edition.record_digest,
    )


def taken_back(before: AnnouncementLine, told: str) -> AnnouncementLine:
    """Return a line that says that what was announced does not come, with what it was."""
    kept = ("announcement", "guidance_id", "live_at", "change_note", "update_type", "record_ids", "before_text")
    same = {name: getattr(before, name) for name in (*kept, "content_text", "edition_record_digest")}
    return AnnouncementLine(verb=LineVerb.UNSCHEDULED, why=normal(told), **same)


def write(
    lines: Sequence[AnnouncementLine], now: datetime, at: datetime | None, after: Iterable[datetime] = ()
) -> None:
    """Append lines, in force a second or two ahead and never before a moment of `after`, nor before another line.

    So every process knows them before they count, and they tell of nothing before its time.
    """
    if not lines:
        return
    newest = AnnouncementLine.objects.filter(guidance=lines[0].guidance_id).order_by("-pk").without_texts().first()
    in_force_from = max([soonest(now, None), *after, *([newest.in_force_from] if newest else [])])
    for line in lines:
        line.in_force_from = in_force_from
    AnnouncementLine.objects.append(lines)
    if at is None and in_force_from <= timezone.now() + KNOWN:  # or no time has passed
        refuse_for(["It took too long to announce, so nothing was done. Try again."])
