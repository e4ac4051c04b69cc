from django import forms
from django.core.exceptions import ValidationError
from django.db import models


class LinesFormField(forms.CharField):
    """Several short texts, one on each line of a text area."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        lines = value if isinstance(value, list) else super().to_python(value).splitlines()
        return [" ".join(line.split()) for line in lines if line.strip()]

    def has_changed(self, initial, data):
        return self.to_python(initial or []) != self.to_python(data or "")


class LinesField(models.JSONField):
    """A list of short texts, in order."""

    def __init__(self, *args, **options):
        options.setdefault("default", list)
        super().__init__(*args, **options)

    def formfield(self, **options):
        return LinesFormField(
            required=not self.blank,
            label=options.get("label", self.verbose_name.capitalize()),
            help_text=options.get("help_text", self.help_text),
        )

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
            raise ValidationError("Enter a list of texts, one on each line.")
