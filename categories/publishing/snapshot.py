"""From the working copy to content: all of it, or the newest edition with some records replaced."""

from collections.abc import Iterator, Set
from typing import Any
from uuid import UUID

from ..content.entries import GUIDANCE_FIELDS, NAMED_FIELDS, SETS, Entry, assemble, key_of, title_of
from ..content.merge import applied
from ..content.schema import RECORDS, Content
from ..content.vocabulary import RecordKind
from ..models import Guidance
from ..models.kinds import MODELS


def working_data(guidance: Guidance) -> dict[str, Any]:
    """Return the working copy of a guidance as content data, drafts with all their faults included."""
    return assemble(guidance.pk, _entries(guidance))


def _entries(guidance: Guidance) -> Iterator[Entry]:
    for kind in RecordKind:
        for record in [guidance] if kind == RecordKind.GUIDANCE else _records(kind, guidance):
            names = GUIDANCE_FIELDS if kind == RecordKind.GUIDANCE else tuple(RECORDS[kind].model_fields)
            value = {name: _value(record, name) for name in names if name != "id"}
            yield Entry(kind, record.pk, str(key_of(kind, value)), title_of(kind, value), value)


def _records(kind: RecordKind, guidance: Guidance) -> Any:
    records = MODELS[kind].objects.filter(guidance=guidance)
    return records.prefetch_related(*SETS) if kind == RecordKind.CATEGORY else records


def _value(record: Any, name: str) -> Any:
    """Return a field of a record of the working copy as content data has it."""
    match name:
        case "contact":
            reached = {"email": record.contact_email or None, "url": record.contact_url or None}
            return {"name": record.contact_name, **reached} if record.contact_name else None
        case "first_published_on":
            return record.first_published_on and record.first_published_on.isoformat()
        case "url" | "withdrawn":
            return getattr(record, name) or None
        case _ if name in SETS:
            return [str(one.pk) for one in getattr(record, name).all()]
        case _ if name in NAMED_FIELDS and name != "availability":
            identity = getattr(record, f"{name}_id")
            return str(identity) if identity else None
    return getattr(record, name)


def compose(base: Content | None, working: Content, chosen: Set[UUID]) -> dict[str, Any]:
    """Return content data: the base edition with the chosen records as the working copy has them.

    Unchosen records stay as the base has them, and so does their order. A chosen one takes the working copy's place
    for it only where it was added or moved itself: a text that is chosen carries nobody's move along. With every
    changed record chosen, the result is the working copy exactly.
    """
    if base is None:
        return assemble(working.id, [entry for entry in working.entries.values() if entry.id in chosen])
    return applied(base, working, base, chosen).data
