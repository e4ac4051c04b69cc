"""The forms by which staff publish. What a verb refuses is said by the verb itself, so little is required here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from ..content.diff import Change
from ..content.moments import london, when
from ..content.vocabulary import UpdateType
from ..models import Edition, PreviewLink


class LondonTimeField(forms.SplitDateTimeField):
    """A day and a time of day in London."""

    def __init__(self, **options: Any):
        attrs = {
            "date_attrs": {"type": "date", "aria-label": "Day"},
            "time_attrs": {"type": "time", "aria-label": "Time"},
        }
        widget = forms.SplitDateTimeWidget(date_format="%Y-%m-%d", time_format="%H:%M", **attrs)
        said = {
            "invalid_date": "Write the day as year, month and day, such as 2027-03-01.",
            "invalid_time": "Write the time as hours and minutes, such as 09:30.",
        }
        formats = {"input_date_formats": ["%Y-%m-%d"], "input_time_formats": ["%H:%M"]}
        super().__init__(widget=widget, error_messages=said, **formats, **options)

    def compress(self, data_list: list[Any]) -> datetime | None:
        if not data_list:
            return None
        day, time = data_list
        if day in self.empty_values:
            raise ValidationError(self.error_messages["invalid_date"], code="invalid_date")
        if time in self.empty_values:
            raise ValidationError(self.error_messages["invalid_time"], code="invalid_time")
        try:
            return london(datetime.combine(day, time))
        except ValueError as error:
            raise ValidationError(str(error), code="clocks") from error


class RecordIdsField(forms.TypedMultipleChoiceField):
    """Ids of records. One that is no longer among the changes is told by the digest that the writer saw, not here."""

    def valid_value(self, value: Any) -> bool:
        return True


class StaffForm(forms.Form):
    """A form of our own pages: labels stand above their fields, so they need no colon."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, label_suffix="", **options)


class SubmitForm(StaffForm):
    """What a writer says of a set of changes, and which of them are to go."""

    change_note = forms.CharField(
        required=False,
        strip=True,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Public, and kept for ever: tell readers what has changed.",
    )
    update_type = forms.ChoiceField(
        choices=UpdateType,
        initial=UpdateType.MAJOR,
        widget=forms.RadioSelect,
        help_text="A minor update is listed like any other; it only does not change the “last updated” day.",
    )
    corrects = forms.ModelChoiceField(
        Edition.objects.none(),
        required=False,
        empty_label="Nothing: it is not a correction",
        label="Does it correct an edition?",
        help_text="The change note is then shown beside that edition. A correction is a minor update.",
    )
    internal_note = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Internal note for the reviewer",
        help_text="Only staff see it.",
    )
    chosen = RecordIdsField(required=False, coerce=UUID, empty_value=[])
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, editions: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["corrects"].queryset = editions

    def show(self, changes: list[Change], seen: str) -> None:
        """Stand on a page that shows these changes, of this digest."""
        self.fields["chosen"].choices = [(str(change.id), change.title) for change in changes]
        self.initial["seen"] = seen
        if self.is_bound:
            self.data = self.data.copy()
            self.data["seen"] = seen

    @property
    def ticked(self) -> set[str]:
        """The ids of the changes whose box is ticked: all of them until the writer has sent something."""
        if not self.is_bound:
            return {key for key, _ in self.fields["chosen"].choices}
        return set(self.data.getlist("chosen"))


class WhyForm(StaffForm):
    why = forms.CharField(
        label="Reason", required=False, max_length=5000, strip=True, widget=forms.Textarea(attrs={"rows": 2})
    )


class TimeForm(StaffForm):
    """Now, or a time to come."""

    when = forms.ChoiceField(
        label="When does it go live?",
        choices=[("now", "Now"), ("later", "At a set time")],
        initial="now",
        widget=forms.RadioSelect,
    )
    live_at = LondonTimeField(
        label="Day and time, London", required=False, help_text="At least five minutes ahead. No need to be there."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        at, chosen = cleaned.get("live_at"), cleaned.get("when")
        if chosen == "later" and not at and "live_at" not in self.errors:
            self.add_error("live_at", "Give the day and the time at which it goes live.")
        if chosen == "now" and at:
            self.add_error("when", f"You gave a time, {when(at)}. Choose “At a set time”, or leave the time empty.")
        return cleaned


class EmergencyForm(WhyForm, TimeForm):
    field_order = ["why", "when", "live_at"]


class ShareForm(StaffForm):
    made_for = forms.CharField(
        label="Who is it for?",
        required=False,
        max_length=200,
        help_text="Only staff see it: a name or an organisation.",
    )
    expires_at = LondonTimeField(label="Works until")

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.initial.setdefault("expires_at", PreviewLink.default_expiry(timezone.now()))


class AnswerForm(StaffForm):
    answer = forms.CharField(
        label="What did they answer?", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )
