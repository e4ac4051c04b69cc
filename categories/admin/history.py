"""The history of one record in words: one entry for one save, however many rows it wrote."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import F, Max, Min, Q, Window
from django.db.models.functions import Lag
from django.utils import timezone

from ..content.diff import FieldChange
from ..content.words import joined, month_words
from ..models import Availability
from ..models.fields import LinesField, LinksField, StepsField

ACTIONS = {"+": "Added", "~": "Changed", "-": "Deleted"}
UNSHOWN = {"id", "guidance"}
GONE = "a deleted record"
PLACE = "Place"
IN_ADDRESSES = "In addresses"
NAMING = {"number", "name", "covers"}  # the fields that the names of what others name are made of
SAVES_ON_A_PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One save: who, when, why, and each field before and after in words. `row` is the history row it ended with."""

    row: Any
    action: str
    by: Any
    at: datetime
    why: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class State:
    """What one history row says: its fields by their labels, as kept (what it names, by id) and in words."""

    values: dict[str, Any]
    words: dict[str, str]
    items: dict[str, tuple[str, ...] | None]  # what each list states, one by one


def saves_of(history: Any) -> Any:
    """Each save of one record with the keys of its first and last row, newest first. No other save has rows between."""
    rows = history.order_by().values_list("save_id")
    return rows.annotate(first=Min("history_id"), last=Max("history_id")).order_by("-last")


def page_of(history: Any, number: str) -> tuple[Page, list[Entry]]:
    """Return a page of the saves of one record, with its entries, newest first. Raises InvalidPage."""
    page = Paginator(saves_of(history), SAVES_ON_A_PAGE).page(number or 1)
    return page, entries_between(history, list(page))


def entries_since(history: Any, key: int) -> list[Entry]:
    """Return the entries of one record after a row of its history, newest first: a page of them at most."""
    return entries_between(history, list(saves_of(history).filter(last__gt=key)[:SAVES_ON_A_PAGE]))


def entries_between(history: Any, saves: list[tuple[UUID, int, int]]) -> list[Entry]:
    """Return the entries of saves of one record that follow each other; all of these, and `saves`, newest first."""
    if not saves:
        return []
    first, last = saves[-1][1], saves[0][2]
    rows = history.filter(history_id__range=(first, last)).order_by("history_id").select_related("history_user")
    return entries(list(rows), history.filter(history_id__lt=first).order_by("history_id").last())


def entries(rows: list[Any], before: Any = None) -> list[Entry]:
    """Turn history rows of one record, oldest first, into entries, newest first; `before` is the row before them."""
    found: list[Entry] = []
    saves = [list(group) for _, group in groupby(rows, key=lambda row: row.save_id)]
    lasts = [saved[-1] for saved in saves]
    was, *known = states([before, *lasts]) if before else (State({}, {}, {}), *states(lasts))
    for saved, after in zip(saves, known, strict=True):
        row = saved[-1]
        action = "+" if saved[0].history_type == "+" else row.history_type
        fields = () if action == "-" else changed_fields(was, after)
        why = row.history_change_reason or ""
        found.append(Entry(row, ACTIONS[action], row.history_user, row.history_date, why, fields))
        was = after
    return found[::-1]


def changed_fields(before: State, after: State) -> tuple[FieldChange, ...]:
    """Compare two states. A position is only a number, so it is told as a move; a new name of what is named is none."""
    found = []
    for name, now in after.values.items():
        was, words = before.values.get(name), (before.words.get(name, ""), after.words[name])
        if was == now or not any(words) or (name == PLACE and not before.values):
            continue
        items = () if name == PLACE else (before.items.get(name), after.items[name])
        found.append(FieldChange(name, name, was, now, *(("", "Moved") if name == PLACE else words), *items))
    return tuple(found)


def states(rows: list[Any]) -> list[State]:
    """Say what rows of one kind say. Whatever they name has the name that it had at the time of each."""
    many = _many(rows)
    values = [{field: getattr(row, field.attname) for field in _fields(row)} | many[row.pk] for row in rows]
    names = Names(reference for value in values for reference in _references(value))
    return [
        State(
            {label(field): one for field, one in value.items()},
            {label(field): _in_words(field, one, names, row.history_date) for field, one in value.items()},
            {label(field): _items(field, one, names, row.history_date) for field, one in value.items()},
        )
        for row, value in zip(rows, values, strict=True)
    ]


def field_words(record: Any, field: Any) -> str:
    """Say a field of a record in words as they are now."""
    return value_words(field, getattr(record, field.attname))


def value_words(field: Any, value: Any) -> str:
    """Say what a field keeps, or would keep, in words as they are now; of many-to-many ones, the ids."""
    return _in_words(field, value, Names(_references({field: value})), timezone.now())


def _fields(row: Any) -> list[Any]:
    return [field for field in row.tracked_fields if field.name not in UNSHOWN]


def _many(rows: list[Any]) -> dict[int, dict[Any, frozenset[UUID]]]:
    """The ids that each row names in each of its many-to-many fields. One query for each field."""
    found: dict[int, dict[Any, frozenset[UUID]]] = {row.pk: {} for row in rows}
    for field in sorted(getattr(rows[0], "_history_m2m_fields", ())) if rows else ():  # simple-history keeps a set
        ids = defaultdict(set)
        kept = getattr(type(rows[0]), field.name).filter(history__in=found)
        for row, other in kept.values_list("history_id", f"{field.m2m_reverse_field_name()}_id"):
            ids[row].add(other)
        for row, value in found.items():
            value[field] = frozenset(ids[row])
    return found


def _references(value: dict[Any, Any]) -> Iterator[tuple[type[models.Model], UUID]]:
    for field, one in value.items():
        match field:
            case models.ManyToManyField():
                yield from ((field.related_model, identity) for identity in one)
            case models.ForeignKey() if one:
                yield field.related_model, one
            case StepsField():
                yield from ((Availability, UUID(step["state"])) for step in one)


class Names:
    """What records were called when, from the history of each. One query for each kind, of renames alone."""

    def __init__(self, references: Iterable[tuple[type[models.Model], UUID]]):
        self.called: dict[Any, list[tuple[datetime, str]]] = defaultdict(list)
        wanted = defaultdict(set)
        for model, identity in references:
            wanted[model].add(identity)
        for model, ids in wanted.items():
            for identity, moment, *parts in _renames(model, ids):
                name = str(model(**dict(zip(_naming(model), parts, strict=True))))
                self.called[identity].append((moment, name))

    def at(self, identity: UUID, moment: datetime) -> str:
        """Return the name that a record had at a moment; its first one, where its history began later."""
        if not (called := self.called.get(identity)):
            return GONE
        return called[max(bisect_right(called, moment, key=itemgetter(0)) - 1, 0)][1]


def _naming(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.name in NAMING]


def _renames(model: Any, ids: set[UUID]) -> Any:
    """The id of each record, when it got a name, and that name in its parts: not every save of it, which are many."""
    order = ["history_date", "history_id"]
    before = {f"{part}_before": Window(Lag(part), partition_by="id", order_by=order) for part in _naming(model)}
    is_new = Q()
    for part in _naming(model):
        is_new |= Q(**{f"{part}_before__isnull": True}) | ~Q(**{f"{part}_before": F(part)})
    rows = model.history.filter(id__in=ids).annotate(**before).filter(is_new)
    return rows.order_by(*order).values_list("id", "history_date", *_naming(model))


def label(field: Any) -> str:
    if field.name == "position":
        return PLACE
    if field.name == "slug":
        return IN_ADDRESSES
    return str(field.verbose_name)[:1].upper() + str(field.verbose_name)[1:]


def _in_words(field: Any, value: Any, names: Names, at: datetime) -> str:
    if value is None or value == "":
        return ""
    if (items := _items(field, value, names, at)) is not None:
        return joined(items) if isinstance(field, models.ManyToManyField) else "\n".join(items)
    match field:
        case models.ForeignKey():
            return names.at(value, at)
        case models.BooleanField():
            return "Yes" if value else "No"
        case models.DateField():
            return f"{value:%-d %B %Y}"
    return str(dict(field.flatchoices).get(value, value)) if field.choices else str(value)


def _items(field: Any, value: Any, names: Names, at: datetime) -> tuple[str, ...] | None:
    """Say each thing that a list states. None of what is no list."""
    match field:
        case models.ManyToManyField():
            return tuple(sorted(names.at(identity, at) for identity in value))
        case StepsField():
            return tuple(step_words(names.at(UUID(step["state"]), at), step["from"]) for step in value)
        case LinksField():
            return tuple(f"{link['title']}: {link['url']}" for link in value)
        case LinesField():
            return tuple(value)
    return None


def step_words(state: str, month: str | None) -> str:
    """Say one step of an availability: “In scope from November 2023”."""
    return f"{state} from {month_words(month)}" if month else state
