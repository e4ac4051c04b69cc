"""Fields of the working copy that hold text as the content format takes it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from ..content.rules import step_faults
from ..content.schema import (
    LONGEST_LINE,
    LONGEST_WEB_ADDRESS,
    on_one_line,
    web_address,
    with_something_to_see,
    without_control_characters,
)
from ..content.words import normal


def validate_text(text: str) -> None:
    """Refuse characters that nobody can read."""
    _keep("This", text.replace("\r\n", "\n"), without_control_characters)


def validate_line(line: str) -> None:
    """Refuse what the content format does not take as a line."""
    _keep("This", line, without_control_characters, on_one_line, with_something_to_see)


def validate_web_address(address: str) -> None:
    """Refuse what the content format does not take as a web address: Django would take ftp too."""
    _keep("This", address, without_control_characters, on_one_line, web_address)


def _keep(what: str, value: str, *rules: Callable[[str], Any]) -> None:
    """Hold a value against rules of the content format, and say as a sentence which it breaks."""
    for rule in rules:
        try:
            rule(value)
        except ValueError as error:
            raise ValidationError(f"{what} {error}.") from error


class LinesFormField(forms.CharField):
    """Several short texts, one on each line of a text area."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else (super().to_python(value) or "").splitlines()
        return [normal(line) for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial or []) != self.to_python(data or ""))


class LinesField(models.JSONField):
    """A list of short texts, in order, each a line of the content format."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("default", list)
        super().__init__(*args, **options)

    def formfield(self, **options: Any) -> LinesFormField:
        return LinesFormField(
            required=not self.blank,
            label=options.get("label", self.verbose_name.capitalize()),
            help_text=options.get("help_text", self.help_text),
        )

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
            raise ValidationError("Enter a list of texts, one on each line.")
        for number, line in enumerate(value, 1):
            _keep(f"Line {number}", line, without_control_characters, on_one_line, with_something_to_see)
            if not 0 < len(line) <= LONGEST_LINE:
                raise ValidationError(f"Line {number} has {len(line)} characters; give from 1 to {LONGEST_LINE}.")


class LinksFormField(LinesFormField):
    """Several links, one on each line: the title, then the web address."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{link['title']} {link['url']}" for link in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        found = [line.rpartition(" ") for line in super().to_python(value)]
        return [{"title": title.strip(), "url": url} for title, _, url in found]


class LinksField(LinesField):
    """A list of links as the content format has them, in order: `[{"title": …, "url": …}]`."""

    def formfield(self, **options: Any) -> LinksFormField:
        return LinksFormField(
            required=not self.blank,
            label=options.get("label", self.verbose_name.capitalize()),
            help_text=options.get("help_text", self.help_text),
        )

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        for number, link in enumerate(value, 1):
            if not link["title"]:
                raise ValidationError(f"Line {number} must have a title, then a space and the web address.")
            title_rules = (without_control_characters, on_one_line, with_something_to_see)
            _keep(f"The title on line {number}", link["title"], *title_rules)
            _keep(f"The address on line {number}", link["url"], without_control_characters, on_one_line, web_address)
            if len(link["title"]) > LONGEST_LINE or len(link["url"]) > LONGEST_WEB_ADDRESS:
                longest = f"{LONGEST_LINE} characters for a title and {LONGEST_WEB_ADDRESS} for an address"
                raise ValidationError(f"Line {number} is too long: there are {longest} at most.")


class StepsField(models.JSONField):
    """The steps of an availability, in order: `[{"state": the id of an Availability, "from": "2023-11" or None}]`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("default", list)
        super().__init__(*args, **options)

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if model_instance is None or model_instance.guidance_id is None:
            return
        offered = model_instance.guidance.availability_set.all()
        states = {str(state.pk): {"name": state.name, "dated": state.dated} for state in offered}
        foreign = [step["state"] for step in value if step["state"] not in states]
        faults = [f"“{state}” is no availability of this guidance" for state in foreign]
        if found := faults or list(step_faults(value, states)):
            raise ValidationError([f"{fault}." for fault in found])
