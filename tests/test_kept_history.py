"""The commands of simple-history that remove history are refused: changes stay on record for ever."""

import pytest
from django.core.management import CommandError, call_command, get_commands

from categories.models import Guidance
from tests.factories import make_guidance


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("clean_old_history", {"auto": True, "days": 0}),
        ("clean_old_history", {"models": ["categories.Guidance"], "days": 0}),
        ("clean_duplicate_history", {"auto": True}),
        ("clean_duplicate_history", {"auto": True, "minutes": 1, "dry": True}),
    ],
)
@pytest.mark.django_db
def test_no_command_removes_history(command, options):
    guidance = make_guidance()
    guidance.save()
    assert get_commands()[command] == "categories"
    models = options.pop("models", ())
    with pytest.raises(CommandError, match="Changes to the guidance stay on record for ever"):
        call_command(command, *models, **options)
    assert Guidance.history.count() == 2
