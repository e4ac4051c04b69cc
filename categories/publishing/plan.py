"""What publishing would make: an edition, and every scheduled edition that follows it, made again on top of it.

Whoever approves sees the plan, and what is made is that plan to the byte, or nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from ..content import diff, rules
from ..content.canonical import canonical, digest, parse
from ..content.entries import unmet
from ..content.merge import PLACE, Merged, applied
from ..content.rules import Fault
from ..content.schema import Content
from ..content.vocabulary import RecordKind
from ..content.words import shown
from ..models import AnnouncementLine, Edition, Guidance, Submission, SubmissionEvent
from .contributors import own_work
from .reasons import Person, Reason
from .timing import SOONEST, is_settled

DAMAGED = "The frozen content is damaged: its digest is not the one that was submitted. Recall it and submit again."
NOTHING_LIVE = (
    "It was composed on an edition that goes live later, and nothing is live before that. Choose a later time."
)
BASE_UNSCHEDULED = (
    "It was composed on an edition that has been unscheduled since, and nothing else is published or scheduled. "
    "Publish that one again first, or recall this one and submit it again."
)
STALE = "Recall it and submit it again: the form is filled in as it was."
UNSEEN = "This would make something else than what you saw. What it would make now is below: look, then do it again."


@dataclass(frozen=True)
class Step:
    """One edition to be made: of a submission, with what it says and whom it follows.

    `edition` is the scheduled edition that is taken off for it, None for one that is new. Where there are `reasons`, it
    cannot be made: a scheduled one is unscheduled then.
    """

    submission: Submission
    edition: Edition | None
    live_at: datetime | None  # None is now
    before: str | None  # the text that its own text was composed on
    follows: str | None = None  # the text that it follows now
    text: str = ""
    reasons: tuple[Reason, ...] = ()
    is_subject: bool = False  # the one that the verb is about
    announcement: AnnouncementLine | None = None  # of the scheduled edition, as it stands
    announces: bool = False  # the verb announces it

    @property
    def is_announced(self) -> bool:
        return self.announces or self.announcement is not None

    @property
    def is_as_it_was(self) -> bool:
        """Whether it says what its submission froze, to the byte."""
        return self.text == self.submission.content_text

    @cached_property
    def changes(self) -> list[diff.Change]:
        return diff.changes(parse(self.follows) if self.follows else None, parse(self.text)) if self.text else []


@dataclass(frozen=True)
class Plan:
    """The steps in their order, after an edition that stays; all scheduled ones after that are taken off for them.

    `unannounced` is that edition where it is to come, and not announced.
    """

    follows: Edition | None
    steps: list[Step]
    unannounced: Edition | None = None

    @property
    def subject(self) -> Step:
        """What the verb is about: where it cannot be made, nothing is."""
        return next(step for step in self.steps if step.is_subject)

    @property
    def made(self) -> list[Step]:
        return [step for step in self.steps if not step.reasons]

    @property
    def remade(self) -> list[Step]:
        """The scheduled editions that are made again."""
        return [step for step in self.made if step.edition]

    @property
    def unscheduled(self) -> list[Step]:
        return [step for step in self.steps if step.edition and step.reasons]

    @property
    def digest(self) -> str:
        """The digest of all that somebody who looks at the plan is shown."""
        shown = [
            [step.submission.pk, step.edition and step.edition.record_digest, digest(step.text), bool(step.reasons)]
            + ([str(step.announcement.announcement)] if step.announcement else [])
            for step in self.steps
        ]
        return digest(canonical([self.follows and self.follows.record_digest, shown]))


def plan_of(
    submission: Submission, by: Person, live_at: datetime | None, at: datetime, *, announce: bool = False
) -> Plan:
    """Plan to publish a submission: now, or from `live_at`, before the scheduled editions that are to follow it."""
    stays, later = _around(submission.guidance, live_at, at)
    announced = AnnouncementLine.objects.standing(submission.guidance_id)
    first = Step(submission, None, live_at, base_text(submission), is_subject=True, announces=announce)
    steps = _sequence(stays, [first, *_scheduled(stays, later, announced)], by)
    return Plan(stays, list(steps), _unannounced(stays, announced, at))


def plan_to_reschedule(
    edition: Edition, by: Person, live_at: datetime, at: datetime, *, announce: bool = False
) -> Plan:
    """Plan to make a scheduled edition go live at another time, with its place in the order."""
    stays, later = _around(edition.guidance, min(live_at, edition.live_at), at)
    announced = AnnouncementLine.objects.standing(edition.guidance_id)
    announces = announce and edition.record_digest not in announced
    steps = [
        replace(step, live_at=live_at, is_subject=True, announces=announces) if step.edition == edition else step
        for step in _scheduled(stays, later, announced)
    ]
    ordered = _sequence(stays, sorted(steps, key=lambda step: step.live_at or at), by)
    return Plan(stays, list(ordered), _unannounced(stays, announced, at))


def plan_to_announce(edition: Edition, at: datetime) -> Plan:
    """Plan to announce a scheduled edition, which makes nothing anew: what it follows, and what it is."""
    stays, _ = _around(edition.guidance, edition.live_at, at)
    announced = AnnouncementLine.objects.standing(edition.guidance_id)
    text = stays.content_text if stays else None
    step = Step(edition.submission, edition, edition.live_at, text, text, edition.content_text, (), True, None, True)
    return Plan(stays, [step], _unannounced(stays, announced, at))


def expected_time(submission: Submission, at: datetime) -> datetime | None:
    """Return the time at which a waiting submission is expected to go live: None is as soon as it is approved.

    One that was scheduled before has that time still. One that was composed on a scheduled edition follows it.
    """
    remembered = remembered_time(submission)
    if remembered and remembered >= at + SOONEST:
        return remembered
    newest = submission.guidance.editions.newest()
    if newest and not is_settled(newest, at) and not submission.is_fix:
        return max(newest.live_at, at) + SOONEST
    return None


def remembered_time(submission: Submission) -> datetime | None:
    """The time that a submission was last scheduled for."""
    events = submission.events.filter(verb=SubmissionEvent.Verb.UNSCHEDULED)
    return events.order_by("-pk").values_list("live_at", flat=True).first()


def changes_of(submission: Submission) -> list[diff.Change]:
    """List what a submission changes of what it was composed on or, once it is an edition, of the one before."""
    previous = submission.base()
    before = previous.content_text if previous else base_text(submission)
    return diff.changes(parse(before) if before else None, submission.content)


def settled_edition(guidance: Guidance, at: datetime) -> Edition | None:
    """Return the last edition that stays as it is: live, or so near to it that nothing takes it off."""
    return _around(guidance, None, at)[0]


def base_text(submission: Submission) -> str | None:
    """Return the text that a submission was composed on, from the log where that edition is taken off since."""
    wanted = submission.base_record_digest
    if not wanted:
        return None
    edition = Edition.objects.filter(record_digest=wanted).first()
    if edition:
        return edition.content_text
    event = SubmissionEvent.objects.filter(edition_record_digest=wanted).select_related("submission").first()
    return event.submission.content_text if event else None


def _around(guidance: Guidance, live_at: datetime | None, at: datetime) -> tuple[Edition | None, list[Edition]]:
    """The edition that one would follow which goes live then, and the scheduled ones that would follow that."""
    editions = list(guidance.editions.scheduled(at).select_related("submission__submitted_by").order_by("live_at"))
    later = [one for one in editions if not is_settled(one, at) and (live_at is None or one.live_at >= live_at)]
    earlier = [one for one in editions if one not in later]
    return (earlier[-1] if earlier else guidance.editions.live(at).newest()), later


def _unannounced(stays: Edition | None, announced: Mapping[str, AnnouncementLine], at: datetime) -> Edition | None:
    return stays if stays and not stays.is_live(at) and stays.record_digest not in announced else None


def _scheduled(
    stays: Edition | None, later: list[Edition], announced: Mapping[str, AnnouncementLine]
) -> Iterator[Step]:
    before = stays
    for edition in later:
        text, said = before.content_text if before else None, announced.get(edition.record_digest)
        yield Step(edition.submission, edition, edition.live_at, text, announcement=said)
        before = edition


def _sequence(stays: Edition | None, steps: Iterable[Step], by: Person) -> Iterator[Step]:
    """Give each step what it follows and what it then says; whatever cannot be made, the next one does not follow."""
    follows: str | None = stays.content_text if stays else None
    other = f"edition {stays.number}" if stays else ""
    for step in steps:
        found = _said(replace(step, follows=follows), other, by)
        yield found
        if not found.reasons:
            follows = found.text
        other = "what goes before it" if step.edition else str(step.submission)


def _said(step: Step, other: str, by: Person) -> Step:
    """A step with its text, and why it cannot be made. `other` names what it follows."""
    submission, frozen = step.submission, step.submission.content_text
    if digest(frozen) != submission.content_digest:
        return replace(step, reasons=(DAMAGED,))
    if step.follows == step.before:
        return replace(step, text=frozen)
    if step.follows is None:
        later = submission.guidance.editions.exists()
        return replace(step, reasons=(NOTHING_LIVE if later else BASE_UNSCHEDULED,))
    if step.before is None:
        return replace(step, reasons=(f"What it was composed on is gone. {STALE}",))
    before, after = parse(step.before), parse(frozen)
    merged = applied(before, after, parse(step.follows))
    this = f"edition {step.edition.number}" if step.edition else str(submission)
    found = [*_conflicts(merged, this, other)] or [*_unmet(merged, before, after, this, other)]
    if found := found or rules.faults(merged.data):
        return replace(step, reasons=tuple(found))
    text = canonical(merged.data)
    if text == step.follows and not submission.corrects_id:
        return replace(step, reasons=("All that it changes is there already.",))
    if step.edition and text != frozen and own_work(submission, by):
        return replace(step, text=text, reasons=(f"It carries work of {by}, so somebody else must approve it again.",))
    return replace(step, text=text)


def said(words: str) -> str:
    """Quote what one side of a conflict says."""
    return f"“{shown(words)}”" if words else "nothing"


def _conflicts(merged: Merged, this: str, other: str) -> Iterator[Fault]:
    """Name each thing that both sides say in their own way, and each record that only this side knows."""
    for conflict in merged.conflicts:
        message = f"{other} says {said(conflict.theirs)}, and {this} says {said(conflict.ours)}"
        if not conflict.field:
            message = f"{other} changes it, and {this} removes it"
        elif conflict.field == PLACE:
            message = f"{other} moves it, and so does {this}, to another place"
        yield Fault(conflict.kind, str(conflict.id), conflict.title, conflict.label.lower(), message)
    for entry in merged.missing:
        yield Fault(entry.kind, str(entry.id), entry.title, "", f"{this} changes it, and {other} does not have it")


def _unmet(merged: Merged, before: Content, after: Content, this: str, other: str) -> Iterator[Fault]:
    """Name each record that a category needs of one side and that the other takes away."""
    for category, field, missing in unmet(merged.data, before.entries, after.entries):
        gone = f"{other} does not have" if missing.id in after.entries else f"{this} removes"
        message = f"needs “{missing.title}”, which {gone}"
        yield Fault(RecordKind.CATEGORY, category["id"], category["title"], field, message)
