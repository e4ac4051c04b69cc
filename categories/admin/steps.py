"""Availability in a form: a row for each step, with its state, its month and its year."""

import re
from itertools import count, takewhile
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.dates import MONTHS
from django.utils.safestring import SafeString

from ..models import Availability

FEWEST_ROWS, EMPTY_ROWS = 3, 2
PARTS = ("state", "month", "year")
MONTH_CHOICES = [("", "No month"), *((f"{number:02}", name) for number, name in MONTHS.items())]
YEAR = re.compile(r"(19|2[0-9])[0-9]{2}", re.ASCII)

Row = dict[str, str]  # what was typed for each of PARTS


def row_fault(row: Row) -> str | None:
    """Say what is wrong with a row by itself, or None."""
    month, year = row["month"], row["year"]
    if not any(row.values()):
        return None
    if not row["state"]:
        return "choose a state, or empty its month and its year"
    if month and month not in dict(MONTH_CHOICES):
        return "choose a month from the list"
    if year and not YEAR.fullmatch(year):
        return "write the year in four digits, from 1900 to 2999, such as 2027"
    if month and not year:
        return "give the year of its month"
    if year and not month:
        return "choose the month of its year, or empty the year"
    return None


class StepsWidget(forms.Widget):
    """A fieldset for each step, and more rows than there are steps, so that it works without a script."""

    use_fieldset = True
    template_name = "admin/categories/steps.html"
    help_text = ""
    choices: list[Any] = []

    def id_for_label(self, id_: str) -> str:
        return ""  # each control has a label of its own

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        rows = ({part: data.get(f"{name}_{place}_{part}") for part in PARTS} for place in count())
        sent = takewhile(lambda row: set(row.values()) != {None}, rows)
        return [{part: (typed or "").strip() for part, typed in row.items()} for row in sent]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not self.value_from_datadict(data, files, name)

    def get_context(self, name: str, value: list[Row] | None, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = list(value or [])
        filled = len([row for row in rows if any(row.values())])
        rows += [dict.fromkeys(PARTS, "")] * max(FEWEST_ROWS - len(rows), filled + EMPTY_ROWS - len(rows))
        context["widget"] |= {
            "help_text": self.help_text,
            "is_wrong": "aria-invalid" in context["widget"]["attrs"],
            "rows": [self._row(name, place, row) for place, row in enumerate(rows)],
        }
        return context

    def _row(self, name: str, place: int, row: Row) -> dict[str, Any]:
        is_wrong = bool(row_fault(row))
        controls = []
        for part, control in (
            ("state", forms.Select(choices=self._states(row["state"]))),
            ("month", forms.Select(choices=MONTH_CHOICES)),
            ("year", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 6})),
        ):
            identity = f"id_{name}_{place}_{part}"
            attrs = {"id": identity} | ({"aria-invalid": "true"} if is_wrong else {})
            html = control.render(f"{name}_{place}_{part}", row[part], attrs)
            controls.append({"label": part.capitalize(), "id": identity, "html": html})
        return {"number": place + 1, "is_wrong": is_wrong, "controls": controls}

    def _states(self, chosen: str) -> list[Any]:
        """What is on offer, and a state that is kept though it is gone, so that it is not lost unseen."""
        offered = [("", "No state"), *self.choices]
        keys = {str(key) for _, group in _groups(offered) for key, _ in group}
        return offered if chosen in keys else [*offered, (chosen, "A state that is no longer there")]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return super().render(name, value, attrs, TemplatesSetting())


def _groups(choices: list[Any]) -> list[tuple[str, list[Any]]]:
    return [(key, words) if isinstance(words, list) else ("", [(key, words)]) for key, words in choices]


class StepsFormField(forms.Field):
    """The steps of an availability. A row that is left empty is no step; the order is the one that was typed."""

    widget = StepsWidget

    def __init__(self, *, help_text: str = "", **options: Any):
        super().__init__(**options)
        self.widget.help_text = help_text  # shown inside, where the fieldset can point at it
        self.queryset = Availability.objects.none()

    @property
    def queryset(self) -> Any:
        return self._queryset

    @queryset.setter
    def queryset(self, states: Any) -> None:
        self._queryset = states
        self.choices = [(state.pk, state.name) for state in states]

    @property
    def choices(self) -> list[Any]:
        return self.widget.choices

    @choices.setter
    def choices(self, choices: list[Any]) -> None:
        self.widget.choices = choices

    def prepare_value(self, value: Any) -> list[Row]:
        return [row if "year" in row else as_row(row) for row in value or []]

    def to_python(self, rows: list[Row] | None) -> list[dict[str, Any]]:
        offered = {str(key) for _, group in _groups(self.choices) for key, _ in group}
        steps, faults = [], []
        for number, row in enumerate(rows or [], 1):
            fault = row_fault(row) or (row["state"] and row["state"] not in offered and "choose a state from the list")
            if fault:
                faults.append(f"Step {number}: {fault}.")
            elif row["state"]:
                month = f"{row['year']}-{row['month']}" if row["month"] else None
                steps.append({"state": row["state"], "from": month})
        if faults:
            raise ValidationError(faults, code="invalid")
        return steps

    def has_changed(self, initial: Any, data: Any) -> bool:
        return [as_row(step) for step in initial or []] != [row for row in data or [] if any(row.values())]


def as_row(step: dict[str, Any]) -> Row:
    year, _, month = (step["from"] or "").partition("-")
    return {"state": step["state"], "month": month, "year": year}
