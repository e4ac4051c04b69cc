"""The history of one record in words: one entry for one save, however many rows it wrote."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import models

from ..content.diff import FieldChange
from ..content.words import joined

ACTIONS = {"+": "Added", "~": "Changed", "-": "Deleted"}
UNSHOWN = {"id", "guidance"}


@dataclass(frozen=True)
class Entry:
    """One save: who, when, why, and each field before and after in words. `row` is the history row it ended with."""

    row: Any
    action: str
    by: Any
    at: datetime
    why: str
    fields: tuple[FieldChange, ...]


def entries(rows: Iterable[Any]) -> list[Entry]:
    """Turn history rows, oldest first, into entries, newest first."""
    found: list[Entry] = []
    before: dict[str, str] = {}
    for _, group in groupby(rows, key=lambda row: row.save_id):
        saved = list(group)
        row, after = saved[-1], in_words(saved[-1])
        action = "+" if saved[0].history_type == "+" else row.history_type
        fields = () if action == "-" else changed_fields(before, after)
        why = row.history_change_reason or ""
        found.append(Entry(row, ACTIONS[action], row.history_user, row.history_date, why, fields))
        before = after
    return found[::-1]


def changed_fields(before: dict[str, str], after: dict[str, str]) -> tuple[FieldChange, ...]:
    """Compare two states in words. A position is only a number, so it is told as a move."""
    return tuple(
        FieldChange(label, label, was, now, "" if label == "Place" else was, "Moved" if label == "Place" else now)
        for label, now in after.items()
        if (was := before.get(label, "")) != now and not (label == "Place" and not before)
    )


def in_words(row: Any) -> dict[str, str]:
    """Say every field of a history row, or of a record, in words, by its label."""
    fields = [field for field in row.tracked_fields if field.name not in UNSHOWN]
    words = {label(field): field_words(row, field) for field in fields}
    many = getattr(row, "_history_m2m_fields", ())
    return words | {label(field): many_words(row, field) for field in many}


def label(field: Any) -> str:
    if field.name == "position":
        return "Place"
    return str(field.verbose_name)[:1].upper() + str(field.verbose_name)[1:]


def field_words(row: Any, field: Any) -> str:
    value = getattr(row, field.attname)
    if isinstance(field, models.ForeignKey):
        return str(field.related_model.objects.filter(pk=value).first() or "a deleted record") if value else ""
    if field.choices and value not in (None, ""):
        return str(dict(field.flatchoices).get(value, value))
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case list():
            return joined(value)
        case _ if isinstance(field, models.DateField):
            return f"{value:%-d %B %Y}"
    return str(value)


def many_words(row: Any, field: Any) -> str:
    related = [getattr(through, field.m2m_reverse_field_name()) for through in getattr(row, field.name).all()]
    return joined(sorted(map(str, related)))
