"""A form sent after others saved the same record: what its person changed is merged with what they did, by field."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import BoundField

from ..content.diff import FieldChange
from ..content.merge import contested, set_by
from ..content.words import joined, normal
from . import history
from .steps import StepsWidget

PLACED = "after"  # asks for the place, which is kept as a position
TAKEN = "take_theirs"  # the names of contested fields that are to stay as others saved them


@dataclass(frozen=True)
class Contest:
    """A field that both sides changed: the difference from what is saved to what was typed."""

    name: str
    change: FieldChange

    @property
    def fields(self) -> tuple[FieldChange]:
        return (self.change,)


@dataclass
class Merge:
    """What came of merging: who saved what meanwhile, what both sides changed, and what was taken over from them."""

    others: list[history.Entry] = field(default_factory=list)
    contested: list[Contest] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)  # the labels of fields
    is_repeated: bool = False  # all that was typed is saved already

    @property
    def who(self) -> str:
        """Name whoever saved."""
        return joined(dict.fromkeys(str(entry.by or "The system") for entry in self.others)) or "Somebody else"

    def is_all_by(self, person: Any) -> bool:
        return all(entry.by == person for entry in self.others)

    @property
    def both(self) -> str:
        """Name the fields that both sides changed."""
        return joined(f"“{contest.change.label}”" for contest in self.contested)

    @property
    def words(self) -> str:
        """Say what others changed that stays beside what was typed."""
        return f"{self.who} saved {joined(f'“{label}”' for label in self.taken)} meanwhile; that is kept too."


def merged(form: Any, opened_at: int | None, newest: int) -> Merge:
    """Give a form the fields that others alone changed since it was opened, and name those that both sides changed."""
    rows = form.instance.history.all()
    found = Merge(history.entries_since(rows, min(opened_at or 0, newest)))
    was = rows.filter(history_id=opened_at).first() if opened_at else None
    names = [name for name in form.fields if name in _fields(form)]
    theirs = {name: _kept(form.instance, _fields(form)[name]) for name in names}
    mine = {name: _typed(form[name], theirs[name]) for name in names}
    before = {name: _kept(was, _fields(form)[name]) for name in names} if was else None
    _add_place(form, was, before, mine, theirs)
    takes_theirs = set(form.data.getlist(TAKEN))
    contest = contested(before, mine, theirs)
    found.is_repeated = bool(set_by(before, mine)) and mine == theirs
    for name in mine:
        if before is None:
            continue
        if (name in takes_theirs and name in contest) or (mine[name] == before[name] != theirs[name]):
            found.taken.append(_label(form, name))
            _take(form, name)
    found.contested = [
        Contest(name, _difference(form, name, theirs[name], mine[name])) for name in contest if name not in takes_theirs
    ]
    return found


def take_theirs(form: Any) -> None:
    """Let the contested fields that were ticked stay as others saved them."""
    for name in form.data.getlist(TAKEN):
        if name in form.fields and (name in _fields(form) or name == PLACED):
            _take(form, name)


def _fields(form: Any) -> dict[str, Any]:
    opts = form._meta.model._meta
    return {one.name: one for one in (*opts.concrete_fields, *opts.many_to_many)}


def _kept(record: Any, model_field: Any) -> Any:
    """What a record, or a row of its history, says in a field."""
    if not isinstance(model_field, models.ManyToManyField):
        return getattr(record, model_field.attname)
    found = getattr(record, model_field.name)
    if record._meta.model is model_field.model:
        return frozenset(found.values_list("pk", flat=True))
    return frozenset(found.values_list(f"{model_field.m2m_reverse_field_name()}_id", flat=True))


def _typed(bound: BoundField, theirs: Any) -> Any:
    """What was typed, in the form in which it would be kept; as it was typed, where it cannot be kept."""
    try:
        value = bound.field.clean(bound.data)
    except ValidationError:
        return ("not valid", str(bound.data))
    match value:
        case models.QuerySet():
            return frozenset(value.values_list("pk", flat=True))
        case models.Model():
            return value.pk
        case str():
            return normal(value)
        case None if theirs == "":
            return ""
    return value


def _add_place(form: Any, was: Any, before: Any, mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """A place is asked for as the record that comes before, and kept as a position."""
    if PLACED not in form.fields:
        return
    theirs[PLACED] = form.instance.position
    mine[PLACED] = was.position if was else form.instance.position
    if PLACED in form.changed_data:
        mine[PLACED] = ("after", form[PLACED].data)
    form.__dict__.pop("changed_data")  # which looked at what is about to change
    if before is not None:
        before[PLACED] = was.position


def _label(form: Any, name: str) -> str:
    return "Place" if name == PLACED else history.label(_fields(form)[name])


def _difference(form: Any, name: str, theirs: Any, mine: Any) -> FieldChange:
    label = _label(form, name)
    if name == PLACED:
        words = _shown(form[name], form[name].initial), _shown(form[name], form[name].data)
    else:
        model_field = _fields(form)[name]
        is_valid = not (isinstance(mine, tuple) and mine[:1] == ("not valid",))
        words = (
            history.value_words(model_field, theirs),
            history.value_words(model_field, mine) if is_valid else mine[1],
        )
    return FieldChange(name, label, theirs, mine, *words)


def _shown(bound: BoundField, value: Any) -> str:
    """The words of a choice."""
    return next((str(words) for key, words in bound.field.choices if str(key) == str(value or "")), str(value or ""))


def _take(form: Any, name: str) -> None:
    """Let a form that was sent say of a field what is saved now."""
    for key in [key for key in form.data if key == name or key.startswith(f"{name}_")]:
        if key == name or isinstance(_widget(form[name]), StepsWidget):
            del form.data[key]
    for key, values in _as_sent(form[name]):
        form.data.setlist(key, values)


def _widget(bound: BoundField) -> Any:
    """The control itself, without what the admin puts around it."""
    return getattr(bound.field.widget, "widget", bound.field.widget)


def _as_sent(bound: BoundField) -> Iterable[tuple[str, list[str]]]:
    """What a browser would send of a control that shows what is saved."""
    widget, shown = _widget(bound), bound.field.prepare_value(bound.initial)
    match widget:
        case StepsWidget():
            return [
                (f"{bound.name}_{place}_{part}", [typed])
                for place, row in enumerate(shown or [dict.fromkeys(("state", "month", "year"), "")])
                for part, typed in row.items()
            ]
        case forms.CheckboxInput():
            return [(bound.name, ["on"])] if shown else []
        case forms.CheckboxSelectMultiple():
            return [(bound.name, [str(one) for one in shown or []])]
        case forms.Select():
            return [(bound.name, ["" if shown is None else str(shown)])]
    return [(bound.name, [str(widget.format_value(shown) or "")])]
