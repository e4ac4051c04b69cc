"""From content to the working copy: recorded saves of what differs, and never a deletion."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from ..content import rules
from ..content.diff import UNORDERED
from ..content.entries import LIST_OF_KIND, NAMED_FIELDS, SETS, Entry
from ..content.order import arranged, moved
from ..content.rules import Fault
from ..content.schema import Content
from ..content.upgrades import upgraded
from ..content.vocabulary import RecordKind
from ..content.words import CONTROL_CHARACTERS, normal
from ..models import Category, Guidance
from ..models.guidance import STEP, owners_of_slugs
from ..models.history import saving
from ..models.kinds import MODELS


@dataclass
class Loaded:
    """What loading did, as titles. `kept` are records of the working copy that the content leaves out."""

    guidance: Guidance
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def read(data: Any) -> tuple[Content | None, list[Fault]]:
    """Read content data from outside, and check it against the database too: the content, or every fault at once."""
    data = normalised(data)
    content, found = rules.read(data)
    found = [*found, *faults(upgraded(data)[0])]
    return (None, found) if found else (content, [])


def normalised(data: Any) -> Any:
    """Return data with every text in it as the working copy keeps it, so that a later save changes nothing else."""
    match data:
        case str():
            return normal(data)
        case list():
            return [normalised(one) for one in data]
        case dict():
            return {name: normalised(value) for name, value in data.items()}
    return data


def faults(data: Any) -> Iterator[Fault]:
    """Name what the database would refuse: a slug, a number or an id that belongs to something else.

    Records too broken to be looked up are passed over: `rules.faults` names those. A few queries for each kind.
    """
    guidance = _identity(data)
    if guidance is None:
        return
    for kind, records in _identified(data).items():
        field = MODELS[kind].key
        found = [
            (identity, one[field], one) for one in records if (identity := _identity(one)) and _has_key(one, field)
        ]
        keys = [key for _, key, _ in found]
        owners = owners_of_slugs(kind, map(str, keys), guidance) if field == "slug" and keys else {}
        users = _users_of_keys(kind, keys, guidance)
        others = {} if kind == RecordKind.GUIDANCE else _of_other_guidance(kind, guidance, [one for one, *_ in found])
        for identity, key, record in found:
            name = str(record.get("title") or record.get("name") or key)
            owned = [words for one, words in owners.get(str(key), {}).items() if one != identity]
            used = [user for user in users.get(str(key), ()) if user.pk != identity]
            if owned:
                yield Fault(kind, str(identity), name, field, f"“{key}” {owned[0]}")
            elif used:
                yield Fault(kind, str(identity), name, field, f"“{key}” belongs to “{used[0]}” in the working copy")
            if elsewhere := others.get(identity):
                message = f"belongs to “{elsewhere}” of “{elsewhere.guidance}”"
                yield Fault(kind, str(identity), name, "id", message)


def _has_key(record: dict[str, Any], field: str) -> bool:
    key = record.get(field)
    return isinstance(key, str | int) and not CONTROL_CHARACTERS.search(str(key))


def _identified(data: dict[str, Any]) -> dict[RecordKind, list[dict[str, Any]]]:
    listed = {kind: data.get(name) for kind, name in LIST_OF_KIND.items()}
    found = {
        kind: [one for one in (records if isinstance(records, list) else []) if isinstance(one, dict)]
        for kind, records in listed.items()
    }
    return {RecordKind.GUIDANCE: [data], **found}


def _identity(record: Any) -> UUID | None:
    try:
        return UUID(record["id"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def user_of_key(kind: RecordKind, key: str | int, guidance: UUID, identity: UUID) -> Any:
    """Return the other record of the working copy that has a slug, a number or a term now."""
    users = _users_of_keys(kind, [key], guidance).get(str(key), [])
    return next((user for user in users if user.pk != identity), None)


def _users_of_keys(kind: RecordKind, keys: list[str | int], guidance: UUID) -> dict[str, list[Any]]:
    """The records of the working copy that have these slugs, numbers or terms now."""
    found: dict[str, list[Any]] = {}
    users = MODELS[kind].objects.filter(**{f"{MODELS[kind].key}__in": keys})
    for user in users if kind == RecordKind.GUIDANCE else users.filter(guidance=guidance):
        found.setdefault(str(getattr(user, MODELS[kind].key)), []).append(user)
    return found


def _of_other_guidance(kind: RecordKind, guidance: UUID, ids: list[UUID]) -> dict[UUID, Any]:
    found: dict[UUID, Any] = MODELS[kind].objects.exclude(guidance=guidance).select_related("guidance").in_bulk(ids)
    return found


def load(content: Content, *, by: Any = None, why: str) -> Loaded:
    """Write content into the working copy, as one recorded save. What is already so stays untouched."""
    with saving(by, why):
        guidance = Guidance.objects.filter(pk=content.id).first() or Guidance(pk=content.id)
        guidance.lock()
        loaded = Loaded(guidance)
        for kind in MODELS:
            wanted = content.entries_of(kind)
            there = _present(kind, guidance, wanted)
            if kind == RecordKind.CATEGORY:
                _write_sets([entry for entry in wanted.values() if entry.id not in there])
            records = [
                _written(entry, there.get(entry.id) or _new(entry, guidance, place), loaded)
                for place, entry in enumerate(wanted.values(), 1)
            ]
            if kind != RecordKind.GUIDANCE:
                _put_in_order(records, _siblings(kind, guidance), loaded)
    return loaded


def put_back(guidance: Guidance, content: Content, record_id: UUID, *, by: Any, why: str) -> None:
    """Make one record of the working copy say what content says, in a recorded save; make it again if it is gone.

    So are the records that it names, where they are gone. Raises KeyError when the content has no such record.
    """
    entry = content.entries[record_id]
    with saving(by, why):
        guidance.lock()
        gone = [one for one in made_by_putting_back(guidance, content, record_id) if one is not entry]
        for one in (*gone, entry):
            loaded = Loaded(guidance)
            has_place = one.kind not in UNORDERED
            siblings = _siblings(one.kind, guidance) if has_place else []
            there = _present(one.kind, guidance, [one.id])
            if one.kind == RecordKind.CATEGORY and not there:
                _write_sets([one])
            record = _written(one, there.get(one.id) or _new(one, guidance, 0), loaded)
            if has_place:
                _put_in_place(record, one, content, siblings, loaded)


def made_by_putting_back(guidance: Guidance, content: Content, record_id: UUID) -> list[Entry]:
    """The entries whose records `put_back` would add: those that the record names and that are gone, and its own."""
    entry = content.entries[record_id]
    return [one for one in (*_needed(entry, content), entry) if not _present(one.kind, guidance, [one.id])]


def _needed(entry: Entry, content: Content) -> list[Entry]:
    """The records that an entry names, each before whatever names it."""
    names = {identity for _, identity in entry.names}
    return [content.entries[identity] for kind in MODELS for identity in content.entries_of(kind) if identity in names]


def _siblings(kind: RecordKind, guidance: Guidance) -> list[Any]:
    return list(MODELS[kind].objects.filter(guidance=guidance))


def _present(kind: RecordKind, guidance: Guidance, ids: Iterable[UUID]) -> dict[UUID, Any]:
    """The records of the working copy that have these ids, with what they name."""
    if kind == RecordKind.GUIDANCE:
        return {guidance.pk: guidance}
    names = SETS if kind == RecordKind.CATEGORY else ()
    found: dict[UUID, Any] = MODELS[kind].objects.prefetch_related(*names).in_bulk(list(ids))
    return found


def _new(entry: Entry, guidance: Guidance, place: int) -> Any:
    """A record that is to be made, at its place of the list."""
    placed = {} if entry.kind in UNORDERED else {"position": place * STEP}
    return MODELS[entry.kind](pk=entry.id, guidance=guidance, **placed)


def _write_sets(entries: list[Entry]) -> None:
    """Write what new categories name before them: saving each then keeps one row of history, with all of it."""
    for name in SETS:
        field: Any = Category._meta.get_field(name)
        through, named = field.remote_field.through, f"{field.m2m_reverse_field_name()}_id"
        through.objects.bulk_create(
            through(category_id=entry.id, **{named: UUID(one)}) for entry in entries for one in entry.value[name]
        )


def _written(entry: Entry, record: Any, loaded: Loaded) -> Any:
    """Save a record where it differs from its entry, its many-to-many fields too, and return it."""
    adding = record._state.adding
    different = {name: value for name, value in _fields(entry).items() if getattr(record, name) != value}
    for name, value in different.items():
        setattr(record, name, value)
    if adding or different:
        record.save()
    for name in SETS if entry.kind == RecordKind.CATEGORY and not adding else ():
        ids = {UUID(identity) for identity in entry.value[name]}
        related = getattr(record, name)
        if {one.pk for one in related.all()} != ids:
            related.set(ids)
            different[name] = ids
    if adding or different:
        (loaded.added if adding else loaded.changed).append(str(record))
    return record


def _fields(entry: Entry) -> dict[str, Any]:
    """The model's field values for an entry, many-to-many fields apart."""
    found: dict[str, Any] = {}
    for name, value in entry.value.items():
        match name:
            case "contact":
                for part in ("name", "email", "url"):
                    found[f"contact_{part}"] = (value or {}).get(part) or ""
            case "first_published_on":
                found[name] = value and date.fromisoformat(value)
            case "url" | "withdrawn":
                found[name] = value or ""
            case _ if name in NAMED_FIELDS and name != "availability":
                if name not in SETS:
                    found[f"{name}_id"] = UUID(value) if value else None
            case _:
                found[name] = value
    return found


def _put_in_order(records: list[Any], siblings: list[Any], loaded: Loaded) -> None:
    """Give records the order of the file; those that it leaves out keep their order, after the others."""
    named = {record.pk for record in records}
    left_out = [record for record in siblings if record.pk not in named]
    loaded.kept += map(str, left_out)
    if not records or records[0].record_kind in UNORDERED:
        return
    present = [record.pk for record in siblings if record.pk in named]
    places = {record.position for record in siblings} - {0}  # 0 leaves no gap before it
    if present == [record.pk for record in records] and len(places) == len(siblings):
        return
    _number([*records, *left_out], loaded)


def _number(records: Iterable[Any], loaded: Loaded) -> None:
    for place, record in enumerate(records, 1):
        if record.position != place * STEP:
            record.position = place * STEP
            record.save()
            if str(record) not in [*loaded.added, *loaded.changed]:
                loaded.changed.append(str(record))


def _put_in_place(record: Any, entry: Entry, content: Content, siblings: list[Any], loaded: Loaded) -> None:
    """Move a record to where content has it. `siblings` are those of its kind before it was saved."""
    records = {sibling.pk: sibling for sibling in siblings}
    there = [*content.entries_of(entry.kind)]
    order = arranged([*records], there, {entry.id}, shifted=moved(there, [*records]))
    if order != [*records]:
        _number([record if identity == entry.id else records[identity] for identity in order], loaded)
