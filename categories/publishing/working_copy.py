"""The working copy, beside the newest edition."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from ..content import diff, rules
from ..content.canonical import canonical, digest, parse
from ..content.schema import Content
from ..models import Edition, Guidance, Submission
from .reasons import Refused
from .snapshot import data_with, working_data

UNSEEN = "Somebody has changed the guidance since you opened this page. Look at the changes again."


def newest_edition(guidance: Guidance) -> Edition | None:
    """Return the newest edition, live or scheduled: the one that the next is composed on."""
    return guidance.editions.newest()


@dataclass(frozen=True)
class WorkingCopy:
    """The working copy as it is when it is first looked at, beside the newest edition. Each is read once."""

    guidance: Guidance

    @cached_property
    def newest(self) -> Edition | None:
        return newest_edition(self.guidance)

    @cached_property
    def data(self) -> dict[str, Any]:
        return working_data(self.guidance)

    @cached_property
    def content(self) -> Content:
        """Drafts included. Raises Refused when it cannot even be read as content."""
        return _read(self.data)

    @cached_property
    def seen(self) -> str:
        """The digest of all that a page of changes shows."""
        return digest(canonical({"edition": self.newest and self.newest.record_digest, "working": self.data}))

    @cached_property
    def changes(self) -> list[diff.Change]:
        """What differs from the newest edition."""
        return diff.changes(self.newest.content if self.newest else None, self.content)


def _read(data: dict[str, Any]) -> Content:
    try:
        content = parse(canonical(data))
        _ = content.entries  # where every reference is followed
    except (KeyError, ValueError) as error:
        raise Refused(rules.faults(data)) from error
    return content


def content_with(record: Any, sets: Mapping[str, Collection[Any]]) -> Content:
    """Return the working copy as it would be with a record as it is typed, which need not be saved.

    Raises Refused when that cannot be read as content.
    """
    return _read(data_with(record, sets))


def working_content(guidance: Guidance) -> Content:
    """Return the working copy as content. Raises Refused when it cannot even be read as content."""
    return WorkingCopy(guidance).content


def seen_digest(guidance: Guidance) -> str:
    """Return the digest of all that a page of changes shows: the working copy, and the edition that it is beside."""
    return WorkingCopy(guidance).seen


def pending_changes(guidance: Guidance) -> list[diff.Change]:
    """List what differs between the working copy and the newest edition."""
    return WorkingCopy(guidance).changes


def waiting_already(guidance: Guidance, working: Content) -> set[UUID]:
    """Return the records that a submission which waits for approval carries just as the working copy has them."""
    found: set[UUID] = set()
    for submission in guidance.submissions.filter(status=Submission.Status.SUBMITTED):
        carried, content = map(UUID, submission.record_ids), submission.content
        found |= {one for one in carried if content.entries.get(one) == working.entries.get(one)}
    return found
