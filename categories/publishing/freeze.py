"""Content frozen for a submission: what was chosen is composed, and why it could not be published."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from ..content import diff, rules
from ..content.canonical import canonical, digest, parse
from ..content.entries import unmet
from ..content.merge import PLACE, Merged, applied
from ..content.rules import Fault
from ..content.schema import Content
from ..content.vocabulary import ADDRESSED, UNSLUGGED, Action, RecordKind
from ..models import Edition, EditionChange, Guidance, Submission
from .plan import said, settled_edition
from .reasons import Reason
from .snapshot import compose
from .working_copy import WorkingCopy


@dataclass(frozen=True)
class Composition:
    """What a writer chose of the working copy, on top of the newest edition or, for a fix, of what is live."""

    working: WorkingCopy
    base: Edition | None
    differences: list[diff.Change]
    merged: Merged

    @property
    def is_fix(self) -> bool:
        """Whether it passes what is scheduled."""
        return self.base != self.working.newest

    @cached_property
    def text(self) -> str:
        return canonical(self.merged.data)


def base_of(working: WorkingCopy, *, fix: bool, at: datetime) -> Edition | None:
    """Return what changes are composed on: the newest edition or, for a fix, what is live, if anything is."""
    return (fix and settled_edition(working.guidance, at)) or working.newest


def composed(working: WorkingCopy, chosen: Collection[UUID] | None, *, fix: bool, at: datetime) -> Composition:
    """Compose the chosen changes. A fix is applied field by field. Raises Refused as `working.content` does."""
    newest, base = working.newest, base_of(working, fix=fix, at=at)
    differences = [change for change in working.changes if chosen is None or change.id in chosen]
    ids = {change.id for change in differences}
    if newest and base:
        merged = applied(newest.content, working.content, base.content, ids)
    else:
        merged = Merged(compose(None, working.content, ids), ())
    return Composition(working, base, differences, merged)


def frozen(guidance: Guidance, composition: Composition, at: datetime) -> Submission:
    """Return a submission of this composition, still to be described and saved."""
    base, text = composition.base, composition.text
    return Submission(
        guidance=guidance,
        is_fix=composition.is_fix,
        base_record_digest=base.record_digest if base else "",
        content_text=text,
        content_digest=digest(text),
        record_ids=[str(change.id) for change in composition.differences],
        submitted_at=at,
    )


def content_reasons(composition: Composition) -> list[Reason]:
    """Why the composed content could not be published: its faults, and addresses that belong to other records."""
    found: list[Reason] = [*removed(composition.differences)] or [*_not_live(composition)]
    if found:
        return found
    data = composition.merged.data
    found = [*_unticked(composition)] or [*rules.faults(data)]
    if found:
        return found
    content, base = parse(composition.text), composition.base
    return list(taken_addresses(content, diff.changes(base.content if base else None, content)))


def scheduled_conflicts(guidance: Guidance, composition: Composition, at: datetime) -> Iterator[Reason]:
    """Name each field that a fix and a scheduled edition both change, which edition, and what each says."""
    ours = {(conflict.id, conflict.field): conflict for conflict in composition.merged.conflicts}
    before = composition.base
    for edition in guidance.editions.scheduled(at).order_by("number"):
        for change in diff.changes(before.content if before else None, edition.content):
            for field in change.fields:
                if conflict := ours.get((change.id, field.field)):
                    message = (
                        f"edition {edition.number} says {said(field.after_words)}, and you say {said(conflict.ours)}"
                    )
                    yield Fault(change.kind, str(change.id), change.title, conflict.label.lower(), message)
            if (change.id, "") in ours and change.fields:
                message = f"edition {edition.number} changes it, and you remove it"
                yield Fault(change.kind, str(change.id), change.title, "", message)
            if (change.id, PLACE) in ours and change.place is not None:
                message = f"edition {edition.number} moves it too, to another place"
                yield Fault(change.kind, str(change.id), change.title, PLACE, message)
        before = edition


def removed(differences: Iterable[diff.Change]) -> Iterator[Reason]:
    """Refuse to take away what has an address of its own: it would answer “not found” where it was cited."""
    for change in differences:
        if change.kind in ADDRESSED and change.action == Action.REMOVED:
            message = "was published, so it cannot be removed: put back its wording, or put it back and withdraw it"
            yield Fault(change.kind, str(change.id), change.title, "", message)


def _not_live(composition: Composition) -> Iterator[Fault]:
    """Name each record that a fix would change before the scheduled edition that adds it."""
    for entry in composition.merged.missing:
        message = "is not live yet, so no fix can change it: untick it, or let this go after what is scheduled"
        yield Fault(entry.kind, str(entry.id), entry.title, "", message)


def _unticked(composition: Composition) -> Iterator[Fault]:
    """Name each record that a chosen category needs and that was not chosen with it, or is not live yet."""
    newest, working = composition.working.newest, composition.working.content
    published = newest.content.entries if newest else {}
    for category, field, missing in unmet(composition.merged.data, published, working.entries):
        why = "you did not tick: choose both or neither"
        if composition.is_fix and missing.id in published:
            why = "is not live yet: let this go after what is scheduled"
        message = f"needs “{missing.title}”, which {why}"
        yield Fault(RecordKind.CATEGORY, category["id"], category["title"], field, message)


def taken_addresses(content: Content, differences: list[diff.Change]) -> Iterator[Fault]:
    """Name each slug that has belonged to another record. One query for each kind."""
    asking = [one for one in differences if one.kind not in UNSLUGGED and one.action != Action.REMOVED]
    slugs: dict[RecordKind, list[str]] = {}
    for change in asking:
        slugs.setdefault(change.kind, []).append(change.slug)
    owners = {kind: EditionChange.objects.owners_of_slugs(kind, named, content.id) for kind, named in slugs.items()}
    for change in asking:
        for identity, title in owners[change.kind].get(change.slug, {}).items():
            if identity != change.id:
                message = f"“{change.slug}” has belonged to “{title}” since it was published"
                yield Fault(change.kind, str(change.id), change.title, "slug", message)
