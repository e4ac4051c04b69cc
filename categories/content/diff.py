"""What changed between two contents: record by record, field by field, and inside text word by word. Pure."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from .canonical import canonical, parse
from .entries import Entry, assemble
from .fields import OF_CATEGORY, label
from .order import moved
from .schema import Content
from .vocabulary import NOT_STATED_WORDS, Action, Coverage, RecordKind, TestKind
from .words import as_seen, joined, told_apart

MOST_WORDS = 4_000  # in the two texts together, and the pairs of equal words to weigh up between them:
MOST_PAIRS = 50_000  # beyond either, whole lines are compared

UNORDERED = (RecordKind.GUIDANCE, RecordKind.LEVEL)  # a level stands by its number


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text that both have (`same`), or only the earlier (`deleted`) or the later one (`inserted`)."""

    op: str
    text: str


@dataclass(frozen=True)
class FieldChange:
    """One field of a record: its JSON value before and after (references by id), and both in words."""

    field: str
    label: str
    before: Any
    after: Any
    before_words: str
    after_words: str

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The words of both, marked."""
        return compare_words(self.before_words, self.after_words)

    @property
    def looks_alike(self) -> bool:
        """Say whether nobody could see from marked words that there is a difference."""
        return as_seen(self.before_words) == as_seen(self.after_words)


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
            found.append(FieldChange(field, label(field, kind), before, after, *words))
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


Token = tuple[str, str]  # the space before a word, and the word


def compare_words(before: str, after: str) -> tuple[Segment, ...]:
    """Mark what was deleted and inserted, by words; by whole lines where words would take too long."""
    for pattern in (r"(\s*)(\S+|\Z)", r"()([^\n]*\n?)"):
        old, new = re.findall(pattern, before), re.findall(pattern, after)
        if len(old) + len(new) <= MOST_WORDS and _pairs(old, new) <= MOST_PAIRS:
            return _segments(old, new)
    return tuple(Segment(op, text) for op, text in (("deleted", before), ("inserted", after)) if text)


def _pairs(old: list[Token], new: list[Token]) -> int:
    counts = Counter(word for _, word in new)
    return sum(number * counts[word] for word, number in Counter(word for _, word in old).items())


def _segments(old: list[Token], new: list[Token]) -> tuple[Segment, ...]:
    """Match words whatever the space before them: the first word of a text is the same word in the middle of one."""
    old_words, new_words = ([word for _, word in tokens] for tokens in (old, new))
    pieces = []
    for op, i, j, m, n in difflib.SequenceMatcher(None, old_words, new_words, autojunk=False).get_opcodes():
        if op != "equal":
            pieces += [("deleted", _text(old[i:j])), ("inserted", _text(new[m:n]))]
            continue
        for (was, word), (now, _) in zip(old[i:j], new[m:n], strict=True):
            pieces += [("same", now)] if was == now else [("deleted", was), ("inserted", now)]
            pieces.append(("same", word))
    return tuple(_joined(pieces))


def _text(tokens: list[Token]) -> str:
    return "".join(space + word for space, word in tokens)


def _joined(pieces: Iterable[tuple[str, str]]) -> Iterator[Segment]:
    """Join what stands together: between runs of the same, all that was deleted, then all that was inserted."""
    for _, run in groupby(filter(itemgetter(1), pieces), key=lambda piece: piece[0] == "same"):
        texts = {"same": "", "deleted": "", "inserted": ""}
        for op, text in run:
            texts[op] += text
        yield from (Segment(op, text) for op, text in texts.items() if text)


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
