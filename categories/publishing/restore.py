"""Restore: one record of the working copy says again what one save left it saying."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from ..models import Availability, User
from ..models.fields import StepsField
from ..models.guidance import Ordered
from ..models.history import PLACE, saving
from .reasons import Person, Reason, not_permitted, refuse_for, unexplained

UNSEEN = "Somebody has saved this record since you opened this page. Look at what would change again."
KEPT = {"id", "guidance", PLACE}  # what restoring leaves as it is
GONE = "“{}” was named in it and is deleted. Restore that first, from its own history."


def restore(row: Any, by: User, *, why: str, seen: int | None = None) -> Any:
    """Give a record the fields that a row of its history has: an ordinary, recorded save. Make it again if it is gone.

    Its place stays; made again, it comes last. `seen` is the newest row of its history that the person saw, so that
    nobody's unseen draft is overwritten.
    """
    with saving(by, why.strip()):
        _as_of(row).lock()
        refuse_for(reasons_not_to_restore(row, by, why=why, seen=seen))
        record = _as_of(row)
        if isinstance(record, Ordered) and record._state.adding:
            record.place_after(record.siblings().last())
        else:
            record.save()
        for field, ids in _many(row).items():
            related = getattr(record, field.name)
            if set(related.values_list("pk", flat=True)) != ids:
                related.set(ids)
    return record


def reasons_not_to_restore(row: Any, by: Person, *, why: str | None = None, seen: int | None = None) -> list[Reason]:
    """Say why a record cannot say again what a row of its history says. With `why` None, they are still to say why."""
    record = _as_of(row)
    verb = "add" if record._state.adding else "change"
    if found := not_permitted(by, f"categories.{verb}_{record._meta.model_name}", "restore a record"):
        return found
    if seen is not None and seen != newest_row(row):
        return [UNSEEN]
    if missing := [GONE.format(name) for name in _missing(row)]:
        return [*missing]
    if not record._state.adding and not _differs(record, row):
        return ["The record says this already."]
    return [*unexplained(why, "Say why you restore it."), *_faults(record)]


def newest_row(row: Any) -> int:
    """Return the key of the newest row of the history of the record that a row is of."""
    rows = type(row).objects.filter(id=row.id).order_by("-history_id")
    return int(rows.values_list("history_id", flat=True)[0])


def _as_of(row: Any) -> Any:
    """The record with the fields of a row, unsaved: what it names many of apart."""
    model = row.instance_type
    of_guidance = {"guidance_id": row.guidance_id} if hasattr(row, "guidance_id") else {}
    record = model.objects.filter(pk=row.id).first() or model(pk=row.id, **of_guidance)
    for field in _fields(model):
        setattr(record, field.attname, getattr(row, field.attname))
    return record


def _fields(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.name not in KEPT]


def _many(row: Any) -> dict[Any, set[UUID]]:
    """The ids that a row names, by the fields that name many."""
    found = {}
    for field in row.instance_type._meta.many_to_many:
        kept = getattr(type(row), field.name).filter(history__in=[row.pk])
        found[field] = set(kept.values_list(f"{field.m2m_reverse_field_name()}_id", flat=True))
    return found


def _differs(record: Any, row: Any) -> bool:
    saved = type(record).objects.get(pk=record.pk)
    if any(getattr(saved, field.attname) != getattr(record, field.attname) for field in _fields(type(record))):
        return True
    many = _many(row).items()
    return any(set(getattr(saved, field.name).values_list("pk", flat=True)) != ids for field, ids in many)


def _missing(row: Any) -> Iterator[str]:
    """Name what a row names and what is deleted since, as it was last called."""
    for model, ids in _named(row):
        there = set(model.objects.filter(pk__in=ids).values_list("pk", flat=True))
        for identity in sorted(ids - there):
            last = model.history.filter(id=identity).order_by("-history_id").first()
            yield str(last.instance) if last else f"a {model._meta.verbose_name}"


def _named(row: Any) -> Iterator[tuple[Any, set[UUID]]]:
    for field in _fields(row.instance_type):
        value = getattr(row, field.attname)
        if isinstance(field, models.ForeignKey) and value:
            yield field.related_model, {value}
        elif isinstance(field, StepsField):
            yield Availability, {UUID(step["state"]) for step in value}
    for field, ids in _many(row).items():
        yield field.related_model, ids


def _faults(record: Any) -> list[Reason]:
    """What is wrong with a record as it would be saved now, a sentence each."""
    try:
        record.full_clean()
    except ValidationError as error:
        return [
            text if name == NON_FIELD_ERRORS else f"{record._meta.get_field(name).verbose_name.capitalize()}: {text}"
            for name, texts in error.message_dict.items()
            for text in texts
        ]
    return []
