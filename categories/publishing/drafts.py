"""Drafts: what of the working copy is neither published nor waiting for approval, whose it is and since when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ..content.diff import Change
from ..content.schema import Content
from ..models import Guidance, SubmissionEvent, User
from .contributors import unpublished
from .sent_back import sent_back
from .working_copy import WorkingCopy, waiting_already


@dataclass(frozen=True)
class Draft:
    """A record that differs from the newest edition; who changed it since it was last published, and since when."""

    change: Change
    by: tuple[User, ...]
    since: datetime | None


@dataclass(frozen=True)
class Drafts:
    """The drafts of one guidance, its whole working copy, and the log line by which some came back to be mended."""

    guidance: Guidance
    content: Content
    drafts: tuple[Draft, ...]
    came_back: SubmissionEvent | None

    @property
    def to_mend(self) -> list[Draft]:
        """Those that came back."""
        back = set(self.came_back.submission.record_ids) if self.came_back else set()
        return [draft for draft in self.drafts if str(draft.change.id) in back]

    @property
    def others(self) -> list[Draft]:
        to_mend = self.to_mend
        return [draft for draft in self.drafts if draft not in to_mend]


def drafts_of(guidance: Guidance) -> Drafts:
    """Collect the drafts of a guidance. Raises Refused where its working copy cannot be read."""
    working = WorkingCopy(guidance)
    if not working.changes:
        return Drafts(guidance, working.content, (), sent_back(guidance, set()))
    waiting = waiting_already(guidance, working.content)
    found = [change for change in working.changes if change.id not in waiting]
    touched = _touched(guidance, working, {change.id for change in found})
    people = User.objects.in_bulk({by for rows in touched.values() for by, _ in rows})
    drafts = tuple(
        Draft(
            change,
            tuple(people[by] for by in dict.fromkeys(by for by, _ in touched.get(change.id, ())) if by in people),
            min((at for _, at in touched.get(change.id, ())), default=None),
        )
        for change in found
    )
    return Drafts(guidance, working.content, drafts, sent_back(guidance, {change.id for change in found}))


def _touched(
    guidance: Guidance, working: WorkingCopy, records: set[UUID]
) -> dict[UUID, list[tuple[int | None, datetime]]]:
    """Who touched each of the records when, of all that is left to publish."""
    found: dict[UUID, list[tuple[int | None, datetime]]] = {}
    for one in unpublished(guidance, working.newest):
        if one.record_id in records:
            found.setdefault(one.record_id, []).append((one.by_id, one.at))
    return found
