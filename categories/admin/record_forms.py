"""The forms of the working copy: each asks why, and none overwrites what somebody else saved meanwhile."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from ..content.words import normal
from ..models import Guidance
from . import history

ASKED = {"internal_note", "opened_at", "after"}  # what forms ask besides the fields of a record


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
        if "after" in self.fields:
            self._offer_places()

    @cached_property
    def changed_data(self) -> list[str]:
        """What the person changed: browsers send other line ends than are kept, which is no change."""
        return [name for name in super().changed_data if _plain(self[name].initial) != _plain(self[name].data)]

    def newest_history_id(self) -> int:
        newest = self.instance.history.order_by("-history_id").values_list("history_id", flat=True).first()
        return newest or 0

    def _offer_places(self) -> None:
        siblings = self.instance.siblings() if self._has_siblings() else self._meta.model.objects.all()
        others = [record for record in siblings if record.pk != self.instance.pk]
        field = self.fields["after"]
        field.queryset = self._meta.model.objects.filter(pk__in=[record.pk for record in others])
        if self.instance._state.adding:
            self.initial["after"] = others[-1].pk if others else None
            return
        before = [record for record in siblings if record.position < self.instance.position]
        self.initial["after"] = before[-1].pk if before else None

    def _has_siblings(self) -> bool:
        return not hasattr(self._meta.model, "guidance") or bool(self.instance.guidance_id)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.instance._state.adding:
            self._refuse_if_stale(cleaned.get("opened_at"))
        return cleaned

    def _refuse_if_stale(self, opened_at: int | None) -> None:
        newest = self.newest_history_id()
        if opened_at == newest:
            return
        rows = self.instance.history.order_by("history_id").select_related("history_user")
        self.others = [entry for entry in history.entries(rows) if entry.row.history_id > (opened_at or 0)]
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


class PlacedForm(RecordForm):
    """A form for a record that has a place among others."""

    after = forms.ModelChoiceField(
        queryset=None, required=False, label="Comes after", empty_label="Nothing: it comes first", blank=True
    )


def only_guidance() -> Guidance | None:
    """Return the guidance that a new record belongs to when there is no choice."""
    found = list(Guidance.objects.all()[:2])
    return found[0] if len(found) == 1 else None


class OfGuidanceForm(PlacedForm):
    """A form for a record that belongs to one guidance, which is chosen once."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "guidance" in self.fields:
            self.initial.setdefault("guidance", only_guidance())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        guidance = cleaned.get("guidance") or (self.instance.guidance if self.instance.guidance_id else None)
        for name in ("after", "approval_tests", "examples_list"):
            chosen = cleaned.get(name) or []
            for record in chosen if name == "approval_tests" else [chosen]:
                if record and guidance and record.guidance_id != guidance.pk:
                    self.add_error(name, ValidationError(f"“{record}” belongs to other guidance. Choose another."))
        return cleaned


class RecordsField(forms.ModelMultipleChoiceField):
    """Records to tick. A number that no key can be is refused like any other that is not on offer."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:  # SQLite's own
            raise ValidationError(self.error_messages["invalid_list"], code="invalid_list") from error
