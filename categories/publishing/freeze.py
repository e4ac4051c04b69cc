"""Content frozen for a submission: what was chosen is composed, and why it could not be published."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from ..content import diff, rules
from ..content.canonical import canonical, digest, parse
from ..content.entries import NAMED_FIELDS, references
from ..content.rules import Fault
from ..content.schema import Content
from ..content.vocabulary import ADDRESSED, UNSLUGGED, Action, RecordKind
from ..models import Edition, EditionChange, Guidance, Submission
from .reasons import Reason
from .snapshot import compose


def chosen_changes(newest: Edition | None, working: Content, chosen: Collection[UUID] | None) -> list[diff.Change]:
    found = diff.changes(newest.content if newest else None, working)
    return [change for change in found if chosen is None or change.id in chosen]


def composed(newest: Edition | None, working: Content, differences: list[diff.Change]) -> str:
    return canonical(compose(newest.content if newest else None, working, {change.id for change in differences}))


def frozen(
    guidance: Guidance, newest: Edition | None, text: str, differences: list[diff.Change], at: datetime
) -> Submission:
    """Return a submission of this content, still to be described and saved."""
    return Submission(
        guidance=guidance,
        base_record_digest=newest.record_digest if newest else "",
        content_text=text,
        content_digest=digest(text),
        record_ids=[str(change.id) for change in differences],
        submitted_at=at,
    )


def content_reasons(newest: Edition | None, working: Content, differences: list[diff.Change]) -> list[Reason]:
    """Why the composed content could not be published: its faults, and addresses that belong to other records."""
    if found := list(removed(differences)):
        return found
    data = compose(newest.content if newest else None, working, {change.id for change in differences})
    found = list(_unticked(newest, working, data)) or list(rules.faults(data))
    return found or list(taken_addresses(parse(canonical(data)), differences))


def removed(differences: Iterable[diff.Change]) -> Iterator[Reason]:
    """Refuse to take away what has an address of its own: it would answer “not found” where it was cited."""
    for change in differences:
        if change.kind in ADDRESSED and change.action == Action.REMOVED:
            message = "was published, so it cannot be removed: put back its wording, or put it back and withdraw it"
            yield Fault(change.kind, str(change.id), change.title, "", message)


def _unticked(newest: Edition | None, working: Content, data: dict[str, Any]) -> Iterator[Fault]:
    """Name each record that a chosen category needs and that was not chosen with it."""
    known = {**(newest.content.entries if newest else {}), **working.entries}
    names = {str(identity): entry.title for identity, entry in known.items()}
    for category in data["categories"]:
        for field in NAMED_FIELDS:  # what is present is named by its key, what is missing by its id
            for missing in references(field, category[field]):
                if missing in names:
                    message = f"needs “{names[missing]}”, which you did not tick: choose both or neither"
                    yield Fault(RecordKind.CATEGORY, category["id"], category["title"], field, message)


def taken_addresses(content: Content, differences: list[diff.Change]) -> Iterator[Fault]:
    for change in differences:
        if change.kind not in UNSLUGGED and change.action != Action.REMOVED:
            other = EditionChange.objects.owner_of_slug(change.kind, change.slug, content.id, change.id)
            if other:
                message = f"“{change.slug}” has belonged to “{other}” since it was published"
                yield Fault(change.kind, str(change.id), change.title, "slug", message)
