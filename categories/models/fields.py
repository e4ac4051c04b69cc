"""Fields of the working copy that hold text as the content format takes it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from ..content.schema import LONGEST_LINE, on_one_line, web_address, without_control_characters


def validate_text(text: str) -> None:
    """Refuse characters that nobody can read."""
    _keep("This", text.replace("\r\n", "\n"), without_control_characters)


def validate_line(line: str) -> None:
    """Refuse what the content format does not take as a line."""
    _keep("This", line, without_control_characters, on_one_line)


def validate_web_address(address: str) -> None:
    """Refuse what the content format does not take as a web address: Django would take ftp too."""
    _keep("This", address, without_control_characters, on_one_line, web_address)


def as_kept(text: str) -> str:
    """Return text as it is kept: browsers send other line ends."""
    return text.replace("\r\n", "\n").strip()


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
        return [" ".join(line.split()) for line in lines if line.strip()]

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
            _keep(f"Line {number}", line, without_control_characters, on_one_line)
            if not 0 < len(line) <= LONGEST_LINE:
                raise ValidationError(f"Line {number} has {len(line)} characters; give from 1 to {LONGEST_LINE}.")
