"""What changed between two contents, applied field by field to a third that may have changed too. Pure."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from .diff import UNORDERED, in_words
from .entries import Entry, assemble
from .fields import LABELS, label
from .order import arranged, moved
from .schema import Content
from .vocabulary import RecordKind

PLACE = "place"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that both sides changed, each in its own way: what the changes say, and what the other content says.

    `field` is the name of a field, PLACE for the place in a list, or "" for the whole record. The words are empty where
    a side has nothing to say.
    """

    kind: RecordKind
    id: UUID
    title: str
    field: str
    ours: str
    theirs: str

    @property
    def label(self) -> str:
        return label(self.field, self.kind) if self.field in LABELS else self.field


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome: content data, which `rules` still has to judge, and what both sides changed.

    In a conflict over a field or a place the changes win. `missing` are records that the changes alter and the other
    content has not: they are left out.
    """

    data: dict[str, Any]
    conflicts: tuple[Conflict, ...]
    missing: tuple[Entry, ...] = ()


def applied(before: Content, after: Content, onto: Content, chosen: Set[UUID] | None = None) -> Merged:
    """Return `onto` with what changed from `before` to `after`: of the chosen records, or of all of them.

    Onto `before` itself, all of the changes give `after`, to the byte.
    """
    entries: list[Entry] = []
    conflicts: list[Conflict] = []
    missing: list[Entry] = []
    for kind in RecordKind:
        sides = _Sides(before.entries_of(kind), after.entries_of(kind), onto.entries_of(kind), after, onto)
        mine = sides.changed if chosen is None else sides.changed & chosen
        absent = {one for one in mine if one in sides.old and one in sides.new and one not in sides.there}
        mine -= absent
        missing += [sides.new[one] for one in sides.new if one in absent]
        for identity in sorted(mine):
            conflicts += sides.conflicts(identity)
        if kind not in UNORDERED:
            conflicts += sides.places(mine)
        values = sides.there | {one: sides.merged(one) for one in mine if one in sides.new}
        entries += [values[one] for one in arranged([*sides.there], [*sides.new], mine, sides.shifted)]
    return Merged(assemble(onto.id, entries), tuple(conflicts), tuple(missing))


@dataclass(frozen=True)
class _Sides:
    """The records of one kind before and after some changes, and there where the changes are applied."""

    old: Mapping[UUID, Entry]
    new: Mapping[UUID, Entry]
    there: dict[UUID, Entry]
    after: Content
    onto: Content

    @property
    def shifted(self) -> set[UUID]:
        return moved([*self.old], [*self.new])

    @property
    def changed(self) -> set[UUID]:
        alike = {one for one, entry in self.new.items() if one in self.old and self.old[one].value == entry.value}
        return ({*self.old, *self.new} - alike) | self.shifted

    def merged(self, identity: UUID) -> Entry:
        """The record as it is there, with the fields that the changes set."""
        entry = self.new[identity]
        other = self.there.get(identity)
        if other is None:
            return entry
        return replace(other, value={**other.value, **{field: entry.value[field] for field in self._fields(identity)}})

    def _fields(self, identity: UUID) -> list[str]:
        """The fields that the changes set."""
        old, new = self.old.get(identity), self.new[identity]
        return [field for field in new.value if old is None or old.value.get(field) != new.value[field]]

    def conflicts(self, identity: UUID) -> Iterator[Conflict]:
        old, new, other = (side.get(identity) for side in (self.old, self.new, self.there))
        if other is None:
            return
        if new is None:
            if old is not None and old.value != other.value:
                yield Conflict(other.kind, identity, other.title, "", "", other.title)
            return
        for field in self._fields(identity):
            was, theirs = old and old.value.get(field), other.value.get(field)
            if theirs != new.value[field] and (old is None or theirs != was):
                words = in_words(new, field, self.after), in_words(other, field, self.onto)
                yield Conflict(new.kind, identity, new.title, field, *words)

    def places(self, mine: Set[UUID]) -> Iterator[Conflict]:
        """Name what both sides moved, and not to the same place."""
        both = self.shifted & moved([*self.old], [*self.there]) & moved([*self.there], [*self.new])
        for identity in sorted(both & mine):
            entry = self.new[identity]
            yield Conflict(entry.kind, identity, entry.title, PLACE, "", "")
