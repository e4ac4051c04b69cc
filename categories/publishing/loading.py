"""From content to the working copy: recorded saves of what differs, and never a deletion."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ..content import rules
from ..content.entries import KEYED, LIST_OF_KIND, Entry, named, record_id, reference
from ..content.order import arranged, moved
from ..content.rules import Fault
from ..content.schema import Content
from ..content.vocabulary import RecordKind
from ..content.words import CONTROL_CHARACTERS
from ..models import ApprovalTest, Cohort, ExamplesList, Guidance, Level
from ..models.guidance import STEP, lock_all, owner_of_slug
from ..models.history import saving
from ..models.kinds import MODELS, record_lookup


@dataclass
class Loaded:
    """What loading did, as titles. `kept` are records of the working copy that the content leaves out."""

    guidance: Guidance
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def read(data: Any) -> tuple[Content | None, list[Fault]]:
    """Read content data from outside, and check it against the database too: the content, or every fault at once."""
    content, found = rules.read(data)
    found = [*found, *faults(data)]
    return (None, found) if found else (content, [])


def faults(data: Any) -> Iterator[Fault]:
    """Name what the database would refuse: an address or an id that belongs to something else.

    Records too broken to be looked up are passed over: `content.faults` names those.
    """
    guidance = _identity(data)
    if guidance is None:
        return
    for kind, record in _addressed(data):
        identity, slug = _identity(record), record.get("slug")
        if identity is None or not isinstance(slug, str) or CONTROL_CHARACTERS.search(slug):
            continue
        name = str(record.get("title") or record.get("name"))
        if owned := owner_of_slug(kind, slug, guidance, identity):
            yield Fault(kind, str(identity), name, "slug", f"“{slug}” {owned}")
        elif user := user_of_slug(kind, slug, guidance, identity):
            yield Fault(kind, str(identity), name, "slug", f"“{slug}” belongs to “{user}” in the working copy")
        if elsewhere := _of_other_guidance(kind, guidance, identity):
            message = f"belongs to “{elsewhere}” of “{elsewhere.guidance}”"
            yield Fault(kind, str(identity), name, "id", message)


def _addressed(data: dict[str, Any]) -> Iterator[tuple[RecordKind, dict[str, Any]]]:
    """The records of content data that have an address."""
    yield RecordKind.GUIDANCE, data
    for kind in (RecordKind.APPROVAL_TEST, RecordKind.CATEGORY):
        records = data.get(LIST_OF_KIND[kind])
        for record in records if isinstance(records, list) else []:
            if isinstance(record, dict):
                yield kind, record


def _identity(record: Any) -> UUID | None:
    try:
        return UUID(record["id"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def user_of_slug(kind: RecordKind, slug: str, guidance: UUID, identity: UUID) -> Any:
    others = MODELS[kind].objects.filter(slug=slug).exclude(pk=identity)
    return (others if kind == RecordKind.GUIDANCE else others.filter(guidance=guidance)).first()


def _of_other_guidance(kind: RecordKind, guidance: UUID, identity: UUID) -> Any:
    if kind == RecordKind.GUIDANCE:
        return None
    return MODELS[kind].objects.filter(pk=identity).exclude(guidance=guidance).first()


def load(content: Content, *, by: Any = None, why: str) -> Loaded:
    """Write content into the working copy, as one recorded save. What is already so stays untouched."""
    with saving(by, why):
        lock_all()
        entries = content.entries.values()
        guidance = Guidance.objects.filter(pk=content.id).first() or Guidance(pk=content.id)
        loaded = Loaded(guidance)
        for kind in MODELS:
            mine = [entry for entry in entries if entry.kind == kind]
            records = [_written(entry, guidance, content, loaded) for entry in mine]
            if kind != RecordKind.GUIDANCE:
                _put_in_order(records, _siblings(kind, guidance), loaded)
    return loaded


def put_back(guidance: Guidance, content: Content, record_id: UUID, *, by: Any, why: str) -> None:
    """Make one record of the working copy say what content says, in a recorded save; make it again if it is gone.

    So are the records that it names, where they are gone. Raises KeyError when the content has no such record.
    """
    entry = content.entries[record_id]
    with saving(by, why):
        lock_all()
        gone = [one for one in made_by_putting_back(guidance, content, record_id) if one is not entry]
        for one in (*gone, entry):
            loaded = Loaded(guidance)
            has_place = one.kind not in (RecordKind.GUIDANCE, RecordKind.LEVEL)
            siblings = _siblings(one.kind, guidance) if has_place else []
            record = _written(one, guidance, content, loaded)
            if has_place:
                _put_in_place(record, one, content, siblings, loaded)


def made_by_putting_back(guidance: Guidance, content: Content, record_id: UUID) -> list[Entry]:
    """The entries whose records `put_back` would add: those that the record names and that are gone, and its own."""
    entry = content.entries[record_id]
    return [one for one in (*_needed(entry, content), entry) if _find(one, guidance)._state.adding]


def _needed(entry: Entry, content: Content) -> list[Entry]:
    """The records that an entry names: the levels, cohorts, tests and examples list of a category."""
    if entry.kind != RecordKind.CATEGORY:
        return []
    references = {found for _, found in named(entry.value)}
    return [one for one in content.entries.values() if reference(one) in references]


def _siblings(kind: RecordKind, guidance: Guidance) -> list[Any]:
    records = MODELS[kind].objects.all()
    return list(records if kind in KEYED else records.filter(guidance=guidance))


def _find(entry: Entry, guidance: Guidance) -> Any:
    """The record of the working copy that an entry is about, or a new one."""
    if entry.kind == RecordKind.GUIDANCE:
        return guidance
    model = MODELS[entry.kind]
    if found := model.objects.filter(record_lookup(entry.kind, guidance.pk, entry.id, entry.slug)).first():
        return found
    if entry.kind in KEYED:
        return model()
    own_id = {} if entry.kind == RecordKind.EXAMPLES_LIST else {"pk": entry.id}
    return model(guidance=guidance, **own_id)


def _written(entry: Entry, guidance: Guidance, content: Content, loaded: Loaded) -> Any:
    """Save a record where it differs from its entry, its many-to-many fields too, and return it."""
    record = _find(entry, guidance)
    adding = record._state.adding
    values, sets = _fields(entry, guidance, content)
    different = {name: value for name, value in values.items() if getattr(record, name) != value}
    for name, value in different.items():
        setattr(record, name, value)
    if adding or different:
        record.save()
    for name, related in sets.items():
        if set(getattr(record, name).all()) != set(related):
            getattr(record, name).set(related)
            different[name] = related
    if adding or different:
        (loaded.added if adding else loaded.changed).append(str(record))
    return record


def _fields(entry: Entry, guidance: Guidance, content: Content) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The model's field values for an entry, and its many-to-many fields."""
    value = dict(entry.value)
    if "withdrawn" in value:
        value["withdrawn"] = value["withdrawn"] or ""
    match entry.kind:
        case RecordKind.GUIDANCE:
            value["first_published_on"] = content.first_published_on
        case RecordKind.EXAMPLES_LIST:
            value["url"] = value["url"] or ""
        case RecordKind.CATEGORY:
            return _category_fields(value, guidance, content)
    return value, {}


def _category_fields(
    value: dict[str, Any], guidance: Guidance, content: Content
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    sets: dict[str, list[Any]] = {
        "levels": list(Level.objects.filter(number__in=value.pop("levels"))),
        "cohorts": list(Cohort.objects.filter(slug__in=value.pop("cohorts"))),
        "approval_tests": list(ApprovalTest.objects.filter(pk__in=value.pop("approval_tests"))),
    }
    availability = value.pop("availability")
    year, month = map(int, availability["from"].split("-")) if availability["from"] else (None, None)
    value |= {
        "availability": availability["status"],
        "in_scope_from_year": year,
        "in_scope_from_month": month,
    }
    examples = content.entries[UUID(value["examples_list"])] if value["examples_list"] else None
    value["examples_list"] = (
        ExamplesList.objects.filter(guidance=guidance, slug=examples.slug).first() if examples else None
    )
    return value, sets


def _put_in_order(records: list[Any], siblings: list[Any], loaded: Loaded) -> None:
    """Give records the order of the file; those that it leaves out keep their order, after the others."""
    named = {record.pk for record in records}
    left_out = [record for record in siblings if record.pk not in named]
    loaded.kept += map(str, left_out)
    if records and isinstance(records[0], Level):  # its number is its place
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
    records = {_id_of(sibling, content): sibling for sibling in siblings}
    there = [*content.entries_of(entry.kind)]
    order = arranged([*records], there, {entry.id}, shifted=moved(there, [*records]))
    if order != [*records]:
        _number([record if identity == entry.id else records[identity] for identity in order], loaded)


def _id_of(record: Any, content: Content) -> UUID:
    """The id by which content knows a record."""
    shared = record.record_kind in KEYED
    identity: UUID = record_id(content.id, record.record_kind, record.slug) if shared else record.record_id
    return identity
