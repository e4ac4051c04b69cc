from typing import Any

from django.core.management.commands import migrate

from ... import checks
from ...models import triggers


class Command(migrate.Command):
    """Django's own. Where only triggers are missing it makes them first: the check before it fails without them."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        if options["plan"] or options["check_unapplied"]:
            options["skip_checks"] = True  # nothing is written then, triggers neither
        elif checks.missing_triggers():
            triggers.make()
        return super().execute(*args, **options)
