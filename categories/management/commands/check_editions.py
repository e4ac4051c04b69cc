import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ...models import Edition, SubmissionEvent
from ...publishing import heads, verify

BY_THE_UPGRADE = "not known: sealed by the upgrade"


class Command(BaseCommand):
    help = "Prove the record: editions, submissions, logs, index, heads; exit 1 naming what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        # Somebody may have published between two looks: only what differs when looked at again counts
        if next(verify.faults(), None):
            differs = False
            for fault in verify.faults():
                self.stderr.write(fault)
                differs = True
            if differs:
                sys.exit(1)
        self.stdout.write(f"Editions checked: {Edition.objects.count()}. All are as they were published.")
        if options["verbosity"]:
            self._notes()

    def _notes(self) -> None:
        if old := SubmissionEvent.objects.filter(role=BY_THE_UPGRADE).order_by("-pk").first():
            self.stdout.write(
                f"Line {old.pk} of the log and those before it were sealed by an upgrade, as it found them. From the "
                "next one on, the log says in which role everybody acted, and nothing in it was altered."
            )
        if not settings.HEADS_FILE:
            self.stdout.write("HEADS_FILE is not set, so an end that was cut off would not show.")
            return
        for edition in heads.not_kept():
            self.stdout.write(f"HEADS_FILE has no line of {edition}: did another machine publish it?")
