"""What changed between two contents: record by record, field by field, and inside text word by word. Pure."""

import difflib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from .content import Availability, Content, Entry, assemble, canonical, joined, parse
from .vocabulary import RecordKind, Relationship, TestKind, TLevel

MOST_WORDS = 4_000  # in the two texts together, and the pairs of equal words to weigh up between them:
MOST_PAIRS = 50_000  # beyond either, whole lines are compared


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


@dataclass(frozen=True)
class Change:
    """One record that changed. `place` is where the record now stands in its list, counted from 0, if that changed."""

    kind: RecordKind
    id: UUID
    action: str  # one of EditionChange.Action
    slug: str
    title: str
    fields: tuple[FieldChange, ...] = ()
    place: int | None = None
    former_title: str | None = None
    follows: str | None = None  # the title of the record that it now stands after

    @property
    def action_words(self) -> str:
        return self.action.capitalize()

    @property
    def place_words(self) -> str:
        """Say where the record now stands, when it was moved or added. Empty otherwise."""
        if self.place is None:
            return ""
        return f"after “{self.follows}”" if self.follows else "first in its list"


def changes(before: Content | None, after: Content) -> list[Change]:
    """List every record that differs, in the order of the page; against None, every record is added."""
    old = before.entries if before else {}
    new = after.entries
    found: list[Change] = []
    for kind in RecordKind:
        found += _changes_of_kind(kind, _of_kind(old, kind), _of_kind(new, kind), (before or after, after))
    return found


def _of_kind(entries: Mapping[UUID, Entry], kind: RecordKind) -> list[Entry]:
    return [entry for entry in entries.values() if entry.kind == kind]


def _changes_of_kind(
    kind: RecordKind, old: list[Entry], new: list[Entry], contents: tuple[Content, Content]
) -> Iterator[Change]:
    earlier = {entry.id: entry for entry in old}
    shifted = set() if kind == RecordKind.LEVEL else moved([entry.id for entry in old], [entry.id for entry in new])
    for place, entry in enumerate(new):
        was = earlier.pop(entry.id, None)
        fields = _field_changes(was, entry, contents)
        if was and not fields and entry.id not in shifted:
            continue
        change = Change(kind, entry.id, _action(was, entry, bool(fields)), entry.slug, entry.title, fields)
        if was and was.title != entry.title:
            change = replace(change, former_title=was.title)
        if kind not in (RecordKind.GUIDANCE, RecordKind.LEVEL) and (was is None or entry.id in shifted):
            change = replace(change, place=place, follows=new[place - 1].title if place else None)
        yield change
    for entry in earlier.values():
        yield Change(kind, entry.id, "removed", entry.slug, entry.title, _field_changes(entry, None, contents))


def _action(was: Entry | None, entry: Entry, has_fields: bool) -> str:
    if was is None:
        return "added"
    if was.withdrawn != entry.withdrawn:
        return "withdrawn" if entry.withdrawn else "restored"
    return "changed" if has_fields else "moved"


def moved(old: list[Any], new: list[Any]) -> set[Any]:
    """Return the fewest ids whose moving explains the new order: those outside the longest run that kept its order."""
    places = {identity: place for place, identity in enumerate(old)}
    shared = [identity for identity in new if identity in places]
    tails: list[int] = []  # the smallest last place of an ordered run of each length
    ends: list[UUID] = []
    previous: dict[UUID, UUID | None] = {}
    for identity in shared:
        length = bisect_left(tails, places[identity])
        previous[identity] = ends[length - 1] if length else None
        tails[length : length + 1] = [places[identity]]
        ends[length : length + 1] = [identity]
    kept: set[UUID] = set()
    step = ends[-1] if ends else None
    while step is not None:
        kept.add(step)
        step = previous[step]
    return set(shared) - kept


def _field_changes(was: Entry | None, now: Entry | None, contents: tuple[Content, Content]) -> tuple[FieldChange, ...]:
    old, new = was.value if was else {}, now.value if now else {}
    found = []
    for field in [*new, *(field for field in old if field not in new)]:
        before, after = old.get(field), new.get(field)
        if was is None or now is None or before != after:
            words = _in_words(field, before, contents[0]), _in_words(field, after, contents[1])
            found.append(FieldChange(field, LABELS.get(field, field), before, after, *words))
    return tuple(found)


LABELS = {
    "aim": "Core aim",
    "applies_to": "Applies to",
    "approval_tests": "Approval tests and powers",
    "availability": "Availability",
    "by_exception": "Approved for development by exception only",
    "cohorts": "Cohorts",
    "covers": "What it covers",
    "description": "What it means",
    "example": "Example",
    "examples_list": "Examples list",
    "first_published_on": "Published",
    "kind": "Kind",
    "levels": "Levels",
    "name": "Name",
    "notice": "Notice",
    "number": "Level",
    "publisher": "From",
    "relationship": "Relationship to occupational standards",
    "relationship_text": "Relationship in words",
    "slug": "Address",
    "summary": "Summary",
    "synonyms": "Other names",
    "t_level": "T Levels",
    "title": "Title",
    "under_review": "Under review",
    "url": "Web address",
    "withdrawn": "Withdrawn because",
}


def _named(names: Mapping[str, str]) -> Callable[[Any, Content], str]:
    return lambda value, content: names.get(value, str(value))


def _titles(value: Any, content: Content) -> str:
    """Name records in the order of the guidance."""
    identities = {value} if isinstance(value, str) else set(value)
    return joined(entry.title for entry in content.entries.values() if str(entry.id) in identities)


def _availability_words(value: Any, content: Content) -> str:
    """The stored fact: the same on every day, so it never says “not yet”."""
    return Availability.model_validate(value).words(date.max)


WORDS: dict[str, Callable[[Any, Content], str]] = {
    "approval_tests": _titles,
    "examples_list": _titles,
    "availability": _availability_words,
    "cohorts": lambda value, content: joined(cohort.name for cohort in content.cohorts if cohort.slug in value),
    "levels": lambda value, content: joined(str(level) for level in value),
    "applies_to": lambda value, content: joined(value),
    "synonyms": lambda value, content: joined(value),
    "relationship": _named(dict(Relationship.choices)),
    "t_level": _named(dict(TLevel.choices)),
    "kind": _named(dict(TestKind.choices)),
    "first_published_on": lambda value, content: f"{date.fromisoformat(value):%-d %B %Y}",
}


def _in_words(field: str, value: Any, content: Content) -> str:
    if value is None or value in ("", []):
        return "Not stated" if field == "cohorts" and value is not None else ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return WORDS[field](value, content) if field in WORDS else str(value)


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
    new = {change.id: _changed(old.get(change.id), change) for change in found if change.action != "removed"}
    leaving = {change.id for change in found if change.action == "removed" or change.place is not None}
    result = [new.get(entry.id, entry) for entry in entries if entry.id not in leaving]
    for change in sorted((c for c in found if c.place is not None), key=lambda c: c.place or 0):
        result.insert(change.place or 0, new[change.id])
    placed = {entry.id for entry in result}
    return result + [entry for entry in new.values() if entry.id not in placed]


def _changed(entry: Entry | None, change: Change) -> Entry:
    value = dict(entry.value) if entry else {}
    value |= {field.field: field.after for field in change.fields}
    return Entry(change.kind, change.id, change.slug, change.title, value)
