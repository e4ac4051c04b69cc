from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ...models.sign_in import forget_old
from ...models.tries import forget_over


class Command(BaseCommand):
    help = "Forget network addresses of sign-ins after 90 days, sessions a day after their end, and counts of tries."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        addresses, sessions = forget_old(now)
        tries = forget_over(now)
        self.stdout.write(f"Forgotten: {addresses} network addresses, {sessions} sessions, {tries} counts of tries.")
