"""Who contributed: everybody whose work a submission carries, so that none of them approves it (decision 3)."""

from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from ..content import diff
from ..content.schema import Content
from ..content.vocabulary import Action, RecordKind
from ..models import Edition, EditionChange, Guidance
from ..models.kinds import MODELS


def history_marks(newest: Edition | None, working: Content, composed: Content) -> dict[str, Any]:
    """The newest history id of every tracked model: what the freeze has seen.

    Under "order", for each kind, the id up to which all moves are published: where some of the working copy's order is
    left out of this submission, it stays the one of the edition before.
    """
    marks: dict[str, Any] = {
        kind: model.history.aggregate(newest=Max("history_id"))["newest"] or 0 for kind, model in MODELS.items()
    }
    before = _order_marks(newest)
    marks["order"] = {
        kind: marks[kind] if _same_order(kind, working, composed) else before.get(kind, 0) for kind in MODELS
    }
    return marks


def _order_marks(edition: Edition | None) -> dict[str, int]:
    found: dict[str, int] = edition.submission.history_marks.get("order", {}) if edition else {}
    return found


def _same_order(kind: RecordKind, *both: Content) -> bool:
    one, other = (list(content.entries_of(kind)) for content in both)
    shared = set(one) & set(other)
    return [record for record in one if record in shared] == [record for record in other if record in shared]


def contributors(
    guidance: Guidance, newest: Edition | None, differences: list[diff.Change], composed: Content
) -> set[int]:
    """Return the ids of the users with history on the records of a difference since each was last published.

    History ids bound it, not times. Deletions count; a change with no known user counts as the submitter's. Where the
    composed order is a new one, whoever moved a record of that kind since all moves of it were published counts too,
    since a new order can be told in more than one way; where a record is new, whoever moved the others around it.
    """
    marks = _marks_when_published(guidance, {change.id for change in differences})
    users: set[int] = set()
    for change in differences:
        rows = _history_of(change).filter(history_id__gt=marks.get(change.id, {}).get(change.kind, 0))
        users |= set(rows.exclude(history_user=None).values_list("history_user_id", flat=True))
    told = diff.changes(newest.content if newest else None, composed)
    placed = [change for change in told if change.place is not None]
    for kind in {change.kind for change in placed}:
        since = [_first(change) for change in placed if change.kind == kind and change.action == Action.ADDED]
        if any(change.kind == kind and change.action != Action.ADDED for change in placed):
            since.append(_order_marks(newest).get(kind, 0))
        users |= _movers(guidance, kind, min(since), composed)
    return users


def _first(change: diff.Change) -> int:
    """The first history id of an added record: whatever stands around it was put there since, or was published."""
    first = _history_of(change).order_by("history_id").first()
    return first.history_id if first else 0


def _marks_when_published(guidance: Guidance, ids: set[UUID]) -> dict[UUID, dict[str, int]]:
    """The history marks behind the newest edition that each record was chosen for.

    An edition that only tells a record as moved, because others were, has published nothing else of it.
    """
    touched = EditionChange.objects.filter(edition__guidance=guidance, record_id__in=ids).order_by("edition__number")
    marks = touched.values_list("record_id", "edition__submission__history_marks", "edition__submission__record_ids")
    return {record: found for record, found, chosen in marks if found and str(record) in chosen}


def _history_of(change: diff.Change) -> QuerySet[Any]:
    rows: QuerySet[Any] = MODELS[change.kind].history.filter(id=change.id)
    return rows


def _movers(guidance: Guidance, kind: RecordKind, mark: int, composed: Content) -> set[int]:
    """Whoever moved a record of a kind after a mark. Where a draft stands that is not composed does not matter."""
    history: QuerySet[Any] = MODELS[kind].history.filter(guidance=guidance, id__in=list(composed.entries_of(kind)))
    positions: dict[Any, int] = {}
    users: set[int] = set()
    rows = history.order_by("history_id").values_list("id", "position", "history_id", "history_user_id")
    for record, position, history_id, user in rows:
        if history_id > mark and user and positions.get(record) != position:
            users.add(user)
        positions[record] = position
    return users
