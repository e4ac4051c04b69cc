"""Put back: one record of the working copy says again what the newest edition says."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import transaction

from ..content.entries import Entry
from ..content.vocabulary import RecordKind
from ..content.words import normal
from ..models import Edition, Guidance, User
from ..models.guidance import KEY_NAMES
from ..models.kinds import MODELS
from . import loading
from .reasons import Person, Reason, Refused, not_permitted, refuse_for, unexplained
from .working_copy import UNSEEN, newest_edition, seen_digest

NEW_RECORD = "This record has no earlier wording to put back: it is new."


def put_back(
    guidance: Guidance, record_id: UUID, by: User, *, why: str | None = None, seen: str | None = None
) -> Edition:
    """Give one record of the working copy its wording of the newest edition again: an ordinary, recorded save.

    `seen` is as in `submit`, so that nobody's unseen draft is overwritten. Returns the edition.
    """
    with transaction.atomic():
        guidance.lock()
        newest = newest_edition(guidance)
        if newest is None:
            raise Refused([NEW_RECORD])
        refuse_for(reasons_not_to_put_back(guidance, record_id, by, why=why, seen=seen))
        said = f"Put back the wording of edition {newest.number}"
        said += f": {normal(why)}" if why else ""
        loading.put_back(guidance, newest.content, record_id, by=by, why=said)
    return newest


def reasons_not_to_put_back(
    guidance: Guidance, record_id: UUID, by: Person, *, why: str | None = None, seen: str | None = None
) -> list[Reason]:
    """Say why a record cannot have the wording of the newest edition again."""
    newest = newest_edition(guidance)
    entry = newest.content.entries.get(record_id) if newest else None
    if newest is None or entry is None:
        return [NEW_RECORD]
    if found := not_permitted(by, change_permission(entry.kind), "put back its wording"):
        return found
    for made in loading.made_by_putting_back(guidance, newest.content, record_id):
        if found := not_permitted(
            by, f"categories.add_{MODELS[made.kind]._meta.model_name}", f"put back “{made.title}”"
        ):
            return found
    found = unexplained(why, "Say why you put it back.")
    found += [UNSEEN] if seen is not None and seen != seen_digest(guidance) else []
    needed = loading.made_by_putting_back(guidance, newest.content, record_id)
    return found + list(_taken_keys(guidance, {one.id: one for one in (*needed, entry)}.values()))


def _taken_keys(guidance: Guidance, entries: Iterable[Entry]) -> Iterator[str]:
    """Name each slug, number or term that another record of the working copy has now."""
    for entry in entries:
        field = MODELS[entry.kind].key
        value = entry.value[field]
        if other := loading.user_of_key(entry.kind, value, guidance.pk, entry.id):
            key = KEY_NAMES[field]
            yield f"“{value}” is the {key} of “{other}” in the working copy now. Give that another {key} first."


def change_permission(kind: RecordKind) -> str:
    return f"categories.change_{MODELS[kind]._meta.model_name}"
