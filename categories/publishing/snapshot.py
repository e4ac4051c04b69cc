"""From the working copy to content: all of it, or the newest edition with some records replaced."""

from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any
from uuid import UUID

from ..content.entries import GUIDANCE_FIELDS, NAMED_FIELDS, SETS, Entry, assemble, key_of, title_of
from ..content.merge import applied
from ..content.schema import RECORDS, Content
from ..content.vocabulary import RecordKind
from ..models import Category, Guidance
from ..models.kinds import MODELS


def working_data(guidance: Guidance) -> dict[str, Any]:
    """Return the working copy of a guidance as content data, drafts with all their faults included."""
    return assemble(guidance.pk, _entries(guidance))


def data_with(record: Any, sets: Mapping[str, Collection[Any]]) -> dict[str, Any]:
    """Return the working copy as it would be with a record as it is in memory, saved or not, and what it names."""
    if isinstance(record, Guidance):
        return working_data(record)
    kind = record.record_kind
    wanted = [name for name in RECORDS[kind].model_fields if name != "id"]
    named = {name: [str(one.pk) for one in sets.get(name, ())] for name in SETS}
    value = {name: named[name] if name in named else _value(vars(record), name) for name in wanted}
    mine = Entry(kind, record.pk, str(key_of(kind, value)), title_of(kind, value), value)
    entries = {entry.id: entry for entry in _entries(record.guidance)} | {record.pk: mine}
    return assemble(record.guidance_id, entries.values())


def _entries(guidance: Guidance) -> Iterator[Entry]:
    """Every record of the working copy. One query for each kind and each set, and no instance of any record."""
    for kind in RecordKind:
        names = GUIDANCE_FIELDS if kind == RecordKind.GUIDANCE else tuple(RECORDS[kind].model_fields)
        wanted = [name for name in names if name != "id"]
        named = _named_in_sets(guidance) if kind == RecordKind.CATEGORY else {}
        rows = (
            MODELS[kind].objects.filter(guidance=guidance).values() if kind != RecordKind.GUIDANCE else [vars(guidance)]
        )
        for row in rows:
            value = {name: named[name].get(row["id"], []) if name in named else _value(row, name) for name in wanted}
            yield Entry(kind, row["id"], str(key_of(kind, value)), title_of(kind, value), value)


def _named_in_sets(guidance: Guidance) -> dict[str, dict[UUID, list[str]]]:
    """The ids of what each category names in each of its sets, in any order: `assemble` orders them."""
    found: dict[str, dict[UUID, list[str]]] = {name: {} for name in SETS}
    for name, ids in found.items():
        rows = Category.objects.filter(guidance=guidance, **{f"{name}__isnull": False}).order_by()
        for category, one in rows.values_list("pk", name):
            ids.setdefault(category, []).append(str(one))
    return found


def _value(row: Mapping[str, Any], name: str) -> Any:
    """Return a field of a row of the working copy as content data has it."""
    match name:
        case "contact":
            reached = {"email": row["contact_email"] or None, "url": row["contact_url"] or None}
            return {"name": row["contact_name"], **reached} if row["contact_name"] else None
        case "first_published_on":
            return row[name] and row[name].isoformat()
        case "url" | "withdrawn":
            return row[name] or None
        case _ if name in NAMED_FIELDS and name != "availability":
            identity = row[f"{name}_id"]
            return str(identity) if identity else None
    return row[name]


def compose(base: Content | None, working: Content, chosen: Set[UUID]) -> dict[str, Any]:
    """Return content data: the base edition with the chosen records as the working copy has them.

    Unchosen records stay as the base has them, and so does their order. A chosen one takes the working copy's place
    for it only where it was added or moved itself: a text that is chosen carries nobody's move along. With every
    changed record chosen, the result is the working copy exactly.
    """
    if base is None:
        return assemble(working.id, [entry for entry in working.entries.values() if entry.id in chosen])
    return applied(base, working, base, chosen).data
