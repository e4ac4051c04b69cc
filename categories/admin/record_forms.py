"""The forms of the working copy: each asks why, and none overwrites what somebody else saved meanwhile."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.text import slugify

from ..content.entries import NAMED_FIELDS, references
from ..content.words import LONGEST_VALUE, normal
from ..models import Guidance
from ..models.kinds import MODELS
from . import history
from .lists import by_guidance

ASKED = {"internal_note", "opened_at", "after"}  # what forms ask besides the fields of a record
FIRST, LAST = "Nothing: it comes first", "All others: it comes last"


class RecordForm(forms.ModelForm):
    """A form that asks why, and that refuses to overwrite what somebody else saved since it was opened."""

    internal_note = forms.CharField(
        label="Internal note",
        help_text="Why are you making this change? Only staff see it. It stays in the history for ever.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )
    opened_at = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.others: list[history.Entry] = []  # what others saved since this form was opened
        if self.instance.pk and not self.instance._state.adding:
            self.initial["opened_at"] = self.newest_history_id()

    @cached_property
    def changed_data(self) -> list[str]:
        """What the person changed: browsers send other line ends than are kept, which is no change."""
        return [name for name in super().changed_data if _plain(self[name].initial) != _plain(self[name].data)]

    def newest_history_id(self) -> int:
        newest = self.instance.history.order_by("-history_id").values_list("history_id", flat=True).first()
        return newest or 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.instance._state.adding:
            self._refuse_if_stale(cleaned.get("opened_at"))
        return cleaned

    def _refuse_if_stale(self, opened_at: int | None) -> None:
        newest = self.newest_history_id()
        if opened_at == newest:
            return
        self.others = history.entries_since(self.instance.history.all(), min(opened_at or 0, newest))
        self.data = self.data.copy()  # so that saving again, knowingly, goes through
        self.data[self.add_prefix("opened_at")] = str(newest)
        raise ValidationError(
            "Somebody else saved this record while you had it open. Your text is still here and nothing is saved. "
            "Compare it with their changes, shown above, and save again to replace them.",
            code="stale",
        )


def _plain(value: Any) -> Any:
    return normal(value) if isinstance(value, str) else value


def is_changed(form: forms.ModelForm) -> bool:
    """Whether more was changed than what belongs to the form alone."""
    return bool(set(form.changed_data) - {"internal_note", "opened_at"})


def only_guidance() -> Guidance | None:
    """Return the guidance that a new record belongs to when there is no choice."""
    found = list(Guidance.objects.all()[:2])
    return found[0] if len(found) == 1 else None


class OfGuidanceForm(RecordForm):
    """A form for a record that belongs to one guidance, which is chosen once, and so do the records that it names."""

    words_of_none: dict[str, str] = {}  # what stands for no choice in a field

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.guidance = self.instance.guidance if self.instance.guidance_id else only_guidance()
        if "guidance" in self.fields:
            self.initial.setdefault("guidance", self.guidance)
        for name, kind in NAMED_FIELDS.items():
            if name in self.fields:
                self.offer(name, MODELS[kind].objects.all())
        if "slug" in self.fields and self.instance._state.adding:
            self.fields["slug"].required = False
            self.fields["slug"].help_text += f" Leave it empty to have it made from the {self.titled}."

    def offer(self, name: str, records: models.QuerySet[Any]) -> None:
        """Offer in a field the records of the guidance; while that is not chosen, those of each under its title."""
        field = self.fields[name]
        if words := self.words_of_none.get(name):
            field.empty_label = words
        if self.guidance:
            field.queryset = records.filter(guidance=self.guidance)
            return
        field.queryset = by_guidance(records)
        found = groupby(field.queryset, attrgetter("guidance"))
        groups = [(str(guidance), [(record.pk, str(record)) for record in group]) for guidance, group in found]
        blank = [("", field.empty_label)] if getattr(field, "empty_label", None) else []
        field.choices = [*blank, *groups]

    @property
    def titled(self) -> str:
        """The field by which people know the record: its slug is proposed from that."""
        return "title" if "title" in self.fields else "name"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "slug" in self.fields and not cleaned.get("slug") and "slug" not in self.errors:
            cleaned["slug"] = slugify(cleaned.get(self.titled, ""))[:LONGEST_VALUE].strip("-")
            if not cleaned["slug"]:
                self.add_error("slug", f"It cannot be made from the {self.titled}. Write it.")
        guidance = cleaned.get("guidance") or self.guidance
        for name in ("after", *NAMED_FIELDS):
            for record in _named(name, cleaned.get(name)):
                if guidance and record.guidance_id != guidance.pk:
                    self.add_error(name, ValidationError(f"“{record}” belongs to other guidance. Choose another."))
        return cleaned


def _named(field: str, value: Any) -> Iterable[Any]:
    """The records that the value of a field names."""
    match value:
        case models.Model():
            return [value]
        case models.QuerySet():
            return value
        case list():
            return MODELS[NAMED_FIELDS[field]].objects.filter(pk__in=references(field, value))
    return []


class PlacedForm(OfGuidanceForm):
    """A form for a record that has a place among its siblings. One whose guidance is still to be chosen comes last."""

    after = forms.ModelChoiceField(queryset=None, required=False, label="Comes after", blank=True)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "after" not in self.fields:
            return
        self.fields["after"].empty_label = FIRST if self.guidance else LAST
        self.offer("after", self._meta.model.objects.exclude(pk=self.instance.pk))
        if self.guidance:
            before = self.fields["after"].queryset
            if not self.instance._state.adding:
                before = before.filter(position__lt=self.instance.position)
            self.initial["after"] = getattr(before.last(), "pk", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.guidance and not cleaned.get("after") and (chosen := cleaned.get("guidance")):
            cleaned["after"] = self._meta.model.objects.filter(guidance=chosen).last()
        return cleaned


class RecordsField(forms.ModelMultipleChoiceField):
    """Records to tick. A number that no key can be is refused like any other that is not on offer."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:  # SQLite's own
            raise ValidationError(self.error_messages["invalid_list"], code="invalid_list") from error
