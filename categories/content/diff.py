"""What changed between two contents: record by record, field by field, and inside text word by word. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from .canonical import canonical, parse
from .entries import SETS, Entry, assemble
from .fields import OF_CATEGORY, label
from .order import moved
from .schema import Content
from .shown import Row, item_rows, note, shown
from .text_diff import Segment, compare_words
from .vocabulary import NOT_STATED_WORDS, Action, Coverage, RecordKind, TestKind
from .words import joined, told_apart

UNORDERED = (RecordKind.GUIDANCE, RecordKind.LEVEL)  # a level stands by its number


@dataclass(frozen=True)
class FieldChange:
    """One field of a record: its JSON value before and after (references by id), and both in words."""

    field: str
    label: str
    before: Any
    after: Any
    before_words: str
    after_words: str
    before_items: tuple[str, ...] | None = None  # what a list states, one by one; None where it is no list
    after_items: tuple[str, ...] | None = None

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The words of both, marked."""
        return compare_words(self.before_words, self.after_words)

    @property
    def is_list(self) -> bool:
        """Whether it is compared item by item: one thing before and one after are compared by their words."""
        return len(self.before_items or ()) > 1 or len(self.after_items or ()) > 1

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The difference as it is shown: a row for each item of a list, or one for a text."""
        if not self.is_list:
            return (shown(self.segments),)
        before = self.before_items or tuple(filter(None, [self.before_words]))
        after = self.after_items or tuple(filter(None, [self.after_words]))
        return item_rows(before, after, is_set=self.field in SETS)

    @cached_property
    def note(self) -> str:
        """What to say of it where no more differs than what is hard to see."""
        return "" if self.is_list else note(self.segments)


@dataclass(frozen=True)
class Change:
    """One record that changed. `place` is where the record now stands in its list, counted from 0, if that changed."""

    kind: RecordKind
    id: UUID
    action: str  # an Action; the API says it as text
    slug: str
    title: str
    fields: tuple[FieldChange, ...] = ()
    place: int | None = None
    former_title: str | None = None
    follows: str | None = None  # the title of the record that it now stands after

    @property
    def action_words(self) -> str:
        if self.action == Action.ADDED and any(field.field == "withdrawn" and field.after for field in self.fields):
            return "Added, then withdrawn"
        return self.action.capitalize()

    @property
    def place_words(self) -> str:
        """Say where the record now stands, when it was moved or added. Empty otherwise."""
        if self.place is None:
            return ""
        return f"after “{self.follows}”" if self.follows else "first in its list"


def changes(before: Content | None, after: Content, *, made_up: bool = False) -> list[Change]:
    """List every record that differs, in the order of the page; against None, every record is added.

    What the upgrade of an older schema made up is told as added only where `made_up` asks for it.
    """
    found: list[Change] = []
    for kind in RecordKind:
        old, new = (list(content.entries_of(kind).values()) if content else [] for content in (before, after))
        found += _changes_of_kind(kind, old, new, (before or after, after))
    return [change for change in found if made_up or change.action != Action.ADDED or change.id not in after.made_up]


def _of_kind(entries: Mapping[UUID, Entry], kind: RecordKind) -> list[Entry]:
    return [entry for entry in entries.values() if entry.kind == kind]


def _changes_of_kind(
    kind: RecordKind, old: list[Entry], new: list[Entry], contents: tuple[Content, Content]
) -> Iterator[Change]:
    earlier = {entry.id: entry for entry in old}
    shifted = set() if kind in UNORDERED else moved([entry.id for entry in old], [entry.id for entry in new])
    for place, entry in enumerate(new):
        was = earlier.pop(entry.id, None)
        is_placed = kind not in UNORDERED and (was is None or entry.id in shifted)
        follows = new[place - 1].title if is_placed and place else None
        if change := _change(was, entry, place if is_placed else None, follows, contents):
            yield change
    for entry in earlier.values():
        yield Change(
            kind, entry.id, Action.REMOVED, entry.slug, entry.title, _field_changes(kind, entry, None, contents)
        )


def change_of_category(record: UUID, before: Content | None, after: Content) -> Change | None:
    """Return what `changes` lists of one category, or None, without comparing any other record."""
    was, entry = before.entry_of_category(record) if before else None, after.entry_of_category(record)
    contents = before or after, after
    if entry is None:
        gone = _changes_of_kind(RecordKind.CATEGORY, [was], [], contents) if was else iter(())
        return next(gone, None)
    old, new = ([one.id for one in content.categories] if content else [] for content in (before, after))
    place = new.index(record)
    if was and record not in moved(old, new):
        return _change(was, entry, None, None, contents)
    return _change(was, entry, place, after.categories[place - 1].title if place else None, contents)


def _change(
    was: Entry | None, entry: Entry, place: int | None, follows: str | None, contents: tuple[Content, Content]
) -> Change | None:
    """What became of a record that is there afterwards; `place` is None where it was not moved."""
    fields = _field_changes(entry.kind, was, entry, contents)
    if was and not fields and place is None:
        return None
    former = was.title if was and was.title != entry.title else None
    action = _action(was, entry, bool(fields))
    return Change(entry.kind, entry.id, action, entry.slug, entry.title, fields, place, former, follows)


def _action(was: Entry | None, entry: Entry, has_fields: bool) -> Action:
    if was is None:
        return Action.ADDED
    if was.withdrawn != entry.withdrawn:
        return Action.WITHDRAWN if entry.withdrawn else Action.RESTORED
    return Action.CHANGED if has_fields else Action.MOVED


def _field_changes(
    kind: RecordKind, was: Entry | None, now: Entry | None, contents: tuple[Content, Content]
) -> tuple[FieldChange, ...]:
    old, new = was.value if was else {}, now.value if now else {}
    found = []
    if was and now and was.value == now.value:
        return ()
    for field in [*new, *(field for field in old if field not in new)]:
        before, after = old.get(field), new.get(field)
        if was is None or now is None or before != after:
            words = in_words(was, field, contents[0]), in_words(now, field, contents[1])
            items = in_items(was, field, contents[0]), in_items(now, field, contents[1])
            found.append(FieldChange(field, label(field, kind), before, after, *words, *items))
    return tuple(found)


NOTHING_STATED = {"cohorts": "Not stated", "availability": NOT_STATED_WORDS}
CHOICES = {one.value: str(one.label) for one in (*TestKind, *Coverage)}


def in_words(entry: Entry | None, field: str, content: Content) -> str:
    """Say a field of a record as it is stored: the same on every day, so it never says “not yet”."""
    value = entry.value.get(field) if entry else None
    if entry is None or value is None:
        return ""
    if entry.kind == RecordKind.CATEGORY and field in OF_CATEGORY:
        values = OF_CATEGORY[field].values(content, content.category_by_id[entry.id])
        together = {"availability": ". ".join, "synonyms": told_apart}.get(field, joined)
        words = together(values)
        return words or NOTHING_STATED.get(field, "")
    match field:
        case "applies_to":
            return told_apart(value)
        case "first_published_on":
            return f"{date.fromisoformat(value):%-d %B %Y}"
        case "contact":
            return ", ".join(filter(None, (value["name"], value["email"], value["url"])))
        case "links":
            return "\n".join(f"{link['title']}: {link['url']}" for link in value)
        case "kind" | "covered":
            return CHOICES[value]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)


def in_items(entry: Entry | None, field: str, content: Content) -> tuple[str, ...] | None:
    """Say each thing that a list states, as stored: “England and Wales” is one nation or two. None of what is no list.

    Nothing is stated where there is no record.
    """
    value = entry.value.get(field) if entry else None
    match field:
        case "applies_to":
            return tuple(value or ())
        case "contact":
            return tuple(filter(None, (value["name"], value["email"], value["url"]))) if value else ()
        case "links":
            return tuple(f"{link['title']}: {link['url']}" for link in value or ())
    if field not in OF_CATEGORY or not OF_CATEGORY[field].lists:
        return None
    return tuple(OF_CATEGORY[field].values(content, content.category_by_id[entry.id])) if entry and value else ()


def apply(content: Content | None, found: Iterable[Change], guidance: UUID) -> Content:
    """Replay changes on the content before them: the inverse of `changes`, exact to the byte."""
    found = list(found)
    entries = dict(content.entries) if content else {}
    placed: list[Entry] = []
    for kind in RecordKind:
        mine = [change for change in found if change.kind == kind]
        placed += _replayed(_of_kind(entries, kind), mine)
    return parse(canonical(assemble(guidance, placed)))


def _replayed(entries: list[Entry], found: list[Change]) -> list[Entry]:
    old = {entry.id: entry for entry in entries}
    new = {change.id: _changed(old.get(change.id), change) for change in found if change.action != Action.REMOVED}
    leaving = {change.id for change in found if change.action == Action.REMOVED or change.place is not None}
    result = [new.get(entry.id, entry) for entry in entries if entry.id not in leaving]
    for change in sorted((c for c in found if c.place is not None), key=lambda c: c.place or 0):
        result.insert(change.place or 0, new[change.id])
    placed = {entry.id for entry in result}
    return result + [entry for entry in new.values() if entry.id not in placed]


def _changed(entry: Entry | None, change: Change) -> Entry:
    value = dict(entry.value) if entry else {}
    value |= {field.field: field.after for field in change.fields}
    return Entry(change.kind, change.id, change.slug, change.title, value)
