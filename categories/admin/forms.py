"""The forms by which staff publish. What a verb refuses is said by the verb itself, so little is required here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ..content.diff import Change
from ..content.moments import london, when
from ..content.vocabulary import UpdateType
from ..models import Edition, PreviewLink, Submission
from ..public.converters import whole_number


def typed(request: HttpRequest, name: str) -> str:
    """What was typed into a control that no form looks at, without a NUL: PostgreSQL refuses to keep one."""
    return request.POST.get(name, "").replace("\0", "\ufffd")


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


class EditionField(forms.CharField):
    """The number of an edition, which may be one of thousands: the value is the edition."""

    widget = forms.NumberInput(attrs={"min": 1})

    def __init__(self, *, editions: QuerySet[Edition], **options: Any):
        super().__init__(**options)
        self.editions = editions

    def prepare_value(self, value: Any) -> Any:
        return value.number if isinstance(value, Edition) else value

    def clean(self, value: Any) -> Edition | None:
        written = super().clean(value)
        if not written:
            return None
        if (number := whole_number(written)) is None:
            raise ValidationError(f"“{written}” is not the number of an edition: write it in digits, such as 12.")
        if found := self.editions.filter(number=number).first():
            return found
        newest = self.editions.order_by("-number").values_list("number", flat=True).first()
        there = f"they are numbered from 1 to {newest}" if newest else "none is published yet"
        raise ValidationError(f"There is no edition {number}: {there}.")


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
    corrects = EditionField(
        editions=Edition.objects.none(),
        required=False,
        label="Number of the edition that it corrects",
        help_text="Leave empty if it is not a correction. The change note is then shown beside that edition. "
        "A correction is a minor update.",
    )
    internal_note = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Internal note for the reviewer",
        help_text="Only staff see it.",
    )
    fix = forms.TypedChoiceField(
        choices=[("before", "Before it, as a fix: as soon as it is approved"), ("after", "After it")],
        coerce=lambda value: value == "before",
        initial="before",
        widget=forms.RadioSelect,
        label="An edition is scheduled. When does this go live?",
        help_text="A fix is applied, field by field, to what is live; what is scheduled is made again on top of it.",
    )
    chosen = RecordIdsField(required=False, coerce=UUID, empty_value=[])
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, editions: Any, is_scheduled: bool, **options: Any):
        super().__init__(*args, **options)
        self.fields["corrects"].editions = editions
        if not is_scheduled:
            del self.fields["fix"]

    def fill(self, submission: Submission) -> None:
        """Stand as it was written for a submission that came back."""
        for name in ("change_note", "update_type", "internal_note", "corrects"):
            self.initial[name] = getattr(submission, name)
        self.initial["chosen"] = submission.record_ids
        self.initial["fix"] = "before" if submission.is_fix else "after"

    def show(self, changes: list[Change], seen: str) -> None:
        """Stand on a page that shows these changes, of this digest."""
        self.fields["chosen"].choices = [(str(change.id), change.title) for change in changes]
        self.initial["seen"] = seen
        if self.is_bound:
            self.data = self.data.copy()
            self.data["seen"] = seen

    @property
    def ticked(self) -> set[str]:
        """The ids of the changes whose box is ticked: until the writer has sent something, all, or those of before."""
        if self.is_bound:
            return set(self.data.getlist("chosen"))
        return set(self.initial.get("chosen", (key for key, _ in self.fields["chosen"].choices)))


class CompareForm(StaffForm):
    """Asks for another edition of the same guidance."""

    other = EditionField(
        editions=Edition.objects.none(),
        label="Compare it with edition",
        help_text="The number of any other edition, live or scheduled.",
        error_messages={"required": "Give the number of an edition."},
    )

    def __init__(self, *args: Any, editions: QuerySet[Edition], **options: Any):
        super().__init__(*args, **options)
        self.fields["other"].editions = editions


class WhyForm(StaffForm):
    why = forms.CharField(
        required=False,
        max_length=5000,
        strip=True,
        help_text="Only staff see it. It stays on record.",
        widget=forms.Textarea(attrs={"rows": 2, "aria-required": "true"}),
    )

    def __init__(self, *args: Any, asks: str, **options: Any):
        super().__init__(*args, **options)
        self.fields["why"].label = asks


class RestoreForm(WhyForm):
    """Stands beside a state of a record, and knows the newest row of its history."""

    newest = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, asks="Why do you restore it?", **options)

    @property
    def seen(self) -> int:
        return whole_number(self.data.get("newest", "")) or 0

    def show(self, newest: int) -> None:
        self.initial["newest"] = newest
        if self.is_bound:
            self.data = self.data.copy()
            self.data["newest"] = str(newest)


class SeenForm(StaffForm):
    """Stands on a page that shows what would be made, and knows the digest of that."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def show(self, seen: str) -> None:
        self.initial["seen"] = seen
        if self.is_bound:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = seen


class TimeForm(SeenForm):
    """Now, or a time to come."""

    when = forms.ChoiceField(
        label="When does it go live?",
        choices=[("now", "Now"), ("later", "At a set time")],
        initial="now",
        widget=forms.RadioSelect,
    )
    live_at = LondonTimeField(
        label="Day and time, London", required=False, help_text="From five minutes to two years ahead."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        at, chosen = cleaned.get("live_at"), cleaned.get("when")
        if chosen == "later" and not at and "live_at" not in self.errors:
            self.add_error("live_at", "Give the day and the time at which it goes live.")
        if chosen == "now" and at:
            self.add_error("when", f"You gave a time, {when(at)}. Choose “At a set time”, or leave the time empty.")
        return cleaned


class ToldField(forms.CharField):
    """What readers are told of a change that was announced."""

    def __init__(self, help_text: str, **attributes: str) -> None:
        super().__init__(
            label="What readers are told",
            required=False,
            max_length=5000,
            help_text=f"Public, and kept for ever: {help_text}",
            widget=forms.Textarea(attrs={"rows": 2, **attributes}),
        )


class ToldForm(StaffForm):
    """Asks what readers are told, where it is about a change that was announced."""

    told = ToldField("readers were told that this change would come.", **{"aria-required": "true"})

    def __init__(self, *args: Any, is_announced: bool, **options: Any):
        super().__init__(*args, **options)
        if not is_announced:
            del self.fields["told"]


class ToldOfOthersForm(ToldForm):
    """Asks the same of what may unschedule something that was announced; nobody has to say."""

    told = ToldField("why a change that was announced does not come, if this unschedules one.")


class AnnounceField(forms.BooleanField):
    def __init__(self) -> None:
        super().__init__(
            label="Announce it",
            required=False,
            help_text="Readers see at once what will change, word by word, and when. It cannot become secret again.",
        )


class ApproveForm(TimeForm, ToldOfOthersForm):
    announce = AnnounceField()
    note = forms.CharField(
        label="Note to the writer",
        required=False,
        max_length=5000,
        strip=True,
        help_text="Only staff see it. It stands in the log.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ["when", "live_at", "announce", "note", "told"]


class EmergencyForm(WhyForm, TimeForm, ToldOfOthersForm):
    field_order = ["why", "when", "live_at", "told"]


class RescheduleForm(WhyForm, SeenForm, ToldForm):
    live_at = LondonTimeField(label="New day and time, London", help_text="From five minutes to two years ahead.")
    announce = AnnounceField()
    field_order = ["live_at", "announce", "why", "told"]

    def __init__(self, *args: Any, is_announced: bool, **options: Any):
        super().__init__(*args, is_announced=is_announced, **options)
        if is_announced:
            del self.fields["announce"]


class UnscheduleForm(WhyForm, ToldForm):
    pass


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
